"""Bodies that come slowly, break off, or are refused while they come."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar import Request

from api.errors import BadRequest, TooSlow, WentAway
from api.incoming import Incoming

pytestmark = pytest.mark.anyio

Said = list[dict[str, Any]]


def more(data: bytes, *, last: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": not last}


GONE = {"type": "http.disconnect"}


def incoming(said: Said, length: str | None = None) -> tuple[Incoming, Iterator[dict[str, Any]]]:
    """Return a body that is what is said, and then nothing, and what is left of it unread."""
    left = iter(said)
    request = Request[Any, Any, Any](scope(length), receive=receiving(left))
    return Incoming(request, idle_seconds=0.02), left


def scope(length: str | None) -> Any:
    headers = [] if length is None else [(b"content-length", length.encode())]
    return {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}


def receiving(left: Iterator[dict[str, Any]]) -> Callable[[], Any]:
    async def receive() -> dict[str, Any]:
        found = next(left, None)
        return found if found is not None else await asyncio.Future[dict[str, Any]]()

    return receive


async def read(said: Said, length: str | None = None) -> bytes:
    return b"".join([block async for block in incoming(said, length)[0].blocks()])


async def test_a_body_is_its_blocks() -> None:
    assert await read([more(b"ab"), more(b""), more(b"c", last=True)], "3") == b"abc"


async def test_a_body_that_breaks_off_is_no_body() -> None:
    with pytest.raises(WentAway, match="nothing was kept"):
        await read([more(b"ab"), GONE])
    with pytest.raises(WentAway, match="2 of 5 bytes"):
        await read([more(b"ab", last=True)], "5")


async def test_a_client_that_falls_silent_is_given_up() -> None:
    with pytest.raises(TooSlow, match="Send the recording again"):
        await read([more(b"ab")])


@pytest.mark.parametrize("length", ["many", "-1", "1e3", "²"])
async def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(BadRequest, match="Content-Length"):
        await read([], length)


async def test_what_comes_after_a_refusal_is_read_to_its_end() -> None:
    body, left = incoming([more(b"a"), more(b"b"), more(b"c", last=True), more(b"next")])
    assert await anext(body.blocks()) == b"a"
    await body.discard()
    assert next(left) == more(b"next")
    await body.discard()
