"""What models do for a meeting is counted under the key that ordered it; only a spent budget keeps them from it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.chat import GatewayChats
from pipeline.gateway.providers import Model, Provider
from pipeline.gateway.switchboard import Switchboard
from pipeline.order import Order
from pipeline.payer import paid_by, payer_of
from pipeline.trace import KEY, origin
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.summarize import SummaryWish
from stages.write.writer import Writer
from storage.database.database import open_database
from storage.records import Records
from storage.rows import KeyRow, MeetingRow
from tests.pipeline.writing import GARDEN, NoUsage
from tests.upstreams import Scripted, parrot

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LIMITS = {"budget": 0.001, "tokens_per_minute": 5.0, "requests_per_minute": 1.0}


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[Records]:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'parley.db'}")
    await database.migrate()
    await database.add_key(
        KeyRow(id="ada1", name="Ada", hash=b"x", role="user", owner="ada", created_at=NOW, limits=LIMITS)
    )
    yield database
    await database.close()


def meeting(key: str) -> MeetingRow:
    token = KEY.set(key)
    order = Order(origin=origin())
    KEY.reset(token)
    return MeetingRow(
        id="m1", owner="ada", title="", state="processing", created_at=NOW, source="upload", options=order.kept()
    )


async def test_the_key_that_ordered_it_pays_else_the_owner(records: Records) -> None:
    payer = await payer_of(records, meeting("ada1"))
    assert (payer.owner, payer.key_id, payer.limits) == ("ada", "ada1", LIMITS)
    for key in ("", "gone"):
        payer = await payer_of(records, meeting(key))
        assert (payer.owner, payer.key_id, payer.limits, payer.counted_as) == ("ada", None, {}, "ada")


async def test_usage_is_the_keys_and_a_spent_budget_is_said(records: Records) -> None:
    usage, host = NoUsage(), EngineHost(MiniLM())
    payer = await payer_of(records, meeting("ada1"))
    async with Scripted(parrot).running() as address:
        models = {"scripted": Model(prompt_price=5.0, completion_price=5.0)}
        board = Switchboard([Provider(url=address, name="scripted")], models, usage)
        async with board.running():
            writer = Writer(GatewayChats(board), host)
            with paid_by(payer):
                first = await writer.summarise(GARDEN, SummaryWish())
                second = await writer.summarise(GARDEN, SummaryWish())
            await board.usage.flush()
            assert not first.extractive, "limits a minute do not hold up what was accepted"
            assert second.extractive
            assert second.why_extractive is not None and "The daily budget of 0.001" in second.why_extractive
            assert {(row.key, row.owner) for row in usage.rows} == {("ada1", "ada")}
            assert sum(row.requests for row in usage.rows) == 2
            assert not (await writer.summarise(GARDEN, SummaryWish())).extractive, "the server itself has no budget"
    await host.close()
