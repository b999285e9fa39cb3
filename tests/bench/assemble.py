"""Takes of known speakers -> a meeting with its references: who spoke when (RTTM) and what they said (STM).

The same takes and the same seed make the same meeting.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE, samples, seconds

LEVEL = 0.05
"""Root mean square that every take is brought to before its speaker's own loudness."""
PAUSE = 0.3
"""Silence within a take that ends a reference turn, in seconds."""


class Take(msgspec.Struct, frozen=True, eq=False):
    """What one person says without a break."""

    samples: NDArray[np.float32]
    """Shape (n,), 16 kHz."""
    text: str | None = None
    """What is said; None where that is unknown, and then the meeting has no STM."""


class Said(msgspec.Struct, frozen=True):
    """One take in the meeting."""

    start: float
    end: float
    speaker: str
    text: str | None


class Meeting(msgspec.Struct, frozen=True, eq=False):
    """Sound and references."""

    samples: NDArray[np.float32]
    """Shape (n,), 16 kHz."""
    said: Sequence[Said]
    """Takes, in time order."""
    turns: Sequence[Said]
    """Stretches of sound within the takes, in time order."""

    def rttm(self, name: str) -> str:
        """Return the turns as RTTM."""
        return "".join(
            f"SPEAKER {name} 1 {turn.start:.3f} {turn.end - turn.start:.3f} <NA> <NA> {turn.speaker} <NA> <NA>\n"
            for turn in self.turns
        )

    def stm(self, name: str) -> str:
        """Return what was said as STM; empty where any text is unknown."""
        if any(said.text is None for said in self.said):
            return ""
        return "".join(
            f"{name} 1 {said.speaker} {said.start:.3f} {said.end:.3f} <> {said.text}\n" for said in self.said
        )


class Manner(msgspec.Struct, frozen=True):
    """How people take turns; the defaults are near those of face-to-face meetings."""

    interrupt: float = 0.15
    """Share of turns that begin before the one before has ended, by 0.3 to 1.5 s."""
    silence: float = 0.05
    """Share of turns that follow a silence of 2 to 5 s; other pauses are 0.1 to 1.0 s."""
    keep: float = 0.35
    """Chance that the speaker goes on with another take."""
    noise: float = 0.001
    """Root mean square of the room."""
    loudness_decibels: float = 6.0
    """Range of the speakers' loudness."""


def assemble(takes: Mapping[str, Sequence[Take]], length: float, seed: int, manner: Manner | None = None) -> Meeting:
    """Return a meeting of about `length` seconds; a speaker's takes come shuffled, and again when all were used."""
    manner = manner or Manner()
    random = np.random.default_rng(seed)
    speakers = sorted(takes)
    talkative = dict(zip(speakers, random.dirichlet(np.full(len(speakers), 3.0)) + 0.05, strict=True))
    gains = {name: 10 ** (-random.uniform(0, manner.loudness_decibels) / 20) for name in speakers}
    decks: dict[str, list[Take]] = {name: [] for name in speakers}
    sound = np.zeros(samples(length + 60), np.float32)
    said: list[Said] = []
    turns: list[Said] = []
    now, who = 0.5, speakers[int(random.integers(len(speakers)))]
    while now < length:
        if not decks[who]:
            decks[who] = [takes[who][at] for at in random.permutation(len(takes[who]))]
        take = _trimmed(decks[who].pop())
        first = samples(now)
        last = first + len(take.samples)
        if last > len(sound):
            break
        sound[first:last] += take.samples * gains[who]
        said.append(Said(seconds(first), seconds(last), who, take.text))
        turns.extend(Said(now + start, now + end, who, None) for start, end in _stretches(take.samples))
        now = seconds(last) + _pause(random, manner)
        if random.random() >= manner.keep:
            who = _next(random, talkative, who)
        else:
            now = max(now, seconds(last) + 0.15)
    end = samples(max(turn.end for turn in turns) + 0.5)
    sound = sound[:end] + random.normal(0, manner.noise, end).astype(np.float32)
    return Meeting(sound, sorted(said, key=_start), sorted(turns, key=_start))


def _start(said: Said) -> float:
    return said.start


def _next(random: np.random.Generator, talkative: Mapping[str, float], who: str) -> str:
    others = [name for name in talkative if name != who] or [who]
    weights = np.array([talkative[name] for name in others])
    return str(random.choice(others, p=weights / weights.sum()))


def _pause(random: np.random.Generator, manner: Manner) -> float:
    kind = random.random()
    if kind < manner.interrupt:
        return -float(random.uniform(0.3, 1.5))
    if kind < manner.interrupt + manner.silence:
        return float(random.uniform(2.0, 5.0))
    return float(random.uniform(0.1, 1.0))


def _trimmed(take: Take) -> Take:
    """Cut the silence around a take and bring it to one level."""
    loud = _loud(take.samples)
    first, last = loud[0] * 160, min(len(take.samples), (loud[-1] + 1) * 160)
    sound = take.samples[first:last]
    level = float(np.sqrt(np.mean(np.square(sound))))
    return Take((sound * (LEVEL / max(level, 1e-6))).astype(np.float32), take.text)


def _stretches(sound: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Return where a take has sound, in seconds: pauses of 0.3 s and more end a stretch."""
    loud = _loud(sound)
    breaks = np.flatnonzero(np.diff(loud) * 160 / SAMPLE_RATE >= PAUSE)
    firsts, lasts = np.append(0, breaks + 1), np.append(breaks, len(loud) - 1)
    return [(loud[a] * 0.01, (loud[b] + 1) * 0.01) for a, b in zip(firsts, lasts, strict=True)]


def _loud(sound: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the frames of 10 ms within 35 dB of the loudest twentieth."""
    whole = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    level = np.sqrt(np.mean(np.square(whole), axis=1)) + 1e-9
    return np.flatnonzero(level > np.quantile(level, 0.95) * 10 ** (-35 / 20))
