"""PocketSphinx: a stretch of sound and the English words said in it -> when each was said."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stages.engine import Card, Progress
from stages.engine_errors import EngineError, EngineMissing
from stages.engines.sphinx_library import Placed, Sphinx, find
from stages.heard import Aligned
from stages.sounds import sounds
from stages.speech import SAMPLE_RATE
from stages.spelling import spoken

INSTALL = "pip install --no-deps pocketsphinx==5.1.1"

FRAME_SECONDS = 0.01
"""Step of the model's frames."""
EDGE_SECONDS = 0.0078
"""Where a frame takes over from the one before: each looks at 25.6 ms, so half a step before its middle."""
DOUBTFUL_FIT = -36.0
"""Score of a frame, averaged over the words, below which others were probably said.

Measured: right texts -10 to -19 (four synthetic voices) and -10 to -32 (readers, actors, telephone, far microphones);
what recognizers make up from noise -38 to -60; wrong texts of about the right length -44 to -89.
"""
HOPELESS_FIT = -60.0
"""Score below which the times say nothing. In speech under noise, starts of right words were off by 0.09 s on average
at scores of -60 to -50, and by 0.2 s below; sharing the stretch among the words by their letters is off by 0.15 s."""
ABBREVIATION = 5
"""Letters up to which an unknown word in capitals is spelled out when spoken."""
LOUDEST = 32_000
"""Peak that the sound is brought to: the model takes whole numbers, and quiet speech would lose its detail."""


class PocketSphinx:
    """Forced alignment with the acoustic model of American English; the same sound and words give the same times.

    It runs on the CPU, on whatever devices it is loaded, and leaves Python's lock free while it works.
    """

    card = Card(
        engine="pocketsphinx",
        model="cmusphinx/en-us",
        revision="pocketsphinx 5.1.1",
        licence="BSD-2-Clause",
        attribution="Carnegie Mellon University, https://github.com/cmusphinx/pocketsphinx",
        languages=("en",),
        capabilities=frozenset({"word_times"}),
        memory=60_000_000,
    )

    def __init__(self) -> None:
        self._sphinx: Sphinx | None = None

    def on_disk(self) -> bool:
        """Return whether the package, which carries the model, is installed."""
        folder = find()
        return folder is not None and (folder / "model" / "en-us" / "en-us").is_dir()

    def download(self, progress: Progress, again: bool = False) -> None:
        """Refuse: the model comes with the package.

        Raises:
            EngineMissing: the package is not installed.
        """
        if not self.on_disk():
            raise EngineMissing(self.card.engine, "pocketsphinx", INSTALL)
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        """Read the model and the dictionary."""
        folder = find()
        if folder is None or not self.on_disk():
            raise EngineMissing(self.card.engine, "pocketsphinx", INSTALL)
        self._sphinx = Sphinx(folder)

    def unload(self) -> None:
        """Drop the decoder."""
        if self._sphinx is not None:
            self._sphinx.close()
        self._sphinx = None

    def align(self, stretch: NDArray[np.float32], words: Sequence[str]) -> Aligned:
        """Return when each word was said. A dash, which nobody says, lies in the hole between its neighbours.

        Raises:
            EngineError: these words were not said here, or not so many of them.
        """
        said = [self._said(word) for word in words]
        flat = [part for parts in said for part in parts]
        if not flat:
            raise EngineError("Nothing in these words can be said aloud.")
        assert self._sphinx is not None, "load() comes first"
        placed = self._sphinx.place(_whole_numbers(stretch), flat)
        if [place.word for place in placed] != flat:
            raise EngineError("The words do not fit the sound of this stretch.")
        if (fit := _fit(placed)) < HOPELESS_FIT:
            raise EngineError("The words do not fit the sound of this stretch.")
        times = _filled(_merged(placed, [len(parts) for parts in said]), words, len(stretch) / SAMPLE_RATE)
        return Aligned(times, doubtful=fit < DOUBTFUL_FIT)

    def _said(self, word: str) -> list[str]:
        """Return what is said for a word, teaching the dictionary what it lacks."""
        assert self._sphinx is not None, "load() comes first"
        letters = [letter for letter in word if letter.isalpha()]
        parts = spoken(word)
        if "".join(letters).isupper() and len(letters) <= ABBREVIATION and not all(map(self._sphinx.knows, parts)):
            return spoken(" ".join(letters))
        return [part for part in parts if self._sphinx.knows(part) or self._sphinx.learn(part, sounds(part))]


def _whole_numbers(stretch: NDArray[np.float32]) -> NDArray[np.int16]:
    peak = float(np.abs(stretch).max(initial=0.0))
    if not np.isfinite(peak):
        raise EngineError("The sound of this stretch is damaged: it holds values that are no numbers.")
    return (stretch * (LOUDEST / peak if peak else 0.0)).astype(np.int16)


def _fit(placed: Sequence[Placed]) -> float:
    frames = sum(place.last - place.first + 1 for place in placed)
    return sum(place.score for place in placed) / frames


def _merged(placed: Sequence[Placed], counts: Sequence[int]) -> list[tuple[float, float] | None]:
    """Give each word the time of all its spoken parts; None to a word that has none."""
    ends = np.cumsum(counts)
    return [
        (
            placed[end - count].first * FRAME_SECONDS + EDGE_SECONDS,
            (placed[end - 1].last + 1) * FRAME_SECONDS + EDGE_SECONDS,
        )
        if count
        else None
        for end, count in zip(ends.tolist(), counts, strict=True)
    ]


def _filled(
    times: Sequence[tuple[float, float] | None], words: Sequence[str], duration: float
) -> list[tuple[float, float]]:
    """Share the hole between two placed words among those that lie between them, by their letters."""
    within = [(min(time[0], duration), min(time[1], duration)) if time else None for time in times]
    known = [at for at, time in enumerate(within) if time]
    filled: dict[int, tuple[float, float]] = {at: time for at, time in enumerate(within) if time}
    for before, after in pairwise([-1, *known, len(words)]):
        hole = (filled[before][1] if before >= 0 else 0.0, filled[after][0] if after < len(words) else duration)
        inside = range(before + 1, after)
        letters = np.cumsum([0, *(len(words[at]) for at in inside)])
        edges = hole[0] + (hole[1] - hole[0]) * letters / max(1, letters[-1])
        filled |= {at: (float(edges[n]), float(edges[n + 1])) for n, at in enumerate(inside)}
    return [filled[at] for at in range(len(words))]
