"""A whole meeting through the pipeline: CPU by stage, speed, what is no engine's, turns and words against references.

Usage: python -m tests.bench.meeting [--minutes 10] [--seed 1]
"""

import argparse
import asyncio
import cProfile
import pstats
import resource
import tempfile
import time
import wave
from pathlib import Path

import numpy as np

from pipeline.engine_pool import EnginePool, Role
from pipeline.exports.rttm import turns_to_rttm
from pipeline.options import Options
from pipeline.process import Results, process, results
from pipeline.score import Said, SpeakerWordErrors, TurnErrors, speaker_word_errors, turn_errors
from pipeline.steps import Step, steps_of
from stages.speech import SpeakerTurn
from stages.stage import Sound
from storage.artifact_store import open_store
from tests.bench.assemble import Meeting, assemble
from tests.bench.voices import synthetic


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_report(Path(folder), chosen.minutes * 60, chosen.seed))


async def _report(folder: Path, length: float, seed: int) -> None:
    meeting = assemble(synthetic(), length, seed)
    file = folder / "meeting.wav"
    _write(file, meeting)
    hours = len(meeting.samples) / 16_000 / 3600
    print(f"assembled meeting of {hours * 60:.1f} min, {len({said.speaker for said in meeting.said})} synthetic voices")

    profile = cProfile.Profile()
    pool = EnginePool()
    store = open_store(str(folder / "store"))
    roles: tuple[Role, ...] = ("vad", "asr", "aligner", "diarizer", "embed")
    loading = time.process_time()
    for role in roles:
        await pool.host(role).load()
    print(f"loading every engine: {time.process_time() - loading:.1f} s CPU, not counted below")
    began, used, children = time.perf_counter(), time.process_time(), _children()
    profile.enable()
    await process(file, store, "m", pool, Options(), folder / "scratch", sound="bench")
    profile.disable()
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    decoding = _children() - children

    print(f"\n{'engine':<14}{'CPU s per hour of sound':>26}")
    engines = 0.0
    for (role, name), host in pool.hosts().items():
        print(f"{role + ' ' + name:<22}{host.cpu_seconds / hours:>18.1f}")
        engines += host.cpu_seconds
    print(f"{'decoding (child)':<22}{decoding / hours:>18.1f}")
    rest = cpu - engines
    print(f"{'everything else':<22}{rest / hours:>18.1f}   {100 * rest / (cpu + decoding):.1f} % of all CPU")
    print(f"whole pipeline: {wall:.1f} s wall, {hours * 3600 / wall:.1f} x real time; CPU {cpu + decoding:.1f} s")
    alone = await _listening_alone(file, pool, folder)
    print(f"the slower engine, the diarizer, alone: {alone:.1f} s wall; the whole takes {wall / alone:.2f} x that")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    await pool.close()

    print("\ntop five of the event loop's own time:")
    stats = pstats.Stats(profile)
    rows = sorted(stats.stats.items(), key=lambda row: -row[1][2])  # type: ignore[attr-defined]
    for (source, line, name), (_, calls, own, *_rest) in [row for row in rows if "select" not in row[0][2]][:5]:
        print(f"  {own:7.2f} s {calls:>9} x  {Path(source).name}:{line} {name}")

    found = await results(store, "m")
    turns, words = scores(meeting, found)
    print(
        f"\nDER {100 * turns.der:.1f} %: missed {turns.missed}, false {turns.false_alarm}, confusion {turns.confusion}"
    )
    print(
        f"speakers {turns.speakers}; cpWER {100 * words.cpwer:.1f} %, WER {100 * words.wer:.1f} %, {words.words} words"
    )
    (folder / "turns.rttm").write_text(turns_to_rttm("m", found.turns))


async def _listening_alone(file: Path, pool: EnginePool, folder: Path) -> float:
    """Return the seconds that finding the speaker turns takes when nothing else runs."""

    def turns_of(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
        return [step for step in steps_of(sound, pool, options) if step.stage.name in ("listen", "diarize")]

    began = time.perf_counter()
    await process(file, open_store("memory:"), "m", pool, Options(), folder / "alone", sound="bench", steps_of=turns_of)
    return time.perf_counter() - began


def scores(meeting: Meeting, found: Results) -> tuple[TurnErrors, SpeakerWordErrors]:
    """Score what was found against the references of the meeting."""
    reference_turns = [SpeakerTurn(start=t.start, end=t.end, speaker=t.speaker) for t in meeting.turns]
    reference = [Said(said.start, said.speaker, said.text or "") for said in meeting.said]
    hypothesis = [Said(u.start, u.speaker, u.text) for u in found.utterances]
    return turn_errors(reference_turns, found.turns), speaker_word_errors(reference, hypothesis)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _write(file: Path, meeting: Meeting) -> None:
    with wave.open(str(file), "wb") as target:
        target.setparams((1, 2, 16_000, 0, "NONE", ""))
        target.writeframes((np.clip(meeting.samples, -1, 1) * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
