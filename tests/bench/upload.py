"""A large upload: what it costs the server in memory, and in time beside a plain copy into the same store.

Run it with `python -m tests.bench.upload [GIGABYTES] [FOLDER]`. The sound is a sparse WAV file: no disk is read.
The third time is that of the same request to a listener that keeps nothing: what sending alone costs this machine.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx

from storage.artifact_store import open_store

ROOT = Path(__file__).parent.parent.parent
BLOCK = 1 << 18
RUNS = 3


def main() -> None:
    """Measure and print; exit with 1 if memory grows by 30 MB or time is beyond 1.3 x of a copy."""
    size = round(float(sys.argv[1] if len(sys.argv) > 1 else "2") * 2**30)
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as name:
        folder = Path(name)
        source = folder / "source.wav"
        with source.open("wb") as file:
            file.truncate(size)
        fine = [_measure(folder, source, form=form) for form in (False, True)]
    sys.exit(not all(fine))


def _measure(folder: Path, source: Path, *, form: bool) -> bool:
    copies, dropped, sent, grown, spent = [], [], [], [], []
    with _server(folder / f"data-{form}") as (address, pid, data):
        _send(address, source, form=form, most=1 << 22)  # what is loaded at first use is not the upload's
        for _ in range(RUNS):
            copies.append(_timed(lambda: anyio.run(_copy, source, data / "artifacts")))
            dropped.append(_timed(lambda: _send_to_nobody(source)))
            before, used = _resident(pid), _cpu_seconds(pid)
            with _peak(pid) as peak:
                sent.append(_timed(lambda: _send(address, source, form=form)))
            grown.append(peak() - before)
            spent.append(_cpu_seconds(pid) - used)
    ratio = min(sent) / min(copies)
    print(
        f"{'form' if form else 'raw'}: copy {min(copies):.2f} s, upload {min(sent):.2f} s ({ratio:.2f} x), "
        f"sent to nobody {min(dropped):.2f} s, "
        f"memory +{max(grown) / 1e6:.1f} MB at most (each run: {', '.join(f'{each / 1e6:.1f}' for each in grown)}), "
        f"{min(spent):.2f} s of the server's CPU, load {os.getloadavg()[0]:.1f}"
    )
    return ratio <= 1.3 and max(grown) < 30e6


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _copy(source: Path, root: Path) -> None:
    """Put the file into a store of the same kind in the same process: no HTTP, no server."""
    store = open_store(str(root))
    async with store.open_writer("copy/source.wav") as writer:
        async for block in _blocks(source):
            await writer.write(block)
    await store.delete_all("copy")


async def _blocks(source: Path) -> AsyncIterator[bytes]:
    with source.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _send(address: str, source: Path, *, form: bool, most: int | None = None) -> None:
    """Upload the file with curl, and delete the meeting at once: its work is not what is measured."""
    part = ["-F", f"file=@{source}"] if form else ["-T", str(source), "-X", "POST", "-H", "Content-Type: audio/wav"]
    if most is not None:
        small = source.with_suffix(".small.wav")
        small.write_bytes(bytes(most))
        part = [word.replace(str(source), str(small)) for word in part]
    command = ["curl", "--silent", "--show-error", "--fail", *part, f"{address}/api/meetings"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r'"id":"(\w+)"', answer)
    assert found is not None, answer
    assert httpx.delete(f"{address}/api/meetings/{found[1]}?purge=true", timeout=60).status_code == 204


def _send_to_nobody(source: Path) -> None:
    """Send the file to a listener that reads it into one buffer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reader = threading.Thread(target=_drop, args=(listener, source.stat().st_size))
        reader.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        subprocess.run(["curl", "--silent", "--fail", "-T", str(source), "-H", "Expect:", address], check=True)
        reader.join()


def _drop(listener: socket.socket, size: int) -> None:
    buffer = bytearray(1 << 20)
    connection, _ = listener.accept()
    with connection:
        count = connection.recv_into(buffer)
        size += buffer[:count].index(b"\r\n\r\n") + 4
        while count < size:
            count += connection.recv_into(buffer)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


@contextmanager
def _server(data: Path) -> Iterator[tuple[str, int, Path]]:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0], process.pid, data
        process.terminate()


@contextmanager
def _peak(pid: int) -> Iterator[Callable[[], int]]:
    """Watch the memory of a process; what is given returns the most that was seen."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], _resident(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: most[0]
    finally:
        over.set()
        thread.join()


def _cpu_seconds(pid: int) -> float:
    """Return the computing time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    """Return the bytes of a process that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    main()
