"""GPU numbers -> the torch device, said in words where there is none."""

import contextlib
import functools
import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from stages.engine_errors import EngineError

_queues: dict[tuple[str, str], Any] = {}
"""Of each engine on each device; they outlive a load, since each keeps some memory of the device for good."""


def torch_device(engine: str, devices: Sequence[int]) -> str:
    """Return the device an engine of one device works on: the first GPU of those given, the CPU where none is.

    Raises:
        EngineError: torch sees no such GPU.
    """
    import torch

    if not devices:
        return "cpu"
    seen = torch.cuda.device_count()
    if devices[0] >= seen:
        raise EngineError(
            f"The engine {engine} was to run on GPU {devices[0]}, but torch {torch.__version__} sees "
            f"{seen or 'none'}. Choose another device, or check the driver and the installed torch."
        )
    return f"cuda:{devices[0]}"


def memory_of(engine: str, device: int) -> int:
    """Return the bytes of memory that a GPU has.

    Raises:
        EngineError: torch sees no such GPU.
    """
    import torch

    return int(torch.cuda.get_device_properties(torch_device(engine, [device])).total_memory)


def on_device(device: str) -> AbstractContextManager[Any]:
    """Let "cuda" without a number, as libraries write it, mean this device inside the block."""
    import torch

    return contextlib.nullcontext() if device == "cpu" else torch.cuda.device(device)


def lane(engine: str, device: str, *, urgent: bool = False) -> Callable[[], AbstractContextManager[Any]]:
    """Return what opens an engine's own queue on a device, for the thread that enters it; urgent work goes first.

    On the queue that all threads share, a caption would wait for whatever another engine has just asked the GPU to do.
    """
    import torch

    if device == "cpu":
        return contextlib.nullcontext
    torch.cuda.synchronize(device)  # what was loaded is there before another queue reads it
    if (engine, device) not in _queues:
        _queues[engine, device] = torch.cuda.Stream(device, priority=-1 if urgent else 0)
    return functools.partial(torch.cuda.stream, _queues[engine, device])


def free_memory() -> None:
    """Give back what an unloaded model leaves in torch's own pools."""
    gc.collect()
    torch = sys.modules.get("torch")  # where it was never imported, it holds nothing
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
