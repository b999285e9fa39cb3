"""Voices of many windows -> which of them are one person."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.reconstruct import SILENT, Frames
from stages.speech import Voices
from stages.voice_space import unit

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]


class Rules(msgspec.Struct, frozen=True):
    """What makes two voices one; distances are 1 - cosine, 0..2."""

    threshold: float = 0.6
    """Average distance below which groups of voices are joined, where the number of speakers is open."""
    clear_step: float = 1.4
    """Ratio of two successive heights of merges from which on the cut lies between them, if below the threshold."""
    closest: float = 0.3
    """Distance below which groups are one person whatever the steps."""
    farthest: float = 0.85
    """Distance from which on groups are never one person."""
    enough: int = 40
    """Voices from which on the steps between merges mean something: about a minute of talk."""
    clean_seconds: float = 1.0
    """Solo speech from which on an embedding may found a speaker."""
    least: int = 1
    """Voices (and one in fifty of all) that a speaker must have who is only there because the count asks for one."""
    most: int = 1_500
    """Embeddings that are clustered; the others are assigned to what these make. Memory grows with its square."""
    common_seconds: float = 1.0
    """What both speakers must say in the common part of two windows before it is evidence."""
    same_share: float = 0.7
    """Intersection over union of activity in the common part, from which on two voices are taken for one."""
    same_factor: float = 0.3
    """What the distance of such a pair is multiplied with."""
    other_share: float = 0.15
    """Share of the shorter activity below which two voices in the common part are taken for two."""
    other_distance: float = 1.5
    """The least distance of two voices that were heard as two."""


def label_voices(
    heard: Sequence[Voices], vectors: Vectors, frames: Frames, count: SpeakerCount, rules: Rules
) -> Labels:
    """Return which speaker each local speaker is, `SILENT` where none speaks. Shape (windows, speakers).

    `vectors` has shape (windows, speakers, dimensions), unit length, NaN where too little was heard.
    Agglomerative clustering with the evidence of overlapping windows; then every voice goes to the nearest centroid,
    two voices of one window never to the same one while there are others.
    """
    chosen = _founders(heard, vectors, count, rules)
    if not len(chosen):
        return _one_for_all(heard)
    points = vectors[chosen[:, 0], chosen[:, 1]]
    groups = _group(_distances(heard, chosen, points, frames, rules), count, rules)
    weights = np.array([heard[window].solo[column] for window, column in chosen])
    centroids = np.stack([unit(weights[groups == g] @ points[groups == g]) for g in range(groups.max() + 1)])
    return _assign(heard, vectors, centroids)


def _founders(heard: Sequence[Voices], vectors: Vectors, count: SpeakerCount, rules: Rules) -> Labels:
    """Return window and column of the voices to cluster, spread evenly over the meeting. Shape (n, 2)."""
    known = np.isfinite(vectors).all(axis=2)
    solo = np.array([window.solo for window in heard]).reshape(known.shape)
    clean = known & (solo >= rules.clean_seconds)
    enough = int(clean.sum()) >= max(2, 2 * count.at_least)
    found = np.argwhere(clean if enough else known)
    if len(found) > rules.most:
        found = found[np.linspace(0, len(found) - 1, rules.most).astype(int)]
    return found


def _distances(heard: Sequence[Voices], chosen: Labels, points: Vectors, frames: Frames, rules: Rules) -> Vectors:
    """Return the distance of each pair, changed by what overlapping windows tell. Shape (n, n)."""
    distance: Vectors = np.maximum(0.0, 1.0 - points @ points.T).astype(np.float32)
    windows = chosen[:, 0]
    first = np.searchsorted(windows, np.arange(len(heard) + 1))
    for window in range(len(heard)):
        mine = np.arange(first[window], first[window + 1])
        if not len(mine):
            continue
        distance[np.ix_(mine, mine)] = np.maximum(distance[np.ix_(mine, mine)], rules.other_distance)
        for later in range(window + 1, len(heard)):
            if heard[later].start >= heard[window].end:
                break
            theirs = np.arange(first[later], first[later + 1])
            if len(theirs):
                pair = np.ix_(mine, theirs)
                block = _evidence(
                    heard[window], heard[later], chosen[mine, 1], chosen[theirs, 1], distance[pair], frames, rules
                )
                distance[pair] = block
                distance[np.ix_(theirs, mine)] = block.T
    np.fill_diagonal(distance, 0.0)
    return distance


def common(one: Voices, later: Voices, frames: Frames) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the activity of both windows in the time they share. Shape (frames, speakers) each."""
    shift = frames.index(later.start) - frames.index(one.start)
    length = max(0, one.frames - shift)
    return one.activity()[shift:].astype(np.float32), later.activity()[:length].astype(np.float32)


