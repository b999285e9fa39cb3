"""Known texts, read by voices and people -> word error rate, error of word starts, speed.

    python -m tests.bench.words [--all]

Every line of our texts is read by two of five synthetic voices, with `--all` by every voice. Each is scored twice: with
the sentences given to `Transcribe` one by one, as a perfect detector would find them, and behind our own detector.
"""

import argparse
import asyncio
import difflib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.score import WordErrors, normal_words, pooled, word_errors_of
from stages.detect_speech import DetectSpeech, VoiceDetector
from stages.engine import EngineHost
from stages.engines.moonshine import Moonshine
from stages.engines.pocketsphinx import PocketSphinx
from stages.engines.silero import Silero
from stages.speech import SAMPLE_RATE, Gap, Speech, Word, seconds
from stages.transcribe import Aligner, Transcribe, Transcriber
from tests import flite
from tests.bench.voices import lines, read
from tests.collect import collect
from tests.held_sound import HeldSound
from tests.sounds import shipped, speech

TEXTS = ("garden", "kitchen", "museum", "software")
ESPEAK = "en-us"
PAUSE = np.zeros(SAMPLE_RATE, np.float32)
"""Silence between two sentences."""
CHUNK = SAMPLE_RATE
"""Samples that the detector gets at a time."""
DRAWS = 2_000
"""Of the bootstrap."""


class Take(msgspec.Struct, frozen=True, eq=False):
    """A sentence, read."""

    text: str
    """What was read."""
    sound: NDArray[np.float32]
    """At 16 kHz."""
    starts: Sequence[tuple[str, float]] = ()
    """Each word as it is compared, and when it begins, where that is known."""


class Heard(msgspec.Struct, frozen=True):
    """What came of some takes of one voice."""

    rows: list[WordErrors]
    """Errors of each."""
    starts: list[float]
    """By how much each word that was rightly recognized begins too late, in seconds; negative: too early."""
    gaps: list[Gap]
    """Stretches without words or without times."""
    audio: float
    """Seconds of sound."""
    cpu: float
    """Seconds of processor time."""


class Engines:
    """The engines of the default plan."""

    def __init__(self) -> None:
        self.asr: EngineHost[Transcriber] = EngineHost(Moonshine())
        self.aligner: EngineHost[Aligner] = EngineHost(PocketSphinx())
        self.vad: EngineHost[VoiceDetector[Any]] = EngineHost(Silero())

    async def load(self) -> None:
        """Load all of them, so that only work is timed."""
        await self.asr.load()
        await self.aligner.load()
        await self.vad.load()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every voice reads every line (20 minutes)")
    asyncio.run(_report(everything=parser.parse_args().all))


async def _report(*, everything: bool) -> None:
    engines = Engines()
    await engines.load()
    print(f"{'read by':<22}{'words':>7}{'errors':>8}{'WER':>8}  {'95 %':<15}{'own VAD':>8}{'gaps':>6}{'x real':>8}")
    synthetic = [
        await _row(engines, name, list(_takes(name, None if everything else at)))
        for at, name in enumerate((*flite.VOICES, ESPEAK))
    ]
    print(_line("synthetic, pooled", _pool(synthetic), None))
    await _row(engines, "reader (two cities)", [_two_cities()])
    clips = Path(os.environ.get("PARLEY_BENCH_AUDIO", "")) / "words"
    if (clips / "references.tsv").is_file():
        await _row(engines, "clips", list(_clips(clips)))
    else:
        print("clips: left out, since PARLEY_BENCH_AUDIO names no folder with words/references.tsv")
    late = np.array([start for heard in synthetic for start in heard.starts])
    median, most = np.quantile(np.abs(late), (0.5, 0.9)) * 1000
    print(f"word starts against flite's own: {late.size} words, median {median:.1f} ms, 90 % within {most:.1f} ms, "
          f"bias {np.median(late) * 1000:+.1f} ms")  # fmt: skip


async def _row(engines: Engines, name: str, takes: Sequence[Take]) -> Heard:
    heard = await _one_by_one(engines, takes)
    print(_line(name, heard, await _behind_detector(engines, takes)), flush=True)
    return heard


def _line(name: str, heard: Heard, detected: float | None) -> str:
    total = pooled(heard.rows)
    low, high = _interval(heard.rows)
    behind = f"{detected:>8.2%}" if detected is not None else " " * 8
    return (
        f"{name:<22}{total.words:>7}{total.errors:>8}{total.errors / total.words:>8.2%}  {low:>6.2%}-{high:<7.2%} "
        f"{behind}{len(heard.gaps):>6}{heard.audio / heard.cpu:>8.1f}"
    )


