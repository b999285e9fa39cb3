"""The small parts of the gateway, each by itself: who is asked, who waits, who is left alone, what is passed on."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from pipeline.gateway.addresses import is_private
from pipeline.gateway.answer import Made
from pipeline.gateway.breaker import FAILURES, LONGEST_SECONDS, Breaker
from pipeline.gateway.errors import LimitReached
from pipeline.gateway.events import Events
from pipeline.gateway.limits import Limits
from pipeline.gateway.providers import BadProvider, Model, Provider, Strategy, named
from pipeline.gateway.route import Route
from pipeline.gateway.slots import NoSlot, Slots, first_free
from pipeline.gateway.target import Member, Offer
from pipeline.gateway.tokens import Tokens, tokens_of


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def today(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)


class Quiet:
    """A target that is never asked."""

    counts_streams = speaks_responses = False
    kind: Literal["engine"] = "engine"

    def __init__(self, name: str) -> None:
        self.name = name
        self.slots: Slots[Member] = Slots()
        self.breaker = Breaker()

    async def open(self, path: str, body: object, media_type: str = "") -> Made:
        return Made(b"")

    async def offers(self) -> list[Offer]:
        return []


def route(strategy: Strategy) -> Route:
    members = [Member(Quiet(name), "m") for name in "abc"]
    return Route(Offer(id="m", type="text-generation"), members, Model(strategy=strategy))


def names(order: object) -> str:
    return "".join(member.target.name for member in order)  # type: ignore[attr-defined]


def test_who_is_asked_first() -> None:
    assert [names(route("ordered").order()) for _ in range(2)] == ["abc", "abc"]
    turns = route("round_robin")
    assert [names(turns.order()) for _ in range(4)] == ["abc", "bca", "cab", "abc"]
    shuffled = route("shuffle")
    assert set(Counter(names(shuffled.order()) for _ in range(200))) == {"abc", "bca", "cab"}
    busy = route("least_busy")
    for member, count in zip(busy.members, (2, 0, 1), strict=True):
        for _ in range(count):
            member.target.slots.take()
    assert names(busy.order()) == "bca"


def test_a_breaker_opens_and_lets_one_try() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES - 1):
        breaker.failed()
        assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    assert breaker.state == "open"
    clock.seconds += breaker.seconds_left()
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.succeeded()
    assert breaker.admits() and breaker.state == "closed"
    for _ in range(40):
        breaker.failed()
    assert breaker.seconds_left() == LONGEST_SECONDS
    breaker.succeeded()
    breaker.pause(5)
    assert not breaker.admits()
    clock.seconds += 5
    assert breaker.admits()


@pytest.mark.anyio
async def test_places_go_to_who_waited_longest() -> None:
    one, two = Slots[str](1), Slots[str](1)
    places = [(one, "one"), (two, "two")]
    assert [await first_free(places, 1), await first_free(places, 1)] == ["one", "two"]
    waiting = [asyncio.create_task(first_free(places, 5)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    two.release()
    one.release()
    assert await asyncio.gather(waiting[0], waiting[2]) == ["two", "one"]
    assert (one.busy, two.busy, one.waiting) == (1, 1, 0)
    one.release()
    two.release()
    assert (one.busy, two.busy) == (0, 0)


@pytest.mark.anyio
async def test_a_place_given_to_who_just_left_comes_back() -> None:
    slots = Slots[str](1)
    assert slots.take()
    waiting = asyncio.create_task(first_free([(slots, "x")], 5))
    await asyncio.sleep(0)
    slots.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert slots.busy == 0
    assert slots.take()
    with pytest.raises(NoSlot):
        await first_free([(slots, "x")], 0.01)


def test_only_whole_events_pass() -> None:
    stream = b'data: {"a":1}\n\ndata: {"b":2}\r\n\r\ndata: [DONE]\n\n'
    for size in range(1, len(stream)):
        events = Events()
        passed = [events.feed(stream[first : first + size]) for first in range(0, len(stream), size)]
        assert b"".join(passed) == stream
        assert all(block.endswith((b"\n\n", b"\r\n\r\n")) for block in passed if block)
        assert events.is_done and events.rest() == b""


def test_what_was_not_asked_for_does_not_pass_but_counts() -> None:
    told = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n'
    kept = b'data: {"choices":[{"delta":{}}],"usage":null}\n\n'
    for blocks in ([kept, told, b"data: [DONE]\n\n"], [kept + told + b"data: [DONE]\n\n"]):
        events = Events(hide_usage=True)
        assert b"".join(events.feed(block) for block in blocks) == kept + b"data: [DONE]\n\n"
        assert events.tokens() == Tokens(3, 4)
    events = Events(hide_usage=True)
    filtered = b'data: {"choices":[],"prompt_filter_results":[]}\n\n'
    assert events.feed(filtered) == filtered
    assert events.feed(kept * 5) == kept * 5
    assert events.tokens() == Tokens(0, 5)


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (b'{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}', Tokens(3, 4)),
        (b'{"usage":{"input_tokens":3,"output_tokens":4}}', Tokens(3, 4)),
        (b'{"usage":{"total_tokens":9}}', Tokens(9, 0)),
        (b'{"prompt_eval_count":3,"eval_count":4,"response":"x"}', Tokens(3, 4)),
        (b'{"type":"response.completed","response":{"usage":{"input_tokens":3,"output_tokens":4}}}', Tokens(3, 4)),
        (b'{"usage":null}', None),
        (b'{"usage":"many"}', None),
        (b"nonsense", None),
    ],
)
def test_tokens_are_read_in_every_dialect(body: bytes, tokens: Tokens | None) -> None:
    assert tokens_of(body) == tokens


def test_limits_refill() -> None:
    clock = Clock()
    limits = Limits(clock, clock.today)
    allowed = {"tokens_per_minute": 60.0, "m:budget": 1.0}
    limits.admit("k", allowed, "m")
    limits.spend("k", allowed, "m", 90, 0.5)
    with pytest.raises(LimitReached) as refused:
        limits.admit("k", allowed, "m")
    assert refused.value.retry_seconds == pytest.approx(31)
    limits.admit("other", allowed, "m")
    clock.seconds += 31
    limits.admit("k", allowed, "m")
    limits.spend("k", allowed, "m", 0, 0.5)
    with pytest.raises(LimitReached, match="budget") as refused:
        limits.admit("k", allowed, "m")
    limits.admit("k", allowed, "n")
    clock.seconds += refused.value.retry_seconds
    limits.admit("k", allowed, "m")


@pytest.mark.parametrize(
    ("url", "root", "base"),
    [
        ("http://gpu:8000", "http://gpu:8000/v1", "http://gpu:8000"),
        ("http://gpu:8000/", "http://gpu:8000/v1", "http://gpu:8000"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1", "https://api.openai.com"),
        ("https://host/v1beta/openai/", "https://host/v1beta/openai", "https://host/v1beta/openai"),
    ],
)
def test_an_address_may_name_the_root_of_the_api(url: str, root: str, base: str) -> None:
    provider = Provider(url=url)
    assert (provider.root(), provider.base()) == (root, base)


@pytest.mark.parametrize(
    "wrong",
    [{"url": "gpu:8000"}, {"url": "ftp://x"}, {"url": "http://user:pw@x"}, {"url": "http://x", "concurrency": 0}],
)
def test_a_wrong_provider_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadProvider):
        named([Provider(**wrong)])  # type: ignore[arg-type]


def test_providers_have_names_of_their_own() -> None:
    found = named([Provider(url="http://a"), Provider(url="http://b", type="vllm"), Provider(url="http://c", name="x")])
    assert [each.name for each in found] == ["openai-1", "vllm-2", "x"]
    with pytest.raises(BadProvider, match="Two providers"):
        named([Provider(url="http://a", name="x"), Provider(url="http://b", name="x")])


def test_public_addresses_are_public() -> None:
    for host in ("example.com", "8.8.8.8", "2606:4700::1111", "a.b.c.de"):
        assert not is_private(host)
    for host in ("", "x", "10.0.0.1", "100.64.0.1", "fe80::1%eth0", "017700000001", "0177.0.0.1", "a.LOCAL"):
        assert is_private(host)
