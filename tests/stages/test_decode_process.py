"""The decoding process ends with its reader, and its death is told."""

import os
import signal
from contextlib import aclosing
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from stages.media_errors import Crashed
from stages.resample import Decoder, decode
from tests.media_files import sparse_wav
from tests.stages.test_resample_bad_input import children, open_files

pytestmark = pytest.mark.anyio


@pytest.fixture
def long(tmp_path: Path) -> Path:
    return sparse_wav(tmp_path / "long.wav", 900)


async def test_killed_child_is_told(long: Path) -> None:
    before = children()

    async def listen() -> None:
        async for chunk in decode(long):
            if chunk.start == 0:
                (child,) = children() - before
                os.kill(int(child), signal.SIGKILL)

    with pytest.raises(Crashed, match=r"long\.wav ended in the middle of its work \(signal SIGKILL\)"):
        await listen()
    assert children() == before


async def test_leaving_early_ends_the_child(long: Path) -> None:
    before, files = children(), open_files()
    async with aclosing(decode(long)) as chunks:
        await anext(chunks)
        assert children() != before
    assert children() == before
    assert open_files() == files


async def test_cancelling_ends_the_child(long: Path) -> None:
    before, files = children(), open_files()
    started = anyio.Event()

    async def listen() -> None:
        async with aclosing(decode(long)) as chunks:
            async for _ in chunks:
                started.set()
                await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await started.wait()
        tasks.cancel_scope.cancel()
    assert children() == before
    assert open_files() == files


def waits_to_write(process: str) -> bool:
    return "pipe_write" in Path(f"/proc/{process}/wchan").read_text()


async def test_slow_reader_holds_the_child_back(long: Path) -> None:
    before = children()
    async with aclosing(decode(long)) as chunks:
        await anext(chunks)
        (child,) = children() - before
        # Pipe, buffers and stream take about 1 MB of the 29 in the file; then the child waits in `write`.
        with anyio.fail_after(10):
            while not await anyio.to_thread.run_sync(waits_to_write, child):
                await anyio.lowlevel.checkpoint()
        rest = [chunk async for chunk in chunks]
    assert rest[-1].end == 900


async def test_many_decoders_at_once(long: Path) -> None:
    before = children()

    async def start() -> None:
        async with aclosing(Decoder(long).chunks()) as chunks:
            await anext(chunks)

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(start)
    assert children() == before
