"""Measures diarization: DER without a collar and speed, on assembled meetings and, where they are, on measuring clips.

Run: python -m tests.bench.turns. PARLEY_BENCH_AUDIO names the folder of measuring clips (`turns/`, `words/`).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import anyio
import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipeline.engine_pool import EnginePool
from stages.diarize import ClusterVoices, ListenToVoices, SpeakerCount
from stages.engine import EngineHost
from stages.speech import SAMPLE_RATE, AudioChunk, Gap, SpeakerTurn, seconds
from tests.bench.assemble import Take, assemble
from tests.bench.voices import Bank, clips, people, read, synthetic, turns_of
from tests.collect import collect

STEP = 0.01
Turn = tuple[float, float, str]


class Errors(msgspec.Struct, frozen=True):
    """Seconds of each kind of error, and of reference speech."""

    missed: float = 0
    made_up: float = 0
    confused: float = 0
    speech: float = 0

    def __add__(self, other: "Errors") -> "Errors":
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Errors(*(one + more for one, more in pairs))

    def __str__(self) -> str:
        total = self.missed + self.made_up + self.confused
        shares = [f"{part / max(self.speech, 1e-9):6.3f}" for part in (total, self.missed, self.made_up, self.confused)]
        return "  ".join(shares) + f"  {self.speech:7.1f} s"


class Case(msgspec.Struct, frozen=True, eq=False):
    """A recording with its reference."""

    group: str
    name: str
    samples: NDArray[np.float32]
    turns: Sequence[Turn]


def errors(reference: Sequence[Turn], turns: Sequence[Turn], length: float) -> Errors:
    """Return what is wrong on a grid of 10 ms, under the best one-to-one map of speakers; overlap counts, no collar."""
    truth, told = _grid(reference, length), _grid(turns, length)
    together = truth.astype(int) @ told.T.astype(int)
    right = int(together[linear_sum_assignment(-together)].sum()) if together.size else 0
    speaking, heard = truth.sum(axis=0), told.sum(axis=0)
    both = int(np.minimum(speaking, heard).sum())
    missed, made_up = int(np.maximum(speaking - heard, 0).sum()), int(np.maximum(heard - speaking, 0).sum())
    return Errors(missed * STEP, made_up * STEP, (both - right) * STEP, int(speaking.sum()) * STEP)


def _grid(turns: Sequence[Turn], length: float) -> NDArray[np.bool_]:
    names = sorted({turn[2] for turn in turns})
    grid = np.zeros((len(names), round(length / STEP)), bool)
    for start, end, name in turns:
        grid[names.index(name), round(start / STEP) : round(end / STEP)] = True
    return grid


def cases() -> Iterator[Case]:
    """Yield the measuring clips, if they are there, and the assembled meetings."""
    folder = clips()
    for rttm in sorted((folder / "turns").glob("*.rttm")) if folder else []:
        group = "telephone, 30 s" if rttm.stem == "sample" else "far field (AMI), 30 s"
        yield Case(group, rttm.stem, read(rttm.with_suffix(".flac")), turns_of(rttm))
    voices = synthetic()
    yield from _meetings("synthetic, 5 min", voices, ((2, 300, 1), (4, 300, 2), (6, 300, 3)))
    yield from _meetings("synthetic, 10 min", voices, ((4, 600, 4),))
    if folder:
        real = people()
        yield from _meetings("people, 5 min", real, ((2, 300, 5), (3, 300, 6), (4, 300, 7), (6, 300, 8)))
        yield from _meetings("people, 10 min", real, ((3, 600, 9), (5, 600, 10)))


def _meetings(group: str, bank: Bank, sizes: Sequence[tuple[int, float, int]]) -> Iterator[Case]:
    for speakers, length, seed in sizes:
        chosen = np.random.default_rng(seed).choice(sorted(bank), speakers, replace=False)
        takes: Mapping[str, Sequence[Take]] = {str(name): bank[str(name)] for name in chosen}
        meeting = assemble(takes, length, seed)
        turns = [(turn.start, turn.end, turn.speaker) for turn in meeting.turns]
        yield Case(group, f"{speakers} speakers, seed {seed}", meeting.samples, turns)


async def diarize(host: EngineHost[Any], sound: NDArray[np.float32], count: SpeakerCount | None = None) -> list[Turn]:
    """Return the turns that the two stages make of a recording."""
    size = 30 * SAMPLE_RATE
    parts = [sound[first : first + size] for first in range(0, len(sound), size)]
    chunks = [
        AudioChunk(start=seconds(at * size), end=seconds(at * size + len(part)), samples=part)
        for at, part in enumerate(parts)
    ]
    heard = [item for item in await collect(ListenToVoices(host), chunks) if not isinstance(item, Gap)]
    turns = await collect(ClusterVoices(host, count), heard)
    return [(turn.start, turn.end, turn.speaker) for turn in turns if isinstance(turn, SpeakerTurn)]


async def main() -> None:
    """Print a line for each recording and one for each group."""
    if clips() is None:
        print("PARLEY_BENCH_AUDIO is not set: measured on synthetic voices only, no clips and no assembled people.")
    pool = EnginePool()
    host = pool.host("diarizer", "community")
    await host.load()
    groups: dict[str, Errors] = {}
    print(f"{'':34}  speakers  RTFx     DER  missed made up confused speech")
    for case in cases():
        before = time.process_time()
        turns = await diarize(host, case.samples)
        spent = time.process_time() - before
        length = seconds(len(case.samples))
        wrong = errors(case.turns, turns, length)
        groups[case.group] = groups.get(case.group, Errors()) + wrong
        told, known = len({turn[2] for turn in turns}), len({turn[2] for turn in case.turns})
        print(f"{case.name:34}  {told:3} of {known:2}  {length / spent:4.1f}  {wrong}", flush=True)
    for group, wrong in groups.items():
        print(f"{group:50}  {wrong}")
    await pool.close()


if __name__ == "__main__":
    anyio.run(main)
