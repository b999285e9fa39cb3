"""Sentences that we wrote about meetings, with what they rest on -> which score tells true citations from false ones.

    python -m tests.bench.evidence

False citations are of three kinds: utterances anywhere else in the meeting, neighbours a few lines off, and those of
another point of the same meeting. A threshold is good where few true points are lost and most false ones are found.
"""

import asyncio
import csv
import random
from collections.abc import Mapping, Sequence

import numpy as np

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract.reader import Reader
from stages.summarize import Embedder
from stages.write.support import THRESHOLD, Support
from tests.bench.transcripts import FOLDER, Meeting, read

OFF = (3, 4, 5, 6)
"""Lines between a true citation and a neighbour that is cited wrongly."""
TIMES = 5
"""False citations of each kind for a point."""


def written() -> Mapping[tuple[str, str], str]:
    """Return the sentences by meeting and tag."""
    with (FOLDER / "written.tsv").open(encoding="utf-8", newline="") as file:
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


async def scored(reader: Reader) -> Mapping[str, list[float]]:
    """Return the scores of true citations and of each kind of false ones."""
    rng, texts = random.Random(11), written()
    found: dict[str, list[float]] = {}
    for name in sorted({meeting for meeting, _ in texts}):
        meeting = read(name)
        support = Support(await reader.talk(meeting.utterances), reader)
        cited: list[tuple[str, tuple[str, Sequence[str]]]] = []
        for truth in meeting.truths:
            text = texts[name, truth.key]
            cited.append(("true", (text, truth.utterances)))
            for kind, places in false_citations(meeting, truth.utterances, rng).items():
                cited += [(kind, (text, evidence)) for evidence in places]
        scores = await support.scores([each for _, each in cited])
        for (kind, _), score in zip(cited, scores, strict=True):
            found.setdefault(kind, []).append(score)
    return found


async def main() -> None:
    """Print a table: what each threshold keeps of the true citations, and lets through of the false ones."""
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    found = await scored(Reader(host))
    await host.close()
    print("citations:", ", ".join(f"{kind} {len(scores)}" for kind, scores in found.items()))
    print(f"{'threshold':>9}" + "".join(f"{kind:>17}" for kind in found) + "   (share that passes)")
    for threshold in (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        passed = (f"{np.mean(np.array(scores) >= threshold):17.1%}" for scores in found.values())
        print(f"{threshold:9.2f}" + "".join(passed) + ("   <- in use" if threshold == THRESHOLD else ""))


if __name__ == "__main__":
    asyncio.run(main())
