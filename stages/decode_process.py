"""The child process that decodes: started by exec, read message by message, and gone when its block is left."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio

from stages.decode_wire import BUFFER, END, FAILED, HEADER, LARGEST, Block, Wish
from stages.media import Limits
from stages.media_errors import Crashed, EmptyFile, NotMedia, TooMuch

START = "import sys; sys.path.insert(0, sys.argv[1]); from stages.decode_child import main; main(sys.argv[2])"
"""The checkout is named outright, since an isolated interpreter looks neither there nor into the environment."""


class Child:
    """One run of `stages.decode_child`. Leaving the block ends it, whatever it is doing."""

    def __init__(self, source: Path | AsyncIterable[bytes], name: str, wish: Wish, limits: Limits) -> None:
        self.source = source
        self.name = name
        self.wish = wish
        self.limits = limits
        self._process: asyncio.subprocess.Process
        self._feeder: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if not isinstance(self.source, Path):
            await self._start(asyncio.subprocess.PIPE, self.limits.stream_cpu_seconds)
            self._feeder = asyncio.create_task(self._feed(self.source), name=f"feed the decoder of {self.name}")
            return self
        # A pipe or a device would otherwise keep us waiting for its other end.
        file = os.open(self.source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            size = self._check(os.fstat(file))
            cpu_seconds = self.limits.cpu_seconds + self.limits.cpu_seconds_per_megabyte * size / 1e6
            await self._start(file, cpu_seconds)
        finally:
            os.close(file)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        process, feeder = self._process, self._feeder
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        with anyio.CancelScope(shield=True):
            if feeder is not None:
                feeder.cancel()
                await asyncio.wait([feeder])
            assert process.stdout is not None
            # A pipe that is full is not read, and one that is not read is never seen to end.
            while await process.stdout.read(BUFFER):
                pass
            await process.wait()

    async def messages(self) -> AsyncGenerator[Block, None]:
        """Yield what the child says, to its last message.

        Raises:
            TooMuch: it used up its computing time.
            Crashed: it ended before its last message.
        """
        stdout = self._process.stdout
        assert stdout is not None
        while True:
            try:
                kind, channels, size, first = HEADER.unpack(await stdout.readexactly(HEADER.size))
                if size > LARGEST:
                    raise Crashed(f"The decoder of {self.name} sent nonsense. The file may be an attack; delete it.")
                yield Block(kind, channels, first, await stdout.readexactly(size))
            except asyncio.IncompleteReadError as error:
                raise self._death(await self._process.wait()) from error
            if kind in (END, FAILED):
                break
        if self._feeder is not None and self._feeder.done():
            self._feeder.result()

    async def _start(self, stdin: int, cpu_seconds: float) -> None:
        wish = self.wish | {"cpu_seconds": round(cpu_seconds)}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-c",
            START,
            str(Path(__file__).parent.parent),
            json.dumps(wish),
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=BUFFER,
            # No secret of the server's environment is shown to a file, and Ctrl-C is ours to pass on.
            env={
                "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
                "MALLOC_ARENA_MAX": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            cwd="/",
            start_new_session=True,
        )

    async def _feed(self, source: AsyncIterable[bytes]) -> None:
        """Pass the stream on as fast as the child reads it."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            async for data in source:
                stdin.write(data)
                # The child may end first; its last message says why.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    await stdin.drain()
        finally:
            stdin.close()

    def _check(self, status: os.stat_result) -> int:
        if not stat.S_ISREG(status.st_mode):
            raise NotMedia(f"{self.name} is not a file. Name a recording.")
        if status.st_size == 0:
            raise EmptyFile(f"{self.name} is empty: it has 0 bytes. Record or export it again.")
        return status.st_size

    def _death(self, code: int) -> Exception:
        if code == -signal.SIGXCPU:
            return TooMuch(
                f"{self.name} takes more computing time to decode than is allowed. Convert it to WAV or MP3 first."
            )
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return Crashed(
            f"The decoder of {self.name} ended in the middle of its work ({how}). Try again, or convert the file."
        )
