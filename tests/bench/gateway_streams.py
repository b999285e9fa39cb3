"""Many streams at once through the server, and how soon a provider is free after its client has left.

Usage: python -m tests.bench.gateway_streams [--streams 2000] [--leaves 50]
"""

import argparse
import asyncio
import contextlib
import resource
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from tests.api.v1.upstream import FakeProvider
from tests.bench.gateway import Server, parley
from tests.bench.load import Load

LONG = [{"role": "user", "content": "word " * 40}]
ASKED: dict[str, Any] = {"model": "tiny", "messages": LONG}
WORD_SECONDS = 0.25


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--leaves", type=int, default=50)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_measure(chosen.streams, chosen.leaves))


async def _measure(streams: int, leaves: int) -> None:
    provider = FakeProvider()
    async with provider.running() as url, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        # In a thread: the provider answers from this loop while the server starts.
        with await asyncio.to_thread(_Started, url) as server:
            http.headers["Authorization"] = f"Bearer {server.key}"
            provider.chunk_seconds = WORD_SECONDS
            await _at_once(http, server, provider, streams)
            for name, before in (("before the first byte", True), ("in mid-stream", False)):
                provider.behave()
                provider.chunk_seconds = WORD_SECONDS
                provider.hangs = before
                found = [await _leave(http, server.url, provider, before=before) for _ in range(leaves)]
                worst, middle = max(found) * 1000, statistics.median(found) * 1000
                print(f"client leaves {name}: provider free after p50 {middle:.1f} ms, worst {worst:.1f} ms")


class _Started:
    """A server in a process, until the block ends."""

    def __init__(self, url: str) -> None:
        self.ends = contextlib.ExitStack()
        folder = Path(self.ends.enter_context(tempfile.TemporaryDirectory()))
        name, address, key, process = self.ends.enter_context(parley(url, folder, set(range(64))))
        self.server = Server(name, address, key, process, Load(address, key))

    def __enter__(self) -> Server:
        return self.server

    def __exit__(self, *_: object) -> None:
        self.ends.close()


async def _at_once(http: aiohttp.ClientSession, server: Server, provider: FakeProvider, streams: int) -> None:
    before = server.memory()
    firsts: list[float] = []
    ends: Counter[str] = Counter()

    async def one() -> None:
        began = time.perf_counter()
        async with http.post(f"{server.url}/v1/chat/completions", json={**ASKED, "stream": True}) as answer:
            await answer.content.readany()
            firsts.append(time.perf_counter() - began)
            is_whole = (await answer.read()).endswith(b"data: [DONE]\n\n")
            ends["whole" if is_whole else f"broken off, status {answer.status}"] += 1

    await asyncio.gather(*(one() for _ in range(streams)))
    ordered = sorted(firsts)
    print(f"{streams} streams at once: {dict(ends)}; {provider.most_open} were open together")
    print(f"first byte p50 {statistics.median(ordered):.2f} s, p99 {ordered[int(0.99 * len(ordered))]:.2f} s")
    print(f"memory {before:.0f} MB before, {server.memory():.0f} MB after")


async def _leave(http: aiohttp.ClientSession, url: str, provider: FakeProvider, *, before: bool) -> float:
    """Return how long the provider still works after its client has left."""
    asking = asyncio.create_task(http.post(f"{url}/v1/chat/completions", json={**ASKED, "stream": True}))
    await provider.arrived.get()
    if before:
        began = asyncio.get_running_loop().time()
        asking.cancel()
    else:
        answer = await asking
        await answer.content.readany()
        began = asyncio.get_running_loop().time()
        answer.close()
    found = await asyncio.wait_for(provider.left.get(), 10) - began
    await asyncio.gather(asking, return_exceptions=True)
    return found


if __name__ == "__main__":
    main()
