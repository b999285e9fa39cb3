"""Takes of known speakers: synthetic voices, what dependencies carry, and the clips that PARLEY_BENCH_AUDIO names."""

import importlib.util
import io
import os
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE
from tests.bench.assemble import Take
from tests.flite import VOICES, read_aloud

TEXTS = Path(__file__).parent / "texts"
ESPEAK = ("en-us+m1", "en-us+f5")
"""Two variants that differ; most others are one voice with moved formants (embeddings closer than a person's own)."""
LONGEST = 8.0
"""Seconds of a take; longer sound is cut at its pauses."""

Bank = dict[str, list[Take]]
Floats = NDArray[np.float32]


def clips() -> Path | None:
    """Return the folder of measuring clips, if there is one."""
    folder = os.environ.get("PARLEY_BENCH_AUDIO")
    return Path(folder) if folder and (Path(folder) / "turns").is_dir() else None


def read(path: Path | io.BytesIO) -> Floats:
    """Return a sound file as mono, 16 kHz."""
    with av.open(str(path) if isinstance(path, Path) else path, mode="r") as container:
        resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        blocks = [block.to_ndarray()[0] for frame in container.decode(audio=0) for block in resampler.resample(frame)]
        blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
    return np.concatenate(blocks).astype(np.float32) / np.float32(32_768)


def lines(name: str) -> list[str]:
    """Return the sentences of one of the texts."""
    return [line.strip() for line in (TEXTS / f"{name}.txt").read_text().splitlines() if line.strip()]


def synthetic() -> Bank:
    """Return the synthetic voices; no two read the same sentences."""
    sentences = [line for name in ("garden", "kitchen", "museum", "software") for line in lines(name)]
    names = [*VOICES, *ESPEAK]
    return {name: [_speak(line, name) for line in sentences[at :: len(names)]] for at, name in enumerate(names)}


def _speak(line: str, voice: str) -> Take:
    if voice in VOICES:
        return Take(read_aloud(line, voice).samples, line)
    spoken = subprocess.run(["espeak-ng", "-v", voice, "--stdout", line], check=True, capture_output=True).stdout
    return Take(read(io.BytesIO(_whole(spoken))), line)


def _whole(spoken: bytes) -> bytes:
    """Rewrite a WAV that was streamed: its header does not know its length."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, int.from_bytes(spoken[24:28], "little"), 0, "NONE", ""))
        sound.writeframes(spoken[44:])
    return out.getvalue()


def people() -> Bank:
    """Return people: a reader that a dependency carries and, where measuring clips are at hand, those alone there."""
    found = importlib.util.find_spec("moonshine_voice")
    bank: Bank = {}
    if found is not None and found.submodule_search_locations:
        assets = Path(found.submodule_search_locations[0]) / "assets"
        bank["reader"] = [Take(piece) for piece in _pieces(read(assets / "two_cities.wav"))]
    folder = clips()
    if folder is not None:
        bank["austen"] = [
            Take(piece) for file in sorted(folder.glob("words/austen-*")) for piece in _pieces(read(file))
        ]
        bank["jfk"] = [Take(piece) for piece in _pieces(read(folder / "words" / "jfk.flac"))]
        for name, takes in _alone(folder / "turns").items():
            if sum(len(take.samples) for take in takes) >= 6 * SAMPLE_RATE:
                bank[name] = takes
    return bank


def turns_of(rttm: Path) -> list[tuple[float, float, str]]:
    """Return start, end and speaker of each line."""
    rows = [line.split() for line in rttm.read_text().splitlines()]
    return sorted((float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows)


def _alone(folder: Path) -> Bank:
    """Return what each person says while nobody else talks, in pieces of 1 to 8 s."""
    bank: Bank = {}
    for rttm in sorted(folder.glob("*.rttm")):
        sound, turns = read(rttm.with_suffix(".flac")), turns_of(rttm)
        for start, end, speaker in turns:
            others = np.ones(len(sound), bool)
            for first, last, other in turns:
                if other != speaker:
                    others[int(first * SAMPLE_RATE) : int(last * SAMPLE_RATE)] = False
            for first, last in _free(others, int(start * SAMPLE_RATE), int(end * SAMPLE_RATE)):
                bank.setdefault(speaker, []).extend(Take(piece) for piece in _pieces(sound[first:last]))
    return bank


def _free(mask: NDArray[np.bool_], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of true of at least a second between two samples."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask[start:end].astype(np.int8), [0]))))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= SAMPLE_RATE:
            yield start + int(first), start + int(last)


def _pieces(sound: Floats) -> list[Floats]:
    """Cut sound at its quietest places into pieces of at most 8 s."""
    if len(sound) <= LONGEST * SAMPLE_RATE:
        return [sound]
    third = len(sound) // 3
    middle = sound[third : 2 * third]
    level = np.convolve(
        np.square(middle[: len(middle) // 160 * 160]).reshape(-1, 160).mean(axis=1), np.ones(20), "valid"
    )
    cut = third + (int(level.argmin()) + 10) * 160
    return _pieces(sound[:cut]) + _pieces(sound[cut:])
