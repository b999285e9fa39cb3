"""Utterances and slides -> numbered lines, and parts that a model can read at once, cut where the talk turns."""

import math
from collections.abc import Collection, Sequence

import msgspec

from stages.extract.sentences import Sentence
from stages.summarize import SlideText

SLIDE = "[slide]"
"""Stands where a line names its speaker, if nobody said it."""
LONGEST_LINE = 1500
"""Letters of a line; a longer utterance makes several lines of one id."""
EARLY, LATE = 0.7, 1.25
"""A part may be so much shorter or longer than the average, to end where the talk turns."""


class Line(msgspec.Struct, frozen=True):
    """A line that the model reads."""

    id: str
    """Utterance it is, or is a piece of; or the slide."""
    speaker: str | None
    """Label; None where unknown."""
    text: str
    """As said."""
    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    sentence: int
    """Number of its first sentence; of a slide, that of the line that follows."""
    is_slide: bool = False
    """Whether it was on a screen, not said."""


def lines_of(sentences: Sequence[Sentence]) -> list[Line]:
    """Put sentences, in time order, together to utterances."""
    lines: list[Line] = []
    for number, sentence in enumerate(sentences):
        id = sentence.evidence[0]
        if lines and lines[-1].id == id and len(lines[-1].text) + len(sentence.text) < LONGEST_LINE:
            text = f"{lines[-1].text} {sentence.text}"
            lines[-1] = msgspec.structs.replace(lines[-1], text=text, end=sentence.end)
        else:
            lines.append(Line(id, sentence.speaker, sentence.text, sentence.start, sentence.end, number))
    return lines


def with_slides(lines: Sequence[Line], slides: Sequence[SlideText]) -> list[Line]:
    """Put what was shown, in time order, before the first line that was said while it was on view."""
    made: list[Line] = []
    waiting = list(slides)
    for line in lines:
        while waiting and waiting[0].start < line.end:
            made.append(_shown(waiting.pop(0), line.sentence))
        made.append(line)
    last = lines[-1].sentence if lines else 0
    return [*made, *(_shown(slide, last) for slide in waiting)]


def _shown(slide: SlideText, sentence: int) -> Line:
    text = " ".join(slide.text.split())[:LONGEST_LINE]
    return Line(slide.id, None, text, slide.start, slide.end, sentence, is_slide=True)


def written(lines: Sequence[Line]) -> str:
    """Number the lines of a part; a speaker is named when the floor changes."""
    return "".join(numbered(lines))


def numbered(lines: Sequence[Line]) -> list[str]:
    """Return the lines of a part as they are sent."""
    rows, before = [], "?"
    for number, line in enumerate(lines, 1):
        speaker = SLIDE if line.is_slide else line.speaker or "?"
        who = f" {speaker}" if speaker != before or number == 1 or line.is_slide else ""
        rows.append(f"{number}{who}: {line.text}\n")
        before = speaker
    return rows


def cut(weights: Sequence[float], room: float, turns: Collection[int]) -> list[range]:
    """Cut lines of these weights into as few parts of like size as fit into `room`, preferably where a topic begins.

    A line that does not fit by itself is a part of its own: whoever asks finds out, and says so.
    """
    parts: list[range] = []
    first, left = 0, sum(weights)
    while first < len(weights):
        target = left / max(1, math.ceil(left / room))
        end = _end(weights, first, target, min(room, LATE * target), turns)
        left -= sum(weights[first:end])
        parts.append(range(first, end))
        first = end
    return parts


def _end(weights: Sequence[float], first: int, target: float, most: float, turns: Collection[int]) -> int:
    """Return where a part ends: at the turn nearest to its target, else at the line nearest to it."""
    held, places = 0.0, []
    for place in range(first, len(weights)):
        held += weights[place]
        if held > most + 1e-6:
            break
        places.append((place + 1, held))
    if not places:
        return first + 1
    if places[-1][0] == len(weights) and places[-1][1] <= target + 1e-6:
        return len(weights)
    turning = [each for each in places if each[0] in turns and each[1] >= EARLY * target]
    return min(turning or places, key=lambda each: abs(each[1] - target))[0]
