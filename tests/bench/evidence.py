"""Sentences that we wrote about meetings, with what they rest on -> which score tells true citations from false ones.

    python -m tests.bench.evidence

English is compared in meaning; French, German and Spanish are compared by words. False citations are of four kinds:
utterances anywhere else in the meeting, neighbours a few lines off, those of another point of the same meeting, and
sentences about another meeting. A threshold is good where few true points are lost and most false ones are found.
"""

import asyncio
import csv
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract.reader import Reader
from stages.summarize import Embedder
from stages.write.meaning import THRESHOLD, Meaning
from stages.write.shared_words import LEAST, SharedWords
from stages.write.support import Judge
from tests.bench.transcripts import FOLDER, TONGUES, Meeting, every, read

OFF = (3, 4, 5, 6)
"""Lines between a true citation and a neighbour that is cited wrongly."""
TIMES = 5
"""False citations of each kind for a point."""
ANOTHER = 1
"""False citations of sentences about another meeting, for a point of it."""

Cited = tuple[str, tuple[str, Sequence[str]]]
"""Kind, text and what it cites."""


def written(folder: Path = FOLDER) -> Mapping[tuple[str, str], str]:
    """Return the sentences by meeting and tag."""
    with (folder / "written.tsv").open(encoding="utf-8", newline="") as file:
        return {(meeting, key): text for meeting, key, text in csv.reader(file, delimiter="\t")}


def false_citations(meeting: Meeting, true: Sequence[str], rng: random.Random) -> Mapping[str, list[tuple[str, ...]]]:
    """Return utterances that do not say a point, by kind."""
    ids = [utterance.id for utterance in meeting.utterances]
    place = ids.index(true[0])
    far = [id for at, id in enumerate(ids) if abs(at - place) > max(OFF) and id not in true]
    near = [ids[place + step] for off in OFF for step in (-off, off) if 0 <= place + step < len(ids)]
    others = [truth.utterances for truth in meeting.truths if not set(truth.utterances) & set(true)]
    return {
        "elsewhere": [(rng.choice(far),) for _ in range(TIMES)],
        "a few lines off": [(id,) for id in rng.sample(near, min(TIMES, len(near))) if id not in true],
        "another point": [tuple(rng.choice(others)) for _ in range(TIMES)],
    }


def citations(meeting: Meeting, texts: Mapping[tuple[str, str], str], rng: random.Random) -> list[Cited]:
    """Return everything that is cited in a meeting, true and false."""
    cited: list[Cited] = []
    for truth in meeting.truths:
        text = texts[meeting.name, truth.key]
        cited.append(("true", (text, truth.utterances)))
        for kind, places in false_citations(meeting, truth.utterances, rng).items():
            cited += [(kind, (text, evidence)) for evidence in places]
    for (name, _), text in texts.items():
        if name != meeting.name:
            cited += [("another meeting", (text, [rng.choice(meeting.utterances).id])) for _ in range(ANOTHER)]
    return cited


async def scored(reader: Reader, names: Sequence[str], folder: Path) -> Mapping[str, list[float]]:
    """Return the scores of true citations and of each kind of false ones."""
    rng = random.Random(11)
    found: dict[str, list[float]] = {}
    for name in names:
        meeting = read(name, folder)
        # Sentences about another meeting are those of the same language.
        texts = {key: text for key, text in written(folder).items() if folder == FOLDER or key[0][:2] == name[:2]}
        judge: Judge
        if folder == FOLDER:
            judge = Meaning(await reader.talk(meeting.utterances), reader)
        else:
            judge = SharedWords(((said.id, said.text) for said in meeting.utterances), name[:2])
        cited = citations(meeting, texts, rng)
        scores = await judge.said([each for _, each in cited])
        for (kind, _), score in zip(cited, scores, strict=True):
            found.setdefault(kind, []).append(score)
    return found


def show(title: str, found: Mapping[str, list[float]], thresholds: Sequence[float], used: float) -> None:
    """Print what each threshold keeps of the true citations, and lets through of the false ones."""
    print(f"\n{title}: {', '.join(f'{kind} {len(scores)}' for kind, scores in found.items())}")
    print(f"{'threshold':>9}" + "".join(f"{kind:>17}" for kind in found) + "   (share that passes)")
    for threshold in thresholds:
        passed = (f"{np.mean(np.array(scores) >= threshold):17.1%}" for scores in found.values())
        print(f"{threshold:9.2f}" + "".join(passed) + ("   <- in use" if threshold == used else ""))


async def main() -> None:
    """Print a table for English, and those for French, German and Spanish: for tuning, held out, and each of them."""
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    reader = Reader(host)
    meaning = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
    show("English, by meaning", await scored(reader, every(), FOLDER), meaning, THRESHOLD)
    held = {name: read(name, TONGUES).held_out for name in every(TONGUES)}
    parts = {
        "French, German and Spanish, by words, for tuning": [name for name in held if not held[name]],
        "French, German and Spanish, by words, held out": [name for name in held if held[name]],
        **{f"{name}, held out": [name] for name in held if held[name]},
    }
    for title, names in parts.items():
        show(title, await scored(reader, names, TONGUES), (0.1, 0.15, 0.2, 0.25, 0.3, 0.4), LEAST)
    await host.close()


if __name__ == "__main__":
    asyncio.run(main())
