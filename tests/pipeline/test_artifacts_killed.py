"""Artifacts of runs that were killed: nothing is lost that counted, and the end is the same."""

import contextlib
import random
import signal
import sys
from pathlib import Path

import anyio
import pytest

from pipeline.attempts import manifests
from pipeline.replay import fingerprint
from storage.artifact_store import open_store
from tests.pipeline.toy_run import RECIPES, keys, run_all

pytestmark = pytest.mark.anyio

WORK = """
import sys, anyio
from storage.artifact_store import ArtifactStore, open_store
from tests.pipeline.toy_run import run_all
class Told(ArtifactStore):
    async def put(self, key, data, *, create=False):
        print(key, flush=True)
        await super().put(key, data, create=create)
        print(key, flush=True)
store = open_store(sys.argv[1])
anyio.run(run_all, Told(store._store, store.where, store._root), float(sys.argv[2]))
"""


async def run_and_kill(folder: Path, lines: int) -> bool:
    """Kill a run after it said so many lines. Return whether it was still at work."""
    async with await anyio.open_process([sys.executable, "-c", WORK, str(folder), "200"], stderr=None) as child:
        assert child.stdout is not None
        told = b""
        with contextlib.suppress(anyio.EndOfStream):
            while told.count(b"\n") < lines:
                told += await child.stdout.receive()
        child.kill()
    return child.returncode == -signal.SIGKILL


async def test_killed_at_random_moments_it_ends_as_if_undisturbed(tmp_path: Path) -> None:
    rng = random.Random(7)
    undisturbed, store = open_store("memory:"), open_store(str(tmp_path))
    await run_all(undisturbed, 200)
    killed = [await run_and_kill(tmp_path, rng.randrange(2, 90)) for _ in range(4)]
    assert any(killed), "the machine is too slow to kill anything in time"
    artifacts = await run_all(store, 200)
    assert artifacts.attempt > 4
    assert await fingerprint(store, "m") == await fingerprint(undisturbed, "m")
    named = {part.key for manifest in (await manifests(store, "m")).values() for part in manifest.parts}
    stored = {key for name in RECIPES for key in await keys(store, f"meetings/m/{name}")}
    assert stored == named, "no part is left that no manifest names"
