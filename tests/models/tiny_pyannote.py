"""A folder like pyannote/speaker-diarization-community-1, with random weights: a few thousand, or as many as theirs."""

import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from pyannote.audio import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding.wespeaker import BaseWeSpeakerResNet, WeSpeakerResNet34
from pyannote.audio.models.embedding.wespeaker.resnet import BasicBlock, ResNet
from pyannote.audio.models.segmentation import PyanNet

WIDTH = 32
"""Dimensions of a voiceprint."""
PLDA = 128
"""Dimensions that community-1 compares voiceprints in."""
REAL_BATCH = 32
"""Windows that community-1's configuration looks at side by side."""
SPREAD = 30.0
"""Factor on the classifier's weights: large enough that the random network changes its mind about who speaks."""


class TinyWeSpeaker(BaseWeSpeakerResNet):  # type: ignore[misc]  # pyannote has no types
    """WeSpeaker's network with one narrow block where the real one has three to six wide ones."""

    def __init__(self) -> None:
        super().__init__()
        self.resnet = ResNet(BasicBlock, [1, 1, 1, 1], m_channels=4, feat_dim=80, embed_dim=WIDTH, two_emb_layer=False)


def build(
    folder: Path, *, clustering: str = "VBxClustering", legacy: bool = False, seed: int = 3, real: bool = False
) -> None:
    """Write configuration, both networks and the PLDA; `real` makes the networks as large as community-1's."""
    torch.manual_seed(seed)
    lstm, linear = {"hidden_size": 8, "num_layers": 1}, {"hidden_size": 8, "num_layers": 1}
    if real:
        lstm, linear = {"hidden_size": 128, "num_layers": 4}, {"hidden_size": 128, "num_layers": 2}
    segmentation = PyanNet(lstm=lstm, linear=linear)
    segmentation.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        classes=["speaker#1", "speaker#2", "speaker#3"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    segmentation.build()
    with torch.no_grad():
        segmentation.classifier.weight.mul_(SPREAD)
    embedding = WeSpeakerResNet34() if real else TinyWeSpeaker()
    embedding.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=10.0, classes=["voice"]
    )
    save(segmentation, folder / "segmentation")
    save(embedding, folder / "embedding")
    save_plda(folder / "plda", seed, embedding.dimension, PLDA if real else WIDTH)
    (folder / "config.yaml").write_text(json.dumps(config(clustering, legacy, REAL_BATCH if real else 8)))


def save(model: Model, folder: Path) -> None:
    """Write a checkpoint as a Lightning trainer does."""
    folder.mkdir(parents=True)
    checkpoint = {
        "state_dict": OrderedDict(model.state_dict()),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": "2.4.0",
    }
    model.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, folder / "pytorch_model.bin")


def save_plda(folder: Path, seed: int, width: int, kept: int) -> None:
    """Write a plain PLDA: no whitening to speak of, speakers further apart than the takes of one."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.standard_normal((width, width)))
    np.savez(folder / "xvec_transform.npz", mean1=np.zeros(width), mean2=np.zeros(kept), lda=rotation[:, :kept])
    np.savez(folder / "plda.npz", mu=np.zeros(kept), tr=np.eye(kept), psi=np.linspace(8.0, 1.0, kept))


def config(clustering: str, legacy: bool, batch: int) -> dict[str, object]:
    """Return what config.yaml holds (JSON is YAML), with the references to the folder's own parts."""
    parts = {part: f"$model/{part}" for part in ("segmentation", "embedding", "plda")}
    chosen: dict[str, object] = {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8}
    if clustering == "AgglomerativeClustering":
        chosen = {"method": "centroid", "min_cluster_size": 2, "threshold": 0.7}
    return {
        "dependencies": {"pyannote.audio": "4.0.0"},
        "pipeline": {
            "name": "pyannote.audio.pipelines.SpeakerDiarization",
            "params": parts
            | {"clustering": clustering, "embedding_exclude_overlap": True, "segmentation_batch_size": batch}
            | {"embedding_batch_size": batch, "legacy": legacy},
        },
        "params": {"clustering": chosen, "segmentation": {"min_duration_off": 0.0}},
    }
