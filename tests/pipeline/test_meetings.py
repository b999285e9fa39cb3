"""A meeting from its first byte to its last trace."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from pipeline.meetings import BadEdit, EmptyUpload, Keeping, Meetings, NotNow, TooLarge, UnknownStage
from pipeline.options import Options
from pipeline.order import Order
from storage.records import NoRecord
from storage.rows import MeetingRow
from storage.store import NotStored
from tests.pipeline.toy_run import keys
from tests.pipeline.toy_server import Server, sent, server, sound_file

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    keeping = Keeping(largest_upload=1_000_000, trash_days=1)
    async with server(tmp_path_factory.mktemp("server"), keeping=keeping) as started:
        yield started


async def traces(s: Server, id: str) -> list[str]:
    """Return what the store keeps of a meeting."""
    return [key for key in await keys(s.store, "") if id in key]


async def uploaded(s: Server, owner: str | None = "ann", seconds: float = 6, **more: str) -> MeetingRow:
    """Return a meeting that is done."""
    row = await s.meetings.accept(owner, sent(sound_file(seconds)), media_type="audio/wav", **more)  # type: ignore[arg-type]
    await s.finished(row.id)
    return await s.meetings.meeting(row.id, owner)


async def test_a_recording_becomes_a_meeting(s: Server) -> None:
    row = await s.meetings.accept("ann", sent(sound_file(6)), file_name="Monday.wav", media_type="audio/wav")
    assert (row.state, row.title, row.owner, row.source) == ("processing", "Monday", "ann", "upload")
    assert [stage.name for stage in row.stages] == ["ramp", "upper", "join", "summarize"]
    events = await s.finished(row.id)
    row = await s.meetings.meeting(row.id, "ann")
    assert (row.state, row.duration, row.error) == ("done", 6.0, None)
    assert [(stage.name, stage.state, stage.progress) for stage in row.stages] == [
        (name, "done", 1.0) for name in ("ramp", "upper", "join", "summarize")
    ]
    numbered = [event for event in events if event.number]
    assert [event.number for event in numbered] == list(range(1, len(numbered) + 1))
    told = [event.type for event in numbered]
    assert told.count("utterance") == 6
    assert told.index("summary") > told.index("utterance")
    assert told[-1] == "end"
    made = await s.meetings.transcript(row.id, "ann")
    assert [line.text for line in made.utterances] == [f"w{at * 16000}" for at in range(6)]
    summary = await s.meetings.summary(row.id, "ann")
    assert summary is not None
    assert summary.topics[0].points[0].evidence == tuple(line.id for line in made.utterances)


async def test_events_resume_after_a_number(s: Server) -> None:
    row = await uploaded(s)
    everything = [event.number for event in await s.finished(row.id)]
    assert [event.number for event in await s.finished(row.id, after=3)] == everything[3:]
    assert await s.finished(row.id, after=everything[-1]) == []


async def test_the_sound_is_kept_as_it_was_sent(s: Server) -> None:
    data = sound_file(6)
    row = await uploaded(s, file_name="../../etc/päss wd?.wav")
    audio = await s.meetings.audio(row.id, "ann")
    assert (audio.size, audio.media_type, audio.file_name) == (len(data), "audio/wav", "päss wd_.wav")
    assert b"".join([block async for block in audio.stream(0, audio.size)]) == data
    assert b"".join([block async for block in audio.stream(100, 200)]) == data[100:200]


async def test_a_media_type_that_a_browser_runs_is_not_kept(s: Server) -> None:
    row = await s.meetings.accept(None, sent(sound_file(1)), media_type="text/html")
    assert row.media_type == "audio/wav", "as its first bytes say"
    assert row.owner == "local"


async def test_titles_are_one_line(s: Server) -> None:
    row = await s.meetings.accept("ann", sent(sound_file(1)), title="  <b>Hi</b>\r\nSet-Cookie: a\x00  ")
    assert row.title == "<b>Hi</b> Set-Cookie: a"
    assert (await s.meetings.rename(row.id, "ann", title="x" * 500)).title == "x" * 200


async def cut_off(data: bytes) -> AsyncIterator[bytes]:
    """Yield half of the bytes, as from a client that goes away."""
    async for block in sent(data[: len(data) // 2]):
        yield block
    raise ConnectionResetError("The client went away.")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (lambda: cut_off(sound_file(20)), ConnectionResetError),
        (lambda: sent(b""), EmptyUpload),
        (lambda: sent(bytes(1_000_001)), TooLarge),
    ],
    ids=["cut off", "empty", "too large"],
)
async def test_what_is_not_accepted_leaves_nothing(
    s: Server, body: Callable[[], AsyncIterator[bytes]], error: type[Exception]
) -> None:
    before = {key.split("/")[1] for key in await keys(s.store, "")}
    with pytest.raises(error):
        await s.meetings.accept("cut", body())
    assert {key.split("/")[1] for key in await keys(s.store, "")} == before
    assert (await s.meetings.list("cut")).items == ()


async def test_what_is_no_recording_fails_with_a_sentence(s: Server) -> None:
    row = await s.meetings.accept("ann", sent(b"no sound at all" * 100), file_name="notes.txt")
    events = await s.finished(row.id)
    assert [event.type for event in events][-2:] == ["error", "end"]
    row = await s.meetings.meeting(row.id, "ann")
    assert row.state == "failed"
    assert "notes.txt cannot be read as sound or video" in (row.error or "")
    assert (await s.meetings.transcript(row.id, "ann")).utterances == ()
    assert await s.meetings.summary(row.id, "ann") is None


async def test_owners_do_not_see_one_another(s: Server) -> None:
    row = await uploaded(s, "eve")
    m = s.meetings
    asked = [
        m.meeting(row.id, "bob"), m.speakers(row.id, "bob"), m.rename(row.id, "bob", title="x"), m.trash(row.id, "bob"),
        m.restore(row.id, "bob"), m.purge(row.id, "bob"), m.transcript(row.id, "bob"), m.summary(row.id, "bob"),
        m.audio(row.id, "bob"), anext(m.events(row.id, "bob")), m.run_again(row.id, "bob", "ramp"),
        m.summarise_again(row.id, "bob"), m.edit_utterance(row.id, "bob", "0-0", text="x"),
        m.merge_speakers(row.id, "bob", "W0", "W16000"), m.name_speaker(row.id, "bob", "W0", "x"),
        m.share(row.id, "bob"), m.shares(row.id, "bob"), m.end_share(row.id, "bob", "x"),
    ]  # fmt: skip
    for call in asked:
        with pytest.raises(NoRecord):
            await call
    assert (await m.list("bob")).items == ()
    assert (await m.search("bob", "w0")).items == ()
    assert len((await m.list("eve")).items) == 1
    assert row.id in [seen.id for seen in (await m.list(None)).items]
    assert (await m.transcript(row.id, "eve")).utterances[0].text == "w0"


async def test_corrections_are_shown_and_found(s: Server) -> None:
    row = await uploaded(s, "dan")
    line = await s.meetings.edit_utterance(row.id, "dan", "0-16000", text="  Good   morning! ")
    assert (line.id, line.text, line.start, line.end) == ("0-16000", "Good morning!", 1.0, 2.0)
    line = await s.meetings.edit_utterance(row.id, "dan", "0-16000", speaker="S9")
    assert (line.text, line.speaker) == ("Good morning!", "S9")
    found = await s.meetings.search("dan", "morning")
    assert [(hit.found.text, hit.found.speaker) for hit in found.items] == [("Good morning!", "S9")]
    assert (await s.meetings.search("dan", "w16000")).items == ()


async def test_edits_hold_for_the_stretch_they_were_made_for(s: Server) -> None:
    row = await uploaded(s)
    for text in ("one two three", "one", "one two"):
        line = await s.meetings.edit_utterance(row.id, "ann", "0-16000", text=text)
    assert line.text == "one two"
    made = await s.meetings.transcript(row.id, "ann")
    assert [line.text for line in made.utterances] == ["w0", "one two", "w32000", "w48000", "w64000", "w80000"]


async def test_speakers_are_named_and_merged(s: Server) -> None:
    row = await uploaded(s, seconds=3)
    await s.meetings.name_speaker(row.id, "ann", "W0", " Ada  Lovelace ")
    made = await s.meetings.merge_speakers(row.id, "ann", "W16000", "W0")
    assert [(speaker.label, speaker.name) for speaker in made.speakers] == [("W0", "Ada Lovelace"), ("W32000", None)]
    assert await s.meetings.speakers(row.id, "ann") == made.speakers
    await s.meetings.rename(row.id, "ann", names={"W0": None, "W32000": "Bob"})
    made = await s.meetings.merge_speakers(row.id, "ann", "W16000", "W16000")
    assert [speaker.name for speaker in made.speakers] == [None, None, "Bob"]


@pytest.mark.parametrize(("text", "speaker"), [("  ", None), ("x" * 20_001, None), (None, "<script>")])
async def test_corrections_that_make_no_sense_are_refused(s: Server, text: str | None, speaker: str | None) -> None:
    row = await uploaded(s, seconds=1)
    with pytest.raises(BadEdit):
        await s.meetings.edit_utterance(row.id, "ann", "0-0", text=text, speaker=speaker)
    with pytest.raises(NoRecord):
        await s.meetings.edit_utterance(row.id, "ann", "0-5", text="x")
    with pytest.raises(NoRecord):
        await s.meetings.merge_speakers(row.id, "ann", "W0", "nobody")


async def test_a_stage_is_made_again_with_all_that_rests_on_it(s: Server) -> None:
    row = await uploaded(s)
    before = await s.finished(row.id)
    await s.meetings.edit_utterance(row.id, "ann", "0-16000", text="kept")
    row = await s.meetings.run_again(row.id, "ann", "upper")
    assert row.state == "processing"
    assert next(stage.state for stage in row.stages if stage.name == "ramp") == "done"
    events = await s.finished(row.id, after=before[-1].number)
    begun = [msgspec.json.decode(event.data)["stage"] for event in events if event.type == "stage"]
    assert {stage["name"] for stage in begun if stage["state"] == "running"} == {"upper", "join", "summarize"}
    assert (await s.meetings.transcript(row.id, "ann")).utterances[1].text == "kept"
    assert msgspec.json.decode(events[-1].data) == {"type": "end", "run": 2, "state": "done"}


async def test_a_summary_is_made_again_with_another_template(s: Server) -> None:
    row = await uploaded(s)
    before = await s.finished(row.id)
    await s.meetings.summarise_again(row.id, "ann", template="minutes", language="de")
    events = await s.finished(row.id, after=before[-1].number)
    begun = [msgspec.json.decode(event.data)["stage"] for event in events if event.type == "stage"]
    assert {stage["name"] for stage in begun} == {"summarize"}
    summary = await s.meetings.summary(row.id, "ann")
    assert summary is not None
    assert summary.template == "minutes"
    order = Order.of(await s.meetings.meeting(row.id, "ann"))
    assert (order.summary_language, order.language) == ("de", None), "what was heard is not made again"


async def test_what_cannot_be_run_again_says_why(s: Server) -> None:
    row = await uploaded(s)
    with pytest.raises(UnknownStage, match="ramp, upper, join, summarize"):
        await s.meetings.run_again(row.id, "ann", "nonsense")
    await s.meetings.trash(row.id, "ann")
    with pytest.raises(NotNow, match="restore it first"):
        await s.meetings.run_again(row.id, "ann", "ramp")


async def test_a_failed_meeting_can_be_run_again(s: Server) -> None:
    row = await s.meetings.accept("ann", sent(b"no sound" * 100))
    await s.finished(row.id)
    await s.meetings.run_again(row.id, "ann", "ramp", Options(language="en"))
    await s.finished(row.id, after=2)
    assert (await s.meetings.meeting(row.id, "ann")).state == "failed"


async def test_the_trash_gives_back_and_forgets(s: Server) -> None:
    row = await uploaded(s, "tim")
    await s.meetings.trash(row.id, "tim")
    assert (await s.meetings.list("tim")).items == ()
    assert [kept.id for kept in (await s.meetings.list("tim", trash=True)).items] == [row.id]
    assert (await s.meetings.restore(row.id, "tim")).deleted_at is None
    assert len((await s.meetings.list("tim")).items) == 1
    await s.meetings.trash(row.id, "tim")
    assert await s.meetings.sweep() == 0, "not yet"
    await s.records.change_meeting(row.id, {"deleted_at": datetime.now(UTC) - timedelta(days=2)})
    assert await s.meetings.sweep() == 1
    with pytest.raises(NoRecord):
        await s.meetings.meeting(row.id, None)
    assert await traces(s, row.id) == []


async def test_retention_deletes_for_good(s: Server) -> None:
    row = await uploaded(s)
    await s.records.change_meeting(row.id, {"expires_at": datetime.now(UTC) - timedelta(seconds=1)})
    assert await s.meetings.sweep() == 1
    assert await traces(s, row.id) == []


async def test_purged_meetings_leave_no_trace(s: Server) -> None:
    row = await uploaded(s, title="Secret plans")
    await s.meetings.edit_utterance(row.id, "ann", "0-0", text="unmistakable")
    shared = await s.meetings.share(row.id, "ann")
    await s.meetings.purge(row.id, "ann")
    assert await traces(s, row.id) == []
    assert (await s.meetings.search(None, "unmistakable")).items == ()
    assert await s.records.events(row.id) == []
    with pytest.raises(NoRecord):
        await s.meetings.shared(shared.token)


async def test_a_link_opens_one_meeting(s: Server) -> None:
    row, other = await uploaded(s), await uploaded(s)
    shared = await s.meetings.share(row.id, "ann")
    assert (await s.meetings.shared(shared.token)).id == row.id
    for wrong in (shared.token[:-1] + "?", shared.token.partition(".")[0], "", "x.y", "."):
        with pytest.raises(NoRecord):
            await s.meetings.shared(wrong)
    with pytest.raises(NoRecord):
        await s.meetings.end_share(other.id, "ann", shared.row.id)
    assert [link.id for link in await s.meetings.shares(row.id, "ann")] == [shared.row.id]
    await s.meetings.end_share(row.id, "ann", shared.row.id)
    with pytest.raises(NoRecord):
        await s.meetings.shared(shared.token)


async def test_a_meeting_without_a_file_has_no_audio(s: Server) -> None:
    now = datetime.now(UTC)
    live = MeetingRow(id="live", owner="ann", title="t", state="live", created_at=now, source="websocket")
    await s.records.add_meeting(live)
    with pytest.raises(NotStored):
        await s.meetings.audio("live", "ann")
    with pytest.raises(NotNow, match="live"):
        await s.meetings.run_again("live", "ann", "ramp")


def test_every_door_is_described() -> None:
    named = [name for name in vars(Meetings) if not name.startswith("_")]
    assert all(getattr(Meetings, name).__doc__ for name in named)
