"""POST /v1/responses."""

from api.v1.endpoint import Request


async def responses(request: Request) -> None:
    """Answer."""
