"""What realtime clients say of a session, in the shape of today and in the one of the beta."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.v1.audio.vad import ServerVad
from pipeline.gateway.errors import BadBody

LOGPROBS: Literal["item.input_audio_transcription.logprobs"] = "item.input_audio_transcription.logprobs"
RATES = (24_000, 16_000)
"""Of pcm; the second one is ours."""


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of what a client says."""


class SoundFormat(Said, frozen=True, kw_only=True):
    """How the sound is written."""

    type: Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
    """16 bits little-endian, or G.711."""
    rate: Literal[24_000, 16_000, 8_000] | None = None
    """Samples per second; None for 24,000, or 8,000 for G.711."""


class TranscriptionWish(Said, frozen=True, kw_only=True):
    """What is wanted of the words."""

    model: str | None = None
    """Id or alias; None leaves it as it was."""
    language: str | None = None
    """ISO 639-1 code; None lets the engine tell."""
    prompt: str | None = None
    """Text that came before."""
    keywords: list[str] | None = None
    """Words to expect."""
    languages: list[str] | None = None
    """Languages that may be spoken."""
    delay: str | None = None
    """How long to wait for more before words are told."""


class TurnDetection(ServerVad, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an item begins and ends."""

    silence_duration_ms: Annotated[int, Meta(ge=100, le=8000)] = 500
    """Quiet that ends it."""
    create_response: bool | None = None
    """Means nothing here: nobody answers."""
    interrupt_response: bool | None = None
    """Means nothing here."""
    idle_timeout_ms: None = None
    """Not known here."""


class Input(Said, frozen=True, kw_only=True):
    """What is said of the sound."""

    format: SoundFormat | UnsetType = UNSET
    """How it is written."""
    transcription: TranscriptionWish | UnsetType | None = UNSET
    """What is wanted of the words."""
    noise_reduction: dict[str, Any] | UnsetType | None = UNSET
    """Not done here."""
    turn_detection: TurnDetection | UnsetType | None = UNSET
    """When items begin and end; None leaves it to commits."""


class Audio(Said, frozen=True, kw_only=True):
    """What is said of sound in and out."""

    input: Input = Input()
    """Of sound in; there is none out."""


class Session(Said, frozen=True, kw_only=True):
    """A session as clients of today describe it."""

    type: Literal["transcription"] = "transcription"
    """Nothing else is done here."""
    audio: Audio = Audio()
    """Of the sound."""
    include: list[Literal["item.input_audio_transcription.logprobs"]] | UnsetType | None = UNSET
    """What else is told."""


class BetaSession(Said, frozen=True, kw_only=True):
    """A session as clients of the beta describe it."""

    input_audio_format: Literal["pcm16", "g711_ulaw", "g711_alaw"] | UnsetType = UNSET
    """How the sound is written; pcm16 comes at 24 kHz."""
    input_audio_transcription: TranscriptionWish | UnsetType | None = UNSET
    """What is wanted of the words."""
    input_audio_noise_reduction: dict[str, Any] | UnsetType | None = UNSET
    """Not done here."""
    turn_detection: TurnDetection | UnsetType | None = UNSET
    """When items begin and end; None leaves it to commits."""
    include: list[Literal["item.input_audio_transcription.logprobs"]] | UnsetType | None = UNSET
    """What else is told."""
    modalities: list[Literal["text", "audio"]] | None = None
    """Means nothing here: only words come back."""

    @property
    def session(self) -> Session:
        """The same in the shape of today."""
        kinds: dict[Any, SoundFormat] = {
            "pcm16": SoundFormat(type="audio/pcm"),
            "g711_ulaw": SoundFormat(type="audio/pcmu"),
            "g711_alaw": SoundFormat(type="audio/pcma"),
        }
        said = Input(
            format=kinds.get(self.input_audio_format, UNSET),
            transcription=self.input_audio_transcription,
            noise_reduction=self.input_audio_noise_reduction,
            turn_detection=self.turn_detection,
        )
        return Session(audio=Audio(input=said), include=self.include)


def session_of(said: Any, *, is_beta: bool) -> Session:
    """Read a session.

    Raises:
        BadBody: it makes no sense.
    """
    try:
        return msgspec.convert(said, BetaSession).session if is_beta else msgspec.convert(said, Session)
    except msgspec.ValidationError as error:
        found = re.fullmatch(r"(.*?)(?: - at `\$\.?(.*)`)?", str(error), re.DOTALL)
        assert found is not None
        where = f"session.{found[2]}" if found[2] else "session"
        raise BadBody(f"{found[1]} (at {where}).", where) from error
