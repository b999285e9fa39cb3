"""Labels of an earlier run -> labels of a later one: whoever was S1 stays S1, whatever the diarizer says now."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Self

import msgspec

from pipeline.manifest import folder_of
from stages.speech import Utterance, by_time
from storage.store import NotStored, Store

PAUSE_SECONDS = 2.0
"""A speaker who is silent for less still holds the floor, if nobody else spoke."""


class Floor(msgspec.Struct, frozen=True, array_like=True):
    """One speaker held the floor."""

    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    speaker: str
    """Label that readers know."""


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """Who spoke when, by the labels that readers have seen and named: what later runs are matched with."""

    floors: tuple[Floor, ...] = ()
    """In time order."""
    used: tuple[str, ...] = ()
    """Every label that was ever shown, also of speakers that a later run did not find."""

    @property
    def present(self) -> tuple[str, ...]:
        """Labels in order of first appearance."""
        return tuple(dict.fromkeys(floor.speaker for floor in self.floors))

    def of(self, utterances: Iterable[Utterance]) -> Mapping[str, str]:
        """Return for each label that a run uses the one that it is shown as: who shares most time with it.

        A speaker who shares none gets a label that was never used.
        """
        said = sorted((u for u in utterances if u.speaker is not None), key=by_time)
        own = list(dict.fromkeys(str(u.speaker) for u in said))
        shared = self._shared(said)
        shown: dict[str, str] = {}
        for label, known in sorted(shared, key=lambda pair: (-shared[pair], pair[0] != pair[1], pair)):
            if label not in shown and known not in shown.values():
                shown[label] = known
        taken = {*self.used, *shown.values()}
        for label in own:
            if label not in shown:
                shown[label] = label if label not in taken else _free(taken)
                taken.add(shown[label])
        return shown

    def after(self, utterances: Iterable[Utterance]) -> Self:
        """Return what a run that was just shown leaves for the next one."""
        said = sorted((u for u in utterances if u.speaker is not None), key=by_time)
        shown = self.of(said)
        floors: list[Floor] = []
        for utterance in said:
            speaker = shown[str(utterance.speaker)]
            if floors and floors[-1].speaker == speaker and utterance.start - floors[-1].end < PAUSE_SECONDS:
                floors[-1] = msgspec.structs.replace(floors[-1], end=max(floors[-1].end, utterance.end))
            else:
                floors.append(Floor(utterance.start, utterance.end, speaker))
        used = dict.fromkeys((*self.used, *(floor.speaker for floor in floors)))
        return type(self)(floors=tuple(floors), used=tuple(used))

    def _shared(self, said: Sequence[Utterance]) -> Mapping[tuple[str, str], float]:
        """Return the seconds that each label of a run shares with each label known."""
        starts = [floor.start for floor in self.floors]
        reach = list(accumulate((floor.end for floor in self.floors), max))
        shared: dict[tuple[str, str], float] = defaultdict(float)
        for utterance in said:
            for floor in self.floors[bisect_right(reach, utterance.start) : bisect_right(starts, utterance.end)]:
                both = min(utterance.end, floor.end) - max(utterance.start, floor.start)
                if both > 0:
                    shared[str(utterance.speaker), floor.speaker] += both
        return shared


def relabelled(utterance: Utterance, shown: Mapping[str, str]) -> Utterance:
    """Show an utterance with other labels."""
    speaker = shown.get(utterance.speaker, utterance.speaker) if utterance.speaker is not None else None
    overlaps = tuple(dict.fromkeys(shown.get(label, label) for label in utterance.overlaps))
    return msgspec.structs.replace(
        utterance, speaker=speaker, overlaps=tuple(label for label in overlaps if label != speaker)
    )


async def kept_labels(store: Store, meeting: str) -> Labels:
    """Return the labels that readers of a meeting know; none before the first run."""
    try:
        return msgspec.json.decode(await store.get(_key(meeting)), type=Labels)
    except NotStored:
        return Labels()


async def keep_labels(store: Store, meeting: str, labels: Labels) -> None:
    """Keep the labels that readers know from now on."""
    await store.put(_key(meeting), msgspec.json.encode(labels))


def _free(taken: Iterable[str]) -> str:
    used = set(taken)
    number = 1
    while f"S{number}" in used:
        number += 1
    return f"S{number}"


def _key(meeting: str) -> str:
    return f"{folder_of(meeting)}/labels.json"
