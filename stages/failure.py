"""An error of an engine -> what happened, in words, and what to do."""

import errno
import re
from collections.abc import Iterator, Sequence

from stages.engine_errors import EngineError

MEMORY = re.compile(
    r"out of memory|OutOfMemory|bad_alloc|failed to allocate|alloc_failed|no available memory for the cache blocks"
    r"|less than desired gpu memory utilization|not enough memory",
    re.IGNORECASE,
)
"""Source: what torch, CUDA, onnxruntime and vLLM say."""
DRIVER = re.compile(
    r"driver on your system is too old|driver version is insufficient|forward compatibility was attempted"
    r"|no kernel image is available|cuda error 803|cuda initialization: .*driver",
    re.IGNORECASE,
)
"""Source: what torch and the CUDA runtime say."""
LONGEST = 300
"""Characters of a foreign message that are shown; the log has all of it."""


def in_words(error: BaseException, engine: str, devices: Sequence[int]) -> str:
    """Return a sentence or two for people who have never seen the engine's own messages."""
    told = [f"{type(each).__name__}: {each}" for each in _chain(error)]
    where = f"GPU {', '.join(map(str, devices))}" if devices else "this machine"
    if any(isinstance(each, OSError) and each.errno == errno.ENOSPC for each in _chain(error)):
        return f"The disk is full. Make room in the model cache or the data folder, then try {engine} again."
    if isinstance(error, MemoryError) or any(map(MEMORY.search, told)):
        return (
            f"The engine {engine} does not fit into the memory of {where} beside what is there ({_short(told[-1])}). "
            "Unload another engine, choose another device, or choose a smaller model."
        )
    if any(map(DRIVER.search, told)):
        return (
            f"The NVIDIA driver of this machine is too old for the installed torch, so {engine} cannot use {where} "
            f"({_short(told[-1])}). Update the driver; `parley doctor` says which version is needed."
        )
    if isinstance(error, EngineError):
        return str(error)
    return f"The engine {engine} broke ({_short(told[0])}). The server's log says more; try it again."


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it arose from, the first cause last."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
