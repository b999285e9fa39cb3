"""Runs the benches of one GPU, and prints each figure as soon as it is known.

Usage: python -m tests.bench.gpu [canary] [streaming] [pyannote] [qwen] [together] [meeting] [--minutes 60]
       [--qwen 8b|30b-a3b]
With --tiny it tries itself on a CPU; what it prints then says nothing about speed. `streaming` runs on a middle-sized
network there: what it counts holds for any, and the shares of time in some degree.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
import transformers

import tests.models.importable  # noqa: F401  # before the engines
from tests.bench.gpu import canary, pyannote, qwen, streaming, together
from tests.bench.gpu.timing import Bench

PARTS: dict[str, Callable[[Bench], Iterator[str]]] = {
    "canary": canary.measure,
    "streaming": streaming.measure,
    "pyannote": pyannote.measure,
    "qwen": qwen.measure,
    "together": together.at_once,
    "meeting": together.whole_meeting,
}
COMMAND = (sys.executable, "-m", "tests.bench.gpu")


def main() -> int:
    """Print the figures of the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all of them if none is named")
    parser.add_argument("--device", type=int, default=0, help="number of the GPU")
    parser.add_argument("--minutes", type=float, default=60.0, help="length of recordings")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--qwen", choices=["8b", "30b-a3b"], default="8b")
    parser.add_argument("--tiny", action="store_true")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}")
    if not chosen.tiny and torch.cuda.device_count() <= chosen.device:
        print(
            f"torch {torch.__version__} sees no GPU {chosen.device}. --tiny tries the bench on a CPU.", file=sys.stderr
        )
        return 2
    device = "cpu" if chosen.tiny else f"cuda:{chosen.device}"
    if chosen.tiny:
        torch.set_num_threads(1)  # threads that wait for one another beside other programs wait for very long
    from nemo.utils import logging

    logging.setLevel(logging.ERROR)
    if len(chosen.parts) == 1:
        _run(PARTS[chosen.parts[0]], chosen, device)
        return 0
    names = chosen.parts or list(PARTS)
    options = [option for option in sys.argv[1:] if option not in names]
    # In processes of their own, so that none finds the card as another left it; a part that fails costs only itself.
    failed = [name for name in names if subprocess.run([*COMMAND, name, *options], check=False).returncode]
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(part: Callable[[Bench], Iterator[str]], chosen: argparse.Namespace, device: str) -> None:
    name = "CPU, tiny networks" if device == "cpu" else torch.cuda.get_device_name(device)
    print(f"\n{name}; torch {torch.__version__}, transformers {transformers.__version__}; random weights", flush=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(
            device=device,
            real=not chosen.tiny,
            repeats=chosen.repeats,
            minutes=chosen.minutes,
            qwen=chosen.qwen,
            folder=Path(folder),
        )
        for line in part(bench):
            print(line, flush=True)
    print(f"({time.perf_counter() - began:.0f} s, models and warming up included)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
