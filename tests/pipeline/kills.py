"""Servers that are killed at random moments, one after the other in one folder, and what is there in the end."""

import contextlib
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import anyio
import msgspec

from pipeline.attempts import manifests
from pipeline.replay import fingerprint
from storage.artifact_store import open_store
from storage.store import Store
from tests.pipeline.toy_child import SECONDS
from tests.pipeline.toy_server import sent, server, sound_file


class Found(msgspec.Struct):
    """What happened, and what is there."""

    kills: int = 0
    """Servers that were still at work when they were killed."""
    accepted: set[str] = msgspec.field(default_factory=set)
    """Meetings that a server said it had accepted."""
    states: dict[str, str] = msgspec.field(default_factory=dict)
    """State of each meeting that there is."""
    ends: dict[str, int] = msgspec.field(default_factory=dict)
    """How often each meeting told its end."""
    prints: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """What the stages of each meeting made."""
    utterances: dict[str, int] = msgspec.field(default_factory=dict)
    """Utterances of each transcript."""
    left: list[str] = msgspec.field(default_factory=list)
    """Keys in the store that belong to no meeting, or that no manifest names."""


async def kill_and_look(folder: Path, rounds: int, meetings: int, seed: int, store: str | None = None) -> Found:
    """Kill servers at random moments, let the last one finish, and look at what there is.

    `store` is an address whose keys are in the environment; None is a folder.
    """
    rng, found = random.Random(seed), Found()
    store = store or str(folder / "artifacts")
    for done in range(rounds):
        found.kills += await _run(folder, store, 1 + done * meetings // rounds, rng.randrange(1, 50), found)
    await _run(folder, store, meetings, None, found)
    async with server(folder, works=False, store=open_store(store)) as s:
        for row in (await s.meetings.list(None)).items:
            found.states[row.id] = row.state
            events = await s.records.events(row.id, 0, 5000)
            found.ends[row.id] = Counter(event.type for event in events)["end"]
            found.prints[row.id] = await fingerprint(s.store, row.id)
            found.utterances[row.id] = len((await s.meetings.transcript(row.id, None)).utterances)
        for stat in [stat async for stat in s.store.list()]:
            if not await _belongs(s.store, stat.key, found):
                found.left.append(stat.key)
    return found


async def undisturbed(folder: Path) -> dict[str, str]:
    """Return what the stages make when nobody is killed."""
    async with server(folder) as s:
        row = await s.meetings.accept(None, sent(sound_file(SECONDS)), file_name="toy.wav")
        await s.finished(row.id)
        return await fingerprint(s.store, row.id)


async def _run(folder: Path, store: str, meetings: int, lines: int | None, found: Found) -> bool:
    """Run a server until it has said so many lines. Return whether it was killed at work."""
    command = [sys.executable, "-m", "tests.pipeline.toy_child", str(folder), store, str(meetings)]
    async with await anyio.open_process(command, stderr=None) as child:
        assert child.stdout is not None
        told = b""
        with contextlib.suppress(anyio.EndOfStream):
            while lines is None or told.count(b"\n") < lines:
                told += await child.stdout.receive()
        with contextlib.suppress(ProcessLookupError):
            if lines is not None:
                child.kill()
    said = [line.split() for line in told.decode().splitlines() if line.startswith("accepted ")]
    found.accepted |= {words[1] for words in said if len(words) == 2 and len(words[1]) == 26}
    if lines is None:
        assert child.returncode == 0, "the last server ends well"
    return child.returncode == -signal.SIGKILL


async def _belongs(store: Store, key: str, found: Found) -> bool:
    folder, _, rest = key.partition("/")
    id, _, name = rest.partition("/")
    if folder != "meetings" or id not in found.states:
        return False
    if not name.endswith(".jsonl"):
        return True
    return any(part.key == key for made in (await manifests(store, id)).values() for part in made.all_parts())
