"""What is wished of a transcription, what an engine heard, and when it was said."""

import msgspec


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the user wants of a transcription."""

    language: str | None = None
    """ISO 639-1 code of what is spoken; None lets the engine tell, or take the only language it has."""
    languages: tuple[str, ...] = ()
    """Where `language` is None, those that may be spoken, the likeliest first; empty for any."""
    target: str | None = None
    """ISO 639-1 code to translate into; None writes down what was said."""
    keywords: tuple[str, ...] = ()
    """Words to expect: names, products, abbreviations."""

    @property
    def named(self) -> tuple[str, ...]:
        """Languages that are or may be spoken; empty for any."""
        return self.languages if self.language is None else (self.language,)


class HeardWord(msgspec.Struct, frozen=True):
    """A word as an engine heard it."""

    text: str
    """As written, with its punctuation."""
    confidence: float | None = None
    """Probability in 0..1; None where the model gives none."""
    start: float | None = None
    """Seconds from the start of the stretch; None where the model gives no times."""
    end: float | None = None
    """Seconds from the start of the stretch; None where the model gives no times."""


class Heard(msgspec.Struct, frozen=True):
    """What an engine made of one stretch."""

    words: tuple[HeardWord, ...]
    """In order; empty where nothing was said."""
    language: str | None = None
    """ISO 639-1 code of the words."""
    complete: bool = True
    """False where the engine was stopped, by its limit on length, before it was done."""


class Aligned(msgspec.Struct, frozen=True):
    """When known words were said."""

    times: list[tuple[float, float]]
    """Start and end of each word, in seconds from the start of the stretch, in order and without overlap."""
    doubtful: bool = False
    """True where the words fit the sound so badly that probably others were said, or none."""
