"""One key's meetings do not exist for another: tried on every route there is."""

import re
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.routes import WebSocketRoute

from api.app import app_of, parts_of
from api.doors.keyring import Keyring
from api.settings import Settings
from tests.api.doors.house import AWAY, House, connect, is_problem

pytestmark = pytest.mark.anyio

OPEN = {"/health", "/api/sign-in", "/api/sign-out"}
"""All that answers to whoever has no key."""
SERVER_OPEN = {*OPEN, "/api/health", "/health/ready", "/", "/{id}"}
"""The same for the whole server; `/{id}` are the files of the page."""
BODIES = {
    ("PATCH", "/api/meetings/{id}"): {"title": "Mine"},
    ("PATCH", "/api/meetings/{id}/utterances/{other}"): {"text": "mine"},
    ("POST", "/api/meetings/{id}/speakers/merge"): {"label": "S1", "into": "S2"},
    ("POST", "/api/meetings/{id}/runs"): {"from": "diarize"},
    ("POST", "/api/meetings/{id}/summary"): {},
    ("POST", "/api/meetings/{id}/share"): {},
    ("PATCH", "/api/meetings/{id}/actions"): {"task": "Mine", "evidence": "0-1", "done": True},
    ("POST", "/api/meetings/{id}/ask"): {"question": "What was said?"},
}


def routes(app: Litestar) -> list[tuple[str, str]]:
    """Return method and path of every route, with `{id}` for its first parameter and `{other}` for others."""
    found = []
    for route in app.routes:
        if isinstance(route, WebSocketRoute):
            continue
        path = re.sub(r"\{[^}]+\}", "{id}", re.sub(r"(\}.*)\{[^}]+\}", r"\1{other}", route.path), count=1)
        found += [(method, path) for method in getattr(route, "methods", ("GET", "POST")) if method != "OPTIONS"]
    return sorted(found)


async def test_every_route_about_a_meeting_hides_it_from_other_owners(open_house: House) -> None:
    await open_house.key("alice")
    bob, admin = await open_house.key("bob"), await open_house.key("boss", "admin")
    id = await open_house.meeting("alice", "Hers")
    tried = 0
    for made in (bob, admin):
        async with open_house.bearer(made) as client:
            for method, path in routes(open_house.app):
                if not path.startswith("/api/meetings/{id}"):
                    continue
                body = BODIES.get((method, path))
                for address in (id, "m0nobody"):
                    where = path.format(id=address, other="u1")
                    answer = await client.request(method, where, json=body)
                    assert answer.status_code == 404, (method, where, answer.text)
                    assert method == "HEAD" or is_problem(answer, 404)
                    assert "Hers" not in answer.text and "alice" not in answer.text
                    tried += 1
            assert (await client.get("/api/meetings")).json()["items"] == []
            assert (await client.get("/api/search", params={"q": "Hers"})).json()["items"] == []
    assert tried >= 40
    assert (await open_house.records.meeting(id)).title == "Hers"


async def test_a_meeting_of_somebody_else_looks_like_none(open_house: House) -> None:
    bob, id = await open_house.key("bob"), await open_house.meeting("alice")
    async with open_house.bearer(bob) as client:
        theirs, none = await client.get(f"/api/meetings/{id}"), await client.get("/api/meetings/m0nobody")
        assert (theirs.status_code, theirs.json()) == (none.status_code, none.json())


async def test_no_route_of_the_whole_server_answers_without_a_key(folder: Path) -> None:
    parts = parts_of(Settings(data=folder))
    app = app_of(parts)
    await Keyring(parts.records).add("root", "admin")
    transport = httpx.ASGITransport(app=app, client=AWAY)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for method, path in routes(app):
            if path in SERVER_OPEN:
                continue
            answer = await client.request(method, path.format(id="x", other="y"))
            assert answer.status_code == (404 if path.startswith("/api/shared/") else 401), (method, path)
    sockets = [route.path for route in app.routes if isinstance(route, WebSocketRoute)]
    assert sockets
    for path in sockets:
        assert (await connect(app, re.sub(r"\{[^}]+\}", "x", path), client=AWAY)).close_code == 4401
    await parts.records.close()


async def test_no_route_but_the_open_ones_answers_without_a_key(open_house: House) -> None:
    await open_house.key("root", "admin")
    id = await open_house.meeting("local")
    async with open_house.client(AWAY) as client:
        for method, path in routes(open_house.app):
            answer = await client.request(method, path.format(id=id, other="u1"))
            if path.startswith("/api/shared/"):
                assert is_problem(answer, 404)  # no link of that name
                continue
            assert (answer.status_code == 401) == (path not in OPEN), (method, path, answer.status_code)


async def test_a_read_key_changes_nothing_on_any_route(open_house: House) -> None:
    reader = await open_house.key("reader", "read", owner="alice")
    id = await open_house.meeting("alice")
    async with open_house.bearer(reader) as client:
        assert (await client.get(f"/api/meetings/{id}")).status_code == 200
        for method, path in routes(open_house.app):
            if method not in ("GET", "HEAD") and path not in OPEN:
                body = BODIES.get((method, path))
                answer = await client.request(method, path.format(id=id, other="u1"), json=body)
                assert is_problem(answer, 403), (method, path, answer.status_code)


async def test_what_is_below_admin_is_for_admins(open_house: House) -> None:
    user = await open_house.key("user")
    async with open_house.bearer(user) as client:
        below = [
            (method, path) for method, path in routes(open_house.app) if path.startswith(("/api/admin", "/api/keys"))
        ]
        assert len(below) >= 4
        for method, path in below:
            assert is_problem(await client.request(method, path.format(id="x", other="y"), json={}), 403)


async def test_ids_that_reach_elsewhere_reach_nothing(open_house: House) -> None:
    await open_house.meeting("alice")
    made = await open_house.key("bob", "admin")
    for id in [
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "....//",
        "%00",
        "a%00b",
        "%0d%0aX: y",
        "x" * 2000,
        "*",
        "%",
        "é",
        "null",
    ]:
        async with open_house.bearer(made) as client:
            for path in (f"/api/meetings/{id}", f"/api/meetings/{id}/transcript", f"/api/meetings/{id}/audio"):
                answer = await client.get(path)
                assert answer.status_code in (400, 404, 405) or answer.json().get("items") == [], (path, answer.text)
            assert (await client.delete(f"/api/keys/{id}")).status_code in (400, 404, 405)
