"""A multipart body, as it arrives -> its fields, and its file as a stream."""

from collections.abc import AsyncGenerator, AsyncIterator

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from api.errors import BadRequest

LONGEST_FIELD = 65_536
"""Bytes of a field that is no file."""
MOST_PARTS = 64
"""Fields and files of a form."""
MOST_FIELDS = 16 * 2**20
"""Bytes of all fields together, whatever each may have."""
FILE = "file"
"""Name of the field that holds the recording."""


class Form:
    """Reads one form once: the fields before the file, the file, and while it ends the fields after it."""

    def __init__(self, body: AsyncIterator[bytes], boundary: str, longest_field: int = LONGEST_FIELD) -> None:
        self._longest_field, self._room = longest_field, MOST_FIELDS
        try:
            self._parser = PushMultipartParser(boundary, max_segment_count=MOST_PARTS)
        except MultipartError as error:
            raise BadRequest(f"The form cannot be read: {error}.") from error
        self._events = self._parsed(body)
        self._unread: MultipartSegment | None = None
        self.fields: dict[str, str] = {}
        """What was read of the fields so far; of several with one name the last."""
        self.lists: dict[str, list[str]] = {}
        """The same, with all that have one name in their order."""
        self.file_name: str | None = None
        """As the client says; None before the file was found, or where it says nothing."""
        self.media_type: str | None = None
        """As the client says."""

    async def find_file(self) -> bool:
        """Read fields up to the file. Return False if the form has none.

        Raises:
            BadRequest: the form is broken.
        """
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                if event.name == FILE:
                    self._unread = event
                    self.file_name, self.media_type = event.filename, event.content_type
                    return True
                await self._read_field(event)
        return False

    async def file(self) -> AsyncGenerator[bytes, None]:
        """Yield the file, and read the fields that follow it before the end.

        Raises:
            BadRequest: the form is broken, or ends too early.
        """
        async for event in self._events:
            if event is None:
                break
            if isinstance(event, bytes):
                yield event
        if await self.find_file():
            raise BadRequest("The form has two files. Send each recording by itself.")

    async def _read_field(self, segment: MultipartSegment) -> None:
        if segment.filename is not None:
            raise BadRequest(f"The file came in the field {segment.name[:60]!r}. Send it in the field `{FILE}`.")
        read = bytearray()
        async for event in self._events:
            if event is None:
                break
            if isinstance(event, bytes):
                read += event
            if len(read) > min(self._longest_field, self._room):
                raise BadRequest(f"The field {segment.name[:60]!r} has more than {self._longest_field} bytes.")
        self._room -= len(read)
        try:
            text = read.decode()
        except UnicodeDecodeError as error:
            raise BadRequest(f"The field {segment.name[:60]!r} is no UTF-8.") from error
        self.fields[segment.name] = text
        self.lists.setdefault(segment.name, []).append(text)

    async def _parsed(self, body: AsyncIterator[bytes]) -> AsyncGenerator[MultipartSegment | bytes | None, None]:
        try:
            async for block in body:
                for event in self._parser.parse(block):
                    yield event if event is None or isinstance(event, MultipartSegment) else bytes(event)
            self._parser.close()
        except ParserLimitReached as error:
            raise BadRequest(f"The form has too much beside the file: {error}.") from error
        except MultipartError as error:
            raise BadRequest(f"The form cannot be read: {error}. Send it again.") from error
