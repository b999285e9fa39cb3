"""What every database does: meetings, attempts, overlays."""

from datetime import timedelta

import anyio
import pytest

from storage.database.database import Database, open_database
from storage.records import BadCursor, NoRecord, Overtaken, Records, Taken
from storage.rows import MeetingRow, Overlays, Page, StageRow
from tests.storage.record_rows import NOON, a_meeting, an_edit, said

pytestmark = pytest.mark.anyio


async def ids(records: Database, owner: str | None = "ann", limit: int = 2, **asked: object) -> list[list[str]]:
    """Return the ids of all pages."""
    pages: list[Page[MeetingRow]] = [await records.meetings(owner, limit=limit, **asked)]  # type: ignore[arg-type]
    while pages[-1].cursor is not None:
        pages.append(await records.meetings(owner, limit=limit, cursor=pages[-1].cursor, **asked))  # type: ignore[arg-type]
    return [[meeting.id for meeting in page.items] for page in pages]


async def test_it_is_what_the_protocol_says(records: Database) -> None:
    as_records: Records = records
    await as_records.check()


async def test_a_meeting_comes_back_as_it_was(records: Database) -> None:
    full = a_meeting(
        title="<b>Über</b> 会议 🎉 'quoted' \"twice\" 100%_",
        state="done",
        source="webrtc",
        duration=12.0,
        language="de",
        options={"speakers": {"min": 2}, "engines": ["asr", None], "slow": True, "share": 0.5},
        original="m1/original",
        media_type="audio/ogg",
        size=2**40,
        error="Nothing was said.",
        deleted_at=NOON,
        expires_at=NOON + timedelta(days=900),
    )
    await records.add_meeting(full)
    assert await records.meeting("m1") == full
    assert await records.meeting("m1", owner="ann") == full


async def test_an_id_is_taken_once(records: Database) -> None:
    await records.add_meeting(a_meeting())
    with pytest.raises(Taken):
        await records.add_meeting(a_meeting(owner="bob"))
    assert (await records.meeting("m1")).owner == "ann"


async def test_an_owner_sees_nothing_of_others(records: Database) -> None:
    await records.add_meeting(a_meeting())
    await records.add_meeting(a_meeting("m2", owner="bob", minutes=1))
    with pytest.raises(NoRecord):
        await records.meeting("m2", owner="ann")
    assert await ids(records, "ann") == [["m1"]]
    assert await ids(records, "ann", q="meeting") == [["m1"]]
    assert await ids(records, "nobody") == [[]]
    assert await ids(records, None) == await ids(records, None, q="meet") == [["m2", "m1"]]


@pytest.mark.parametrize("id", ["", "\x00", "m1\x00", "\ud800", "m%", "' OR '1'='1", "m" * 100_000])
async def test_there_is_no_meeting_of_a_strange_id(records: Database, id: str) -> None:
    await records.add_meeting(a_meeting())
    with pytest.raises(NoRecord):
        await records.meeting(id)
    assert await records.events(id) == []


async def test_text_that_no_database_takes_is_kept_readable(records: Database) -> None:
    await records.add_meeting(a_meeting(title="a\x00b \ud83d c"))
    assert (await records.meeting("m1")).title == "a\ufffdb \ufffd c"


async def test_pages_are_newest_first_and_stay_in_step(records: Database) -> None:
    for number in (3, 0, 4, 1, 2):
        await records.add_meeting(a_meeting(f"m{number}", minutes=number))
    first = await records.meetings("ann", limit=2)
    await records.add_meeting(a_meeting("m5", minutes=5))
    await records.remove_meeting("m2")
    second = await records.meetings("ann", limit=2, cursor=first.cursor)
    assert [[each.id for each in page.items] for page in (first, second)] == [["m4", "m3"], ["m1", "m0"]]
    assert second.cursor is None


async def test_meetings_of_the_same_moment_are_all_listed(records: Database) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(records.add_meeting, a_meeting(f"m{number}"))
    pages = await ids(records, limit=3)
    assert [len(page) for page in pages] == [3, 3, 3, 3, 3, 3, 2]
    assert {id for page in pages for id in page} == {f"m{number}" for number in range(20)}


