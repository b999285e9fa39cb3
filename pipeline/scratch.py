"""Originals and decoded sound on the local disk, while they are worked on."""

import errno
import hashlib
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from pipeline.track import NoRoom
from stages.media_errors import MediaError
from storage.store import Store

SPARE = 256 * 1024 * 1024
"""Bytes that stay free on the disk, whatever is fetched."""


class NotTheOriginal(MediaError):
    """What the store returns is not what was sent."""


class Scratch:
    """A folder that belongs to one process: what is left in it at the start, nobody needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._coming = 0
        """Bytes that are being fetched and not yet on the disk."""

    def clear(self) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def original(self, store: Store, key: str, sha256: str, job: str) -> AsyncIterator[Path]:
        """Fetch an original for a job; it is gone afterwards.

        Raises:
            NoRoom: the disk has no room for it.
            NotTheOriginal: it is not what was sent.
            NotStored: it is not there.
        """
        folder = self.folder / job
        folder.mkdir(parents=True, exist_ok=True)
        try:
            path = folder / key.rsplit("/", 1)[1]
            await self._fetch(store, key, sha256, path)
            yield path
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(shutil.rmtree, folder, True)

    async def _fetch(self, store: Store, key: str, sha256: str, path: Path) -> None:
        coming = (await store.stat(key)).size
        self._check_room(coming)
        self._coming += coming
        digest = hashlib.sha256()
        try:
            async with await anyio.open_file(path, "wb") as file:
                async for block in store.stream(key):
                    await file.write(block)
                    digest.update(block)
                    self._coming, coming = self._coming - len(block), coming - len(block)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise NoRoom(error.errno, "The disk filled up while a recording was fetched", str(path)) from error
            raise
        finally:
            self._coming -= coming
        if sha256 and digest.hexdigest() != sha256:
            raise NotTheOriginal(f"{path.name} was changed in the store since it was sent. Send it again.")

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self.folder).free - self._coming - SPARE
        if size > free:
            advice = f"No room to work on a recording of {size / 1e6:.0f} MB; free some space on this disk"
            raise NoRoom(errno.ENOSPC, advice, str(self.folder))


def safe_name(name: str | None) -> str:
    """Return a file name that every store and disk takes, as near to the user's as can be."""
    last = re.split(r"[/\\]", name or "")[-1]
    plain = re.sub(r"[^\w.,()+=@ -]", "_", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if dot and stem and len(suffix) <= 10:
        return f"{_cut(stem, 150)}.{suffix}"
    return _cut(plain, 160) or "Recording"


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore").strip(" .")
