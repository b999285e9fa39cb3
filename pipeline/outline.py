"""Options -> the stages that a meeting will have, before any sound is read."""

from collections.abc import AsyncGenerator

import numpy as np
from numpy.typing import NDArray

from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.process import StepsOf, names_of
from pipeline.slides import with_keyframes
from pipeline.steps import plan_of
from stages.keyframes import FilmFile
from stages.speech import AudioChunk
from storage.rows import StageRow


class UnknownStage(ValueError):
    """Meetings have no such stage."""


class NoSound:
    """The sound of a meeting that is not there yet."""

    live = False
    duration = 0.0
    folder = None

    async def read(self, track: str, first: int, last: int) -> NDArray[np.float32]:
        """Return no samples."""
        return np.empty(0, np.float32)

    async def chunks(self, first: dict[str, int], size: int) -> AsyncGenerator[AudioChunk, None]:
        """Yield nothing."""
        return
        yield  # makes this function a generator


class Outline:
    """Says what would be done with a meeting."""

    def __init__(self, pool: EnginePool, steps_of: StepsOf) -> None:
        self._pool, self._steps_of = pool, steps_of

    def rows(self, options: Options, from_stage: str | None = None, *, pictures: bool = False) -> list[StageRow]:
        """Return a waiting row for each stage, or for one and all that rest on it, in plan order.

        With `pictures`, what the screen showed is looked for too.

        Raises:
            UnknownStage: there is no stage of that name.
            EngineError: no engine can do what the options ask.
        """
        steps = self._steps_of(NoSound(), self._pool, options)
        if pictures:
            steps = with_keyframes(steps, FilmFile(), _nowhere)
        plan = plan_of(steps)
        names = [stage.name for stage in plan.stages]
        if from_stage is not None:
            if from_stage not in names:
                raise UnknownStage(f"There is no stage {from_stage[:40]!r}; the stages are {', '.join(names)}.")
            names = list(plan.downstream([from_stage]))
        return [StageRow(name=name, engine=engine) for name, engine in names_of(steps).items() if name in names]


async def _nowhere(_: float, __: bytes) -> str:
    raise AssertionError("An outline keeps no pictures.")
