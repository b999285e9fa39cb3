"""Notes of a model -> points that cite utterances and slides, with owners and dates that were said; others count."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from stages.due_date import due_date
from stages.extract.english import tokens
from stages.summary import Action, Point, Topic
from stages.write.notes import NotedAction, Notes
from stages.write.parts import Line

NEAR = 2
"""Lines around a cited one in which a date may be said."""
NOBODY = frozenset("somebody someone anybody anyone nobody unknown unassigned none null tbd n/a ? we team all".split())
"""What models write where there is no owner."""
_LABEL = re.compile(r"S\d+")


class Taken(msgspec.Struct, kw_only=True):
    """What was taken down of a part, or of all parts together."""

    topics: list[Topic] = []
    decisions: list[Point] = []
    actions: list[Action] = []
    questions: list[Point] = []
    withdrawn: list[Point] = []
    """What takes back something that came before the part."""
    dropped: int = 0
    """Points that were left out."""


def take(notes: Notes, lines: Sequence[Line], names: Mapping[str, str], day: date | None) -> Taken:
    """Take down what a model noted of a part; what cites no line of it is dropped and counted."""
    taken = Taken()

    def points(noted: Iterable[tuple[str, Sequence[int]]], *, may_be_shown: bool = False) -> list[Point]:
        made = [Point(" ".join(text.split()), *_ids(evidence, lines)) for text, evidence in noted]
        kept = [each for each in made if each.text and (each.evidence or (may_be_shown and each.slides))]
        taken.dropped += len(made) - len(kept)
        return kept

    starts, ends = {line.id: line.start for line in reversed(lines)}, {line.id: line.end for line in lines}
    for topic in notes.topics:
        said = points(((point.text, point.evidence) for point in topic.points), may_be_shown=True)
        cited = [id for point in said for id in (*point.evidence, *point.slides)]
        if cited:
            first, last = min(starts[id] for id in cited), max(ends[id] for id in cited)
            taken.topics.append(Topic(" ".join(topic.title.split()), first, last, tuple(said)))
    taken.decisions = points((each.text, each.evidence) for each in notes.decisions)
    taken.questions = points((each.text, each.evidence) for each in notes.questions)
    taken.withdrawn = points((each.text, each.evidence) for each in notes.withdrawn)
    for noted in notes.actions:
        for task in points([(noted.task, noted.evidence)]):
            taken.actions.append(_action(noted, task, lines, names, day))
    return taken


def _ids(numbers: Iterable[int], lines: Sequence[Line]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the utterances and the slides that are cited."""
    cited = [lines[number - 1] for number in sorted(numbers) if 1 <= number <= len(lines)]
    said = dict.fromkeys(line.id for line in cited if not line.is_slide)
    return tuple(said), tuple(dict.fromkeys(line.id for line in cited if line.is_slide))


def _action(
    noted: NotedAction, task: Point, lines: Sequence[Line], names: Mapping[str, str], day: date | None
) -> Action:
    when = _due(noted, lines)
    meant = due_date(when, day) or (due_date(noted.due_in_english, day) if when else None)
    return Action(task.text, _owner(noted.owner, lines, names), when, task.evidence, meant, task.slides)


def _owner(said: str | None, lines: Sequence[Line], names: Mapping[str, str]) -> str | None:
    """Return the label of an owner, or a name that was said; None for anybody else."""
    owner = (said or "").strip(" .,()")
    if not owner or owner.lower() in NOBODY:
        return None
    label = _LABEL.match(owner)
    if label and any(line.speaker == label[0] for line in lines):
        return label[0]
    low = owner.lower()
    called = [label for label, name in names.items() if low in (name.lower(), name.split()[0].lower())]
    if len(called) == 1:
        return called[0]
    # Two of one name, or nobody who speaks: what was said is all that is known.
    heard = any(re.search(rf"(?<!\w){re.escape(low)}(?!\w)", line.text.lower()) for line in lines)
    return owner if heard else None


def _due(noted: NotedAction, lines: Sequence[Line]) -> str | None:
    """Return the date as said, if it was said there or close by."""
    due = " ".join((noted.due or "").split()).strip(" .,")
    near = {place for number in noted.evidence for place in range(number - 1 - NEAR, number + NEAR)}
    heard = {word for place in near if 0 <= place < len(lines) for word in tokens(lines[place].text)}
    wanted = tokens(due)
    return due if wanted and heard.issuperset(wanted) else None