def _interval(rows: Sequence[WordErrors]) -> tuple[float, float]:
    """Return the 95 % interval of the rate, by drawing sentences. Source: Bisani and Ney, ICASSP 2004."""
    counts = np.array([(row.errors, row.words) for row in rows])
    drawn = counts[np.random.default_rng(0).integers(0, len(rows), (DRAWS, len(rows)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    return float(low), float(high)


def _pool(several: Iterable[Heard]) -> Heard:
    pool = Heard([], [], [], 0.0, 0.0)
    for heard in several:
        rows, starts, gaps = pool.rows + heard.rows, pool.starts + heard.starts, pool.gaps + heard.gaps
        pool = Heard(rows, starts, gaps, pool.audio + heard.audio, pool.cpu + heard.cpu)
    return pool


async def _one_by_one(engines: Engines, takes: Sequence[Take]) -> Heard:
    sound, stretches = _joined(takes)
    stage = Transcribe(HeldSound({"0": sound}), engines.asr, engines.aligner)
    before = time.process_time()
    found = await collect(stage, stretches)
    cpu = time.process_time() - before
    words = [item for item in found if isinstance(item, Word)]
    rows, starts = [], list[float]()
    for take, stretch in zip(takes, stretches, strict=True):
        said = [word for word in words if stretch.start <= word.start < stretch.end]
        rows.append(_errors(take.text, said))
        starts += _late(take, said, stretch.start)
    audio = sum(stretch.duration for stretch in stretches)
    return Heard(rows, starts, [item for item in found if isinstance(item, Gap)], audio, cpu)


async def _behind_detector(engines: Engines, takes: Sequence[Take]) -> float:
    sound, _ = _joined(takes)
    held = HeldSound({"0": sound})
    chunks = [chunk async for chunk in held.chunks({}, CHUNK)]
    found = [item for item in await collect(DetectSpeech(engines.vad, held), chunks) if isinstance(item, Speech)]
    words = await collect(Transcribe(held, engines.asr, engines.aligner), found)
    errors = _errors(" ".join(take.text for take in takes), [item for item in words if isinstance(item, Word)])
    return errors.errors / errors.words


def _errors(text: str, words: Sequence[Word]) -> WordErrors:
    return word_errors_of(normal_words(text), normal_words(" ".join(word.text for word in words)))


def _joined(takes: Sequence[Take]) -> tuple[NDArray[np.float32], list[Speech]]:
    """Return all takes with pauses between them, and where each lies."""
    stretches, at = list[Speech](), 0
    for take in takes:
        stretches.append(Speech(start=seconds(at), end=seconds(at + len(take.sound))))
        at += len(take.sound) + len(PAUSE)
    return np.concatenate([part for take in takes for part in (take.sound, PAUSE)]), stretches


def _late(take: Take, words: Sequence[Word], begin: float) -> Iterator[float]:
    """Yield by how much each rightly recognized word begins too late."""
    heard = [("".join(normal_words(word.text)), word.start - begin) for word in words]
    known = [word for word, _ in take.starts]
    match = difflib.SequenceMatcher(None, known, [word for word, _ in heard], autojunk=False)
    for block in match.get_matching_blocks():
        for at in range(block.size):
            yield heard[block.b + at][1] - take.starts[block.a + at][1]


def _takes(voice: str, share: int | None) -> Iterator[Take]:
    every = [line for name in TEXTS for line in lines(name)]
    for at, line in enumerate(every):
        if share is None or (at + share) % 5 < 2:
            yield _spoken(line, voice)


def _spoken(line: str, voice: str) -> Take:
    if voice in flite.VOICES:
        reading = flite.read_aloud(line, voice)
        return Take(line, reading.samples, [("".join(normal_words(word.text)), word.start) for word in reading.words])
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-w", file.name, line], check=True)
        return Take(line, read(Path(file.name)))


def _two_cities() -> Take:
    return Take(" ".join(lines("two_cities")), speech(shipped("two_cities.wav")))


def _clips(folder: Path) -> Iterator[Take]:
    for row in (folder / "references.tsv").read_text().splitlines():
        name, _, text = row.partition("\t")
        yield Take(text, read(folder / f"{name}.flac"))


if __name__ == "__main__":
    main()
