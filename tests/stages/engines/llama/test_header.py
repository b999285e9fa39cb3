"""A file tells what its model was made for before it is loaded; anything else tells nothing."""

import struct
from pathlib import Path

import pytest

from stages.engines.llama.header import trained_tokens
from stages.engines.llama_cpp import LlamaCpp


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(*pairs: bytes) -> bytes:
    return struct.pack("<4sIQQ", b"GGUF", 3, 0, len(pairs)) + b"".join(pairs)


NAME = text("general.name") + struct.pack("<I", 8) + text("tiny")
SCALE = text("llama.scale") + struct.pack("<If", 6, 1.0)
LENGTH = text("llama.context_length") + struct.pack("<II", 4, 4096)
WORDS = text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 1) + text("a")


@pytest.mark.parametrize(
    ("data", "tokens"),
    [
        (gguf(NAME, SCALE, LENGTH), 4096),
        (gguf(NAME, WORDS, LENGTH), None),
        (gguf(NAME), None),
        (gguf(NAME, SCALE, LENGTH)[:60], None),
        (b"GGUF", None),
        (b"", None),
        (b"PK" * 100, None),
        (gguf(struct.pack("<Q", 2**62)), None),
    ],
)
def test_what_a_file_says(tmp_path: Path, data: bytes, tokens: int | None) -> None:
    (tmp_path / "tiny.gguf").write_bytes(data)
    assert trained_tokens(tmp_path / "tiny.gguf") == tokens
    assert LlamaCpp(file=tmp_path).window == (tokens or 8192)
    assert LlamaCpp(file=tmp_path, window=512).window == 512


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert trained_tokens(tmp_path) is None
    assert LlamaCpp(file=tmp_path / "none.gguf").window == 8192
