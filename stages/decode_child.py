"""A file or stream on standard input -> 16 kHz sound on standard output, in a process that can do nothing else.

Only the child imports this; `stages.resample` starts it. What passes between the two is in `stages.decode_wire`.
"""

import contextlib
import fcntl
import json
import os
import resource
from collections.abc import Iterator
from fractions import Fraction
from importlib import import_module
from io import BufferedWriter, FileIO
from typing import Any

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from stages.decode_clock import Clock
from stages.decode_open import Source, Unusable, choose, claimed, describe, open_media, start_of
from stages.decode_wire import BUFFER, END, FAILED, HEADER, MEDIA, Block, Wish

LATE = ("av.subtitles.stream", "av.video.stream")
"""What PyAV imports only when it meets such a stream, and files can no longer be opened."""
FOR_PICTURES = ("stages.decode_pictures", "av.video.codeccontext", "av.video.reformatter")
"""The same, where pictures are wanted. Sound needs none of it."""

NOBODY = 65534


def main(argument: str) -> None:
    """Decode standard input; whatever goes wrong with the source is the last message."""
    wish: Wish = json.loads(argument)
    outlet = Outlet(prompt=wish["stream_format"] is not None)
    try:
        for module in (*LATE, *(FOR_PICTURES if wish["pictures"] else ())):
            import_module(module)
        confine(wish["memory"], wish["cpu_seconds"])
        work(wish, outlet)
    except Unusable as error:
        outlet.fail(*error.args)
    except MemoryError:
        outlet.fail("TooMuch", "memory")
    except FFmpegError as error:
        outlet.fail("NotMedia", f"its contents make no sense ({error.strerror})")
    except BrokenPipeError:
        # Nobody listens any more.
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - the parent raises it
        outlet.fail("Crashed", f"{type(error).__name__}: {error}")


def confine(memory: int, cpu_seconds: int) -> None:
    """Take away what decoding does not need; what is open stays open."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        resource.setrlimit(limit, (0, 0))
    if os.geteuid() == 0:
        # A container may map no such user; the limits hold without it.
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)


def work(wish: Wish, outlet: "Outlet") -> None:
    """Send what the file says about itself, its sound, and how it went."""
    source = Source()
    with open_media(source, wish["stream_format"], pictures=wish["pictures"]) as container:
        if wish["pictures"]:
            show(container, outlet)
            return
        stream = choose(container)
        outlet.say(MEDIA, describe(container, stream))
        end = {"decoded": wish["decode"], "claimed": claimed(container, stream, source), "skipped": 0, "broken": False}
        if wish["decode"]:
            if not wish["mixed"] and stream.channels > wish["tracks"]:
                raise Unusable("TooMuch", f"tracks ({stream.channels})")
            for block in blocks(container, stream, wish, end):
                outlet.give(block)
        outlet.say(END, end)


def show(container: InputContainer, outlet: "Outlet") -> None:
    """Send what was shown, and how it went; a file without moving pictures shows nothing."""
    from stages.decode_pictures import choose_pictures, scenes

    end = {"decoded": True, "claimed": None, "skipped": 0, "broken": False}
    stream = choose_pictures(container)
    if stream is not None:
        for block in scenes(container, stream, end):
            outlet.give(block)
    outlet.say(END, end)


def blocks(container: InputContainer, stream: AudioStream, wish: Wish, end: dict[str, Any]) -> Iterator[Block]:
    """Yield the sound of the stream; what cannot be decoded is left out and noted in `end`."""
    codec = stream.codec_context
    codec.thread_count = 1
    clock = Clock(
        mixed=wish["mixed"],
        size=wish["block"],
        floats=codec.name.startswith("pcm_f") or codec.name == "wavpack",
        start=start_of(container, stream),
        longest_hole=Fraction(container.duration, 1_000_000) if container.duration is not None else None,
    )
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            end["broken"] = True
            break
        if packet is None:
            break
        try:
            frames = packet.decode()
        except MemoryError:
            raise
        except FFmpegError:
            end["skipped"] += 1
            continue
        yield from clock.take(frames)
    yield from clock.finish()


class Outlet:
    """Standard output, message by message."""

    def __init__(self, prompt: bool) -> None:
        self.prompt = prompt
        """Whether somebody waits for each block; else several travel together, which is cheaper."""
        with contextlib.suppress(OSError):
            # The user may have used up what pipes may take; then they are smaller.
            fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, BUFFER)
        self._file = BufferedWriter(FileIO(1, "wb", closefd=False), BUFFER)

    def give(self, block: Block) -> None:
        """Write sound."""
        kind, channels, first, data = block
        self._file.write(HEADER.pack(kind, channels, len(data), first))
        self._file.write(data)
        if self.prompt:
            self._file.flush()

    def say(self, kind: bytes, what: dict[str, Any]) -> None:
        """Write anything else, at once."""
        self.give(Block(kind, 0, 0, json.dumps(what).encode()))
        self._file.flush()

    def fail(self, error: str, seen: str) -> None:
        """Write the last message of a decoding that failed."""
        self.say(FAILED, {"error": error, "seen": seen})
