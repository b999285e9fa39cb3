"""A data folder -> one server at a time: two would take each other's work."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "server.lock"


class InUse(OSError):
    """Another server works in this folder."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder as long as the block runs; the lock ends with the process, however it ends.

    Raises:
        InUse: another server has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(
                f"Another server works in {folder}. End it first, or choose another folder with --data."
            ) from error
        yield
