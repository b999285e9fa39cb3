"""A form's fields -> what is asked of a transcription. What no engine here can do is refused, never passed over."""

import math
from collections.abc import Sequence
from typing import Literal, TypeVar, cast, get_args

import msgspec

from api.v1.audio.languages import code_of, spoken_of
from api.v1.audio.references import MOST_KNOWN, Reference, references_of
from api.v1.audio.sent import Sent
from api.v1.audio.vad import ServerVad, vad_of
from pipeline.gateway.errors import BadBody
from pipeline.options import Options

Format = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]
Grain = Literal["word", "segment"]
STREAMED = ("json", "text", "diarized_json")
"""Formats of which there are events."""
FIELDS = frozenset(
    "model language languages keywords prompt temperature include timestamp_granularities response_format stream "
    "chunking_strategy known_speaker_names known_speaker_references".split()
)
TRANSLATED = frozenset("model language languages to_language prompt temperature response_format".split())
"""Fields of a translation; language and to_language are ours: some engines must be told, some know more than one."""
WHETHER = {"true": True, "1": True, "false": False, "0": False}
Choice = TypeVar("Choice", bound=str)


class AudioAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of one recording."""

    format: Format = "json"
    """Shape of the answer."""
    stream: bool = False
    """Whether it comes as events."""
    grains: frozenset[Grain] = frozenset({"segment"})
    """What verbose_json lists."""
    logprobs: bool = False
    """Whether each word's probability is told."""
    language: str | None = None
    """ISO 639-1 code of what is spoken."""
    languages: tuple[str, ...] = ()
    """Where it is None, codes of what may be spoken."""
    target: str | None = None
    """ISO 639-1 code to translate into; None writes down what was said."""
    keywords: tuple[str, ...] = ()
    """Words to expect."""
    prompt: str | None = None
    """Text that came before."""
    vad: ServerVad | None = None
    """Where speech begins and ends; None takes what meetings take."""
    known: tuple[Reference, ...] = ()
    """Voices with names."""

    @property
    def speakers(self) -> bool:
        """Whether speakers are told apart."""
        return self.format == "diarized_json"

    def options(self, engine: str) -> Options:
        """Return what is asked of the stages."""
        return Options(
            language=self.language,
            languages=self.languages,
            target=self.target,
            keywords=self.keywords,
            asr=engine,
        )


def asked_of(sent: Sent, *, translates: bool) -> AudioAsked:
    """Read the fields of a form.

    Raises:
        BadBody: one makes no sense, is unknown, or does not go with the others.
    """
    _check_names(sent, TRANSLATED if translates else FIELDS)
    language, languages = spoken_of(sent.one("language"), sent.fields.get("languages", ()))
    made = AudioAsked(
        format=_choice(sent, "response_format", get_args(Format), "json"),
        stream=_whether(sent, "stream"),
        grains=_several(sent, "timestamp_granularities", get_args(Grain)) or frozenset({"segment"}),
        logprobs=bool(_several(sent, "include", ("logprobs",))),
        language=language,
        languages=languages,
        target=code_of(sent.one("to_language") or "en") if translates else None,
        keywords=tuple(text.strip() for text in sent.fields.get("keywords", ()) if text.strip()),
        prompt=sent.one("prompt"),
        vad=vad_of(sent.fields),
        known=references_of(sent.fields),
    )
    _check_temperature(sent)
    _check_together(sent, made, translates=translates)
    return made


def _check_names(sent: Sent, known: frozenset[str]) -> None:
    for name in sent.fields:
        if name.partition("[")[0] not in known:
            raise BadBody(f"The field {name[:60]!r} is not known here; {', '.join(sorted(known))} are.", name[:60])


def _check_together(sent: Sent, made: AudioAsked, *, translates: bool) -> None:
    if translates and made.format == "diarized_json":
        raise BadBody("A translation comes as json, text, srt, verbose_json or vtt.", "response_format")
    if made.stream and made.format not in STREAMED:
        raise BadBody(f"The format {made.format} does not come as events; {', '.join(STREAMED)} do.", "stream")
    if sent.fields.get("timestamp_granularities") and made.format != "verbose_json":
        raise BadBody("Times need the response_format verbose_json.", "timestamp_granularities")
    if made.logprobs and made.format != "json":
        raise BadBody("Probabilities need the response_format json.", "include")
    if made.known and not made.speakers:
        raise BadBody("Known speakers need the response_format diarized_json.", "known_speaker_names")
    assert len(made.known) <= MOST_KNOWN


def _check_temperature(sent: Sent) -> None:
    said = sent.one("temperature")
    try:
        temperature = float(said or 0)
    except ValueError:
        temperature = math.nan
    if not 0 <= temperature <= 1:
        raise BadBody("The temperature is a number from 0 to 1.", "temperature")
    if temperature:
        raise BadBody("The engines here take the likeliest words: the temperature is 0, or left out.", "temperature")


def _choice(sent: Sent, name: str, choices: Sequence[Choice], default: Choice) -> Choice:
    said = sent.one(name)
    if said is None:
        return default
    if said not in choices:
        raise BadBody(f"The field {name} is one of {', '.join(choices)}.", name)
    return cast("Choice", said)


def _several(sent: Sent, name: str, choices: Sequence[Choice]) -> frozenset[Choice]:
    said = {text.strip() for text in sent.fields.get(name, ()) if text.strip()}
    if said - set(choices):
        raise BadBody(f"The field {name}[] lists some of {', '.join(choices)}.", name)
    return cast("frozenset[Choice]", frozenset(said))


def _whether(sent: Sent, name: str) -> bool:
    said = (sent.one(name) or "false").lower()
    if said not in WHETHER:
        raise BadBody(f"The field {name} is true or false.", name)
    return WHETHER[said]
