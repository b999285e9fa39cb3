"""Meetings over HTTP: list, read, rename, correct, search, share, make again, delete, restore."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.order import Order
from tests.api.served import Served
from tests.api.test_uploads import problem

pytestmark = pytest.mark.anyio

HTML = '<img src=x onerror="alert(1)"> & <b>Böhm</b>'


@pytest.fixture(scope="module")
async def meeting(s: Served) -> dict[str, Any]:
    return await s.upload(title=HTML)


def at(meeting: dict[str, Any], *parts: str) -> str:
    return "/".join((f"/api/meetings/{meeting['id']}", *parts))


async def test_a_meeting_looks_as_documented(s: Served, meeting: dict[str, Any]) -> None:
    assert meeting.keys() == {
        "id", "title", "state", "created_at", "duration", "language", "source", "stages", "error", "media_type", "size",
        "deleted_at", "expires_at", "speakers",
    }  # fmt: skip
    assert meeting["stages"][0].keys() == {"name", "engine", "state", "progress", "lag", "rtfx", "error"}
    assert [speaker["name"] for speaker in meeting["speakers"]] == [None, None, None]
    assert (meeting["title"], meeting["state"], meeting["source"]) == (HTML, "done", "upload")


async def test_the_list_has_pages(s: Served, meeting: dict[str, Any]) -> None:
    await s.client.post("/api/meetings", content=b"x", headers={"Content-Type": "audio/wav"})
    first = (await s.client.get("/api/meetings?limit=1")).json()
    assert len(first["items"]) == 1
    assert "speakers" not in first["items"][0]
    rest = (await s.client.get("/api/meetings", params={"limit": 1, "cursor": first["cursor"]})).json()
    assert rest["items"][0]["id"] != first["items"][0]["id"]
    found = (await s.client.get("/api/meetings?q=bohm")).json()
    assert [item["id"] for item in found["items"]] == [meeting["id"]]
    assert "cursor" in problem(await s.client.get("/api/meetings?cursor=nonsense"), 400)
    assert "limit" in problem(await s.client.get("/api/meetings?limit=0"), 400)
    assert "limit" in problem(await s.client.get("/api/meetings?limit=many"), 400)


async def test_names_and_titles_change(s: Served, meeting: dict[str, Any]) -> None:
    label = meeting["speakers"][0]["label"]
    answer = await s.client.patch(at(meeting), json={"title": f"{HTML} 2", "speakers": {label: "Ann"}})
    assert answer.status_code == 200, answer.text
    assert answer.json()["title"] == f"{HTML} 2"
    assert answer.json()["speakers"][0] == {"label": label, "name": "Ann"}
    assert (await s.client.get(at(meeting))).json() == answer.json()
    taken = await s.client.patch(at(meeting), json={"speakers": {label: None}})
    assert taken.json()["speakers"][0]["name"] is None
    assert "Nobody" in problem(await s.client.patch(at(meeting), json={"speakers": {"S99": "x"}}), 404)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"title": 3}', "title"),
        (b'{"titel": "x"}', "titel"),
        (b'{"title": "a\\u0000b"}', "title"),
        (b'{"title": "' + b"x" * 301 + b'"}', "title"),
        (b"[]", "object"),
        (b"{", ""),
        (b'{"title": "\\ud800"}', ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
)
async def test_bodies_that_do_not_fit_are_refused_in_words(
    s: Served, meeting: dict[str, Any], body: bytes, told: str
) -> None:
    answer = await s.client.patch(at(meeting), content=body, headers={"Content-Type": "application/json"})
    assert told in problem(answer, 400)


async def test_utterances_are_corrected_and_speakers_merged(s: Served, meeting: dict[str, Any]) -> None:
    before = (await s.client.get(at(meeting, "transcript"))).json()
    first, second = before["utterances"][:2]
    answer = await s.client.patch(at(meeting, "utterances", first["id"]), json={"text": "Guten Tag"})
    assert answer.json()["text"] == "Guten Tag"
    merge = {"label": second["speaker"], "into": first["speaker"]}
    merged = await s.client.post(at(meeting, "speakers/merge"), json=merge)
    assert merged.status_code == 200
    assert {line["speaker"] for line in merged.json()["utterances"][:2]} == {first["speaker"]}
    assert (await s.client.get(at(meeting, "transcript"))).json() == merged.json()
    found = (await s.client.get("/api/search?q=guten")).json()["items"]
    assert [(hit["meeting"], hit["found"]["utterance"]) for hit in found] == [(meeting["id"], first["id"])]
    assert found[0]["found"].keys() == {"utterance", "start", "end", "speaker", "text"}
    patch = s.client.patch
    assert "text" in problem(await patch(at(meeting, "utterances", first["id"]), json={}), 400)
    assert problem(await patch(at(meeting, "utterances", first["id"]), json={"text": " "}), 400)
    assert problem(await patch(at(meeting, "utterances", "0-99"), json={"text": "x"}), 404)
    assert "q" in problem(await s.client.get("/api/search"), 400)


@pytest.mark.parametrize(
    ("suffix", "media_type", "begins"),
    [
        ("json", "application/json", b"{"),
        ("txt", "text/plain", b"[0:00]"),
        ("md", "text/markdown", b"# "),
        ("srt", "application/x-subrip", b"1\n"),
        ("vtt", "text/vtt", b"WEBVTT\n"),
        ("rttm", "text/x-rttm", b"SPEAKER "),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
    ],
)
async def test_transcripts_come_in_every_format(
    s: Served, meeting: dict[str, Any], suffix: str, media_type: str, begins: bytes
) -> None:
    by_query = await s.client.get(at(meeting, "transcript"), params={"format": suffix})
    by_header = await s.client.get(at(meeting, "transcript"), headers={"Accept": f"{media_type}, */*;q=0.1"})
    for answer in (by_query, by_header):
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == media_type
        assert answer.content.startswith(begins)
        name = answer.headers["content-disposition"]
        assert f'.{suffix}"' in name
        assert "<" not in name
        assert "\n" not in name


async def test_an_unknown_format_is_refused(s: Served, meeting: dict[str, Any]) -> None:
    assert "format" in problem(await s.client.get(at(meeting, "transcript?format=exe")), 400)
    anything = await s.client.get(at(meeting, "transcript"), headers={"Accept": "image/png"})
    assert anything.headers["content-type"] == "application/json"


async def test_the_summary_cites_utterances(s: Served, meeting: dict[str, Any]) -> None:
    summary = (await s.client.get(at(meeting, "summary"))).json()
    assert summary.keys() == {
        "engine", "template", "language", "extractive", "title", "overview", "topics", "decisions", "actions",
        "questions", "dropped", "model", "length", "overview_evidence", "compared", "compared_by", "why_extractive",
        "withdrawn", "overview_slides",
    }  # fmt: skip
    ids = {line["id"] for line in (await s.client.get(at(meeting, "transcript"))).json()["utterances"]}
    assert set(summary["topics"][0]["points"][0]["evidence"]) <= ids
    markdown = await s.client.get(at(meeting, "summary?format=md"))
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "general, interview" in problem(await s.client.post(at(meeting, "summary"), json={"template": "brief"}), 422)
    brief = {"name": "brief", "title": "Brief", "instructions": "One sentence.", "length": "short"}
    stored = await s.client.post("/api/templates", json=brief)
    assert (stored.status_code, stored.json()["origin"]) == (201, "stored")
    again = await s.client.post(at(meeting, "summary"), json={"template": "brief", "length": "long", "model": "m"})
    assert (again.status_code, again.json()["state"]) == (202, "processing")
    assert (await s.done(meeting["id"]))["state"] == "done"
    assert (await s.client.get(at(meeting, "summary"))).json()["template"] == "brief"


async def test_templates_are_listed_hidden_and_seen_again(s: Served) -> None:
    listed = {item["name"]: item for item in (await s.client.get("/api/templates")).json()["items"]}
    assert listed.keys() >= {"general", "standup", "interview", "lecture", "customer-call"}
    assert listed["standup"]["sections"] == ["topics", "decisions", "actions", "questions"]
    assert listed["standup"]["length"] == "short"
    own = {"name": "standup", "title": "Ours", "instructions": "Names first."}
    assert (await s.client.post("/api/templates", json=own)).status_code == 201
    assert "sections" in problem(await s.client.post("/api/templates", json=own | {"sections": ["jokes"]}), 400)
    listed = {item["name"]: item for item in (await s.client.get("/api/templates")).json()["items"]}
    assert (listed["standup"]["title"], listed["standup"]["origin"]) == ("Ours", "stored")
    assert (await s.client.delete("/api/templates/standup")).status_code == 204
    assert "files" in problem(await s.client.delete("/api/templates/standup"), 404)
    listed = {item["name"]: item for item in (await s.client.get("/api/templates")).json()["items"]}
    assert listed["standup"]["origin"] == "parley"


async def test_uploads_follow_templates_that_there_are(s: Served) -> None:
    wrong = await s.client.post("/api/meetings?template=none", content=b"x", headers={"Content-Type": "audio/wav"})
    assert "'none'" in problem(wrong, 422)
    form = {"template": "none"}
    wrong = await s.client.post("/api/meetings", data=form, files={"file": ("a.wav", b"x", "audio/wav")})
    assert "'none'" in problem(wrong, 422)
    asked: dict[str, Any] = {
        "template": "lecture",
        "summary_language": "de",
        "summary_length": "short",
        "glossary": "Ada: us\n\nBob",
    }
    made = await s.upload(**asked)
    order = Order.of(await s.parts.records.meeting(made["id"]))
    assert (order.template, order.summary_language, order.summary_length) == ("lecture", "de", "short")
    assert order.glossary == ("Ada: us", "Bob")


async def test_a_meeting_without_a_summary_says_so(s: Served) -> None:
    failed = await s.upload(b"no sound at all")
    assert failed["state"] == "failed"
    assert failed["error"]
    assert "no summary" in problem(await s.client.get(at(failed, "summary")), 404)


async def test_stages_are_made_again(s: Served, meeting: dict[str, Any]) -> None:
    answer = await s.client.post(at(meeting, "runs"), json={"from": "ramp", "language": "de"})
    assert answer.status_code == 202
    assert (await s.done(meeting["id"]))["state"] == "done"
    assert "ramp" in problem(await s.client.post(at(meeting, "runs"), json={"from": "nothing"}), 400)
    assert "from" in problem(await s.client.post(at(meeting, "runs"), json={}), 400)


async def test_links_open_one_meeting_until_they_end(s: Served, meeting: dict[str, Any]) -> None:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = (await s.client.post(at(meeting, "share"), json={"expires_at": soon})).json()
    assert made["path"] == f"/s/{made['token']}"
    (kept,) = (await s.client.get(at(meeting, "share"))).json()["items"]
    assert kept == {name: made[name] for name in ("id", "created_at", "expires_at")}
    opened = await s.client.get(f"/api/shared/{made['token']}")
    assert opened.json()["id"] == meeting["id"]
    assert (await s.client.get(at(meeting, "transcript"), params={"share": made["token"]})).status_code == 200
    assert (await s.client.delete(at(meeting, "share", made["id"]))).status_code == 204
    assert problem(await s.client.delete(at(meeting, "share", made["id"])), 404)
    assert "expires_at" in problem(
        await s.client.post(at(meeting, "share"), json={"expires_at": "2020-01-01T00:00:00Z"}), 400
    )
    assert "expires_at" in problem(
        await s.client.post(at(meeting, "share"), json={"expires_at": "2090-01-01T00:00"}), 400
    )


async def test_what_is_deleted_can_be_restored_until_it_is_purged(s: Served) -> None:
    made = await s.upload()
    assert (await s.client.delete(at(made))).status_code == 204
    assert made["id"] in [item["id"] for item in (await s.client.get("/api/meetings?trash=true")).json()["items"]]
    assert made["id"] not in [item["id"] for item in (await s.client.get("/api/meetings")).json()["items"]]
    assert (await s.client.post(at(made, "restore"))).json()["deleted_at"] is None
    assert (await s.client.delete(at(made) + "?purge=true")).status_code == 204
    for part in ("", "/transcript", "/summary", "/audio", "/events", "/share"):
        assert problem(await s.client.get(at(made) + part), 404)
    assert problem(await s.client.delete(at(made)), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/api/meetings/0000000000000000000000000a",
        "/api/meetings/..%2F..%2Fetc%2Fpasswd",
        "/api/meetings/%00",
        "/api/meetings/%2e%2e/audio",
        "/api/meetings/x%0d%0aSet-Cookie:a/audio",
        "/api/meetings/a%2Fb/transcript",
        "/api/meetings/ä/audio",
        "/api/nothing",
        "/api/meetings/x/y/z",
    ],
)
async def test_unknown_ids_and_paths_are_refused(s: Served, path: str) -> None:
    answer = await s.client.get(path)
    assert answer.status_code in (400, 404)
    assert problem(answer, answer.status_code)
    assert "set-cookie" not in answer.headers


async def test_other_methods_are_refused(s: Served) -> None:
    answer = await s.client.put("/api/meetings")
    assert "not PUT" in problem(answer, 405)
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "POST", "OPTIONS"}
