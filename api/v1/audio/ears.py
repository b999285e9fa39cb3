"""The embedded engines of speech as somebody who can be asked: they speak /v1/audio."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import anyio
import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from api.v1.audio.asked import AudioAsked, asked_of
from api.v1.audio.hearing import Hearing
from api.v1.audio.references import CLIPS
from api.v1.audio.said import Said
from api.v1.audio.sent import Sent
from pipeline.engine_pool import ENGINES, EnginePool
from pipeline.gateway.answer import Answer
from pipeline.gateway.breaker import Breaker
from pipeline.gateway.errors import BadBody
from pipeline.gateway.slots import Slots
from pipeline.gateway.target import Body, Member, Offer
from pipeline.known_voices import BadReference, can_know, known_names, voice_of
from pipeline.process import StepsOf
from pipeline.steps import steps_of
from pipeline.transcription import Asked, Transcription
from stages.engine import Card, EngineHost
from stages.engine_errors import CannotDo, EngineMissing, LanguageNotSpoken
from stages.media_errors import MediaError

TRANSCRIPTIONS, TRANSLATIONS = "/v1/audio/transcriptions", "/v1/audio/translations"
AT_ONCE = 8
"""Recordings that are heard at once: the engines take turns between them, and others wait in line."""
Voice = NDArray[np.float32]


class Ears:
    """A `Target`: the embedded engines. The name of a model is that of an engine."""

    name = "embedded speech"
    kind: Literal["engine"] = "engine"
    counts_streams = False
    speaks_responses = False

    def __init__(self, pool: EnginePool, scratch: Path, steps_of: StepsOf = steps_of) -> None:
        self._pool, self._scratch, self._steps_of = pool, scratch, steps_of
        self.slots: Slots[Member] = Slots(AT_ONCE)
        self.breaker = Breaker()

    async def open(self, path: str, body: Body, media_type: str = "multipart/form-data") -> Answer:
        """Hear a recording.

        Raises:
            BadBody: something is asked that the engine cannot do.
            EngineError: it failed.
        """
        assert isinstance(body, Sent)
        asked = asked_of(body, translates=path == TRANSLATIONS)
        card = self._pool.host("asr", body.model).card
        check(asked, card)
        folder = self._scratch / f"heard-{uuid4().hex}"
        known = await self._known(asked, folder)
        wanted = Asked(
            options=asked.options(body.model),
            speakers=asked.speakers,
            detection=asked.vad.detection if asked.vad else None,
        )
        try:
            transcription = Transcription(body.file, self._pool, wanted, folder, self._steps_of)
        except LanguageNotSpoken as error:
            raise BadBody(str(error), "languages" if asked.languages else "language") from error
        except CannotDo as error:
            raise BadBody(str(error), blamed(asked)) from error

        async def names(said: Said) -> Mapping[str, str]:
            return await known_names(said.voices, said.turns, self._pool.host("diarizer"), known) if known else {}

        hearing = Hearing(transcription, asked, spoken(asked, card), names)
        return hearing.streamed() if asked.stream else await hearing.whole()

    async def offers(self) -> Sequence[Offer]:
        """Return the configured engine, and those whose weights are on this machine."""
        return [offer_of(host.card) for host in self.hosts().values()]

    def hosts(self) -> Mapping[str, EngineHost[Any]]:
        """Return the engines that may be asked, the configured one first, by name."""
        chosen = self._pool.choice("asr").engine
        found = {chosen: self._pool.host("asr")}
        for name in ENGINES["asr"]:
            try:
                host = self._pool.host("asr", name)
            except EngineMissing:
                continue
            if name not in found and host.engine.on_disk():
                found[name] = host
        return found

    async def _known(self, asked: AudioAsked, folder: Path) -> Mapping[str, Voice]:
        """Learn the voices of known speakers."""
        if not asked.known:
            return {}
        host = self._pool.host("diarizer")
        if not can_know(host):
            raise BadBody(f"The diarizer {host.card.engine} does not know voices by reference.", CLIPS)
        await anyio.Path(folder).mkdir(parents=True)
        file = anyio.Path(folder) / "reference"
        found: dict[str, Voice] = {}
        try:
            for reference in asked.known:
                await file.write_bytes(reference.data)
                found[reference.name] = await voice_of(Path(file), host)
        except (BadReference, MediaError) as error:
            raise BadBody(f"The reference of {reference.name!r} cannot be used. {error}", CLIPS) from error
        finally:
            with anyio.CancelScope(shield=True):
                await file.unlink(missing_ok=True)
                await anyio.Path(folder).rmdir()
        return found


def check(asked: AudioAsked, card: Card) -> None:
    """Return if an engine can do what is asked.

    Raises:
        BadBody: it cannot.
    """
    can = card.capabilities
    if asked.target is not None and "translation" not in can:
        raise BadBody(f"The model {card.model} does not translate. Choose one that does.", "model")
    if asked.prompt is not None:
        raise BadBody(f"The model {card.model} takes no prompt: leave it out.", "prompt")
    if asked.keywords and "keywords" not in can:
        raise BadBody(f"The model {card.model} takes no keywords: leave them out.", "keywords")


def blamed(asked: AudioAsked) -> str:
    """Return the field that is to blame where an engine cannot do what is asked."""
    if asked.languages:
        return "languages"
    return "to_language" if asked.target and asked.language else "language"


def spoken(asked: AudioAsked, card: Card) -> str | None:
    """Return the language of the words, where it is known."""
    return asked.target or asked.language or (card.languages[0] if len(card.languages) == 1 else None)


def offer_of(card: Card) -> Offer:
    """Return an engine as /v1/models lists it."""
    languages = f" Languages: {', '.join(card.languages)}." if card.languages else ""
    return Offer(
        id=card.model,
        type="automatic-speech-recognition",
        description=f"{card.attribution}; {card.licence}.{languages}",
    )
