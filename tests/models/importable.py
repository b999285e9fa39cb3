"""Imports the big engines, also where torch was built for a CPU alone. Import this before anything of theirs."""

import os
import sys
import types
import warnings

os.environ["PYANNOTE_METRICS_ENABLED"] = "false"

import torch


def hide_torchaudio_extension() -> None:
    """Let torchaudio load without its compiled part, which exists for CUDA only; fbank needs none of it."""
    extension = types.ModuleType("torchaudio._extension")
    vars(extension).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False, _IS_ALIGN_AVAILABLE=False, fail_if_no_align=lambda function: function
    )
    sys.modules["torchaudio._extension"] = extension


if torch.version.cuda is None:
    hide_torchaudio_extension()
with warnings.catch_warnings():
    # What these packages warn of at import (deprecated names, a torchcodec without CUDA) is not ours to mend.
    warnings.simplefilter("ignore")
    import nemo.collections.asr  # noqa: F401
    import pyannote.audio  # noqa: F401
