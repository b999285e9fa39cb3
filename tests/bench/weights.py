"""Written meetings -> the weights of the signs of a decision, and what they find in a meeting that was left out.

Run it as a module. Meetings that are held out are not read.
"""

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract import conclusive
from stages.extract.cues import asks
from stages.extract.reader import Reader
from stages.extract.talk import Talk
from stages.summarize import Embedder
from tests.bench.transcripts import Meeting, every, read

Array = NDArray[np.float64]

PENALTY = 1.0
"""Pulls weights towards 0."""
UNPUNCTUATED = 0.4
"""How much a meeting without punctuation counts."""
STEPS = 30
CHOICES = 5
"""Rounds in which the sentence of an utterance that says its decision is chosen anew."""
MARGIN = 1.0
"""What is taken from the odds, so that about as many are missed as are wrong."""


class Sample:
    """The sentences of a meeting that could say a decision."""

    def __init__(self, talk: Talk, meeting: Meeting, weight: float) -> None:
        lead = conclusive.leader(talk)
        self.places = [
            place
            for place, sentence in enumerate(talk.sentences)
            if not asks(sentence) and sentence.evidence[0] not in meeting.either
        ]
        rows = [list(map(float, conclusive.signs(talk, place, lead).values())) for place in self.places]
        self.signs = np.column_stack([np.array(rows), np.ones(len(rows))])
        self.names = [*conclusive.signs(talk, 0, lead), "least"]
        self.known = [truth.utterances for truth in meeting.truths if truth.kind == "decision"]
        said = {id for ids in self.known for id in ids}
        self.ids = [talk.sentences[place].evidence[0] for place in self.places]
        self.says = np.array([id in said for id in self.ids])
        self.weight = weight

    def best(self, odds: Array) -> NDArray[np.bool_]:
        """Return, per utterance, its best sentence."""
        best: dict[str, int] = {}
        for row in np.argsort(odds):
            best[self.ids[row]] = int(row)
        chosen = np.zeros(len(self.ids), bool)
        chosen[list(best.values())] = True
        return chosen


def fit(samples: Sequence[Sample]) -> Array:
    """Fit the weights; of an utterance that says a decision, its best sentence counts."""
    signs = np.concatenate([sample.signs for sample in samples])
    says = np.concatenate([sample.says for sample in samples]).astype(float)
    each = np.concatenate([np.full(len(sample.ids), sample.weight) for sample in samples])
    weights = _newton(signs, says, each)
    for _ in range(CHOICES):
        best = np.concatenate([sample.best(sample.signs @ weights) for sample in samples])
        weights = _newton(signs, says, each * (best | (says == 0)))
    return weights


def _newton(signs: Array, says: Array, each: Array) -> Array:
    """Fit a logistic regression. Source: Hastie et al., The Elements of Statistical Learning, 2009, 4.4.1."""
    weights = np.zeros(signs.shape[1])
    pull = np.full(len(weights), PENALTY)
    pull[-1] = 1e-6
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-signs @ weights))
        slope = signs.T @ (each * (chance - says)) + pull * weights
        bend = (signs * (each * chance * (1 - chance))[:, None]).T @ signs + np.diag(pull)
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def found(sample: Sample, weights: Array) -> tuple[int, int, int, int]:
    """Return how many decisions are known, how many are found, and how many utterances are taken, how many wrongly."""
    odds = sample.signs @ weights
    taken = {id for id, odd in zip(sample.ids, odds, strict=True) if odd > -MARGIN}
    known = {id for ids in sample.known for id in ids}
    return len(sample.known), sum(bool(taken & set(ids)) for ids in sample.known), len(taken), len(taken - known)


async def main() -> None:
    """Print what is found in each meeting by weights that were fitted to the others, then the weights of all."""
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    reader = Reader(host)
    samples: dict[str, list[Sample]] = {}
    for name in every():
        for punctuation in (True, False) if not read(name).held_out else ():
            meeting = read(name, punctuation=punctuation)
            talk = await reader.talk(meeting.utterances)
            samples.setdefault(name, []).append(Sample(talk, meeting, 1.0 if punctuation else UNPUNCTUATED))
    await host.close()
    total = np.zeros(4, int)
    for name, (sample, _) in samples.items():
        others = [one for other, both in samples.items() if other != name for one in both]
        counts = found(sample, fit(others))
        total += counts
        print(f"{name:24} found {counts[1]:3}/{counts[0]:<3} utterances taken {counts[2]:3}, wrongly {counts[3]:3}")
    print(f"{'all, each left out':24} recall {total[1] / total[0]:.0%}, precision {1 - total[3] / total[2]:.0%}")
    weights = fit([one for both in samples.values() for one in both])
    for sign, weight in sorted(zip(sample.names, weights, strict=True), key=lambda pair: -abs(pair[1])):
        print(f"{sign:14}{-weight - MARGIN if sign == 'least' else weight:6.2f}")


if __name__ == "__main__":
    asyncio.run(main())
