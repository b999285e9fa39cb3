"""Which queue a step of a job waits in, and from which queues a node takes work: a step runs where its engines are."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal

from pipeline.engine_pool import ENGINES, Role
from pipeline.nodes import NodeRole
from pipeline.options import Options

StepName = Literal["recognise", "summarise", "publish"]
STEPS: tuple[StepName, ...] = ("recognise", "summarise", "publish")
"""In this order."""
SOON, LATER = 1, 10
"""Priorities of jobs: somebody waits for it; nobody does."""
Offers = Mapping[Role, Sequence[str]]
"""Role of an engine -> names of those that a node has."""
EMBEDDED = {next(iter(names)) for names in ENGINES.values()}
"""Engines that every node has."""


def queue_of(step: StepName, options: Options) -> str:
    """Return the queue of a step; engines that the user chose, and that not every node has, are part of its name."""
    if step != "recognise":
        return step
    named = [name for name in (options.asr, options.diarizer) if name and name not in EMBEDDED]
    return "-".join([step, *map(_plain, named)])


def queues_of(roles: Sequence[NodeRole], offers: Offers) -> tuple[str, ...]:
    """Return the queues that a node takes work from."""
    if "jobs" not in roles:
        return ()
    if "engines" not in roles:
        return ("publish",)
    voices = product([None, *offers.get("asr", ())], [None, *offers.get("diarizer", ())])
    heard = [queue_of("recognise", Options(asr=asr, diarizer=diarizer)) for asr, diarizer in voices]
    return ("publish", "summarise", *dict.fromkeys(heard))


def _plain(name: str) -> str:
    """Return the name of an engine as part of a queue's; one of somebody else's is an import path."""
    return name.replace(":", ".")
