"""Speaker turns -> the same turns, tidied: merged, made exclusive, labelled; order in does not matter."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from stages.speech import SpeakerTurn, by_time


def merge(turns: Iterable[SpeakerTurn], pause: float = 0.0, shortest: float = 0.0) -> list[SpeakerTurn]:
    """Join turns of one speaker that are at most `pause` seconds apart, then drop those under `shortest` seconds."""
    joined: list[SpeakerTurn] = []
    last: dict[tuple[str, str], int] = {}
    for turn in sorted(turns, key=by_time):
        key = turn.track, turn.speaker
        at = last.get(key)
        if at is not None and turn.start - joined[at].end <= pause:
            joined[at] = msgspec.structs.replace(joined[at], end=max(joined[at].end, turn.end))
            continue
        last[key] = len(joined)
        joined.append(turn)
    return [turn for turn in joined if turn.duration >= shortest]


def exclusive(turns: Iterable[SpeakerTurn]) -> list[SpeakerTurn]:
    """Return turns of which no two of a track overlap: where people talked at once, the one whom the engine hears.

    Where it does not tell, the longer turn wins: a recogniser writes down the more prominent of two voices; that is
    rarely the one who only says "mhm".
    """
    tracks: dict[str, list[SpeakerTurn]] = {}
    for turn in turns:
        tracks.setdefault(turn.track, []).append(turn)
    pieces = (piece for track in tracks.values() for piece in _one_at_a_time(merge(_leading(track))))
    return sorted(pieces, key=by_time)


def _leading(turns: Sequence[SpeakerTurn]) -> list[SpeakerTurn]:
    """Return the pieces of turns in which their speakers lead; the turns, where that is not told of each."""
    made: list[SpeakerTurn] = []
    for turn in turns:
        if turn.leads is msgspec.UNSET:
            return list(turns)
        made += [msgspec.structs.replace(turn, start=start, end=end, leads=msgspec.UNSET) for start, end in turn.leads]
    return made


def relabel(turns: Iterable[SpeakerTurn]) -> list[SpeakerTurn]:
    """Name the speakers S1, S2, ... by first appearance in the meeting; a speaker is told by track and old label."""
    ordered = sorted(turns, key=by_time)
    names: dict[tuple[str, str], str] = {}
    for turn in ordered:
        names.setdefault((turn.track, turn.speaker), f"S{len(names) + 1}")
    return [msgspec.structs.replace(turn, speaker=names[turn.track, turn.speaker]) for turn in ordered]


def _one_at_a_time(turns: Sequence[SpeakerTurn]) -> list[SpeakerTurn]:
    """Give each piece between two boundaries to one of those who talk in it; `turns` are of one track, in order."""
    edges = sorted({edge for turn in turns for edge in (turn.start, turn.end)})
    talking: list[SpeakerTurn] = []
    pieces: list[SpeakerTurn] = []
    next_turn = 0
    for start, end in pairwise(edges):
        talking = [turn for turn in talking if turn.end > start]
        while next_turn < len(turns) and turns[next_turn].start <= start:
            talking.append(turns[next_turn])
            next_turn += 1
        if talking:
            longest = max(talking, key=lambda turn: (turn.duration, -turn.start))
            pieces.append(msgspec.structs.replace(longest, start=start, end=end))
    return merge(pieces)
