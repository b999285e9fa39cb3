"""A node that begins jobs and never ends them: python -m tests.pipeline.node_child FOLDER POSTGRES VERSION MEETINGS."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import ClassVar

import anyio

from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.steps import Step
from stages.speech import Mark, Span, SpeakerTurn, Word
from stages.stage import Inbox, Sound, Stage
from tests.pipeline.toy_server import sent, server, sound_file, toy_steps

SECONDS = 20.0
"""Length of each recording."""


class Stuck(Stage[Word, SpeakerTurn]):
    """Says that it began, and nothing more."""

    name: ClassVar[str] = "upper"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn,)

    async def run(self, inbox: Inbox[Word]) -> AsyncGenerator[SpeakerTurn | Mark, None]:
        """Wait for ever."""
        print("begun", flush=True)
        await anyio.sleep_forever()
        yield Mark(start=0.0, end=0.0)


def stuck_steps(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    """Return the steps of a toy meeting, of which one never ends."""
    ramp, _, *others = toy_steps(sound, pool, options)
    return [ramp, Step(Stuck()), *others]


async def main(folder: Path, postgres: str, version: str, meetings: int) -> None:
    """Take recordings in, work on one, and wait to be killed."""
    async with server(folder, steps_of=stuck_steps, together=1, postgres=postgres, node="child", version=version) as s:
        for _ in range(meetings):
            row = await s.meetings.accept(None, sent(sound_file(SECONDS)), file_name="toy.wav")
            print("accepted", row.id, flush=True)
        await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
