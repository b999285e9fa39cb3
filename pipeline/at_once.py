"""A recording -> its words, or its speakers, at once: nothing of it is kept."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from uuid import uuid4

import anyio
import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.attempts import manifests
from pipeline.engine_pool import EnginePool, Role
from pipeline.options import Options
from pipeline.process import Results, StepsOf, process, results
from pipeline.replay import shown_items
from pipeline.steps import steps_of
from pipeline.voiceprints import voiceprints
from stages.engine import Card
from stages.engine_errors import EngineError
from stages.speech import SAMPLE_RATE, Voices
from storage.store import Store

VOICES = ("listen", "diarize")
"""Stages that tell speakers apart."""
SUMMARY = "summarize"
TOGETHER = 2
"""Recordings that are worked on at once; others wait."""


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What came out, and of what."""

    found: Results
    """What the stages made."""
    card: Card
    """Engine that made it."""
    devices: tuple[int, ...]
    """GPU numbers that it ran on; none means the CPU."""
    voiceprints: Mapping[str, NDArray[np.float32]] = {}
    """Unit vector of each speaker, where the engine gives any. Shape (dimensions,)."""


class AtOnce:
    """Runs a part of the plan over a file in a store of its own, which is forgotten afterwards."""

    def __init__(
        self, pool: EnginePool, scratch: Path, new_store: Callable[[], Store], steps_of: StepsOf = steps_of
    ) -> None:
        self._pool, self._scratch, self._new_store, self._steps_of = pool, scratch, new_store, steps_of
        self._turns = anyio.CapacityLimiter(TOGETHER)

    async def words(self, file: Path, options: Options) -> Ran:
        """Write down what is said.

        Raises:
            MediaError: the file cannot be decoded.
            EngineError: an engine cannot do what is asked, or failed over all of it.
        """
        return await self._run(file, options, "asr", options.asr, lambda stage: stage not in (*VOICES, SUMMARY))

    async def speakers(self, file: Path, options: Options) -> Ran:
        """Tell who speaks when.

        Raises:
            MediaError: the file cannot be decoded.
            EngineError: an engine cannot do what is asked, or failed over all of it.
        """
        return await self._run(file, options, "diarizer", options.diarizer, lambda stage: stage in VOICES)

    async def _run(
        self, file: Path, options: Options, role: Role, engine: str | None, make: Callable[[str], bool]
    ) -> Ran:
        host = self._pool.host(role, engine)
        store, meeting = self._new_store(), "now"
        async with self._turns:
            scratch = self._scratch / f"{uuid4().hex}-sound"
            await process(
                file, store, meeting, self._pool, options, scratch, sound=meeting, make=make, steps_of=self._steps_of
            )
            found = await results(store, meeting)
            if found.gaps and not (found.utterances or found.turns):
                raise EngineError(f"Nothing came of this recording: {found.gaps[0].reason}")
            prints = await self._voiceprints(store, meeting, found, getattr(host.engine, "window", None))
        return Ran(found=found, card=host.card, devices=host.devices, voiceprints=prints)

    async def _voiceprints(
        self, store: Store, meeting: str, found: Results, window: int | None
    ) -> Mapping[str, NDArray[np.float32]]:
        manifest = (await manifests(store, meeting)).get(VOICES[0])
        if manifest is None or window is None:
            return {
                turn.speaker: np.frombuffer(turn.voice, np.float32)
                for turn in found.turns
                if isinstance(turn.voice, bytes)
            }
        heard: Collection[Voices] = [i async for i in shown_items(store, manifest) if isinstance(i, Voices)]
        return voiceprints(heard, found.turns, window / SAMPLE_RATE)
