"""Items of a stream, one by one -> whose turn it was in each; who was heard before is known again."""

from collections.abc import AsyncGenerator
from typing import Any

import anyio
import numpy as np
from numpy.typing import NDArray

from stages.diarize_online import DiarizeOnline
from stages.engine import EngineHost
from stages.speech import Diarized, Mark, SpeakerTurn, Voices, seconds


class VoicesByItem:
    """Tells speakers apart over all items; each is heard by itself, so nothing waits for the sound behind it."""

    def __init__(self, host: EngineHost[Any], track: str) -> None:
        """`host` keeps an `OnlineDiarizer`."""
        self._host, self._track = host, track
        self._heard: list[Voices] = []
        self._made: AsyncGenerator[SpeakerTurn | Diarized | Mark, None] = DiarizeOnline(host).run(self)

    live = True

    async def turns(self, sound: NDArray[np.float32], first: int) -> list[SpeakerTurn]:
        """Return the turns of an item that begins at a sample of the recording.

        Raises:
            EngineError: the diarizer failed.
        """
        found: list[SpeakerTurn] = []
        window = int(self._host.engine.window)
        for at in range(0, len(sound), window):
            voices = await self._host.call(_listen, sound[at : at + window], seconds(first + at), self._track)
            self._heard.append(voices)
            async for made in self._made:
                if isinstance(made, Diarized):
                    break
                if isinstance(made, SpeakerTurn):
                    found.append(made)
        return found

    async def receive(self) -> Voices:
        """Return the next window: it is an inbox for the stage behind it."""
        return self.receive_nowait()

    def receive_nowait(self) -> Voices:
        """Return the next window. Raises `anyio.EndOfStream` where there is none."""
        if not self._heard:
            raise anyio.EndOfStream
        return self._heard.pop(0)


def _listen(engine: Any, sound: NDArray[np.float32], start: float, track: str) -> Voices:
    heard: Voices = engine.listen(sound, start, track)
    return heard
