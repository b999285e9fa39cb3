"""Summary with the labels of a run -> the same with the labels, and in its sentences the names, that readers know."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from stages.summary import Action, Point, Summary, Withdrawn

_LABEL = re.compile(r"(?<![\w-])S\d+(?![\w-])")

Texted = TypeVar("Texted", Point, Withdrawn)


def relabelled_summary(summary: Summary, shown: Mapping[str, str], names: Mapping[str, str]) -> Summary:
    """Show whom a summary names. Sentences of the transcript stay as they were said."""
    written = not summary.extractive

    def text(said: str) -> str:
        return _LABEL.sub(lambda match: _called(match[0], shown, names), said) if written else said

    def texts(points: Iterable[Texted]) -> tuple[Texted, ...]:
        return tuple(msgspec.structs.replace(point, text=text(point.text)) for point in points)

    actions: tuple[Action, ...] = summary.actions
    return msgspec.structs.replace(
        summary,
        title=text(summary.title),
        overview=text(summary.overview),
        topics=tuple(
            msgspec.structs.replace(topic, title=text(topic.title), points=texts(topic.points))
            for topic in summary.topics
        ),
        decisions=texts(summary.decisions),
        questions=texts(summary.questions),
        withdrawn=texts(summary.withdrawn),
        actions=tuple(
            msgspec.structs.replace(
                action, task=text(action.task), owner=shown.get(action.owner, action.owner) if action.owner else None
            )
            for action in actions
        ),
    )


def called(text: str, names: Mapping[str, str]) -> str:
    """Put the names that readers know in the place of labels."""
    return _LABEL.sub(lambda match: names.get(match[0], match[0]), text)


def _called(label: str, shown: Mapping[str, str], names: Mapping[str, str]) -> str:
    known = shown.get(label, label)
    return names.get(known, known)
