"""While the database is away: who was known stays known for a minute, nobody new comes in."""

import pytest
from litestar import Litestar

from api.doors.callers import Callers
from api.doors.doors import Doors
from api.doors.knock import Credential
from api.doors.settings import DoorSettings
from storage.database.database import Database
from storage.records import DatabaseAway
from storage.rows import KeyRow
from tests.api.doors.house import House, is_problem

pytestmark = pytest.mark.anyio


class Away:
    """The keys of a database that can be away, and counts what it is asked."""

    def __init__(self, records: Database) -> None:
        self._records = records
        self.is_away = False
        self.asked = 0

    async def key(self, id: str) -> KeyRow:
        self._ask()
        return await self._records.key(id)

    async def keys(self) -> list[KeyRow]:
        self._ask()
        return list(await self._records.keys())

    def _ask(self) -> None:
        self.asked += 1
        if self.is_away:
            raise DatabaseAway("The database is away.")


@pytest.fixture
def away(open_house: House) -> Away:
    return Away(open_house.records)


@pytest.fixture
def callers(open_house: House, away: Away) -> Callers:
    return Callers(away, open_house.meetings.shared, open_house.clock, open_house.clock.now)  # type: ignore[arg-type]


async def test_a_known_key_costs_one_question_a_second(open_house: House, away: Away, callers: Callers) -> None:
    shown = Credential("key", (await open_house.key("alice")).text)
    for _ in range(100):
        found = await callers.of(shown)
        assert found is not None and found.name == "alice"
    assert away.asked == 1
    open_house.clock.pass_by(0.99)
    await callers.of(shown)
    assert away.asked == 1
    open_house.clock.pass_by(0.01)
    await callers.of(shown)
    assert away.asked == 2


async def test_a_wrong_key_costs_one_question_a_second_too(open_house: House, away: Away, callers: Callers) -> None:
    for _ in range(100):
        assert await callers.of(Credential("key", "pk_000000000000_0")) is None
    assert away.asked == 1


async def test_who_was_known_stays_known_for_a_minute(open_house: House, away: Away, callers: Callers) -> None:
    shown = Credential("key", (await open_house.key("alice")).text)
    assert await callers.of(shown)
    away.is_away = True
    open_house.clock.pass_by(59.0)
    assert await callers.of(shown)
    open_house.clock.pass_by(1.0)
    with pytest.raises(DatabaseAway):
        await callers.of(shown)
    away.is_away = False
    assert await callers.of(shown)


async def test_nobody_new_comes_in(open_house: House, away: Away, callers: Callers) -> None:
    alice, bob = await open_house.key("alice"), await open_house.key("bob")
    assert await callers.of(Credential("key", alice.text))
    away.is_away = True
    for text in (bob.text, "pk_0_0"):
        with pytest.raises(DatabaseAway):
            await callers.of(Credential("key", text))


async def test_it_is_never_taken_for_a_server_without_keys(open_house: House) -> None:
    records = Away(open_house.records)
    doors = Doors(DoorSettings(), records, open_house.meetings.shared, open_house.clock, open_house.clock.now)  # type: ignore[arg-type]
    app = Litestar([], plugins=[doors], openapi_config=None)
    doors.stand_before(app)
    records.is_away = True
    async with House(app, doors, open_house.records, open_house.meetings, open_house.clock).client() as client:
        answer = await client.get("/api/me")
        assert is_problem(answer, 503) and answer.headers["retry-after"] == "5"
        records.is_away = False
        assert (await client.get("/api/me")).status_code == 200
