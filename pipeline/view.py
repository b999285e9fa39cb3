"""Results, labels and overlays of a meeting -> the meeting as readers see it."""

from collections.abc import Mapping

import msgspec

from pipeline.labels import Labels, kept_labels, relabelled
from pipeline.live.known import known
from pipeline.overlays import lay_over
from pipeline.process import Heard, Results
from pipeline.shown import shown_results
from pipeline.slides import Slide, slides
from pipeline.summary_labels import relabelled_summary
from pipeline.transcript import Speaker, Transcript, transcript
from stages.evidence import check_evidence, cited_slides
from stages.speech import Utterance
from stages.summary import Summary
from storage.records import Records
from storage.rows import MeetingRow, Overlays, SearchRow
from storage.store import Store


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting as readers see it."""

    row: MeetingRow
    """What the database knows."""
    found: Results
    """What the stages made."""
    labels: Labels
    """Who spoke when, as readers knew it before."""
    overlays: Overlays
    """What users changed."""
    utterances: tuple[Utterance, ...]
    """With the labels that readers know, and with everything that users changed, in time order."""
    slides: Mapping[str, Slide] = {}
    """What the screen showed, by ids; looked up only where the summary cites some."""

    @property
    def transcript(self) -> Transcript:
        """Who said what, when."""
        return transcript(
            self.row.id,
            self.utterances,
            self.found.gaps,
            duration=self.found.heard.duration,
            language=self.row.language,
            names=self.overlays.names,
            title=self.row.title,
        )

    @property
    def summary(self) -> Summary | None:
        """The summary, whose evidence is in the transcript; None where there is none."""
        if self.found.summary is None:
            return None
        labels = self.labels_of_run
        shown: Mapping[str, str] = {own: self.overlays.merged.get(label, label) for own, label in labels.items()}
        known = relabelled_summary(self.found.summary, shown, self.overlays.names)
        return check_evidence(known, self.utterances, self.slides)

    @property
    def labels_of_run(self) -> Mapping[str, str]:
        """For each label that the stages use, the one that readers know."""
        return self.labels.of(self.found.utterances)

    @property
    def to_find(self) -> list[SearchRow]:
        """What search should know."""
        return [
            SearchRow(utterance=said.id, start=said.start, end=said.end, speaker=said.speaker, text=said.text)
            for said in self.utterances
        ]


async def view(store: Store, records: Records, row: MeetingRow, found: Results | None = None) -> View:
    """Look at a meeting: what there is of it so far, or what was found."""
    labels = await kept_labels(store, row.id)
    if found is None:
        found = await _live(records, row) if row.state == "live" else await shown_results(store, row.id)
    cited = found.summary is not None and cited_slides(found.summary)
    shown = {slide.id: slide for slide in await slides(store, row.id)} if cited else {}
    return _laid(row, found, labels, await records.overlays(row.id), shown)


async def looked_at_again(records: Records, seen: View) -> View:
    """Look at a meeting again of which only overlays were changed."""
    return _laid(seen.row, seen.found, seen.labels, await records.overlays(seen.row.id), seen.slides)


def _laid(row: MeetingRow, found: Results, labels: Labels, overlays: Overlays, slides: Mapping[str, Slide]) -> View:
    shown = labels.of(found.utterances)
    utterances = lay_over((relabelled(utterance, shown) for utterance in found.utterances), overlays)
    return View(row=row, found=found, labels=labels, overlays=overlays, utterances=tuple(utterances), slides=slides)


async def speakers(store: Store, records: Records, row: MeetingRow) -> tuple[Speaker, ...]:
    """Return who speaks, as shown, without reading what was said."""
    overlays = await records.overlays(row.id)
    labels = (await kept_labels(store, row.id)).present
    if row.state == "live":
        labels = Labels().after((await _live(records, row)).utterances).present
    moved = (edit.speaker for edit in overlays.edits if edit.speaker is not None)
    shown = dict.fromkeys(overlays.merged.get(label, label) for label in (*labels, *moved))
    return tuple(Speaker(label, overlays.names.get(label)) for label in shown)


async def _live(records: Records, row: MeetingRow) -> Results:
    """Return what viewers of a meeting that goes on have been told."""
    told = await known(records, row.id)
    heard = Heard(max((said.end for said in told.lines.values()), default=0.0))
    return Results(utterances=told.utterances, turns=(), gaps=told.spans, summary=told.summary, heard=heard)
