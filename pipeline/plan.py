"""Stages -> plan: who reads whom, checked before any sound is read."""

from collections.abc import Sequence
from typing import Any

from stages.speech import AudioChunk, Mark, Span
from stages.stage import Stage

AnyStage = Stage[Any, Any]


class PlanError(ValueError):
    """The stages do not fit together."""


class Plan:
    """Stages that fit together: every name once, a producer for every type wanted, no cycle."""

    def __init__(self, stages: Sequence[AnyStage]) -> None:
        self.stages = tuple(stages)
        self._check_names()
        self._check_producers()
        self._check_cycles()

    def stage(self, name: str) -> AnyStage:
        """Return the stage of that name.

        Raises:
            PlanError: there is none.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise PlanError(f"There is no stage {name!r}; the stages are {', '.join(stage.name for stage in self.stages)}.")

    def consumers(self, producer: AnyStage) -> tuple[AnyStage, ...]:
        """Return the stages that read something of what `producer` yields."""
        return tuple(stage for stage in self.stages if _reads(stage, producer))

    def producers(self, consumer: AnyStage) -> tuple[AnyStage, ...]:
        """Return the stages whose results `consumer` reads."""
        return tuple(stage for stage in self.stages if _reads(consumer, stage))

    def downstream(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return these stages and all that depend on them, in plan order."""
        found = {self.stage(name).name for name in names}
        grown = True
        while grown:
            more = {c.name for stage in self.stages if stage.name in found for c in self.consumers(stage)}
            grown = not more <= found
            found |= more
        return tuple(stage.name for stage in self.stages if stage.name in found)

    def _check_names(self) -> None:
        names = [stage.name for stage in self.stages]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PlanError(f"The name {twice[0]!r} is used twice in the plan; every stage needs its own.")

    def _check_producers(self) -> None:
        made: set[type[Span]] = {AudioChunk, Mark}
        made.update(kind for stage in self.stages for kind in stage.produces)
        for stage in self.stages:
            missing = [kind.__name__ for kind in stage.consumes if kind not in made]
            if missing:
                raise PlanError(f"The stage {stage.name!r} reads {missing[0]}, which no stage in the plan produces.")
            if AudioChunk in stage.consumes and len(stage.consumes) > 1:
                raise PlanError(f"The stage {stage.name!r} reads sound and other items; read the sound with a `Sound`.")

    def _check_cycles(self) -> None:
        settled: set[str] = set()
        waiting = list(self.stages)
        while waiting:
            free = [stage for stage in waiting if all(p.name in settled for p in self.producers(stage))]
            if not free:
                raise PlanError(f"The stages {', '.join(stage.name for stage in waiting)} wait for one another.")
            settled.update(stage.name for stage in free)
            waiting = [stage for stage in waiting if stage.name not in settled]


def _reads(consumer: AnyStage, producer: AnyStage) -> bool:
    return any(kind in consumer.consumes for kind in producer.produces)
