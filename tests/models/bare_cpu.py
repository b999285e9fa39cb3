"""Lets packages that are built for CUDA only be imported beside a torch for the CPU; nobody calls their kernels."""

import sys
import types

import torch

KEPT: list[torch.library.Library] = []
"""Operators stay declared for as long as their library lives."""


def prepare() -> None:
    """Hide what cannot be loaded; do nothing beside a torch with CUDA."""
    if torch.version.cuda is None and not KEPT:
        # It decodes films, which nobody asks for here; who finds it broken gives up, who does not find it goes on.
        sys.modules["torchcodec"] = None  # type: ignore[assignment]
        _hide_torchaudio_extension()
        _declare_torchvision_operators()


def _hide_torchaudio_extension() -> None:
    """Let torchaudio load without its compiled part; fbank needs none of it."""
    extension = types.ModuleType("torchaudio._extension")
    vars(extension).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False, _IS_ALIGN_AVAILABLE=False, fail_if_no_align=lambda function: function
    )
    sys.modules["torchaudio._extension"] = extension


def _declare_torchvision_operators() -> None:
    """Let torchvision load without its compiled part: at import it looks for two operators."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    KEPT.append(library)