def _evidence(
    one: Voices, later: Voices, mine: Labels, theirs: Labels, distance: Vectors, frames: Frames, rules: Rules
) -> Vectors:
    """Shorten the distance of voices that are active together in the common part, lengthen that of others."""
    first, second = common(one, later, frames)
    first, second = first[:, mine], second[:, theirs]
    both = first.T @ second
    of_first, of_second = first.sum(axis=0)[:, None], second.sum(axis=0)[None, :]
    shorter = np.minimum(of_first, of_second)
    telling = shorter * frames.step >= rules.common_seconds
    same = telling & (both > rules.same_share * (of_first + of_second - both))
    other = telling & (both < rules.other_share * shorter)
    changed = np.where(same, distance * rules.same_factor, distance)
    return np.where(other, np.maximum(changed, rules.other_distance), changed).astype(np.float32)


def _group(distance: Vectors, count: SpeakerCount, rules: Rules) -> Labels:
    """Return the group of each point, `SILENT` where it founds no speaker: average linkage, cut as the count allows."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    points = len(distance)
    if points == 1:
        return np.zeros(1, np.int64)
    tree = linkage(squareform(distance, checks=False), "average")
    groups: Labels = fcluster(tree, _height(tree, rules), "distance").astype(np.int64) - 1
    most = points if count.at_most is None else min(count.at_most, points)
    some = _some(points, rules.least)
    large = int((np.bincount(groups) >= some).sum())
    if max(large, 1) >= count.at_least and groups.max() < most:
        return groups
    wanted = min(max(large, count.at_least), most)
    forced = _cut(tree, wanted, some)
    return forced if forced.max() != SILENT else _cut(tree, wanted, 1)


def _height(tree: NDArray[np.float64], rules: Rules) -> float:
    """Return where to cut the tree: at the threshold, unless merges of groups of some size leave a clear step below it.

    Voices that differ less than most people do still differ more than each does from itself.
    """
    voices = len(tree) + 1
    if voices < rules.enough:
        return rules.threshold
    sizes = np.concatenate((np.ones(voices), tree[:, 3]))
    smaller = sizes[tree[:, :2].astype(int)].min(axis=1)
    heights = tree[smaller >= _some(voices, 2), 2]
    between = np.sort(heights[(heights > rules.closest) & (heights < rules.farthest)])
    edges = np.array([rules.closest, *between, rules.farthest])
    steps = edges[1:] / edges[:-1]
    widest = int(steps.argmax())
    if steps[widest] < rules.clear_step:
        return rules.threshold
    return min(rules.threshold, float(np.sqrt(edges[widest] * edges[widest + 1])))


def _some(points: int, least: int) -> float:
    """Return how many points make a group of some size, rather than a cough: one in fifty at least."""
    return max(float(least), 0.02 * points)


def _cut(tree: NDArray[np.float64], wanted: int, least: float) -> Labels:
    """Undo merges from the last one on until `wanted` groups of at least so many points are there.

    Points of smaller groups are `SILENT`; so are all where there are never so many groups.
    """
    points = len(tree) + 1
    large = np.append(np.ones(points), tree[:, 3]) >= least
    roots, found, step = {2 * points - 2}, int(large[-1]), len(tree)
    while found != wanted and step > 0:
        step -= 1
        children = tree[step, :2].astype(int).tolist()
        roots.remove(points + step)
        roots.update(children)
        found += int(large[children].sum()) - int(large[points + step])
    labels = np.full(2 * points - 1, SILENT, np.int64)
    if found == wanted:
        for number, root in enumerate(sorted(root for root in roots if large[root])):
            labels[root] = number
    for below in range(step - 1, -1, -1):
        if labels[points + below] != SILENT:
            labels[tree[below, :2].astype(int)] = labels[points + below]
    return labels[:points]


def _assign(heard: Sequence[Voices], vectors: Vectors, centroids: NDArray[np.float64]) -> Labels:
    """Give every voice that speaks the centroid it is nearest to; voices of one window go to different ones."""
    from scipy.optimize import linear_sum_assignment

    labels = np.full(vectors.shape[:2], SILENT, np.int64)
    for at, window in enumerate(heard):
        speaking = np.flatnonzero(window.activity().any(axis=0))
        if not len(speaking):
            continue
        closeness = np.nan_to_num(vectors[at, speaking] @ centroids.T, nan=0.0)
        rows, best = linear_sum_assignment(-closeness)
        labels[at, speaking] = closeness.argmax(axis=1)
        labels[at, speaking[rows]] = best
    return labels


def _one_for_all(heard: Sequence[Voices]) -> Labels:
    """Without a single embedding there is one speaker."""
    return np.stack([np.where(window.activity().any(axis=0), 0, SILENT) for window in heard]).astype(np.int64)
