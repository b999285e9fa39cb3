"""The shape of an answer, and of the events that tell it as it comes."""

import msgspec

from pipeline.asking.passage import Citation, Passage


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of an answer, and what it rests on."""

    text: str
    """The model's words; in an extractive answer, an utterance as it was said."""
    citations: tuple[Citation, ...]
    """Utterances that say it; at least one."""


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag="passages"):
    """What was found, before anything is answered."""

    passages: tuple[Passage, ...]
    """Best first."""


class Told(msgspec.Struct, frozen=True, kw_only=True, tag="sentence"):
    """A sentence of the answer, whose citations are checked."""

    sentence: Sentence
    """The sentence."""


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """That the answer is complete."""

    said: bool
    """Whether the question was answered in what was said."""
    model: str | None
    """Language model that wrote the answer; null where passages are quoted."""
    extractive: bool
    """Whether the sentences are quotes of what was said."""
    dropped: int
    """Sentences that were left out because they cite nothing that says so."""
    why_extractive: str | None
    """Why passages are quoted where a model was to answer; null for no reason."""


Event = Begun | Told | Ended


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as a whole."""

    question: str
    """As it was asked."""
    said: bool
    """Whether it was answered in what was said."""
    sentences: tuple[Sentence, ...]
    """In order; none where it was not said."""
    passages: tuple[Passage, ...]
    """What was found, best first, whether it answers or not."""
    model: str | None
    """Language model that wrote the answer; null where passages are quoted."""
    extractive: bool
    """Whether the sentences are quotes of what was said."""
    dropped: int
    """Sentences that were left out because they cite nothing that says so."""
    why_extractive: str | None
    """Why passages are quoted where a model was to answer; null for no reason."""


def answer_of(question: str, events: list[Event]) -> Answer:
    """Put the events of an answer together; the last one is its end."""
    end = next(event for event in events if isinstance(event, Ended))
    return Answer(
        question=question,
        said=end.said,
        sentences=tuple(event.sentence for event in events if isinstance(event, Told)),
        passages=next((event.passages for event in events if isinstance(event, Begun)), ()),
        model=end.model,
        extractive=end.extractive,
        dropped=end.dropped,
        why_extractive=end.why_extractive,
    )
