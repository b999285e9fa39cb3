"""Summary -> what its files hold: headings and items, each with the times of what it cites."""

from collections.abc import Iterable, Mapping

import msgspec

from pipeline.exports.clock import clock
from pipeline.exports.names import shown_names
from pipeline.slides import Slide
from pipeline.summary_labels import called
from pipeline.transcript import Transcript
from stages.summary import Action, Point, Summary

EXTRACTIVE = "Sentences taken from the transcript; no language model wrote this."
UNCOMPARED = "What each point cites was said; whether it says the same could not be checked in this language."
BY_WORDS = (
    "In this language, each point was checked by the words that it shares with what it cites, not by its meaning."
)
NO_SLIDES: Mapping[str, Slide] = {}


class Item(msgspec.Struct, frozen=True):
    """A line of a section."""

    text: str
    """What it says, with the date of an action."""
    cited: str
    """Times of utterances and slides."""
    owner: str | None = None
    """Who does it; None for nobody, or no action."""


class Section(msgspec.Struct, frozen=True):
    """A heading and its items."""

    title: str
    """As shown."""
    items: tuple[Item, ...]
    """At least one."""


class Outline(msgspec.Struct, frozen=True):
    """A summary, ready to be written in any format."""

    title: str
    """Of the meeting."""
    notes: tuple[str, ...]
    """What a reader should know first."""
    overview: str
    """A few sentences."""
    sections: tuple[Section, ...]
    """In the order in which they are shown."""


def outline(summary: Summary, transcript: Transcript, slides: Mapping[str, Slide] = NO_SLIDES) -> Outline:
    """Return what the files of a summary hold."""
    starts = {utterance.id: utterance.start for utterance in transcript.utterances}
    names = {label: name for label, name in shown_names(transcript).items() if label is not None}

    def cited(evidence: Iterable[str], shown: Iterable[str]) -> str:
        said = [clock(starts[id]) for id in evidence if id in starts]
        return ", ".join([*said, *(_slide(slides[id]) for id in shown if id in slides)])

    def words(text: str) -> str:
        return text if summary.extractive else called(text, names)

    def item(point: Point) -> Item:
        return Item(words(point.text), cited(point.evidence, point.slides))

    def task(action: Action) -> Item:
        owner = names.get(action.owner, action.owner) if action.owner else None
        return Item(f"{words(action.task)}{_due(action)}", cited(action.evidence, action.slides), owner)

    sections = [
        Section("Decisions", tuple(map(item, summary.decisions))),
        Section("To do", tuple(map(task, summary.actions))),
        Section("Open questions", tuple(map(item, summary.questions))),
        *(
            Section(f"{words(topic.title)} ({clock(topic.start)}-{clock(topic.end)})", tuple(map(item, topic.points)))
            for topic in summary.topics
        ),
    ]
    return Outline(
        words(summary.title) or transcript.title or "Summary",
        tuple(_notes(summary)),
        words(summary.overview),
        tuple(section for section in sections if section.items),
    )


def _notes(summary: Summary) -> Iterable[str]:
    if summary.extractive:
        yield EXTRACTIVE
    elif not summary.compared:
        yield UNCOMPARED
    elif summary.compared_by == "words":
        yield BY_WORDS
    if summary.why_extractive:
        yield summary.why_extractive


def _due(action: Action) -> str:
    """Say by when: as it was said, where the task does not say it, and the day that it means."""
    due = action.due if action.due and action.due.lower() not in action.task.lower() else None
    told = [*filter(None, (due, str(action.due_date or "")))]
    return f" ({', '.join(told)})" if told else ""


def _slide(slide: Slide) -> str:
    return f"slide {clock(slide.start)}" + (f" ({slide.title})" if slide.title else "")
