"""The sound of a meeting in ranges, as players and downloaders ask for it."""

import pytest

from tests.api.served import Served
from tests.pipeline.toy_server import sound_file

pytestmark = pytest.mark.anyio

DATA = sound_file(1)
SIZE = len(DATA)


@pytest.fixture(scope="module")
async def address(s: Served) -> str:
    meeting = await s.upload(DATA, file_name='He said "hi" – ü.wav')
    return f"/api/meetings/{meeting['id']}/audio"


async def test_all_of_it_comes_as_it_was_sent(s: Served, address: str) -> None:
    answer = await s.client.get(address)
    assert (answer.status_code, answer.content) == (200, DATA)
    headers = answer.headers
    assert (headers["content-type"], headers["accept-ranges"]) == ("audio/wav", "bytes")
    assert headers["x-content-type-options"] == "nosniff"
    name = headers["content-disposition"]
    assert name.startswith('inline; filename="He said _hi_')
    assert "filename*=UTF-8''He%20said" in name


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, SIZE),
        ("bytes=-100", SIZE - 100, SIZE),
        (f"bytes=-{SIZE + 5}", 0, SIZE),
        (f"bytes={SIZE - 1}-{SIZE + 900}", SIZE - 1, SIZE),
        ("Bytes= 5-5", 5, 6),
    ],
)
async def test_a_range_is_answered_with_that_part(s: Served, address: str, asked: str, start: int, end: int) -> None:
    for method in ("GET", "HEAD"):
        answer = await s.client.request(method, address, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
        assert answer.headers["content-length"] == str(end - start)
        assert answer.content == (DATA[start:end] if method == "GET" else b"")


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=-0", f"bytes={SIZE}-{SIZE + 1}", "bytes=99999999999999-"])
async def test_a_range_of_nothing_is_refused_with_the_size(s: Served, address: str, asked: str) -> None:
    answer = await s.client.get(address, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked", ["bytes=9-3", "bytes=a-b", "items=0-1", "bytes=0-1,5-6", "bytes=-", "", "bytes=" + "9" * 40 + "-"]
)
async def test_what_is_no_range_of_ours_is_answered_with_everything(s: Served, address: str, asked: str) -> None:
    answer = await s.client.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, DATA)


async def test_a_range_holds_only_for_the_content_it_was_asked_of(s: Served, address: str) -> None:
    first = await s.client.head(address)
    for known in (first.headers["etag"], first.headers["last-modified"]):
        answer = await s.client.get(address, headers={"Range": "bytes=0-9", "If-Range": known})
        assert (answer.status_code, answer.content) == (206, DATA[:10])
    answer = await s.client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (answer.status_code, answer.content) == (200, DATA)


async def test_what_the_client_has_is_not_sent_again(s: Served, address: str) -> None:
    first = await s.client.head(address)
    assert (first.status_code, first.headers["content-length"], first.content) == (200, str(SIZE), b"")
    answer = await s.client.get(address, headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (answer.status_code, answer.content) == (304, b"")
