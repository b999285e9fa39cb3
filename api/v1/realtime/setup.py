"""What a realtime session does, and how a client changes it."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from api.v1.audio.ears import Ears
from api.v1.audio.languages import spoken_of
from api.v1.realtime.shapes import LOGPROBS, Session, SoundFormat, TranscriptionWish, TurnDetection
from pipeline.gateway.errors import BadBody, WrongModelType
from pipeline.gateway.providers import ModelType
from pipeline.gateway.switchboard import Switchboard
from pipeline.options import Options
from stages.engine_errors import CannotDo, LanguageNotSpoken
from stages.resample_pcm import Coding, RawFormat

SPEECH: ModelType = "automatic-speech-recognition"
CODINGS: Mapping[str, Coding] = {"audio/pcm": "pcm_s16le", "audio/pcmu": "pcmu", "audio/pcma": "pcma"}
BETA_FORMATS = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}
IN = "session.audio.input"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """How a session listens."""

    model: str
    """As the client calls it."""
    engine: str
    """Name of the engine."""
    route: str
    """Id of the model, for usage."""
    format: SoundFormat = SoundFormat(type="audio/pcm", rate=24_000)
    """How the sound is written."""
    language: str | None = None
    """ISO 639-1 code of what is spoken."""
    languages: tuple[str, ...] = ()
    """Where it is None, codes of what may be spoken, the likeliest first; empty for any."""
    turns: TurnDetection | None = TurnDetection()
    """When items begin and end; None leaves it to commits."""
    logprobs: bool = False
    """Whether each word's probability is told."""

    @property
    def raw(self) -> RawFormat:
        """The format as sources of sound know it."""
        rate = self.format.rate or (24_000 if self.format.type == "audio/pcm" else 8_000)
        return RawFormat(CODINGS[self.format.type], rate)

    @property
    def tells_speakers(self) -> bool:
        """Whether segments with speakers are told: with models whose name says so, as OpenAI's does."""
        return "diarize" in self.model

    @property
    def options(self) -> Options:
        """What is asked of the stages."""
        return Options(language=self.language, languages=self.languages, asr=self.engine)

    def told(self, id: str, *, is_beta: bool) -> dict[str, Any]:
        """Return the session as clients read it."""
        transcription: dict[str, Any] = {"model": self.model, "language": self.language, "prompt": None}
        if self.languages:
            transcription["languages"] = self.languages
        include = [LOGPROBS] if self.logprobs else None
        turns = None if self.turns is None else _told(self.turns)
        head = {"id": id, "object": "realtime.transcription_session", "expires_at": None, "include": include}
        if is_beta:
            return head | {
                "input_audio_format": BETA_FORMATS[self.format.type],
                "input_audio_transcription": transcription,
                "input_audio_noise_reduction": None,
                "turn_detection": turns,
                "client_secret": None,
            }
        said = {
            "format": {"type": self.format.type} | ({"rate": self.raw.rate} if self.format.type == "audio/pcm" else {}),
            "transcription": transcription,
            "noise_reduction": None,
            "turn_detection": turns,
        }
        return head | {"type": "transcription", "audio": {"input": said}}


class Setups:
    """Knows what can be done, and refuses the rest."""

    def __init__(self, board: Switchboard, ears: Ears) -> None:
        self._board, self._ears = board, ears

    async def first(self, model: str | None) -> Setup:
        """Return what a session does before its client says anything.

        Raises:
            GatewayError: the model is not known, or is not heard with here.
        """
        if model is not None:
            engine, route = await self._engine(model)
            return Setup(model=model, engine=engine, route=route)
        engine = next(iter(self._ears.hosts()))
        engine, route = await self._engine(engine)
        return Setup(model=engine, engine=engine, route=route)

    async def changed(self, setup: Setup, said: Session) -> Setup:
        """Return what a session does after its client said something.

        Raises:
            GatewayError: it cannot be done; `param` names what.
        """
        asked = said.audio.input
        if asked.noise_reduction:
            raise BadBody("Noise is not reduced here: leave noise_reduction out, or null.", f"{IN}.noise_reduction")
        changes: dict[str, Any] = {}
        if asked.format is not UNSET:
            changes["format"] = _checked(asked.format)
        if asked.turn_detection is not UNSET:
            changes["turns"] = asked.turn_detection
        if said.include is not UNSET:
            changes["logprobs"] = bool(said.include)
        if asked.transcription is None:
            raise BadBody("Everything is transcribed here: transcription cannot be null.", f"{IN}.transcription")
        if asked.transcription is not UNSET:
            changes |= await self._transcription(setup, asked.transcription)
        return msgspec.structs.replace(setup, **changes)

    async def _transcription(self, setup: Setup, wish: TranscriptionWish) -> dict[str, Any]:
        where = f"{IN}.transcription"
        model = wish.model or setup.model
        engine, route = await self._engine(model)
        for name in ("prompt", "keywords", "delay"):
            if getattr(wish, name):
                raise BadBody(f"The model {model!r} takes no {name}: leave it out.", f"{where}.{name}")
        language, languages = spoken_of(wish.language or None, wish.languages or (), f"{where}.")
        changes = {"model": model, "engine": engine, "route": route, "language": language, "languages": languages}
        blamed = f"{where}.{'languages' if wish.languages else 'language'}"
        try:
            self._ears.hosts()[engine].engine.check(msgspec.structs.replace(setup, **changes).options.wish)
        except (LanguageNotSpoken, CannotDo) as error:
            raise BadBody(str(error), blamed) from error
        return changes

    async def _engine(self, model: str) -> tuple[str, str]:
        route = await self._board.find(model, SPEECH)
        for member in route.members:
            if member.target is self._ears:
                return member.model, route.id
        raise WrongModelType(f"The model {model!r} is served elsewhere, which does not do for realtime sessions.")


def _checked(asked: SoundFormat) -> SoundFormat:
    is_pcm = asked.type == "audio/pcm"
    if asked.rate is not None and (asked.rate == 8_000) == is_pcm:
        right = "24000 or 16000" if is_pcm else "8000"
        raise BadBody(f"{asked.type} comes at {right} samples per second.", f"{IN}.format.rate")
    return asked


def _told(turns: TurnDetection) -> dict[str, Any]:
    kind: Literal["server_vad"] = turns.type
    return {
        "type": kind,
        "threshold": turns.threshold,
        "prefix_padding_ms": turns.prefix_padding_ms,
        "silence_duration_ms": turns.silence_duration_ms,
    }
