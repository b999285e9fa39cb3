"""Made-up people: who holds the floor -> windows, how their voices sound, and who they are in truth."""

import numpy as np
from numpy.typing import NDArray

from stages.reconstruct import SILENT, Frames
from stages.speech import Voices
from stages.voice_space import unit

FRAMES = Frames(step=0.1, middle=0.05)
LENGTH = 100
SIZE = 64


class Talk:
    """Made-up people in windows of 10 s every 2.5 s: known vectors, spread about their own by `spread`."""

    def __init__(self, people: int, spread: float = 0.5, seed: int = 0, closeness: float = 0.0) -> None:
        self.random = np.random.default_rng(seed)
        shared = unit(self.random.normal(size=(1, SIZE)))
        own = unit(self.random.normal(size=(people, SIZE)))
        self.people = unit(closeness * shared + own)
        self.spread = spread

    def windows(self, floor: NDArray[np.int64]) -> tuple[list[Voices], NDArray[np.float32], NDArray[np.int64]]:
        """Return windows, vectors and true labels of a meeting; `floor` says who speaks in each frame, -1 nobody."""
        heard, vectors, truth = [], [], []
        for first in range(0, len(floor) - LENGTH + 1, 25):
            who = floor[first : first + LENGTH]
            order = self.random.permutation(np.unique(who[who >= 0]))[:3]
            columns = np.append(order, np.full(3 - len(order), -9))
            active = who[:, None] == columns[None]
            rows = np.full((3, SIZE), np.nan)
            for column, person in enumerate(order):
                noise = unit(self.random.normal(size=(1, SIZE)))[0]
                rows[column] = unit(self.people[person] + self.spread * noise)
            heard.append(window(first * FRAMES.step, active))
            vectors.append(rows)
            truth.append(np.where(columns >= 0, columns, SILENT))
        return heard, np.array(vectors, np.float32), np.array(truth)


def window(start: float, active: NDArray[np.bool_]) -> Voices:
    solo = tuple(float(seconds) for seconds in active.sum(axis=0) * FRAMES.step)
    return Voices(
        start=start,
        end=start + len(active) * FRAMES.step,
        speakers=active.shape[1],
        active=np.packbits(active).tobytes(),
        frames=len(active),
        embeddings=b"",
        solo=solo,
    )


def in_turn(people: int, frames: int, each: int = 30) -> NDArray[np.int64]:
    return np.arange(frames) // each % people


def agree(labels: NDArray[np.int64], truth: NDArray[np.int64]) -> bool:
    """Whether the labels name the true speakers one to one, and silence as such."""
    pairs = set(zip(labels.ravel().tolist(), truth.ravel().tolist(), strict=True))
    return len(pairs) == len({label for label, _ in pairs}) == len({name for _, name in pairs})
