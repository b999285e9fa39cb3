"""Meetings with toy stages, a real store, a real database and a real queue."""

import asyncio
import tempfile
import wave
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import anyio
import msgspec
import numpy as np

from pipeline.engine_pool import EnginePool
from pipeline.jobs import QUEUES as JOB_QUEUES
from pipeline.jobs import SCHEMA as JOBS_VERSION
from pipeline.jobs import Jobs
from pipeline.meetings import Keeping, Meetings
from pipeline.nodes import Nodes
from pipeline.options import Options
from pipeline.patience import Patience
from pipeline.process import StepsOf
from pipeline.scratch import Scratch
from pipeline.steps import Step
from pipeline.webhooks.queue import Deliveries
from pipeline.work import Work
from stages.speech import SAMPLE_RATE, Mark, Span, Utterance
from stages.stage import Inbox, Sound, Stage, items
from stages.summary import Point, Summary, Topic
from storage.artifact_store import open_store
from storage.database.database import Database, open_database
from storage.rows import EventRow
from storage.store import Store
from tests.pipeline.toys import Join, Ramp, Upper


class Count(Stage[Utterance, Summary]):
    """A summary that cites everything."""

    name: ClassVar[str] = "summarize"
    consumes: ClassVar[tuple[type[Span], ...]] = (Utterance,)
    produces: ClassVar[tuple[type[Span], ...]] = (Summary,)

    def __init__(self, template: str) -> None:
        self.template = template

    async def run(self, inbox: Inbox[Utterance]) -> AsyncGenerator[Summary | Mark, None]:
        """Count what was said."""
        said = [item async for item in items(inbox) if isinstance(item, Utterance)]
        points = (Point(f"{len(said)} words", tuple(utterance.id for utterance in said)),) if said else ()
        yield Summary(
            start=0.0,
            end=max((utterance.end for utterance in said), default=0.0),
            engine="toy",
            template=self.template,
            language=None,
            extractive=True,
            title="Words",
            overview=f"{len(said)} words",
            topics=(Topic("Words", 0.0, 1.0, points),) if points else (),
        )


def toy_steps(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    """Return stages that need no model: a word and a speaker for each second of sound."""
    return [
        Step(Ramp(), options={"language": options.language}),
        Step(Upper()),
        Step(Join()),
        Step(Count(options.template), options={"template": options.template}),
    ]


def sound_file(seconds: float) -> bytes:
    """Return a WAV file of a rising tone."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    samples = (8000 * np.sin(2 * np.pi * (200 + 10 * at) * at)).astype("<i2")
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()


async def sent(data: bytes, block: int = 65_536) -> AsyncIterator[bytes]:
    """Yield bytes as a client sends them."""
    for first in range(0, len(data), block):
        await asyncio.sleep(0)
        yield data[first : first + block]


class Server(msgspec.Struct):
    """What a test talks to."""

    meetings: Meetings
    jobs: Jobs
    store: Store
    records: Database

    async def finished(self, id: str, after: int = 0) -> Sequence[EventRow]:
        """Wait until a meeting is over; return its events."""
        return [event async for event in self.meetings.events(id, None, after)]


QUEUES: list[bytes] = []


async def empty_queue() -> bytes:
    """Return a queue without jobs: making one takes longer than most tests, so it is made once."""
    if not QUEUES:
        with tempfile.TemporaryDirectory() as folder:
            store, records = open_store("memory:"), open_database(f"sqlite:///{folder}/parley.db")
            async with Jobs(
                Work(store, records, EnginePool(), Scratch(Path(folder))), f"sqlite:///{folder}/jobs.db", queues=()
            ):
                pass
            await records.close()
            QUEUES.append(await anyio.Path(folder, "jobs.db").read_bytes())
    return QUEUES[0]


PATIENCE = Patience(first_seconds=0.01, longest_seconds=0.1)


@asynccontextmanager
async def server(
    folder: Path,
    *,
    steps_of: StepsOf = toy_steps,
    store: Store | None = None,
    works: bool = True,
    keeping: Keeping | None = None,
    together: int = 2,
    pool: EnginePool | None = None,
    postgres: str | None = None,
    node: str = "local",
    version: str = JOBS_VERSION,
    deliveries: Deliveries | None = None,
) -> AsyncIterator[Server]:
    """Start everything in a folder, or with its records and jobs in PostgreSQL, and shut it down."""
    await anyio.Path(folder).mkdir(parents=True, exist_ok=True)
    store = store or open_store(str(folder / "artifacts"))
    records = open_database(postgres or f"sqlite:///{folder}/parley.db")
    await records.migrate()
    queue = anyio.Path(folder / "jobs.db")
    if postgres is None and not await queue.exists():
        await queue.write_bytes(await empty_queue())
    pool = pool or EnginePool()
    work = Work(store, records, pool, Scratch(folder / "scratch"), steps_of=steps_of, patience=PATIENCE)
    try:
        queues = JOB_QUEUES if works else ()
        nodes = Nodes(records, node, queues=queues, version=version, beat_seconds=0.2, dead_seconds=2.0)
        jobs = Jobs(
            work,
            postgres or f"sqlite:///{queue}",
            executor=node,
            queues=queues,
            together=together,
            nodes=nodes,
            version=version,
            deliveries=deliveries,
        )
        async with nodes, jobs:
            meetings = Meetings(store, records, jobs, keeping)
            yield Server(meetings, jobs, store, records)
    finally:
        await pool.close()
        await records.close()
