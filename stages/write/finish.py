"""Everything that was taken down -> title, overview, and what later items take back."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from stages.summary import Action, Point
from stages.write.notes import Ending, NotedPoint, Withdrawal
from stages.write.parts import cut
from stages.write.taken import Taken
from stages.write.tokens import Tokens


class Item(msgspec.Struct, frozen=True):
    """A line of what the model reads at the end."""

    kind: str
    """What it is."""
    text: str
    """What it says."""
    evidence: tuple[str, ...]
    """Utterances it rests on."""
    place: tuple[str, int]
    """List of `Taken` and number in it; of a sentence that sums others up ("", 0)."""
    slides: tuple[str, ...] = ()
    """Slides it rests on."""


Ask = Callable[[str], Awaitable[Ending]]
"""Asks the model about rows of items."""


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What the end adds."""

    title: str
    """Of the meeting."""
    overview: tuple[Point, ...]
    """Sentences with what they rest on."""
    taken_back: frozenset[tuple[str, int]]
    """Places of items that hold no more."""


def items_of(taken: Taken) -> list[Item]:
    """Return everything as items, the settled ones first: they are compared with one another."""
    items = [_item("decision", point, ("decisions", at)) for at, point in enumerate(taken.decisions)]
    items += [_item("action", action, ("actions", at)) for at, action in enumerate(taken.actions)]
    items += [_item("question", point, ("questions", at)) for at, point in enumerate(taken.questions)]
    items += [_item("taken back", point, ("withdrawn", at)) for at, point in enumerate(taken.withdrawn)]
    for number, topic in enumerate(taken.topics):
        items += [_item(topic.title, point, ("topics", number)) for point in topic.points]
    return items


def _item(kind: str, point: Point | Action, place: tuple[str, int]) -> Item:
    text = _task(point) if isinstance(point, Action) else point.text
    return Item(kind, text, point.evidence, place, point.slides)


async def finish(items: Sequence[Item], tokens: Tokens, room: float, ask: Ask, times: dict[str, float]) -> Finished:
    """Have it finished; what does not fit at once is summed up in parts first, and nothing is left out.

    `times` says when each utterance was said. Raises ChatError.
    """
    rows = [f"{number} {item.kind}: {item.text}\n" for number, item in enumerate(items, 1)]
    parts = cut(await tokens.each(rows), room, ())
    if len(parts) <= 1:
        return _read(items, await ask("".join(rows)), times)
    taken_back: set[tuple[str, int]] = set()
    summed: list[Item] = []
    for part in parts:
        held = [items[at] for at in part]
        text = "".join(f"{number} {item.kind}: {item.text}\n" for number, item in enumerate(held, 1))
        found = _read(held, await ask(text), times)
        taken_back |= found.taken_back
        summed += [_item("summary", point, ("", 0)) for point in found.overview]
        last = found
    if len(summed) >= len(items):
        return Finished(title=last.title, overview=last.overview, taken_back=frozenset(taken_back))
    whole = await finish(summed, tokens, room, ask, times)
    return Finished(title=whole.title, overview=whole.overview, taken_back=frozenset(taken_back))


def _read(items: Sequence[Item], ending: Ending, times: dict[str, float]) -> Finished:
    overview = (_sentence(noted, items) for noted in ending.overview)
    return Finished(
        title=" ".join(ending.title.split()),
        overview=tuple(point for point in overview if point is not None),
        taken_back=frozenset(
            items[each.item - 1].place for each in ending.withdrawn if _takes_back(each, items, times)
        ),
    )


def _sentence(noted: NotedPoint, items: Sequence[Item]) -> Point | None:
    cited = [items[number - 1] for number in sorted(noted.evidence) if 1 <= number <= len(items)]
    evidence = tuple(dict.fromkeys(id for item in cited for id in item.evidence))
    slides = tuple(dict.fromkeys(id for item in cited for id in item.slides))
    return Point(" ".join(noted.text.split()), evidence, slides) if cited and noted.text.strip() else None


def _takes_back(found: Withdrawal, items: Sequence[Item], times: dict[str, float]) -> bool:
    """Tell whether an item can be taken back by another: settled, and said before it."""
    numbers = (found.item, found.because)
    if found.item == found.because or not all(1 <= number <= len(items) for number in numbers):
        return False
    one, other = items[found.item - 1], items[found.because - 1]
    settled = one.place[0] in ("decisions", "actions", "questions")
    return settled and _last(one, times) < _last(other, times)


def _last(item: Item, times: dict[str, float]) -> float:
    return max((times.get(id, 0.0) for id in item.evidence), default=0.0)  # what was only shown settles nothing


def _task(action: Action) -> str:
    return " ".join(filter(None, (action.owner, action.task, f"({action.due})" if action.due else "")))


def without(taken: Taken, places: frozenset[tuple[str, int]]) -> Taken:
    """Leave out what was taken back."""
    return msgspec.structs.replace(
        taken,
        decisions=[point for at, point in enumerate(taken.decisions) if ("decisions", at) not in places],
        actions=[action for at, action in enumerate(taken.actions) if ("actions", at) not in places],
        questions=[point for at, point in enumerate(taken.questions) if ("questions", at) not in places],
    )
