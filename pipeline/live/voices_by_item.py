"""Items of a stream, one by one -> whose turn it was in each; who was heard before is known again."""

from collections.abc import AsyncGenerator
from typing import Any

import anyio
import numpy as np
from numpy.typing import NDArray

from pipeline.recording import Recording
from stages.diarize_online import DiarizeOnline
from stages.engine import EngineHost
from stages.speech import Diarized, Mark, SpeakerTurn, Voices, seconds


class VoicesByItem:
    """Tells speakers apart over all items. Each is heard when it ends, together with the seconds before it.

    Nothing waits for the sound behind an item; and who spoke before is there to be compared with, as two voices of one
    window are two speakers.
    """

    live = True

    def __init__(self, host: EngineHost[Any], recording: Recording, track: str) -> None:
        """`host` keeps an `OnlineDiarizer`."""
        self._host, self._recording, self._track = host, recording, track
        self._heard: list[Voices] = []
        self._made: AsyncGenerator[SpeakerTurn | Diarized | Mark, None] = DiarizeOnline(host, late_seconds=0.0).run(
            self
        )

    async def turns(self, first: int, last: int) -> list[SpeakerTurn]:
        """Return the turns of an item between two samples of the recording; items come in order.

        Raises:
            EngineError: the diarizer failed.
        """
        found: list[SpeakerTurn] = []
        window = int(self._host.engine.window)
        for end in (*range(first + window // 2, last, window // 2), last):
            start = max(0, end - window)
            sound = await self._recording.read(self._track, start, end)
            self._heard.append(await self._host.call(_listen, sound, seconds(start), self._track))
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
