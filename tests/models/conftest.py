"""Builds the tiny models once a session."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import tests.models.importable  # noqa: F401  # before the engines
from tests.models import tiny_canary, tiny_pyannote, tiny_qwen
from tests.models.babble import babble
from tests.models.vllm_server import Served, import_vllm, server

# Networks this small lose more time by sharing work than by doing it.
torch.set_num_threads(1)


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
def qwen_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import_vllm()
    folder = tmp_path_factory.mktemp("qwen")
    tiny_qwen.build(folder)
    return folder


@pytest.fixture(scope="module")
async def vllm_server(
    qwen_folder: Path, canary_folder: Path, pyannote_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    async with server(tmp_path_factory.mktemp("served"), qwen_folder, canary_folder, pyannote_folder) as made:
        await made.parts.pool.host("chat").load()
        yield made


@pytest.fixture(scope="session")
def speech() -> NDArray[np.float32]:
    """Sound like speech, 24 s at 16 kHz."""
    return babble(24)
