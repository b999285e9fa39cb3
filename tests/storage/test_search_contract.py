"""What every database finds: the same rows for the same words."""

import pytest
from sqlalchemy import func, select

from storage.database import tables
from storage.database.database import Database
from storage.records import NoRecord
from tests.storage.record_rows import NOON, a_key, a_meeting, a_share, an_edit, said

pytestmark = pytest.mark.anyio

SAID = said(
    "Hello world, hello again.",
    "Das Café in der Straße öffnet um 9:30 Uhr; Ærø, Łódź, İstanbul.",
    "I don't think it's C++ or user_name@example.com, e.g. 1e5 and 3.14-rc2.",
    '<script>alert("x")</script> & <b>bold</b>',
    "100% of 'quotes' and \"more quotes\" OR nothing AND all NOT some NEAR (this) * that",
    "Party 🎉 with 👩‍💻 and 🤷🏽‍♀️!",
    "会议记录明天下午三点开始",
    "ミーティングは明日です。",
    "การประชุมเริ่มพรุ่งนี้",
    "회의는 내일 시작합니다",
    "हिन्दी में बैठक",
    "Встреча начнётся завтра",
    "naïve ﬁne ＦＵＬＬ  e\u0301clair \U0001f1e9\U0001f1ea",
    "",
    "x" * 5000,
)


FOUND = {
    "hello": "u0",
    "HELLO World": "u0",
    "world hello": "u0",
    "hel": "u0",
    "hel world": "",
    "hello wor": "u0",
    "ello": "",
    "cafe": "u1",
    "CAFÉ": "u1",
    "cafe\u0301": "u1",
    "strasse": "u1",
    "offnet 9 30": "u1",
    "aero lodz istanbul": "u1",
    "don't": "u2",
    "don’t": "u2",
    "c++": "u1 u2",
    "user_name@example.com": "u2",
    "user": "u2",
    "1e5": "u2",
    "3.14-rc2": "u2",
    "<script>": "u3",
    "&lt;": "",
    "bold": "u3",
    "100%": "u4",
    "%": "",
    "_": "",
    "10%": "u4",
    "1_0": "",
    "'quotes'": "u4",
    '"more quotes"': "u4",
    '"quotes more"': "u4",
    "OR": "u2 u4",
    "hello OR bold": "",
    "NOT": "u4",
    "th*": "u2 u4",
    "thi:*": "u2 u4",
    "quotes NEAR(all)": "u4",
    "words:hello": "",
    '") OR 1=1 --': "",
    "hello') | ('bold": "",
    "🎉": "u5",
    "party🎉": "u5",
    "💻 👩": "u5",
    "🤷‍♀️": "u5",
    "🎂": "",
    "会议": "u6",
    "明天下午": "u6",
    "午": "u6",
    "明": "u6 u7",
    "天明": "",
    "ミーティング": "u7",
    "ﾐｰﾃｨﾝｸﾞ": "u7",
    "ティンク": "",
    "ประชุม": "u8",
    "회의": "u9",
    "내일 시작": "u9",
    "हिन्दी": "u10",
    "बैठ": "u10",
    "начнется": "u11",
    "ВСТРЕЧА": "u11",
    "naive": "u12",
    "fine full eclair": "u12",
    "": "",
    "   ": "",
    "!?": "",
    "\x00": "",
    "hello\x00world": "u0",
    "\ud800hello": "u0",
    "x" * 64: "u14",
    "x" * 9000: "u14",
    "hello " * 5000: "u0",
}
"""What is searched for, and the utterances of `SAID` that are found."""


async def test_words_are_found(records: Database) -> None:
    await records.add_meeting(a_meeting())
    await records.index("m1", SAID)
    found = {q: " ".join(hit.found.utterance for hit in (await records.search("ann", q)).items) for q in FOUND}
    assert found == FOUND


