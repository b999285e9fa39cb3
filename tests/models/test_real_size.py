"""The networks that a GPU is tried with are as large as the real ones, counted without making them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from nemo.collections.asr.models import EncDecCTCModelBPE, EncDecMultiTaskModel
from nemo.utils.app_state import AppState
from omegaconf import OmegaConf

from tests.bench.gpu import qwen
from tests.models.real_size import CANARY, VOCABULARY
from tests.models.tiny_canary import aligner_config, canary_config, train_vocabulary


def millions(network: Any) -> float:
    return float(sum(weight.numel() for weight in network.parameters())) / 1e6


def canary(folder: Path, encoder_layers: int, decoder_layers: int) -> Any:
    # NeMo would look for the aligner of a model that another test has restored.
    AppState()._all_model_restore_paths.clear()
    size = replace(CANARY, encoder_layers=encoder_layers, decoder_layers=decoder_layers)
    return EncDecMultiTaskModel(OmegaConf.create(canary_config(folder, size)))


def aligner(folder: Path, layers: int) -> Any:
    return EncDecCTCModelBPE(OmegaConf.create(aligner_config(folder, replace(CANARY, aligner_layers=layers))))


@pytest.mark.timeout(600)  # a thousand vectors for each of 16,384 tokens, five times
def test_canary_and_its_aligner(tmp_path: Path) -> None:
    """One layer more tells what a layer weighs."""
    train_vocabulary(tmp_path, CANARY.unsaid)
    thin = canary(tmp_path, 1, 1)
    assert thin.tokenizer.vocab_size == VOCABULARY
    base = millions(thin)
    heard, said = millions(canary(tmp_path, 2, 1)) - base, millions(canary(tmp_path, 1, 2)) - base
    assert base + (CANARY.encoder_layers - 1) * heard + (CANARY.decoder_layers - 1) * said == pytest.approx(
        978, rel=0.02
    )
    base = millions(aligner(tmp_path, 1))
    layer = millions(aligner(tmp_path, 2)) - base
    assert base + (CANARY.aligner_layers - 1) * layer == pytest.approx(600, rel=0.05)


@pytest.mark.parametrize(("name", "size"), [("8b", 8_770), ("30b-a3b", 31_100)])
def test_qwen(name: str, size: float) -> None:
    with torch.device("meta"):
        assert millions(qwen.network(name)) == pytest.approx(size, rel=0.02)
