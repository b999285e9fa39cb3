"""A recording that somebody sends -> a meeting that is kept, or nothing."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial

import anyio
import msgspec

from pipeline.first_bytes import FirstBytes, sound_type
from pipeline.ids import new_id
from pipeline.manifest import folder_of
from pipeline.options import Options
from pipeline.order import Order
from pipeline.patience import Patience
from pipeline.scratch import safe_name
from pipeline.slides import stages_of
from pipeline.trace import origin
from pipeline.unowned import Unowned
from pipeline.upload import Received, receive
from storage.records import DatabaseAway, NoRecord, Records
from storage.rows import MeetingRow, StageRow
from storage.store import Store, StoreError

PATIENCE = Patience(away_seconds=60.0, full_seconds=0.0)
"""Somebody waits for the answer: a database that is away for a minute costs no upload that came in full."""
LONGEST_TITLE = 200
"""Characters."""
MEDIA = re.compile(r"(?:audio|video)/[\w.+-]{1,80}")


class Wanted(msgspec.Struct, frozen=True):
    """What is to be made of a recording."""

    title: str | None
    """As the user named it; None takes the file's name."""
    options: Options
    """What is asked of the stages."""
    stages: tuple[StageRow, ...]
    """What will be done, in plan order."""


class Intake:
    """Takes recordings in. Killed at any moment, what is left is a complete meeting, or what `Unowned` finds."""

    def __init__(self, store: Store, records: Records, unowned: Unowned) -> None:
        self._store, self._records, self._unowned = store, records, unowned

    async def accept(
        self,
        owner: str,
        body: AsyncIterator[bytes],
        file_name: str | None,
        media_type: str | None,
        wanted: Callable[[], Wanted],
        *,
        most: int,
        expires_at: datetime | None,
    ) -> MeetingRow:
        """Receive a recording of at most so many bytes, and add its meeting once it is durable.

        `wanted` is asked after the last byte: a form may say after its file what is to be made of it.

        Raises:
            UploadError: nothing is kept, and neither of whatever else ends it early.
        """
        id = new_id()
        key = f"{folder_of(id)}/original/{safe_name(file_name)}"
        await self._unowned.mark(id)
        try:
            first = FirstBytes(body)
            received = await receive(self._store, key, aiter(first), most)
            asked = wanted()
            row = MeetingRow(
                id=id,
                owner=owner,
                title=title_of(asked.title, file_name),
                state="processing",
                created_at=datetime.now(UTC),
                source="upload",
                options=_order(asked.options, received).kept(),
                original=key,
                media_type=_media_type(media_type, first.seen),
                size=received.size,
                expires_at=expires_at,
                stages=asked.stages,
            )
            row = msgspec.structs.replace(row, stages=stages_of(row))
            # Who sent all of it may go: it is accepted now, and cannot be half accepted.
            with anyio.CancelScope(shield=True):
                await PATIENCE.until_done(partial(self._add, row))
        except DatabaseAway:
            # It may have been added all the same: when the database is back, the next sweep finds out.
            await self._unowned.leave(id)
            raise
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._drop(id)
            raise
        await self._settle(id)
        return row

    async def _add(self, row: MeetingRow) -> None:
        try:
            await self._records.meeting(row.id)
        except NoRecord:
            await self._records.add_meeting(row)

    async def _drop(self, id: str) -> None:
        try:
            await self._store.delete_all(folder_of(id))
            await self._unowned.settle(id)
        except StoreError:
            await self._unowned.leave(id)

    async def _settle(self, id: str) -> None:
        try:
            await self._unowned.settle(id)
        except StoreError:
            await self._unowned.leave(id)


def title_of(title: str | None, file_name: str | None = None) -> str:
    """Return a title of one line: the user's, else the file's, else the time."""
    told = _line(title or "") or _line(safe_name(file_name).rpartition(".")[0] if file_name else "")
    return told[:LONGEST_TITLE] or f"Meeting of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _media_type(told: str | None, first: bytes) -> str:
    """Return a media type that no browser runs: what was told, else what the first bytes say."""
    bare = (told or "").partition(";")[0].strip().lower()
    return bare if MEDIA.fullmatch(bare) else sound_type(first) or "application/octet-stream"


def _order(options: Options, received: Received) -> Order:
    asked = {name: getattr(options, name) for name in Options.__struct_fields__}
    return Order(**asked, sound=received.sha256, origin=origin())