async def test_a_hit_shows_what_was_said(records: Database) -> None:
    meeting = a_meeting(title="<i>Board</i>")
    await records.add_meeting(meeting)
    await records.index("m1", SAID)
    (hit,) = (await records.search("ann", "script alert")).items
    assert (hit.meeting, hit.title, hit.created_at, hit.found) == ("m1", "<i>Board</i>", meeting.created_at, SAID[3])


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("board", ["m2", "m0"]),
        ("BO", ["m2", "m0"]),
        ("uber bo", ["m2"]),
        ("%", []),
        ("b", ["m2", "m1", "m0"]),
        ("🎉", ["m1"]),
    ],
)
async def test_meetings_are_found_by_title(records: Database, q: str, found: list[str]) -> None:
    for number, title in enumerate(("Board of 2026", "<b>100%</b> 🎉", "Über-Board")):
        await records.add_meeting(a_meeting(f"m{number}", minutes=number, title=title))
    assert [meeting.id for meeting in (await records.meetings("ann", q)).items] == found
    assert (await records.meetings("bob", q)).items == ()


async def test_newest_meetings_come_first_page_by_page(records: Database) -> None:
    for number in (1, 0, 2):
        await records.add_meeting(a_meeting(f"m{number}", minutes=number, owner="bob" if number == 1 else "ann"))
        await records.index(f"m{number}", said("a word", "nothing", "two words", "word for word")[::-1])
    everything = [(f"m{meeting}", f"u{number}") for meeting in (2, 1, 0) for number in (0, 2, 3)]
    for owner, expected in ((None, everything), ("ann", everything[:3] + everything[6:]), ("eve", [])):
        found, cursor = [], None
        while True:
            page = await records.search(owner, "word", limit=2, cursor=cursor)
            found += [(hit.meeting, hit.found.utterance) for hit in page.items]
            if (cursor := page.cursor) is None:
                break
        assert found == expected


async def test_an_index_is_replaced(records: Database) -> None:
    for id in ("m1", "m2"):
        await records.add_meeting(a_meeting(id))
        await records.index(id, said("old words", "more old words"))
    await records.index("m1", said("new words"))
    assert [hit.meeting for hit in (await records.search("ann", "old")).items] == ["m2", "m2"]
    assert [hit.meeting for hit in (await records.search("ann", "new")).items] == ["m1"]
    await records.index("m1", [])
    assert (await records.search("ann", "new")).items == ()
    with pytest.raises(NoRecord):
        await records.index("m3", said("words"))


async def test_a_removed_meeting_leaves_no_row(records: Database) -> None:
    for id in ("m1", "m2"):
        await records.add_meeting(a_meeting(id))
        await records.index(id, said("word", "two words"))
        await records.add_events(id, [("end", b"{}")])
        await records.set_name(id, "S1", "Ann")
        await records.merge_speakers(id, "S2", "S1")
        await records.add_edit(id, an_edit(text="Hi"))
        await records.add_share(a_share(f"share of {id}", id))
    before = await counts(records)
    await records.remove_meeting("m1")
    await records.remove_meeting("m1")
    assert {name: (2 * after, before[name]) for name, after in (await counts(records)).items()} == {
        name: (count, count) for name, count in before.items()
    }
    assert all(before[name] for name in ("meetings", "utterances", "events", "names", "merges", "edits", "shares"))
    assert [hit.meeting for hit in (await records.search("ann", "word")).items] == ["m2", "m2"]
    await records.remove_meeting("m2")
    await records.add_meeting(a_meeting("m3"))
    assert not any(count for name, count in (await counts(records)).items() if name != "meetings")
    assert (await records.search("ann", "word")).items == ()


async def counts(records: Database) -> dict[str, int]:
    """Return how many rows each table has."""
    async with records.connections.reading() as connection:
        return {
            table.name: int(await connection.scalar(select(func.count()).select_from(table)) or 0)
            for table in tables.metadata.sorted_tables
        }


async def test_what_belongs_to_no_meeting_stays(records: Database) -> None:
    await records.add_meeting(a_meeting())
    await records.add_key(a_key())
    await records.set_setting("template", "a", b"{}")
    await records.remove_meeting("m1")
    assert (await records.key("k1")).created_at == NOON
    assert await records.setting("template", "a") == b"{}"
