"""GPU numbers -> the torch device, said in words where there is none."""

import gc
from collections.abc import Sequence

from stages.engine_errors import EngineError


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


def free_memory() -> None:
    """Give back what an unloaded model leaves in torch's own pools."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
