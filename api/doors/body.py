"""JSON of a request, refused where it is made to break whoever reads it."""

from typing import Any

from litestar import Request

from api.errors import BadRequest


class CheckedRequest(Request[Any, Any, Any]):
    """A request whose JSON may be as deep as the decoder goes, about a thousand levels, and no deeper."""

    async def json(self) -> Any:
        """Return the body, decoded.

        Raises:
            BadRequest: it is too deep, or no UTF-8.
        """
        try:
            return await super().json()
        except RecursionError as error:
            raise BadRequest("The body is nested too deeply to be read. Send it flatter.") from error
        except UnicodeDecodeError as error:
            raise BadRequest("The body is no JSON: its text is not UTF-8.") from error
