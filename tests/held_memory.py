"""What a process holds that no file stands for."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY_SECONDS = 0.02


def anonymous() -> int:
    """Return the bytes of this process that the system cannot let go of without swapping: RssAnon."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


class Peak:
    """The most that this process held within the block, looked at every 20 ms; use as `with`."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self.bytes = max(self.bytes, anonymous())
