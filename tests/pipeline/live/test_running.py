"""A live meeting tells a running summary beside its captions; it is in the snapshot of whoever comes later."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import pytest

from pipeline.events import utterance_event
from pipeline.live.known import known
from pipeline.live.publish import Publisher
from pipeline.live.running import SumUp, keep_summing_up
from pipeline.recording import Recording
from pipeline.view import view
from stages.engine_errors import EngineError
from stages.speech import Utterance
from stages.summary import Point, Summary
from storage.artifact_store import open_store
from storage.database.database import open_database
from storage.records import NoRecord
from storage.rows import MeetingRow
from tests.bench.transcripts import spoken
from tests.storage.record_rows import a_meeting

pytestmark = pytest.mark.anyio

EMPTY = Summary(
    start=0, end=0, engine="toy", template="general", language=None, extractive=False, title="", overview=""
)
SAID = [spoken("S1", "We meet on Monday.", 0.0), spoken("S2", "Fine with me.", 4.0)]


class Counts:
    """A running summary that cites everything, fails now and then, and once breaks."""

    def __init__(self, before: Summary | None) -> None:
        self.before, self.looks = before, 0

    async def extend(self, said: Sequence[Utterance]) -> Summary | None:
        self.looks += 1
        if self.looks == 1:
            raise EngineError("The model is away.")
        if self.looks == 2:
            raise ZeroDivisionError
        point = Point(f"{len(said)} utterances", (*(each.id for each in said), "invented"))
        end = max((each.end for each in said), default=0.0)
        decisions = (point, Point("Nobody said so.", ("invented",)))
        return msgspec.structs.replace(EMPTY, end=end, decisions=decisions)


async def test_a_running_summary_is_told_whatever_fails(tmp_path: Path) -> None:
    records = open_database(f"sqlite+aiosqlite:///{tmp_path / 'parley.db'}")
    await records.migrate()
    row = a_meeting(state="live", source="websocket")
    await records.add_meeting(row)
    await records.add_events(row.id, [utterance_event(said) for said in SAID], 0)
    begun: list[Summary | None] = []

    async def begin(row: MeetingRow, before: Summary | None) -> Counts:
        begun.append(before)
        return Counts(before)

    publisher = Publisher(records, row.id, 0, Recording(tmp_path / "sound", live=True), await known(records, row.id))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keep_summing_up, SumUp(0.05, begin), records, row, publisher)
        with anyio.fail_after(30):
            async with records.follow(row.id) as news:
                while (await known(records, row.id)).summary is None:
                    await anext(news)
        tasks.cancel_scope.cancel()
    store = open_store("memory:")
    seen = (await view(store, records, row)).summary
    assert seen is not None
    assert seen.decisions == (Point("2 utterances", tuple(said.id for said in SAID)),)
    assert seen.dropped == 1
    assert begun == [None]
    events = [event for event in await records.events(row.id, 0, 99) if event.type == "summary"]
    assert msgspec.json.decode(events[0].data)["summary"]["decisions"][0]["text"] == "2 utterances"
    await records.remove_meeting(row.id)
    with pytest.raises(NoRecord), anyio.fail_after(30):
        await keep_summing_up(SumUp(0.01, begin), records, row, publisher)
    await records.close()
