"""Servers killed with -9 at random moments, in a folder and on S3: python -m tests.bench.kills [ROUNDS] [SEED]."""

import os
import sys
import tempfile
import time
from pathlib import Path

import anyio

from storage.minio_bucket import MinioBucket
from storage.s3_place import S3Place
from tests.pipeline.kills import Found, kill_and_look, undisturbed
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY, SwiftServer, program

MEETINGS = 20


async def measure(rounds: int, seed: int) -> None:
    """Say for each store what came of the meetings."""
    with tempfile.TemporaryDirectory(prefix="parley-kills-") as name:
        folder = Path(name)
        expected = await undisturbed(folder / "undisturbed")
        await _one("folder", folder / "folder", None, rounds, seed, expected)
        if not program("proxy").exists():
            print("S3: skipped, its server is missing (pip install swift)")
            return
        server = SwiftServer(folder / "swift")
        await anyio.to_thread.run_sync(server.start)
        try:
            url = await _bucket(server)
            await _one("S3", folder / "s3", url, rounds, seed, expected)
        finally:
            await anyio.to_thread.run_sync(server.stop)


async def _one(title: str, folder: Path, store: str | None, rounds: int, seed: int, expected: dict[str, str]) -> None:
    began = time.monotonic()
    found = await kill_and_look(folder, rounds, MEETINGS, seed, store)
    wrong = problems(found, expected)
    print(
        f"{title}: {found.kills} of {rounds} servers killed at work, {len(found.accepted)} meetings told as accepted, "
        f"{len(found.states)} there, {time.monotonic() - began:.0f} s: {'; '.join(wrong) or 'nothing lost or doubled'}"
    )
    if wrong:
        sys.exit(1)


def problems(found: Found, expected: dict[str, str]) -> list[str]:
    """Return what should not be."""
    lost = found.accepted - set(found.states)
    said = [
        (f"{len(lost)} accepted meetings are lost", lost),
        ("not all are done", set(found.states.values()) != {"done"}),
        ("not each ended once", set(found.ends.values()) != {1}),
        ("results differ from those of an undisturbed run", any(m != expected for m in found.prints.values())),
        (f"left behind: {found.left[:3]}", found.left),
    ]
    return [sentence for sentence, true in said if true]


async def _bucket(server: SwiftServer) -> str:
    os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    url = f"s3://parley-kills?endpoint={server.endpoint}"
    await MinioBucket(S3Place.parse(url, ACCESS_KEY, SECRET_KEY)).create()
    return url


if __name__ == "__main__":
    anyio.run(measure, int(sys.argv[1]) if len(sys.argv) > 1 else 20, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
