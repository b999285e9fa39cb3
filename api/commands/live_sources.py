"""A file at the pace of the clock, or a microphone -> raw samples: 16 bits little-endian, 16 kHz, one channel."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import numpy as np

from stages.resample import Decoder
from stages.speech import SAMPLE_RATE

FRAME = SAMPLE_RATE // 10 * 2
"""Bytes that are sent at a time: a tenth of a second."""
RECORDERS: Sequence[Sequence[str]] = (
    ("parec", "--raw", "--format=s16le", f"--rate={SAMPLE_RATE}", "--channels=1", "--latency-msec=50"),
    ("arecord", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(SAMPLE_RATE), "-c", "1"),
    *(
        (*"ffmpeg -nostdin -loglevel error -f".split(), kind, *f"-i default -ar {SAMPLE_RATE} -ac 1 -f s16le -".split())
        for kind in ("pulse", "alsa")
    ),
)
"""Programs that record, the best first."""


class NoMicrophone(Exception):
    """Nothing can be recorded on this machine."""


async def played(file: Path, speed: float, stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """Yield a file's sound `speed` times as fast as it is heard, until its end or `stop`.

    Raises:
        MediaError: it cannot be decoded.
        OSError: it cannot be opened.
    """
    began, sent = asyncio.get_running_loop().time(), 0
    async with aclosing(Decoder(file).chunks()) as chunks:
        async for chunk in chunks:
            pcm = np.clip(np.rint(chunk.samples * 32768), -32768, 32767).astype("<i2").tobytes()
            for first in range(0, len(pcm), FRAME):
                frame = pcm[first : first + FRAME]
                sent += len(frame)
                due = began + sent / (2 * SAMPLE_RATE) / speed
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), max(0.0, due - asyncio.get_running_loop().time()))
                if stop.is_set():
                    return
                yield frame


async def recorded(stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """Yield what the microphone hears, until `stop`.

    Raises:
        NoMicrophone: there is none, or no program that records.
    """
    commands = [command for command in RECORDERS if shutil.which(command[0])]
    if not commands:
        raise NoMicrophone("No program that records is installed. Install alsa-utils, pulseaudio-utils or ffmpeg.")
    said = ""
    for command in commands:
        heard = False
        async with aclosing(_run(command, stop)) as blocks:
            async for block in blocks:
                if isinstance(block, str):
                    said = block
                    continue
                heard = True
                yield block
        if heard or stop.is_set():
            return
    raise NoMicrophone(f"Nothing can be recorded: {said or 'no sound came'}. Check the microphone and its permissions.")


async def _run(command: Sequence[str], stop: asyncio.Event) -> AsyncGenerator[bytes | str, None]:
    """Yield what a recorder gives, and what it says at its end."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while True:
            reading = asyncio.ensure_future(process.stdout.read(FRAME))
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                reading.cancel()
                return
            if not reading.result():
                break
            yield reading.result()
        lines = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
        yield f"{command[0]}: {lines[-1] if lines else 'it ended'}"
    finally:
        stopping.cancel()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        await process.wait()
