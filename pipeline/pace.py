"""How much sound each stage has worked off, for the meter: an observer of a run."""

import math
from collections.abc import Mapping

from pipeline.measures import STAGE_GAPS, STAGE_SOUND
from stages.speech import Gap, Span


class Pace:
    """Counts how far each stage comes on each track; what is replayed is not counted."""

    def __init__(self, engines: Mapping[str, str | None]) -> None:
        """`engines` names the engine of each stage."""
        self._engines = engines
        self._until: dict[tuple[str, str], float] = {}

    async def item(self, stage: str, item: Span) -> None:
        """Count the sound up to the end of an item."""
        before = self._until.setdefault((stage, item.track), item.start)
        if before < item.end < math.inf:
            STAGE_SOUND.labels(stage, self._engines.get(stage) or "").inc(item.end - before)
            self._until[stage, item.track] = item.end

    async def ended(self, stage: str) -> None:
        """Count nothing."""

    async def failed(self, stage: str, gap: Gap) -> None:
        """Count a stretch that the stage gave up."""
        STAGE_GAPS.labels(stage, self._engines.get(stage) or "").inc()
