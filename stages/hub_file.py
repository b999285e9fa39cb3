"""A file of a model on the hub -> a file in the cache: it goes on where an earlier try stopped, and is checked."""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self, TypeVar

from stages.engine_errors import EngineError
from stages.hub import Away, Hub, HubFile

WAITS = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds before each further try, as long as none brings anything."""
LOOK_SECONDS = 0.2
"""How often it is looked whether somebody wants no more."""
BLOCK = 4 * 2**20

Answer = TypeVar("Answer")


class Patience:
    """Tries again, as often as there are waits in a row."""

    def __init__(self, waits: tuple[float, ...] = WAITS, alive: Callable[[], None] = lambda: None) -> None:
        """`alive` is called often while it waits; what it raises ends the wait."""
        self.waits, self._alive = waits, alive
        self._tried = 0

    def renew(self) -> None:
        """Something came: all tries are there again."""
        self._tried = 0

    def after(self, away: Away) -> None:
        """Wait before another try.

        Raises:
            EngineError: there were enough.
        """
        if self._tried == len(self.waits):
            raise EngineError(f"{away}. What has arrived is kept: check the network, and try again.") from away
        left = max(self.waits[self._tried], away.wait_seconds or 0.0)
        self._tried += 1
        end = time.monotonic() + left
        while (left := end - time.monotonic()) > 0:
            self._alive()
            time.sleep(min(left, LOOK_SECONDS))

    def of(self, work: Callable[[], Answer]) -> Answer:
        """Return what the work returns, however often it has to be tried. Raises what `after` raises."""
        while True:
            try:
                return work()
            except Away as away:
                self.after(away)


class Told(Protocol):
    """Is told how much of a file is there; what it raises ends the download."""

    def __call__(self, done: int) -> None:
        """Take the bytes of this file."""


def bring(
    hub: Hub, model: str, commit: str, file: HubFile, blob: Path, told: Told, patience: Patience, *, again: bool = False
) -> None:
    """Bring a file to `blob`; `again` even if it lies there. It takes its place only when its digest is right.

    Raises:
        EngineError: the hub does not give it, or what it gives is damaged.
        OSError: the disk does not take it.
    """
    lock = blob.parents[2] / ".locks" / blob.parents[1].name / f"{blob.name}.lock"
    with _alone(lock, lambda: told(0)):
        if blob.is_file() and not again:
            told(file.size)
            return
        for _ in range(2):
            with _Part(blob.with_name(f"{blob.name}.incomplete"), file) as part:
                while part.size < file.size:
                    _go_on(hub, model, commit, part, told, patience)
                if part.is_right():
                    part.path.replace(blob)
                    told(file.size)
                    return
            # What an earlier try left may have been damaged: once more from the start.
            part.path.unlink()
        raise EngineError(
            f"The file {file.name} of {model} arrived damaged twice: its checksum is not the one that the hub tells. "
            "Try again; if it stays so, something between here and the hub changes what is fetched."
        )


def _go_on(hub: Hub, model: str, commit: str, part: "_Part", told: Told, patience: Patience) -> None:
    before = part.size
    try:
        with hub.opened(model, commit, part.file, before) as (first, blocks):
            if first != before:
                part.restart()
            for block in blocks:
                part.write(block)
                told(min(part.size, part.file.size))
                if part.size > part.file.size:
                    break
        if part.size <= before:
            raise Away(f"The hub at {hub.endpoint} ended {part.file.name} early")
    except Away as away:
        if part.size > before:
            patience.renew()
        patience.after(away)
    else:
        patience.renew()


class _Part:
    """What has arrived of a file, with its digest so far. Source: git's format of blobs, for the small ones."""

    def __init__(self, path: Path, file: HubFile) -> None:
        self.path, self.file, self.size = path, file, 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._out = path.open("ab+")

    def __enter__(self) -> Self:
        self.restart(keep=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def restart(self, *, keep: bool = False) -> None:
        """Begin anew; with `keep`, behind what is there."""
        if not keep:
            self._out.truncate(0)
        large = len(self.file.digest) == hashlib.sha256().digest_size * 2
        self._digest = hashlib.sha256() if large else hashlib.sha1(b"blob %d\0" % self.file.size, usedforsecurity=False)
        self.size = 0
        self._out.seek(0)
        while block := self._out.read(BLOCK):
            self._digest.update(block)
            self.size += len(block)

    def write(self, block: bytes) -> None:
        self._out.write(block)
        self._digest.update(block)
        self.size += len(block)

    def is_right(self) -> bool:
        """Tell whether all is there and as it should be; it is then safe on the disk."""
        self._out.flush()
        os.fsync(self._out.fileno())
        return self.size == self.file.size and self._digest.hexdigest() == self.file.digest


@contextmanager
def _alone(lock: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Keep other processes away, ours and the hub's own tools, which lock the same file."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                time.sleep(LOOK_SECONDS)
        yield
