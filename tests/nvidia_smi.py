"""A program called nvidia-smi that tells of the cards a test wants."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

H200 = "0, NVIDIA H200, 580.95.05, 143771, 81920, 37, 41, 312.40"
OLD = "0, Tesla K80, 470.57.02, 11441, [N/A], [N/A], 55, [N/A]"


def plant(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: Sequence[str], code: int = 0) -> None:
    """Put the program before all others."""
    program = folder / "nvidia-smi"
    told = "\n".join(lines)
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{told}\nEND\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
