"""Small grey pictures, one after the other -> stretches during which a screen showed the same, returning ones known.

A screen that somebody shares differs from a film: it rests, and changes at once. What moves without an end (a face in
a corner, a clip) is left out of every comparison; a pointer is too small to count; a slide that fills line by line is
one slide, and its fullest picture stands for it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 180
"""Points of the pictures that are compared."""
BLOCK = 10
"""Points of the side of a block: blocks are compared, so that noise of a codec averages out."""
CHANGED_LEVELS = 6.0
"""Levels of grey, of 255, by which a block changes on average if it changes at all; codecs make one or two."""
POINTER = 2
"""Blocks of the side of a square: what changed and fits into it is a pointer, or a clock, and does not count."""
MOVING_BLOCKS = 8
"""So many blocks that changed since the last look, of 576, and the screen does not rest."""
OTHER_BLOCKS = 6
"""So many blocks that differ, and it is another picture: a third of a line of text."""
REST_SECONDS = 2.0
"""A picture counts once it has rested for so long: who leafs through slides shows none."""
FORGETS = 0.88
"""How much of what is known about the restlessness of a block is carried over to the next look."""
RESTLESS, CALM = 0.5, 0.2
"""A block that changed in more of the last looks than this is left out, until it changes in fewer than that."""
LEAST_CALM = 0.3
"""Share of blocks that must be calm for a picture to count: a film that fills the screen is none."""
INKED_LEVELS = 8.0
"""Levels by which the points of a block vary where something is written or drawn."""
LEAST_INKED = 5
"""Blocks with something in them; fewer is an empty screen."""
STAYS = 0.93
"""Share of what was written that must still be there for a picture to be the same slide with more on it."""
MOST = 1000
"""Different pictures that are told apart; what follows is not looked at."""

GRID = (HEIGHT // BLOCK, WIDTH // BLOCK)

Grey = NDArray[np.uint8]
Blocks = NDArray[np.bool_]


class Scene(NamedTuple):
    """A stretch that showed one picture."""

    start: float
    """Seconds: the first look that saw it."""
    end: float
    """Seconds: the first look that saw something else."""
    slide: int
    """Number of the picture, from 0; one that returns has the number it had."""
    is_new: bool
    """Whether it was never seen before."""


class Look(NamedTuple):
    """What a look told."""

    ended: Scene | None = None
    """What is over now."""
    keep: bool = False
    """Whether this very picture stands from now on for what is on view."""


class _Known(NamedTuple):
    grey: Grey
    calm: Blocks


class Scenes:
    """Watches a screen; looks come in order of time, about one a second while something happens."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._seen: Grey | None = None
        self._shown: Grey | None = None
        self._start = 0.0
        self._since = 0.0
        self._gone: float | None = None
        self._restless: NDArray[np.float32] = np.zeros(GRID, np.float32)
        self._left_out: Blocks = np.zeros(GRID, np.bool_)

    @property
    def start(self) -> float:
        """Since when the picture is on view for which a look said `keep`."""
        return self._start

    def shows(self, grey: Grey) -> bool:
        """Return whether a picture is the one that is on view, so that nobody needs to look closer."""
        if self._shown is None or self._seen is None:
            return False
        calm = self._calm()
        is_same = calm.mean() >= LEAST_CALM and _is_same(self._shown, grey, calm)
        return is_same and _count(_differing(self._seen, grey) & calm) < MOVING_BLOCKS

    def look(self, time: float, grey: Grey) -> Look:
        """Look at the picture at a time. Shape (HEIGHT, WIDTH)."""
        before, self._seen = self._seen, grey
        if before is None:
            self._since = time
            return Look()
        changed = _differing(before, grey)
        self._restless *= np.float32(FORGETS)
        self._restless[changed] += np.float32(1 - FORGETS)
        self._left_out = (self._restless > RESTLESS) | (self._left_out & (self._restless > CALM))
        calm = self._calm()
        if self._shown is not None and _is_same(self._shown, grey, calm):
            self._gone = None
        elif self._gone is None:
            self._gone = time
        if calm.mean() < LEAST_CALM or _count(changed & calm) >= MOVING_BLOCKS:
            self._since = time
            return Look()
        return self._at_rest(time, grey, calm)

    def end(self, time: float) -> Scene | None:
        """End the stretch that is on view, if there is one."""
        if self._shown is None:
            return None
        shown, self._shown = self._shown, None
        time = time if self._gone is None else min(time, self._gone)
        calm = self._calm()
        for number, known in enumerate(self._known):
            if _is_same(known.grey, shown, known.calm & calm):
                return Scene(self._start, time, number, is_new=False)
        if len(self._known) >= MOST:
            return None
        self._known.append(_Known(shown, calm))
        return Scene(self._start, time, len(self._known) - 1, is_new=True)

    def _at_rest(self, time: float, grey: Grey, calm: Blocks) -> Look:
        if self._shown is not None and self._gone is None:
            self._since = time  # should it change by and by, it is another picture from here on
            return Look()
        if time - self._since < REST_SECONDS:
            return Look()
        if self._shown is not None and _builds_on(self._shown, grey, calm):
            self._shown, self._gone = grey, None
            return Look(keep=True)
        ended = self.end(self._since)
        if np.count_nonzero(_inked(grey) & calm) < LEAST_INKED:
            return Look(ended)
        self._shown, self._start, self._gone = grey, self._since, None
        return Look(ended, keep=True)

    def _calm(self) -> Blocks:
        """Return which blocks are compared: no frame around what moves all the time covers them."""
        calm = np.ones(GRID, np.bool_)
        for frame in _patches(self._left_out):
            calm[max(0, frame.top - 1) : frame.bottom + 1, max(0, frame.left - 1) : frame.right + 1] = False
        return calm


