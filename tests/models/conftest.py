"""Makes the big engines importable on a bare CPU, and builds their tiny models once a session."""

import os
import sys
import types
import warnings
from pathlib import Path

os.environ["PYANNOTE_METRICS_ENABLED"] = "false"

import numpy as np
import pytest
import torch
from numpy.typing import NDArray


def hide_torchaudio_extension() -> None:
    """Let torchaudio load without its compiled part, which exists for CUDA only; fbank needs none of it."""
    extension = types.ModuleType("torchaudio._extension")
    vars(extension).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False, _IS_ALIGN_AVAILABLE=False, fail_if_no_align=lambda function: function
    )
    sys.modules["torchaudio._extension"] = extension


if torch.version.cuda is None:
    hide_torchaudio_extension()
# Networks this small lose more time by sharing work than by doing it.
torch.set_num_threads(1)
with warnings.catch_warnings():
    # What these packages warn of at import (deprecated names, a torchcodec without CUDA) is not ours to mend.
    warnings.simplefilter("ignore")
    import nemo.collections.asr  # noqa: F401
    import pyannote.audio  # noqa: F401

from tests.models import tiny_canary, tiny_pyannote  # noqa: E402

RATE = 16_000


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def canary_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("canary")
    tiny_canary.build(folder / "canary-1b-v2.nemo")
    return folder


@pytest.fixture(scope="session")
def pyannote_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pyannote")
    tiny_pyannote.build(folder)
    return folder


@pytest.fixture(scope="session")
def speech() -> NDArray[np.float32]:
    """Sound of speech, 24 s at 16 kHz, for networks that understand nothing: bursts of harmonics and pauses."""
    random = np.random.default_rng(5)
    time = np.arange(24 * RATE) / RATE
    pitch = np.where((time // 5) % 2 == 0, 110.0, 210.0) * (1 + 0.05 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voiced = sum(np.sin(phase * number) / number for number in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time) + 0.3, 0, 1) * ((time % 2.5) < 2.0)
    return (0.1 * voiced * syllables + 0.003 * random.standard_normal(len(time))).astype(np.float32)
