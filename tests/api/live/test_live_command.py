"""parley live: a file played to a server, over lines that break, and microphones that are not there."""

import asyncio
import os
import stat
import sys
import wave
from collections.abc import AsyncGenerator
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as websockets_serve

from api.commands.live_captions import Captions
from api.commands.live_client import LiveClient, LiveRefused
from api.commands.live_sources import NoMicrophone, recorded
from tests.api.live.cut_line import line_to
from tests.api.live.talk import sound
from tests.api.served import Served

pytestmark = pytest.mark.anyio


async def in_pieces(data: bytes, after: asyncio.Event | None = None) -> AsyncGenerator[bytes, None]:
    """Yield sound; its second half only after something has happened."""
    for at in range(0, len(data), 3_200):
        if after is not None and at >= len(data) // 2:
            await after.wait()
        yield data[at : at + 3_200]


async def run(*arguments: str, path: str | None = None) -> tuple[int, str, str]:
    """Run the program; return exit code, standard output and standard error."""
    environment = os.environ | ({"PATH": path} if path is not None else {})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", *arguments, stdout=-1, stderr=-1, env=environment
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_file_is_captioned(s: Served, tmp_path: Path) -> None:
    data = sound(3)
    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(data)
    server = f"http://127.0.0.1:{s.port}"
    code, out, err = await run("live", str(tmp_path / "talk.wav"), "--server", server, "--speed", "30")
    assert code == 0, err
    assert [line.split()[:3] for line in out.splitlines()] == [
        ["0:00", "S1:", "second-0"],
        ["0:01", "S2:", "second-1"],
        ["0:02", "S1:", "second-2"],
    ]
    assert "Summary: 3 words" in err
    meeting = err.rsplit("/", 2)[-2]
    found = (await s.client.get(f"/api/meetings/{meeting}")).json()
    assert (found["title"], found["state"]) == ("talk", "done")
    assert (await s.client.get(f"/api/meetings/{meeting}/audio")).content[44:] == data


async def test_what_was_not_acknowledged_is_sent_again(s: Served) -> None:
    data = sound(6, seed=3)
    heard: list[dict[str, Any]] = []
    was_cut = asyncio.Event()
    async with line_to(s.port) as line:
        client = LiveClient(f"http://127.0.0.1:{line.port}", None, {"title": "Cut"}, heard.append)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(client.run(in_pieces(data, was_cut)))
            await line.until_carried(len(data) // 4)
            line.cut()
            was_cut.set()
            await line.until_carried(len(data))
            line.cut()
    assert line.connections >= 3
    assert [told["stands"] for told in heard if told["type"] == "line"][:3] == [True, False, True]
    numbers = [told["seq"] for told in heard if "seq" in told]
    assert numbers == list(range(1, len(numbers) + 1)), "none is missing, and none comes twice"
    assert (await s.client.get(f"/api/meetings/{client.meeting}/audio")).content[44:] == data


async def test_a_server_that_forgot_the_end_is_told_again() -> None:
    """The first one dies when it has everything, and is told that it was all; the second one ends the meeting."""
    asked: list[tuple[str, dict[str, Any]]] = []

    async def serve(socket: ServerConnection) -> None:
        assert socket.request is not None
        path = socket.request.path
        if path != "/api/live":
            asked.append((path, {}))
            await socket.send('{"seq": 2, "type": "end", "state": "done"}')
            return
        asked.append((path, msgspec.json.decode(await socket.recv())))
        await socket.send('{"type": "ready", "meeting": "m"}')
        async for frame in socket:
            if isinstance(frame, bytes):
                await socket.send('{"type": "ack", "samples": 16000}')
                continue
            asked.append((path, msgspec.json.decode(frame)))
            if len(asked) > 2:
                await socket.send('{"seq": 1, "type": "stage", "stage": {"name": "recording", "state": "done"}}')
            return

    async with websockets_serve(serve, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await LiveClient(f"http://127.0.0.1:{port}", None, {}, lambda _: None).run(in_pieces(sound(1)))
    assert [(path, told.get("type"), told.get("first")) for path, told in asked] == [
        ("/api/live", "start", 0),
        ("/api/live", "stop", None),
        ("/api/live", "start", 16_000),
        ("/api/live", "stop", None),
        ("/api/meetings/m/live?after=1", None, None),
    ]


async def test_a_line_that_is_silent_is_given_up() -> None:
    lines: list[dict[str, Any]] = []

    async def serve(socket: ServerConnection) -> None:
        lines.append(msgspec.json.decode(await socket.recv()))
        await socket.send('{"type": "ready", "meeting": "m"}')
        if len(lines) > 1:
            await socket.send('{"seq": 1, "type": "end", "state": "done"}')
        await socket.wait_closed()

    async with websockets_serve(serve, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = LiveClient(f"http://127.0.0.1:{port}", None, {}, lambda _: None, silent_seconds=0.2)
        await client.run(in_pieces(sound(1)))
    assert [(told.get("meeting"), told["first"]) for told in lines] == [(None, 0), ("m", 0)]


async def test_who_is_refused_is_told_why(s: Served, tmp_path: Path) -> None:
    client = LiveClient(f"http://127.0.0.1:{s.port}", None, {"speakers": "many"}, lambda _: None)
    with pytest.raises(ExceptionGroup) as failures:
        await client.run(in_pieces(sound(1)))
    assert failures.group_contains(LiveRefused, match="speakers")
    code, _, err = await run("live", str(tmp_path / "nothing.wav"))
    assert (code, "no such file" in err) == (2, True)


async def test_a_microphone_is_heard_and_a_missing_one_explained(
    s: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "arecord"
    fake.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.buffer.write(bytes(range(256)) * 250)\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    heard = b"".join([block async for block in recorded(asyncio.Event())])
    assert heard == bytes(range(256)) * 250
    fake.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no device')\n")
    with pytest.raises(NoMicrophone, match="arecord: no device"):
        await anext(recorded(asyncio.Event()))
    fake.unlink()
    with pytest.raises(NoMicrophone, match="is installed"):
        await anext(recorded(asyncio.Event()))


def test_captions_turn_from_grey_to_final_in_place() -> None:
    out = StringIO()
    words = {"id": "0-0", "start": 0.0, "end": 1.0, "text": "Good morning.", "words": []}
    with Captions(Console(file=out, force_terminal=True, width=60), Console(file=StringIO())) as captions:
        captions.hear({"type": "hypothesis", "text": "good mor"})
        assert "good mor" in out.getvalue() and "Good morning." not in out.getvalue()
        captions.hear({"type": "utterance", "utterance": {**words, "speaker": None}})
        captions.hear({"type": "speaker", "utterances": ["0-0"], "speaker": "S2"})
    plain = StringIO()
    with Captions(Console(file=plain), Console(file=StringIO())) as captions:
        captions.hear({"type": "hypothesis", "text": "good mor"})
        captions.hear({"type": "utterance", "utterance": {**words, "speaker": None}})
        captions.hear({"type": "speaker", "utterances": ["0-0"], "speaker": "S2"})
    assert plain.getvalue() == "  0:00  S2: Good morning.\n"
    assert "S2" in out.getvalue()