class _Patch(NamedTuple):
    """Blocks that touch one another, and the frame around them."""

    top: int
    bottom: int
    left: int
    right: int
    blocks: int


def _patches(marked: Blocks) -> list[_Patch]:
    """Return the patches of marked blocks, also those that touch at a corner."""
    left = {(int(row), int(column)) for row, column in np.argwhere(marked)}
    found = []
    while left:
        edge = [left.pop()]
        rows, columns = [edge[0][0]], [edge[0][1]]
        while edge:
            row, column = edge.pop()
            near = {(r, c) for r in range(row - 1, row + 2) for c in range(column - 1, column + 2)} & left
            left -= near
            edge += near
            rows += [r for r, _ in near]
            columns += [c for _, c in near]
        found.append(_Patch(min(rows), max(rows) + 1, min(columns), max(columns) + 1, len(rows)))
    return found


def _blocks(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of each block."""
    means: NDArray[np.float32] = values.reshape(HEIGHT // BLOCK, BLOCK, WIDTH // BLOCK, BLOCK).mean(axis=(1, 3))
    return means


def _differing(one: Grey, other: Grey) -> Blocks:
    return _blocks(np.abs(one.astype(np.float32) - other)) > CHANGED_LEVELS


def _count(marked: Blocks) -> int:
    """Count marked blocks, without those that a pointer explains."""
    if np.count_nonzero(marked) < OTHER_BLOCKS:
        return 0
    large = (p for p in _patches(marked) if max(p.bottom - p.top, p.right - p.left) > POINTER)
    return sum(patch.blocks for patch in large)


def _is_same(one: Grey, other: Grey, calm: Blocks) -> bool:
    return _count(_differing(one, other) & calm) < OTHER_BLOCKS


def _inked(grey: Grey) -> Blocks:
    """Return the blocks in which something is written or drawn."""
    levels = grey.astype(np.float32)
    variance = _blocks(levels * levels) - _blocks(levels) ** 2
    inked: Blocks = variance > INKED_LEVELS**2
    return inked


def _builds_on(one: Grey, other: Grey, calm: Blocks) -> bool:
    """Return whether what was written on one picture is on the other too, with more beside it."""
    inked = _inked(one) & calm
    written = np.count_nonzero(inked)
    stays = written - np.count_nonzero(inked & _differing(one, other))
    more = np.count_nonzero(_inked(other) & calm)
    return bool(written >= LEAST_INKED and stays >= STAYS * written and more > written)
