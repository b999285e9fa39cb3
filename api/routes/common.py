"""What several routes share: parameters, and the errors that they document."""

import re
from collections.abc import Mapping
from typing import Annotated, TypeAlias
from urllib.parse import quote

from litestar.params import Parameter

from api.shapes import PLAIN

ID = r"^[0-9A-Za-z_-]{1,64}$"

MeetingId: TypeAlias = Annotated[str, Parameter(pattern=ID, description="Id of the meeting.")]
Limit: TypeAlias = Annotated[int, Parameter(ge=1, le=200, description="Items of a page.")]
Cursor: TypeAlias = Annotated[
    str | None, Parameter(max_length=400, pattern=r"^[\x21-\x7e]*$", description="`cursor` of the page before.")
]
Query: TypeAlias = Annotated[str, Parameter(max_length=500, pattern=PLAIN, description="Words to find.")]

USUAL = (400, 401, 403, 429, 503)
"""Statuses that every route of ours may answer with, in problem+json."""
OF_ONE = (*USUAL, 404)
"""The same for routes about one meeting."""


def attachment(name: str, suffix: str, *, inline: bool = False) -> Mapping[str, str]:
    """Return the header that names a download, whatever is in the name.

    Source: RFC 6266 with the encoding of RFC 8187.
    """
    plain = re.sub(r"[^\w .,()+=@-]+", "_", name).strip(" ._") or "meeting"
    short = f"{plain[:100].strip()}.{suffix}"
    ascii_only = re.sub(r"[^\x20-\x7e]", "_", short)
    kind = "inline" if inline else "attachment"
    return {"Content-Disposition": f"{kind}; filename=\"{ascii_only}\"; filename*=UTF-8''{quote(short, safe='')}"}
