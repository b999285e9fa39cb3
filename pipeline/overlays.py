"""Results + what users changed -> utterances as shown: every change is found again by its track and time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from pipeline.realign import realign
from stages.speech import Span, Utterance, Word, by_time, samples, seconds
from storage.rows import EditRow, Overlays


def lay_over(utterances: Iterable[Utterance], overlays: Overlays) -> list[Utterance]:
    """Return the utterances as users corrected them, in time order: edits in the order of their making, then merges.

    An edit holds for the words of its track that lie in its stretch, whichever run heard them.
    """
    by_track: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        by_track[utterance.track].append(utterance)
    for said in by_track.values():
        said.sort(key=by_time)
    for edit in overlays.edits:
        _lay(by_track[edit.track], edit)
    shown = [merged(utterance, overlays.merged) for said in by_track.values() for utterance in said]
    return sorted(shown, key=by_time)


def merged(utterance: Utterance, into: Mapping[str, str]) -> Utterance:
    """Show the speakers of an utterance as those they were merged into."""
    speaker = into.get(utterance.speaker, utterance.speaker) if utterance.speaker is not None else None
    others = dict.fromkeys(into.get(label, label) for label in utterance.overlaps)
    return msgspec.structs.replace(
        utterance, speaker=speaker, overlaps=tuple(label for label in others if label != speaker)
    )


def track_of(utterance: str) -> str:
    """Return the track that the id of an utterance names."""
    return utterance.rpartition("-")[0]


class _Piece(msgspec.Struct):
    """Words of one utterance that lie inside the stretch of an edit, or outside of it."""

    of: Utterance
    words: list[Word]
    inside: bool


def _lay(said: list[Utterance], edit: EditRow) -> None:
    """Lay an edit over the utterances of its track, which stay in time order."""
    longest = max((utterance.duration for utterance in said), default=0.0)
    first = bisect_left(said, edit.start - longest, key=_start)
    last = bisect_left(said, edit.end, key=_start)
    said[first:last] = _edited(said[first:last], edit)


def _start(utterance: Utterance) -> float:
    return utterance.start


def _edited(near: Sequence[Utterance], edit: EditRow) -> list[Utterance]:
    stretch = Span(start=edit.start, end=edit.end, track=edit.track)
    touched = [utterance for utterance in near if utterance.overlap(stretch) > 0]
    others = [utterance for utterance in near if utterance.overlap(stretch) <= 0]
    own = {u.id for u in touched if u.id == edit.utterance and abs(u.end - edit.end) < seconds(1)}
    pieces = [piece for utterance in touched for piece in _pieces(utterance, stretch, own)]
    if edit.text is not None:
        pieces = _rewritten(pieces, edit.text, stretch)
    made = _moved(pieces, edit.speaker) if edit.speaker is not None else _joined(pieces)
    return sorted([*others, *made], key=by_time)


def _pieces(utterance: Utterance, stretch: Span, own: Collection[str]) -> list[_Piece]:
    """Cut an utterance at the edges of an edit, which holds for all of the very utterance that it was made for."""
    pieces: list[_Piece] = []
    for word in utterance.words:
        middle = (word.start + word.end) / 2
        inside = utterance.id in own if own else stretch.start <= middle < stretch.end
        if not pieces or pieces[-1].inside != inside:
            pieces.append(_Piece(utterance, [], inside))
        pieces[-1].words.append(word)
    return pieces


def _rewritten(pieces: list[_Piece], text: str, stretch: Span) -> list[_Piece]:
    """Put corrected words in the place of those inside; each goes where the word was that it stands for."""
    inside = [piece for piece in pieces if piece.inside]
    owners = [piece for piece in inside for _ in piece.words]
    heard = [word for piece in inside for word in piece.words]
    placed = realign(text, heard, stretch)
    if not heard:
        words = [made.word for made in placed]
        return [*pieces, _Piece(Utterance.of(words, None), words, inside=True)]
    for piece in inside:
        piece.words = []
    for made in placed:
        owners[made.heard or 0].words.append(made.word)
    return [piece for piece in pieces if piece.words]


def _joined(pieces: Sequence[_Piece]) -> list[Utterance]:
    """Put the pieces of each utterance together again."""
    words: dict[str, tuple[Utterance, list[Word]]] = {}
    for piece in pieces:
        words.setdefault(piece.of.id, (piece.of, []))[1].extend(piece.words)
    return [_with(of, said, of.id, of.speaker) for of, said in words.values()]


def _moved(pieces: Sequence[_Piece], speaker: str) -> list[Utterance]:
    """Give the pieces inside to a speaker; where only a part of an utterance moves, it becomes two."""
    taken: set[str] = set()
    made = []
    for piece in pieces:
        id = piece.of.id if piece.of.id not in taken else f"{piece.of.track}-{samples(piece.words[0].start)}"
        taken.add(id)
        made.append(_with(piece.of, piece.words, id, speaker if piece.inside else piece.of.speaker))
    return made


def _with(of: Utterance, words: Sequence[Word], id: str, speaker: str | None) -> Utterance:
    said = tuple(sorted(words, key=by_time))
    return msgspec.structs.replace(
        of,
        id=id,
        words=said,
        start=said[0].start,
        end=max(word.end for word in said),
        speaker=speaker,
        overlaps=tuple(label for label in of.overlaps if label != speaker),
    )
