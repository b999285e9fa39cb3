"""What users change of a transcript: words, speakers, names, kept as overlays over whatever the stages make."""

import re

from pipeline.overlays import track_of
from pipeline.transcript import Line, Speaker, Transcript, line
from pipeline.view import View, looked_at_again, view
from stages.speech import Utterance
from storage.records import NoRecord, Records
from storage.rows import EditRow, MeetingRow
from storage.store import Store

LABEL = re.compile(r"S[1-9][0-9]{0,3}")
"""What a speaker may be called whom nobody was called yet."""
LONGEST_TEXT = 20_000
"""Characters of an utterance."""
LONGEST_NAME = 200
"""Characters of the name of a speaker."""


class BadEdit(ValueError):
    """A correction that makes no sense."""


class Corrections:
    """Changes of one meeting's transcript; search knows of them at once."""

    def __init__(self, store: Store, records: Records) -> None:
        self._store, self._records = store, records

    async def edit(self, row: MeetingRow, id: str, text: str | None, speaker: str | None) -> Line:
        """Correct the words of an utterance, or move it to a speaker.

        Raises:
            NoRecord: no utterance has this id.
            BadEdit: there are no words, too many, or no such label.
        """
        seen = await view(self._store, self._records, row)
        edited = _utterance(seen, id)
        if speaker is not None and speaker not in _labels(seen) and not LABEL.fullmatch(speaker):
            raise BadEdit(f"{speaker[:40]!r} is no speaker of this meeting; a new one is called S and a number.")
        await self._records.add_edit(row.id, _edit(seen, edited, _words(text), speaker))
        return line(_found(await self._shown_anew(seen), edited))

    async def merge(self, row: MeetingRow, label: str, into: str) -> Transcript:
        """Show one speaker as another; as itself takes that back.

        Raises:
            NoRecord: nobody has that label.
        """
        seen = await view(self._store, self._records, row)
        for named in (label, into):
            _check_label(seen, named)
        await self._records.merge_speakers(row.id, label, into)
        return (await self._shown_anew(seen)).transcript

    async def name(self, row: MeetingRow, label: str, name: str | None) -> tuple[Speaker, ...]:
        """Name a speaker, or take the name away.

        Raises:
            NoRecord: nobody has that label.
            BadEdit: the name is too long.
        """
        seen = await view(self._store, self._records, row)
        _check_label(seen, label)
        told = " ".join(name.split()) if name is not None else ""
        if len(told) > LONGEST_NAME:
            raise BadEdit(f"A name has {LONGEST_NAME} characters at most.")
        await self._records.set_name(row.id, label, told or None)
        return (await looked_at_again(self._records, seen)).transcript.speakers

    async def _shown_anew(self, seen: View) -> View:
        changed = await looked_at_again(self._records, seen)
        await self._records.index(seen.row.id, changed.to_find)
        return changed


def _utterance(seen: View, id: str) -> Utterance:
    for utterance in seen.utterances:
        if utterance.id == id:
            return utterance
    raise NoRecord(f"No utterance of this meeting has the id {id[:80]!r}; read the transcript again.")


def _found(seen: View, edited: Utterance) -> Utterance:
    """Return the utterance that was edited: its first words may have moved to a neighbour's id."""
    near = [other for other in seen.utterances if other.track == edited.track]
    return max(near, key=lambda other: (other.id == edited.id, other.overlap(edited)))


def _edit(seen: View, edited: Utterance, text: str | None, speaker: str | None) -> EditRow:
    """Return the edit; one that was made before of the same utterance says which stretch both hold for."""
    before = next((edit for edit in seen.overlays.edits if edit.utterance == edited.id), None)
    return EditRow(
        utterance=edited.id,
        track=track_of(edited.id),
        start=before.start if before else edited.start,
        end=before.end if before else edited.end,
        text=text,
        speaker=speaker,
    )


def _words(text: str | None) -> str | None:
    if text is None:
        return None
    words = " ".join(text.split())
    if not 1 <= len(words) <= LONGEST_TEXT:
        raise BadEdit(f"An utterance has 1 to {LONGEST_TEXT} characters.")
    return words


def _labels(seen: View) -> set[str]:
    return {*seen.labels.used, *seen.overlays.merged, *(u.speaker for u in seen.utterances if u.speaker is not None)}


def _check_label(seen: View, label: str) -> None:
    if label not in _labels(seen):
        raise NoRecord(f"Nobody in this meeting has the label {label[:40]!r}; read the transcript again.")
