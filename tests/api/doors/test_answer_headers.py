"""What every answer tells the browser, and what no caller can make it tell."""

from pathlib import Path

import httpx
import pytest

from api.doors.answer_headers import AnswerHeaders
from api.doors.settings import DoorSettings
from tests.api.doors.house import AWAY, House, house

pytestmark = pytest.mark.anyio

PAGE = "https://app.example"


def policy(answer: httpx.Response) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";")]
    return {name: value for name, _, value in parts}


async def test_every_answer_has_them_refused_or_not(open_house: House) -> None:
    async with open_house.client() as client:
        for answer in (
            await client.get("/health"),
            await client.get("/api/meetings"),
            await client.get("/nothing"),
            await client.delete("/health"),
            await client.get("/api/me", headers={"Host": "evil.example"}),
            await client.post("/api/typed", content=b"{"),
        ):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            assert policy(answer)["frame-ancestors"] == "'none'"
            allowed = answer.headers["permissions-policy"]
            assert "microphone=(self)" in allowed and "display-capture=(self)" in allowed and "camera=()" in allowed
            assert not any("unsafe" in value or value in ("*", "https:", "http:") for value in policy(answer).values())


async def test_a_page_runs_its_own_scripts_and_data_runs_none(open_house: House) -> None:
    async with open_house.client() as client:
        page, data = policy(await client.get("/health")), policy(await client.get("/api/me"))
    assert page["default-src"] == page["connect-src"] == "'self'" and "sandbox" not in page
    assert data["default-src"] == "'none'" and "sandbox" in data


async def test_what_is_somebodys_own_is_kept_by_nobody(open_house: House) -> None:
    async with open_house.client() as client:
        assert (await client.get("/api/meetings")).headers["cache-control"] == "no-store"
        assert (await client.get("/api/header", params={"value": "x"})).headers["cache-control"] == "private, no-cache"
        assert "cache-control" not in (await client.get("/health")).headers


async def test_https_is_remembered_where_it_is_configured(folder: Path) -> None:
    async with house(folder, DoorSettings(public_url="https://parley.lan")) as found, found.client() as client:
        assert "max-age=" in (await client.get("/health")).headers["strict-transport-security"]


def test_a_route_may_say_more_but_never_less_than_one_line() -> None:
    complete = AnswerHeaders(DoorSettings()).complete
    own = complete([(b"content-security-policy", b"default-src 'none'")], [], is_data=False)
    assert [value for name, value in own if name == b"content-security-policy"] == [b"default-src 'none'"]
    broken = complete(
        [(b"x-title", b"a\r\nset-cookie: parley=1\r\n\r\n<script>"), (b"x\r\ny", b"z\0")], [], is_data=True
    )
    assert dict(broken)[b"x-title"] == b"a  set-cookie: parley=1    <script>"
    assert dict(broken)[b"xy"] == b"z "


async def test_nothing_breaks_out_of_a_header(open_house: House) -> None:
    for value in ["a\r\nSet-Cookie: parley=evil", "a\nX: y", "a\r\n\r\n<script>alert(1)</script>", "\0\x7f"]:
        async with open_house.client() as client:
            answer = await client.get("/api/header", params={"value": value})
            assert "set-cookie" not in answer.headers and "x" not in answer.headers
            assert not set(answer.headers["x-said"]) & set("\r\n\0\x7f")
            assert answer.text == "done"


async def test_titles_stay_titles_in_names_of_downloads(open_house: House) -> None:
    id = await open_house.meeting(
        "local", 'a"\r\nSet-Cookie: x=y; filename="../../etc/passwd" \u202egpj.exe \U0001f600'
    )
    async with open_house.client() as client:
        answer = await client.get(f"/api/meetings/{id}/transcript", params={"format": "txt"})
        assert answer.status_code == 200 and "set-cookie" not in answer.headers
        named = answer.headers["content-disposition"]
        assert named.isascii() and named.count('"') in (0, 2)
        assert not set(named.partition("filename*")[0]) & set("/\\\r\n")


async def test_other_pages_read_nothing_unless_they_are_allowed(folder: Path) -> None:
    async with house(folder, DoorSettings(allowed_origins=(PAGE,))) as found:
        made = await found.key("alice")
        async with found.client(AWAY, headers={"Origin": PAGE, "Authorization": f"Bearer {made.text}"}) as client:
            asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
            may = await client.options("/api/meetings/x", headers=asked)
            assert may.status_code == 204 and "DELETE" in may.headers["access-control-allow-methods"]
            for answer in (may, await client.get("/api/me"), await client.get("/api/me", headers={"X-API-Key": "x"})):
                assert answer.headers["access-control-allow-origin"] == PAGE
                assert answer.headers["vary"] == "Origin"
                assert "access-control-allow-credentials" not in answer.headers
            wrong = await client.get("/api/me", headers={"Authorization": "Bearer pk_0_0"})
            assert wrong.status_code == 401 and wrong.headers["access-control-allow-origin"] == PAGE
            for origin in ("https://evil.example", "https://app.example.evil.example", "null"):
                other = await client.get("/api/me", headers={"Origin": origin})
                assert "access-control-allow-origin" not in other.headers
                refused = await client.options("/api/me", headers={**asked, "Origin": origin})
                assert refused.status_code == 403 and "access-control-allow-origin" not in refused.headers
