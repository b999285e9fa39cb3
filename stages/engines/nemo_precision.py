"""NeMo models at half precision: half the memory, and what a GPU's matrix units are made for."""

from typing import Any, Literal

Precision = Literal["auto", "float32", "bfloat16"]
"""Of the weights. `auto` halves them on a GPU that computes with bfloat16, as NVIDIA does when it measures Canary."""


def halved(device: str, precision: Precision) -> bool:
    """Tell whether models on this device are to be halved."""
    import torch

    if precision == "auto":
        return device != "cpu" and bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return precision == "bfloat16"


def halve(model: Any, *parts: str) -> None:
    """Halve some parts of a model, its encoder among them; sound becomes a spectrogram at full precision."""
    import torch

    for part in parts:
        if (network := getattr(model, part, None)) is not None:
            network.to(torch.bfloat16)
    # In this type NeMo hands the spectrogram on to the encoder.
    preprocessor = model.preprocessor
    preprocessor.dtype_sentinel_tensor = preprocessor.dtype_sentinel_tensor.to(torch.bfloat16)
