"""What is not about meetings: health, metrics, the page, the API's own page, and errors of ours."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.records import DatabaseAway
from storage.rows import MeetingRow
from storage.store import StoreAway, StoreFull
from tests.api.served import Served
from tests.api.test_uploads import problem

pytestmark = pytest.mark.anyio


async def test_health_names_every_part(s: Served) -> None:
    for path in ("/health", "/api/health"):
        assert (await s.client.get(path)).json() == {"status": "alive"}
    answer = await s.client.get("/health/ready")
    assert answer.status_code == 200
    told = answer.json()
    assert [part["name"] for part in told["parts"]] == ["store", "database"]
    assert [engine["role"] for engine in told["engines"]] == ["vad", "asr", "aligner", "diarizer", "embed"]
    assert all(each["ready"] for each in (*told["parts"], *told["engines"]))


async def test_metrics_count_answers_by_route(s: Served) -> None:
    await s.client.get("/api/meetings/0000")
    answer = await s.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'parley_http_answers_total{method="GET",route="/api/meetings/{id}",status="404"}' in answer.text


@pytest.mark.parametrize("path", ["/", "/meetings/0000", "/meetings/a.b", "/s/token.secret", "/live", "/index.html"])
async def test_the_page_begins_at_each_of_its_addresses(s: Served, path: str) -> None:
    answer = await s.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.startswith("<!doctype html>")
    known = await s.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_everything_that_the_page_names_is_there(s: Served) -> None:
    text = (await s.client.get("/")).text
    for path in re.findall(r'(?:src|href)="(/[^"#]+)"', text):
        answer = await s.client.get(path)
        assert answer.status_code == 200, path
        kind = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}[Path(path).suffix]
        assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fpyproject.toml", "/__init__.py", "/style", "/%00"]
)
async def test_the_page_gives_nothing_else_away(s: Served, path: str) -> None:
    assert problem(await s.client.get(path), 404)
    lost = await s.client.get(path, headers={"Accept": "text/html"})
    assert lost.status_code == 404
    assert lost.text.startswith("<!doctype html>")


async def test_the_page_of_the_api_needs_no_other_machine(s: Served) -> None:
    text = (await s.client.get("/schema")).text
    assert "//" not in text.replace("<!doctype html>", "")
    for path in re.findall(r'(?:src|href)="([^"]+)"', text):
        answer = await s.client.get(path)
        assert answer.status_code == 200, path
    assert problem(await s.client.get("/schema/files/index.html"), 404)


async def test_the_api_documents_its_fields_and_errors(s: Served) -> None:
    document = (await s.client.get("/schema/openapi.json")).json()
    upload = document["paths"]["/api/meetings"]["post"]
    assert {"202", "400", "408", "413", "415", "422", "503", "507"} <= upload["responses"].keys()
    assert "multipart/form-data" in upload["requestBody"]["content"]
    assert document["components"]["schemas"]["Meeting"]["properties"]["duration"]["description"].startswith("Seconds")
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            is_foreign = operation.get("tags") in (["standard"], ["ollama"])
            for status, answer in operation["responses"].items():
                if status >= "400" and path != "/health/ready":
                    kind = "application/json" if is_foreign else "application/problem+json"
                    assert list(answer["content"]) == [kind], (path, status)


class Breaks:
    """Meetings that fail as a test says."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def meeting(self, id: str, owner: str | None) -> MeetingRow:
        raise self.error


@pytest.fixture
def breaking() -> Callable[[Exception], Any]:
    from litestar import Litestar
    from litestar.di import Provide
    from litestar.testing import AsyncTestClient

    from api.caller import LOCAL_ADMIN
    from api.errors import HANDLERS
    from api.routes.meetings import read_meeting

    def app(error: Exception) -> AsyncTestClient[Litestar]:
        return AsyncTestClient(
            Litestar(
                [read_meeting],
                dependencies={
                    "meetings": Provide(lambda: Breaks(error), sync_to_thread=False),
                    "caller": Provide(lambda: LOCAL_ADMIN, sync_to_thread=False),
                },
                exception_handlers=dict(HANDLERS),
                logging_config=None,
            )
        )

    return app


async def test_an_error_of_ours_leaks_nothing_and_is_found_in_the_log(
    breaking: Callable[[Exception], Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with breaking(ZeroDivisionError("the password is x")) as client:
        with caplog.at_level(logging.ERROR, "parley.api"):
            answer = await client.get("/meetings/a")
    detail = problem(answer, 500)
    assert "password" not in answer.text
    number = answer.headers["x-request-id"]
    assert number in detail
    assert number in caplog.text
    assert "password" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [(StoreAway("The store is away."), 503), (DatabaseAway("The database is away."), 503), (StoreFull("Full."), 507)],
)
async def test_what_is_away_or_full_is_said(
    breaking: Callable[[Exception], Any], error: Exception, status: int
) -> None:
    async with breaking(error) as client:
        answer = await client.get("/meetings/a")
    assert problem(answer, status) == str(error)
    assert ("retry-after" in answer.headers) == (status == 503)