@pytest.mark.parametrize("cursor", ["", "x", "!!!!", "AAAA", "é", "bQAAAaH5tYwyAAAA", "\x00"])
async def test_a_wrong_cursor_is_refused(records: Database, cursor: str) -> None:
    for asked in (records.meetings("ann", cursor=cursor), records.search("ann", "word", cursor=cursor)):
        with pytest.raises(BadCursor) as raised:
            await asked
        assert isinstance(raised.value, ValueError)


async def test_a_cursor_is_for_one_kind_of_list(records: Database) -> None:
    for number in range(3):
        await records.add_meeting(a_meeting(f"m{number}"))
    page = await records.meetings("ann", limit=1)
    with pytest.raises(BadCursor, match="another list"):
        await records.search("ann", "word", cursor=page.cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_page_has_a_size(records: Database, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 500"):
        await records.meetings("ann", limit=limit)
    with pytest.raises(ValueError, match="1 to 500"):
        await records.search("ann", "word", limit=limit)


async def test_the_trash_is_a_list_of_its_own(records: Database) -> None:
    for number in range(3):
        await records.add_meeting(a_meeting(f"m{number}", minutes=number))
        await records.index(f"m{number}", said("a word"))
    await records.change_meeting("m1", {"deleted_at": NOON})
    assert await ids(records) == [["m2", "m0"]]
    assert await ids(records, trash=True) == await ids(records, trash=True, q="meeting") == [["m1"]]
    assert [hit.meeting for hit in (await records.search("ann", "word")).items] == ["m2", "m0"]
    await records.change_meeting("m1", {"deleted_at": None})
    assert await ids(records) == [["m2", "m1"], ["m0"]]


async def test_unfinished_meetings_are_found(records: Database) -> None:
    for number, state in enumerate(("live", "processing", "done", "failed")):
        await records.add_meeting(a_meeting(f"m{number}", state=state))
    assert [meeting.id for meeting in await records.unfinished()] == ["m0", "m1"]


async def test_what_is_to_be_deleted_for_good_is_found(records: Database) -> None:
    day = timedelta(days=1)
    await records.add_meeting(a_meeting("kept"))
    await records.add_meeting(a_meeting("expires later", expires_at=NOON + day))
    await records.add_meeting(a_meeting("expires now", expires_at=NOON))
    await records.add_meeting(a_meeting("old trash", deleted_at=NOON - 2 * day))
    await records.add_meeting(a_meeting("new trash", deleted_at=NOON))
    assert {each.id for each in await records.expired(NOON, NOON - day)} == {"expires now", "old trash"}


async def test_a_meeting_changes_in_what_may_change(records: Database) -> None:
    await records.add_meeting(a_meeting())
    changed = await records.change_meeting(
        "m1", {"title": "Board", "state": "done", "duration": 3, "options": {"a": 1}}
    )
    assert changed == a_meeting(title="Board", state="done", duration=3.0, options={"a": 1})
    assert await records.meeting("m1") == changed
    assert await ids(records, q="board") == [["m1"]]
    assert await ids(records, q="meeting") == [[]]
    with pytest.raises(ValueError, match="owner"):
        await records.change_meeting("m1", {"owner": "bob"})
    with pytest.raises(NoRecord):
        await records.change_meeting("m2", {"title": "Board"})


async def test_an_attempt_that_was_overtaken_writes_nothing(records: Database) -> None:
    await records.add_meeting(a_meeting())
    old, new = await records.next_attempt("m1"), await records.next_attempt("m1")
    assert (old, new) == (1, 2)
    with pytest.raises(Overtaken):
        await records.change_meeting("m1", {"state": "done"}, old)
    with pytest.raises(Overtaken):
        await records.set_stages("m1", old, [StageRow(name="transcribe")])
    with pytest.raises(Overtaken):
        await records.add_events("m1", [("end", b"{}")], old)
    assert await records.meeting("m1") == a_meeting(attempt=2)
    assert await records.events("m1") == []
    assert (await records.change_meeting("m1", {}, new)).attempt == 2
    assert await records.add_events("m1", [("end", b"{}")], new) == [1]
    with pytest.raises(NoRecord):
        await records.next_attempt("m2")
    with pytest.raises(NoRecord):
        await records.add_events("m2", [("end", b"{}")], 1)


async def test_stages_are_replaced_by_name(records: Database) -> None:
    await records.add_meeting(a_meeting())
    attempt = await records.next_attempt("m1")
    waiting = [StageRow(name=name) for name in ("transcribe", "diarize", "summarize")]
    await records.set_stages("m1", attempt, waiting)
    running = StageRow(name="diarize", engine="community", state="running", progress=0.5, lag=1.5, rtfx=30.0)
    await records.set_stages("m1", attempt, [running, StageRow(name="keyframes", state="failed", error="No picture.")])
    stages = (await records.meeting("m1")).stages
    assert stages[:3] == (waiting[0], running, waiting[2])
    assert [stage.name for stage in stages] == ["transcribe", "diarize", "summarize", "keyframes"]


async def test_many_write_at_once(database_url: str) -> None:
    """Two servers, twenty writers: nobody finds the database locked, nothing is lost."""
    first, second = open_database(database_url), open_database(database_url)
    for number in range(20):
        await first.add_meeting(a_meeting(f"m{number}", minutes=number))

    async def write(records: Database, id: str) -> None:
        attempt = await records.next_attempt(id)
        for _ in range(5):
            await records.add_events("m0", [("tick", b"{}")])
            await records.set_stages(id, attempt, [StageRow(name="transcribe", progress=1.0)])
            await records.index(id, said("one", "two"))

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(write, (first, second)[number % 2], f"m{number}")
    assert [event.number for event in await second.events("m0")] == list(range(1, 101))
    assert len((await first.search("ann", "two", limit=50)).items) == 20
    await first.close()
    await second.close()


async def test_speakers_have_names(records: Database) -> None:
    await records.add_meeting(a_meeting())
    for label, name in (("S1", "Ann"), ("S2", "Bob"), ("S1", "<i>Åsa</i>")):
        await records.set_name("m1", label, name)
    await records.set_name("m1", "S2", None)
    await records.set_name("m1", "S3", None)
    assert await records.overlays("m1") == Overlays(names={"S1": "<i>Åsa</i>"})
    with pytest.raises(NoRecord):
        await records.set_name("m2", "S1", "Ann")


@pytest.mark.parametrize(
    ("merges", "shown"),
    [
        ([("S1", "S2")], {"S1": "S2"}),
        ([("S1", "S2"), ("S2", "S3")], {"S1": "S3", "S2": "S3"}),
        ([("S2", "S3"), ("S1", "S2")], {"S1": "S3", "S2": "S3"}),
        ([("S1", "S2"), ("S1", "S3")], {"S1": "S3"}),
        ([("S1", "S2"), ("S2", "S1")], {"S2": "S1"}),
        ([("S1", "S2"), ("S2", "S3"), ("S3", "S1")], {"S2": "S1", "S3": "S1"}),
        ([("S1", "S2"), ("S1", "S1")], {}),
        ([("S1", "S1")], {}),
    ],
)
async def test_merged_speakers_are_shown_as_one(
    records: Database, merges: list[tuple[str, str]], shown: dict[str, str]
) -> None:
    await records.add_meeting(a_meeting())
    for label, into in merges:
        await records.merge_speakers("m1", label, into)
    assert (await records.overlays("m1")).merged == shown


async def test_corrections_add_up_in_the_order_they_were_made(records: Database) -> None:
    await records.add_meeting(a_meeting())
    for edit in (an_edit(text="Hello."), an_edit("u2", text="Bye."), an_edit(speaker="S2"), an_edit("u3", text="")):
        await records.add_edit("m1", edit)
    expected = (an_edit("u2", text="Bye."), an_edit(text="Hello.", speaker="S2"), an_edit("u3", text=""))
    assert (await records.overlays("m1")).edits == expected
