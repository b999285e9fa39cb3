"""Installed packages beside the versions that belong together."""

import functools
import importlib.util
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from pipeline.doctor.finding import Finding, FindingState

ROOT = Path(__file__).parents[2]
"""The checkout: pyproject.toml and requirements/ say what belongs together."""
EXTRAS: Mapping[str, str] = {
    "canary": "asr-nemo",
    "onnx": "asr-onnx",
    "pyannote": "diar-pyannote",
    "vllm": "llm-vllm",
    "llama_cpp": "llm-cpu",
}
"""For each engine that runs on packages of its own, the extra that brings them."""
NAMED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
CUDA = re.compile(r"^cuda\s*(?::[^=]*)?=\s*['\"]([\d.]+)['\"]", re.MULTILINE)


INSTALL = ".venv/bin/python -m pip install --no-deps --require-hashes -r requirements/run.txt"


class Pin(msgspec.Struct, frozen=True):
    """A package that belongs to us."""

    name: str
    """As its registry calls it."""
    expected: str
    """Version."""
    needed_for: str
    """The server, or an extra."""
    command: str
    """What installs it."""
    is_needed: bool
    """Whether it is missed."""


def extras(root: Path = ROOT) -> dict[str, dict[str, str]]:
    """Return the pins of each extra that is not made of others."""
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return {extra: dict(found) for extra, pins in declared.items() if (found := NAMED.findall("\n".join(pins)))}


def package_findings(engines: Collection[str], root: Path = ROOT) -> Iterator[Finding]:
    """Look at what the server runs on, and at the extras; `engines` are the configured ones."""
    pinned = dict(NAMED.findall((root / "requirements" / "run.txt").read_text(encoding="utf-8")))
    listed = (root / "requirements" / "run.in").read_text(encoding="utf-8")
    wanted = re.findall(r"^([a-z][a-z0-9._-]*)", listed, re.MULTILINE)
    # What an extra wants as well is its own to say, once it is there.
    brought = {name: pin for name, pin in _extra_pins(engines, root).items() if pin.is_needed or name not in wanted}
    for name in wanted:
        if name not in brought:
            yield _finding(Pin(name, pinned[name], "server", INSTALL, is_needed=True))
    yield from map(_finding, brought.values())


def _extra_pins(engines: Collection[str], root: Path) -> dict[str, "Pin"]:
    needed = {EXTRAS[engine] for engine in engines if engine in EXTRAS}
    found: dict[str, Pin] = {}
    for extra, pins in extras(root).items():
        # Half an extra is no extra: once its first package is there, the others are missed.
        is_needed = extra in needed or _found(next(iter(pins))) is not None
        for name, expected in pins.items():
            if name not in found or (is_needed and not found[name].is_needed):
                mend = f".venv/bin/python -m pip install '.[{extra}]'"
                found[name] = Pin(name, expected, extra, mend, is_needed=is_needed)
    return found


@functools.cache
def install_command(engine: str, root: Path = ROOT) -> str | None:
    """Return what installs the packages of an engine that lacks them; what is installed later, a new start sees."""
    extra = EXTRAS.get(engine)
    if extra is None or _found(next(iter(extras(root)[extra]))) is not None:
        return None
    return f".venv/bin/python -m pip install '.[{extra}]'"


def cuda_runtime() -> str | None:
    """Return the CUDA release that the installed torch was built for; None for a CPU. It is not imported for that."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return None
    try:
        told = CUDA.search((Path(found.origin).parent / "version.py").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return told[1] if told else None


def _finding(pin: Pin) -> Finding:
    found = _found(pin.name)
    # The build behind the plus sign (a CPU, a CUDA release) is the machine's to choose.
    is_right = found is not None and found.partition("+")[0] == pin.expected
    state: FindingState = "ok" if is_right else "differs" if found else "missing" if pin.is_needed else "unused"
    says = {
        "missing": f"{pin.name} is not installed.",
        "differs": f"{pin.name} {found} was never tried with the rest; {pin.expected} was.",
    }
    return Finding(
        name=pin.name,
        state=state,
        found=found,
        expected=pin.expected,
        needed_for=pin.needed_for,
        says=says.get(state, ""),
        command="" if is_right else pin.command,
    )


def _found(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
