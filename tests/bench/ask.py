"""Questions with known answers about the written meetings -> recall@5, and how often "not said" is right.

    python -m tests.bench.ask [--tune]

Each question is put to its meeting alone, and to all six at once. Every second question was for tuning (FITS in
pipeline/asking/ask.py); the others are reported here, `--tune` shows the former. No language model takes part: this
measures what an answer rests on, and the word "not said" where passages are quoted.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

import msgspec

from pipeline.asking.ask import FITS
from pipeline.asking.find import Found, find
from pipeline.asking.passage import Said
from pipeline.asking.vectors import TextVectors
from pipeline.engine_pool import EnginePool
from storage.artifact_store import open_store
from storage.rows import SearchRow
from tests.bench.transcripts import FOLDER, read

QUESTIONS = Path(__file__).parent / "questions.txt"
TOP = 5


class Question(msgspec.Struct, frozen=True):
    """A question, and where its answer is."""

    meeting: str
    lines: tuple[int, ...]
    """Lines of the meeting's file; none where it was not said."""
    text: str


class Outcome(msgspec.Struct, frozen=True):
    """How a question went."""

    question: Question
    is_found: bool
    """Whether one of the best passages holds one of its lines."""
    fits: float
    """How well the best passage fits."""


def questions() -> list[Question]:
    """Read them."""
    found = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("%"):
            meeting, where, text = (part.strip() for part in line.split("|"))
            lines = () if where == "-" else tuple(int(number) for number in where.split(","))
            found.append(Question(meeting, lines, text))
    return found


def said(name: str) -> Said:
    """Read a meeting as `Ask` sees it."""
    rows = [
        SearchRow(utterance=each.id, start=each.start, end=each.end, speaker=each.speaker, text=each.text)
        for each in read(name).utterances
    ]
    return Said(meeting=name, title=name.replace("_", " ").capitalize(), rows=rows)


def numbered(name: str) -> dict[int, int]:
    """Return the index of the utterance on each line of a meeting's file."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    wanted = [number for number, line in enumerate(lines, 1) if line and not line.startswith("%")]
    return {number: index for index, number in enumerate(wanted)}


async def main() -> None:
    """Ask everything, and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tune", action="store_true")
    asked = parser.parse_args()
    half = questions()[0 if asked.tune else 1 :: 2]
    meetings = {name: said(name) for name in dict.fromkeys(question.meeting for question in half)}
    vectors = TextVectors(open_store("memory:"), EnginePool())
    for meeting in meetings.values():
        await vectors.of_meeting(meeting.meeting, [row.text for row in meeting.rows])
    for label in ("its meeting", "all meetings"):
        outcomes, seconds = [], []
        for question in half:
            among = [meetings[question.meeting]] if label == "its meeting" else list(meetings.values())
            began = time.perf_counter()
            found = await find(question.text, among, vectors)
            seconds.append(time.perf_counter() - began)
            outcomes.append(Outcome(question, _is_found(question, found, meetings), found.fits))
        _report(label, outcomes, statistics.median(seconds), tune=asked.tune)


def _is_found(question: Question, found: Found, meetings: dict[str, Said]) -> bool:
    places = numbered(question.meeting)
    wanted = {meetings[question.meeting].rows[places[line]].utterance for line in question.lines}
    hits = (line for passage in found.passages[:TOP] if passage.meeting == question.meeting for line in passage.lines)
    return any(line.utterance in wanted for line in hits)


def _report(label: str, outcomes: list[Outcome], seconds: float, *, tune: bool) -> None:
    answered = [each for each in outcomes if each.question.lines]
    unsaid = [each for each in outcomes if not each.question.lines]
    recall = sum(each.is_found for each in answered) / len(answered)
    kept = sum(each.fits >= FITS for each in answered) / len(answered)
    refused = sum(each.fits < FITS for each in unsaid) / len(unsaid)
    right = (kept * len(answered) + refused * len(unsaid)) / len(outcomes)
    print(f"{label}: {len(answered)} answerable, {len(unsaid)} not said; {seconds * 1000:.0f} ms in the median")
    print(
        f"  recall@{TOP} {recall:.3f}; at {FITS}: told that it was said {kept:.3f}, that it was not {refused:.3f}",
        end=", ",
    )
    print(f"right {right:.3f}")
    if tune:
        for threshold in (each / 100 for each in range(30, 66, 3)):
            hit = sum(each.fits >= threshold for each in answered) + sum(each.fits < threshold for each in unsaid)
            print(f"    threshold {threshold:.2f}: right {hit / len(outcomes):.3f}")
        for each in outcomes:
            how = "found" if each.is_found else "missed" if each.question.lines else "not said"
            if how == "missed" or (each.fits >= FITS) != bool(each.question.lines):
                print(f"    {each.fits:.2f} {how}: {each.question.text}")


if __name__ == "__main__":
    asyncio.run(main())
