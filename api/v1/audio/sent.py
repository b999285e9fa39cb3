"""The form of a request with a recording: received onto the disk, read again for whoever is asked."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import anyio.to_thread
import msgspec
from litestar import Request

from api.errors import WrongType
from api.forms import Form
from api.incoming import Incoming, keep
from pipeline.gateway.errors import BadBody
from pipeline.scratch import safe_name

LONGEST_FIELD = 4 * 2**20
"""Bytes of a field: ten seconds of a reference, uncompressed in stereo, as a data URL."""
BLOCK = 2**20
"""Bytes that are written to the disk, and read from it, together."""

Fields = Mapping[str, Sequence[str]]


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A form that lies on the disk, as long as its request lasts."""

    fields: Fields
    """What came beside the file, by name without `[]`."""
    raw: Fields
    """The same, by the names as they came."""
    file: Path
    """The recording."""
    media_type: str
    """As the client says; empty where it says nothing."""
    boundary: str
    """Between the parts, when it is read again."""
    model: str = ""
    """What whoever is asked calls the model."""

    @property
    def form_type(self) -> str:
        """Media type of the form."""
        return f"multipart/form-data; boundary={self.boundary}"

    def one(self, name: str) -> str | None:
        """Return what was sent as a field; None where it was not, or is empty.

        Raises:
            BadBody: it was sent several times.
        """
        sent = [text.strip() for text in self.fields.get(name, ()) if text.strip()]
        if len(sent) > 1:
            raise BadBody(f"The field {name} was sent {len(sent)} times.", name)
        return sent[0] if sent else None

    def called(self, model: str) -> "Sent":
        """Return the form for somebody who has another name for the model."""
        return msgspec.structs.replace(self, model=model)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the form as it goes over the wire; it can be read as often as needed."""
        for name, texts in {**self.raw, "model": [self.model]}.items():
            for text in texts:
                yield self._part(f'name="{_quoted(name)}"') + text.encode() + b"\r\n"
        kind = f"\r\nContent-Type: {self.media_type}" if self.media_type.isprintable() and self.media_type else ""
        yield self._part(f'name="file"; filename="{_quoted(self.file.name)}"{kind}')
        async with await anyio.open_file(self.file, "rb") as file:
            while block := await file.read(BLOCK):
                yield block
        yield f"\r\n--{self.boundary}--\r\n".encode()

    def _part(self, said: str) -> bytes:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {said}\r\n\r\n".encode()


@asynccontextmanager
async def received(scope: Any, receive: Any, scratch: Path, most: int) -> AsyncGenerator[Sent, None]:
    """Receive a form of which the file has at most so many bytes; its file is gone when the block ends.

    Raises:
        BadBody: there is no file.
        TooLarge: it is larger.
        Problem: the form is broken, or does not come to its end.
    """
    request = Request[Any, Any, Any](scope, receive)
    kind, parameters = request.content_type
    if kind != "multipart/form-data":
        raise WrongType("Send the recording as the field `file` of a form (multipart/form-data).")
    form = Form(Incoming(request).blocks(), parameters.get("boundary", ""), LONGEST_FIELD)
    if not await form.find_file():
        raise BadBody("The form has no file in a field `file`. Send the recording in it.", "file")
    folder = anyio.Path(scratch) / f"audio-{uuid4().hex}"
    await folder.mkdir(parents=True)
    path = folder / safe_name(form.file_name)
    try:
        await keep(path, form.file(), most)
        yield Sent(
            fields={name.removesuffix("[]"): texts for name, texts in form.lists.items()},
            raw=form.lists,
            file=Path(path),
            media_type=form.media_type or "",
            boundary=f"parley-{uuid4().hex}",
        )
    finally:
        with anyio.CancelScope(shield=True):
            await path.unlink(missing_ok=True)
            await folder.rmdir()


def _quoted(text: str) -> str:
    """Return a name as browsers write it into a form. Source: the HTML standard, section 4.10.21.8."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
