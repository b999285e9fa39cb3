"""Tiny random models in the shapes that onnx-asr reads: Parakeet (CTC) and Canary (encoder, decoder)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

WORDS = ("yes", "no", "green", "garden", "tree", "house")
FEATURES, STRIDE, WIDTH = 80, 8, 16
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
CONTROLS = (
    "<|startofcontext|> <|startoftranscript|> <|emo:undefined|> <|en|> <|de|> <|pnc|> <|nopnc|> <|noitn|> "
    "<|notimestamp|> <|nodiarize|> <|endoftext|>"
).split()

Shape = tuple[str, int, list[Any]]


def parakeet(folder: Path) -> None:
    """Write a model whose frames are words, silence most of all."""
    _vocabulary(folder, [*(f"\u2581{word}" for word in WORDS), "<blk>"])
    random = np.random.default_rng(3)
    weights = {
        "w": random.standard_normal((FEATURES, len(WORDS) + 1)).astype(np.float32) * 0.4,
        "b": np.array([0.0] * len(WORDS) + [4.0], np.float32),
    }
    nodes = [
        *_frames(),
        helper.make_node("MatMul", ["frames", "w"], ["wx"]),
        helper.make_node("Add", ["wx", "b"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["logprobs"], axis=-1),
    ]
    _write(folder / "model.onnx", nodes, SOUND, [("logprobs", FLOAT, ["B", "S", len(WORDS) + 1])], weights)


def canary(folder: Path) -> None:
    """Write a model that says words which hang on the sound, and ends after a dozen."""
    vocabulary = ["\u2581", *CONTROLS, *(f"\u2581{word}" for word in WORDS)]
    _vocabulary(folder, vocabulary)
    random = np.random.default_rng(4)
    encoder = [
        *_frames(),
        helper.make_node("MatMul", ["frames", "w"], ["encoder_embeddings"]),
        helper.make_node("Shape", ["encoder_embeddings"], ["size"]),
        helper.make_node("Gather", ["size", "first_two"], ["shape"]),
        helper.make_node("ConstantOfShape", ["shape"], ["encoder_mask"], value=_tensor(np.array([1]))),
    ]
    _write(
        folder / "encoder-model.onnx",
        encoder,
        SOUND,
        [("encoder_embeddings", FLOAT, ["B", "S", WIDTH]), ("encoder_mask", INT, ["B", "S"])],
        {"w": random.standard_normal((FEATURES, WIDTH)).astype(np.float32), "first_two": np.array([0, 1])},
    )
    size = len(vocabulary)
    speaks = np.array([-50.0] * (1 + len(CONTROLS)) + [0.0] * len(WORDS), np.float32)
    ends = np.zeros(size, np.float32)
    ends[vocabulary.index("<|endoftext|>")] = 1
    decoder = [
        helper.make_node("Gather", ["table", "input_ids"], ["said"]),
        helper.make_node("ReduceMean", ["encoder_embeddings"], ["heard"], axes=[1], keepdims=1),
        helper.make_node("Add", ["said", "heard"], ["state"]),
        helper.make_node("Unsqueeze", ["state", "zero"], ["layer"]),
        helper.make_node("Concat", ["decoder_mems", "layer"], ["decoder_hidden_states"], axis=2),
        helper.make_node("ReduceMean", ["decoder_hidden_states"], ["past"], axes=[0, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["past", "one"], ["before"]),
        helper.make_node("Add", ["state", "before"], ["thought"]),
        helper.make_node("MatMul", ["thought", "out"], ["words"]),
        helper.make_node("Shape", ["decoder_hidden_states"], ["size"]),
        helper.make_node("Gather", ["size", "two"], ["count"]),
        helper.make_node("Cast", ["count"], ["length"], to=FLOAT),
        helper.make_node("Mul", ["length", "ends"], ["late"]),
        helper.make_node("Add", ["words", "speaks"], ["spoken"]),
        helper.make_node("Add", ["spoken", "late"], ["raw"]),
        helper.make_node("LogSoftmax", ["raw"], ["logits"], axis=-1),
    ]
    _write(
        folder / "decoder-model.onnx",
        decoder,
        [
            ("input_ids", INT, ["B", "N"]),
            ("encoder_embeddings", FLOAT, ["B", "S", WIDTH]),
            ("encoder_mask", INT, ["B", "S"]),
            ("decoder_mems", FLOAT, [1, "B", "P", WIDTH]),
        ],
        [("logits", FLOAT, ["B", "N", size]), ("decoder_hidden_states", FLOAT, [1, "B", "Q", WIDTH])],
        {
            "table": random.standard_normal((size, WIDTH)).astype(np.float32) * 2,
            "out": random.standard_normal((WIDTH, size)).astype(np.float32),
            "speaks": speaks,
            "ends": ends * 3,
            "zero": np.array([0]),
            "one": np.array([1]),
            "two": np.array([2]),
        },
    )


SOUND: list[Shape] = [("audio_signal", FLOAT, ["B", FEATURES, "T"]), ("length", INT, ["B"])]


def _frames() -> list[Any]:
    """Take every eighth frame of the features."""
    return [
        helper.make_node("Transpose", ["audio_signal"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("Slice", ["turned", "from", "to", "axis", "step"], ["frames"]),
    ]


def _vocabulary(folder: Path, tokens: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("".join(f"{token} {number}\n" for number, token in enumerate(tokens)))
    (folder / "config.json").write_text(json.dumps({"features_size": FEATURES, "subsampling_factor": STRIDE}))


def _write(path: Path, nodes: list[Any], takes: list[Shape], gives: list[Shape], weights: Mapping[str, Any]) -> None:
    cut = {"from": np.array([0]), "to": np.array([2**31]), "axis": np.array([1]), "step": np.array([STRIDE])}
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info(*each) for each in takes],
        [helper.make_tensor_value_info(*each) for each in gives],
        [numpy_helper.from_array(value, name) for name, value in {**cut, **weights}.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    save(model, path)


def _tensor(value: Any) -> Any:
    return numpy_helper.from_array(value)
