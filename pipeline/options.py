"""What a user asks for when a meeting is processed."""

from datetime import date
from typing import Literal

import msgspec

from stages.diarize import SpeakerCount
from stages.summarize import SummaryWish
from stages.summary import Length
from stages.transcribe import Wish


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices for one meeting; None takes the server's."""

    language: str | None = None
    """ISO 639-1 code of what is spoken; None lets the engine tell."""
    languages: tuple[str, ...] = ()
    """Where `language` is None, those that may be spoken, the likeliest first; empty lets the engine tell."""
    target: str | None = None
    """ISO 639-1 code to translate into; None writes down what was said."""
    keywords: tuple[str, ...] = ()
    """Words to expect: names, products, abbreviations."""
    min_speakers: int = 1
    """At least 1."""
    max_speakers: int | None = None
    """None where anything is possible."""
    tracks: Literal["mixed", "channels"] = "mixed"
    """`channels` keeps each channel as a track of its own, whose speaker is the channel."""
    template: str = "general"
    """Template of the summary."""
    summary_language: str | None = None
    """ISO 639-1 code of the summary; None takes the language of the transcript."""
    summary_length: Length | None = None
    """How much the summary says; None takes what the template says."""
    summary_model: str | None = None
    """Language model that writes the summary, or `extractive` for none; None takes the server's."""
    glossary: tuple[str, ...] = ()
    """Names, products and abbreviations of this meeting, each perhaps with `: ` and what it means."""
    held_on: date | None = None
    """Day of the meeting, from which "by Thursday" is counted; None takes the day on which it came."""
    asr: str | None = None
    """Engine that turns speech into words."""
    diarizer: str | None = None
    """Engine that tells speakers apart."""

    def __post_init__(self) -> None:
        if self.min_speakers < 1:
            raise ValueError(f"A meeting has at least 1 speaker, not {self.min_speakers}.")
        if self.max_speakers is not None and self.max_speakers < self.min_speakers:
            raise ValueError(f"At most {self.max_speakers} speakers cannot be at least {self.min_speakers}.")

    @property
    def wish(self) -> Wish:
        """What is asked of the transcription."""
        return Wish(language=self.language, languages=self.languages, target=self.target, keywords=self.keywords)

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms of the glossary, without what they mean."""
        return tuple(term.partition(":")[0].strip() for term in self.glossary)

    @property
    def summary(self) -> SummaryWish:
        """What is asked of the summary."""
        return SummaryWish(
            language=self.summary_language or self.target or self.language,
            template=self.template,
            length=self.summary_length,
            model=self.summary_model,
            glossary=self.glossary,
        )

    @property
    def count(self) -> SpeakerCount:
        """How many speakers are expected."""
        return SpeakerCount(self.min_speakers, self.max_speakers)


class BadSpeakers(ValueError):
    """A number of speakers that cannot be read."""


def speaker_range(text: str) -> tuple[int, int | None]:
    """Read how many speakers there are: `3` exactly, `2-4`, `2-` at least, `-4` at most.

    Raises:
        BadSpeakers: the text is none of these.
    """
    least, dash, most = text.strip().partition("-")
    try:
        if not dash:
            return int(least), int(least)
        return int(least or 1), int(most) if most else None
    except ValueError as error:
        raise BadSpeakers(f"{text!r} is no number of speakers; say 3, 2-4, 2- or -4.") from error
