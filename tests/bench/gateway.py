"""The gateway, a direct connection and LiteLLM's proxy in front of one fast stub, interleaved in one run.

Open loop, timed from the moment at which a request was meant to be sent. Doors, routing, usage and audit are on. Each
server has one core, the stub and this program have the other.

Usage: python -m tests.bench.gateway [--seconds 5] [--rounds 3] [--litellm PYTHON]
PYTHON is the interpreter of another environment with `litellm[proxy]`.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import msgspec

from api.listen import free_place
from tests.bench.load import Load
from tests.bench.stub import CHUNKS

RATES = (50, 200)
CONNECTIONS, STREAMS = 32, 50
TICKS = os.sysconf("SC_CLK_TCK")
WAIT_SECONDS = 120.0


class Server(msgspec.Struct):
    """A server under test."""

    name: str
    url: str
    key: str
    process: int | None
    """Its process; None for the stub itself."""
    load: Load

    def cpu(self) -> float:
        """Return the CPU seconds that its processes have used."""
        return 0.0 if self.process is None else sum(_cpu(each) for each in _family(self.process))

    def memory(self) -> float:
        """Return its megabytes, all processes together."""
        return 0.0 if self.process is None else sum(_memory(each) for each in _family(self.process))


class Found(msgspec.Struct):
    """What was measured of one server."""

    latencies: dict[int, list[float]] = msgspec.field(default_factory=lambda: {rate: [] for rate in RATES})
    highest: list[float] = []
    per_request: list[float] = []
    first_bytes: list[float] = []
    delays: list[float] = []
    per_chunk: list[float] = []
    memory: float = 0.0
    over: set[int] = msgspec.field(default_factory=set)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--litellm", metavar="PYTHON")
    chosen = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    ours, theirs = {cores[-1]}, {cores[0]}
    os.sched_setaffinity(0, ours)
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        stub, _ = ends.enter_context(started([sys.executable, "-m", "tests.bench.stub"], ours, folder))
        servers = [("direct", stub, "", None), ends.enter_context(parley(stub, folder, theirs))]
        if chosen.litellm:
            servers.append(ends.enter_context(litellm(chosen.litellm, stub, folder, theirs)))
        found = asyncio.run(measured(servers, chosen.rounds, chosen.seconds))
    report(found)


async def measured(
    servers: Sequence[tuple[str, str, str, int | None]], rounds: int, seconds: float
) -> Mapping[str, Found]:
    """Measure all servers in turns."""
    made = [Server(*server, Load(server[1], server[2])) for server in servers]
    found = {server.name: Found() for server in made}
    for server in made:
        await server.load.at_rate(20, 2)
    for _ in range(rounds):
        for server in made:
            await _latency(server, found[server.name], seconds)
        for server in made:
            await _throughput(server, found[server.name], seconds)
        for server in made:
            await _streams(server, found[server.name])
    for server in made:
        found[server.name].memory = server.memory()
        server.load.close()
    return found


async def _latency(server: Server, found: Found, seconds: float) -> None:
    for rate in RATES:
        if rate in found.over:
            continue
        latencies = await server.load.at_rate(rate, seconds)
        found.latencies[rate] += latencies
        if statistics.median(latencies) > 1:
            found.over.add(rate)


async def _throughput(server: Server, found: Found, seconds: float) -> None:
    before = server.cpu()
    count = await server.load.as_fast_as_can_be(CONNECTIONS, seconds)
    found.highest.append(count / seconds)
    found.per_request.append((server.cpu() - before) / count * 1000)


async def _streams(server: Server, found: Found) -> None:
    before = server.cpu()
    streamed = await server.load.streams(STREAMS)
    found.first_bytes += streamed.first_bytes
    found.delays += streamed.delays
    found.per_chunk.append((server.cpu() - before) / (STREAMS * CHUNKS) * 1000)


def report(found: Mapping[str, Found]) -> None:
    """Print what was found."""
    direct = found["direct"]
    print(f"{'':<38}" + "".join(f"{name:>14}" for name in found))
    for rate in RATES:
        for share, name in ((0.5, "p50"), (0.99, "p99")):
            base = _quantile(direct.latencies[rate], share)
            row = [
                f"{'over capacity':>14}"
                if rate in each.over
                else f"{(_quantile(each.latencies[rate], share) - base) * 1000:>14.2f}"
                for each in found.values()
            ]
            print(f"{f'added {name} at {rate} requests/s, ms':<38}" + "".join(row))
    rows = {
        f"requests/s, {CONNECTIONS} connections": [statistics.median(each.highest) for each in found.values()],
        "CPU ms per request": [statistics.median(each.per_request) for each in found.values()],
        f"first byte p50, {STREAMS} streams, ms": [_quantile(each.first_bytes, 0.5) * 1000 for each in found.values()],
        "first byte p99, ms": [_quantile(each.first_bytes, 0.99) * 1000 for each in found.values()],
        "chunk delay p50, ms": [_quantile(each.delays, 0.5) * 1000 for each in found.values()],
        "chunk delay p99, ms": [_quantile(each.delays, 0.99) * 1000 for each in found.values()],
        "CPU ms per chunk": [statistics.median(each.per_chunk) for each in found.values()],
        "memory, MB": [each.memory for each in found.values()],
    }
    for name, values in rows.items():
        print(f"{name:<38}" + "".join(f"{value:>14.3f}" if value < 10 else f"{value:>14,.1f}" for value in values))


@contextlib.contextmanager
def parley(stub: str, folder: Path, cores: set[int]) -> Iterator[tuple[str, str, str, int]]:
    """Start this server with a key, limits and a second provider to choose from."""
    config = folder / "parley.toml"
    config.write_text(f'[[providers]]\nurl = "{stub}"\ntype = "vllm"\n[[providers]]\nurl = "{stub}"\ntype = "vllm"\n')
    host, port = free_place("127.0.0.1", 0)
    command = [sys.executable, "-m", "api.cli", "--config", str(config), "serve", "--data", str(folder / "data")]
    with started([*command, "--port", str(port)], cores, folder) as (_, process):
        url = f"http://{host}:{port}"
        wish = {"name": "bench", "role": "admin", "limits": {"tokens_per_minute": 1e9, "requests_per_minute": 1e9}}
        key = _post(f"{url}/api/keys", wish)["key"]
        yield "parley", url, key, process


@contextlib.contextmanager
def litellm(python: str, stub: str, folder: Path, cores: set[int]) -> Iterator[tuple[str, str, str, int]]:
    """Start LiteLLM's proxy with a key and two providers of the model."""
    one = {"model_name": "tiny", "litellm_params": {"model": "openai/tiny", "api_base": f"{stub}/v1", "api_key": "x"}}
    config = folder / "litellm.yaml"
    config.write_bytes(msgspec.json.encode({"model_list": [one, one], "general_settings": {"master_key": "sk-bench"}}))
    host, port = free_place("127.0.0.1", 0)
    program = str(Path(python).with_name("litellm"))
    command = [program, "--config", str(config), "--host", host, "--port", str(port), "--num_workers", "1"]
    with started([*command, "--telemetry", "False"], cores, folder, wait=False) as (_, process):
        url = f"http://{host}:{port}"
        asked = {"model": "tiny", "messages": [{"role": "user", "content": "Hello"}]}
        _post(f"{url}/v1/chat/completions", asked, "sk-bench")
        yield "litellm", url, "sk-bench", process


@contextlib.contextmanager
def started(command: Sequence[str], cores: set[int], folder: Path, *, wait: bool = True) -> Iterator[tuple[str, int]]:
    """Run a program on some cores; yields the first line that it says, and its process."""
    pinned = ["taskset", "--cpu-list", ",".join(map(str, sorted(cores))), *command]
    with (folder / f"{Path(command[0]).name}.log").open("ab") as log:
        process = subprocess.Popen(pinned, stdout=subprocess.PIPE if wait else log, stderr=log, text=True)
    try:
        yield process.stdout.readline().strip() if process.stdout is not None else "", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _post(url: str, body: object, key: str = "") -> dict[str, str]:
    """Ask until there is an answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    until = time.monotonic() + WAIT_SECONDS
    with httpx.Client(timeout=30, headers=headers) as client:
        while True:
            try:
                answer = client.post(url, json=body)
                answer.raise_for_status()
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
            else:
                found: dict[str, str] = answer.json()
                return found


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(member for child in children for member in _family(int(child)))]


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
