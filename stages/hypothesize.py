"""Open speech -> hypotheses: what an open stretch seems to say so far."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar

import anyio
import numpy as np
from numpy.typing import NDArray

from stages.agree import Agreement
from stages.engine import EngineHost
from stages.engine_errors import EngineError
from stages.foreheard import Foreheard
from stages.speech import Hypothesis, Mark, OpenSpeech, Span, Speech
from stages.stage import Inbox, Sound, Stage
from stages.stretch import Stretch
from stages.tell_language import in_language, named
from stages.transcribe import Heard, Transcriber, Wish

Heeded = OpenSpeech | Speech

LONGEST_SECONDS = 15.0
"""Of an open stretch only so much is heard again, from its start: the detector closes it there."""


class Hypothesize(Stage[Heeded, Hypothesis]):
    """Hears open stretches again as they grow, in the engine's spare time: final words never wait for a hypothesis.

    What piled up meanwhile is skipped: of each track only the newest state is heard. A closed stretch is forgotten.
    """

    name: ClassVar[str] = "hypothesize"
    consumes: ClassVar[tuple[type[Span], ...]] = (OpenSpeech, Speech)
    produces: ClassVar[tuple[type[Span], ...]] = (Hypothesis,)

    def __init__(
        self,
        sound: Sound,
        recognizer: EngineHost[Transcriber],
        wish: Wish | None = None,
        foreheard: Foreheard | None = None,
    ) -> None:
        self._sound, self._recognizer, self._wish = sound, recognizer, named(wish or Wish(), recognizer.card)
        self._foreheard = foreheard or Foreheard()

    async def run(self, inbox: Inbox[Heeded]) -> AsyncGenerator[Hypothesis | Mark, None]:
        """Yield a hypothesis for the newest state of each open stretch, track by track in turn."""
        stretches = _OpenStretches()
        while True:
            try:
                if not stretches.waiting:
                    stretches.note(await inbox.receive())
                async with self._recognizer.spare_time():
                    stretches.catch_up(inbox)
                    if not stretches.waiting:
                        continue
                    speech = stretches.next()
                    text = await self._hear(speech)
                stretches.catch_up(inbox)
            except anyio.EndOfStream:
                return
            if not stretches.closed(speech):
                yield stretches.hypothesis(speech, text)

    async def _hear(self, speech: OpenSpeech) -> str:
        last = min(speech.last_sample, speech.first_sample + round(LONGEST_SECONDS * 16_000))
        sound = await self._sound.read(speech.track, speech.first_sample, last)
        stretch = Stretch(speech.track, speech.first_sample, np.clip(sound * np.float32(speech.level), -1, 1))
        wish = self._wish
        if wish.languages:  # the closed stretch will tell which; until then, what was spoken before it
            wish = in_language(wish, self._foreheard.language(speech.track) or wish.languages[0])
        try:
            with self._foreheard.hearing(stretch, wish) as hearing:
                (hearing.heard,) = await self._recognizer.call(_transcribe, [stretch.sound], wish)
        except EngineError:
            if self._recognizer.state != "ready":
                raise
            return ""  # the words of the closed stretch will say what could not be heard
        return " ".join(word.text for word in hearing.heard.words)


class _OpenStretches:
    """The newest state of each track's open stretch, and what its hypotheses agree on."""

    def __init__(self) -> None:
        self.waiting: dict[str, OpenSpeech] = {}
        self._agreed: dict[str, tuple[float, Agreement]] = {}
        self._closed: dict[str, float] = {}

    def note(self, item: Heeded | Mark) -> None:
        """Keep the newest state of a stretch; forget it when it closes."""
        if isinstance(item, OpenSpeech):
            self.waiting[item.track] = item
        elif isinstance(item, Speech):
            self._closed[item.track] = item.end
            self._agreed.pop(item.track, None)
            if item.track in self.waiting and self.closed(self.waiting[item.track]):
                del self.waiting[item.track]

    def catch_up(self, inbox: Inbox[Heeded]) -> None:
        """Note everything that is here. Raises `anyio.EndOfStream` at the end."""
        with contextlib.suppress(anyio.WouldBlock):
            while True:
                self.note(inbox.receive_nowait())

    def next(self) -> OpenSpeech:
        """Take the stretch that has waited longest."""
        return self.waiting.pop(next(iter(self.waiting)))

    def closed(self, speech: OpenSpeech) -> bool:
        """Tell whether the stretch has closed since."""
        return speech.start < self._closed.get(speech.track, 0.0)

    def hypothesis(self, speech: OpenSpeech, text: str) -> Hypothesis:
        """Return the hypothesis, marked with what it and the one before agree on."""
        start, before = self._agreed.get(speech.track, (speech.start, Agreement()))
        agreement = (before if start == speech.start else Agreement()).after(text, speech.end)
        self._agreed[speech.track] = (speech.start, agreement)
        return Hypothesis(
            start=speech.start,
            end=speech.end,
            track=speech.track,
            text=agreement.text,
            agreed=agreement.characters,
        )


def _transcribe(engine: Transcriber, sounds: Sequence[NDArray[np.float32]], wish: Wish) -> list[Heard]:
    return engine.transcribe(sounds, wish)
