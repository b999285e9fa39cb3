"""What is left when a writer is killed, a disk is full, or a store is away."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from storage.artifact_store import ArtifactStore, open_store
from storage.minio_bucket import MinioBucket
from storage.s3_place import S3Place
from storage.store import BadKey, NotStored, StoreAway, StoreFull
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY, free_ports

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


async def keys(store: ArtifactStore) -> list[str]:
    return sorted([stat.key async for stat in store.list()])


async def write(store: ArtifactStore, key: str, size: int) -> None:
    async with store.open_writer(key) as writer:
        for _ in range(0, size, MIB):
            await writer.write(b"x" * MIB)


WRITE_FOREVER = """
import sys, anyio
from storage.artifact_store import open_store
async def main():
    store = open_store(sys.argv[1], access_key=sys.argv[2], secret_key=sys.argv[3])
    async with store.open_writer("upload/original") as writer:
        for number in range(1000):
            await writer.write(b"x" * (1 << 20))
            print(number, flush=True)
anyio.run(main)
"""


@pytest.mark.parametrize("kind", ["folder", "s3"])
async def test_a_writer_that_is_killed_leaves_nothing_to_be_seen(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = str(tmp_path / "store") if kind == "folder" else request.getfixturevalue("s3_url")
    if kind == "s3":
        await MinioBucket(S3Place.parse(url, ACCESS_KEY, SECRET_KEY)).create()
    command = [sys.executable, "-c", WRITE_FOREVER, url, ACCESS_KEY, SECRET_KEY]
    async with await anyio.open_process(command, stderr=None) as child:
        assert child.stdout is not None
        told = b""
        while told.count(b"\n") < 14:
            told += await child.stdout.receive()
        child.kill()
    assert child.returncode == -signal.SIGKILL
    store = open_store(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    assert await keys(store) == []
    with pytest.raises(NotStored):
        await store.stat("upload/original")
    assert await store.tidy() == 0, "what was touched just now may have a living writer"
    assert await store.tidy(0) == (1 if kind == "folder" else 0)
    await store.put("upload/original", b"again")
    assert await keys(store) == ["upload/original"]


async def test_deleting_all_leaves_no_trace_in_a_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    await store.put("meetings/1/words/0/000000.jsonl", b"x")
    await anyio.Path(tmp_path / "store/meetings/1/upload#1").write_bytes(b"left by a writer that died")
    await store.delete_all("meetings/1")
    assert [path async for path in anyio.Path(tmp_path / "store").iterdir()] == []


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow beyond 64 kB: the system then refuses as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_said_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    await store.put("x", b"before")
    with no_room():
        with pytest.raises(StoreFull, match="Make room"):
            await store.put("x", b"x" * MIB)
        with pytest.raises(StoreFull):
            await write(store, "y", 12 * MIB)
    assert await store.get("x") == b"before"
    assert await keys(store) == ["x"]
    assert await store.tidy(0) == 0


async def test_a_bucket_that_is_away_is_said_so(s3_url: str, s3_place: S3Place) -> None:
    gone = f"s3://bucket?endpoint=http://127.0.0.1:{free_ports(1)[0]}"
    away = open_store(gone, access_key="a", secret_key="hidden", patience_seconds=0.2)
    with pytest.raises(StoreAway, match="Check that it runs"):
        await away.put("x", b"")
    with pytest.raises(StoreAway, match="Create the bucket"):
        await open_store(s3_url, access_key=ACCESS_KEY, secret_key=SECRET_KEY).get("x")
    assert await MinioBucket(s3_place).create()
    with pytest.raises(StoreAway, match="does not let us in") as refused:
        await open_store(s3_url, access_key=ACCESS_KEY, secret_key="wrong").check()
    assert ACCESS_KEY not in str(refused.value)


async def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadKey, match="folder"):
        open_store(str(tmp_path / "file" / "store"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://host/x", "no store of the kind 'ftp'"),
        ("s3://?endpoint=http://host", "reads s3://bucket"),
        ("s3://key:secret@bucket", "without keys"),
        ("s3://bucket?endpoint=host:9000", "begins neither"),
        ("s3://bucket?endpont=http://host", "not 'endpont'"),
    ],
)
async def test_an_incomplete_address_is_said_so(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        open_store(url, access_key="a", secret_key="b")


async def test_an_address_hides_its_keys() -> None:
    place = S3Place.parse("s3://bucket?endpoint=http://host:9000&region=eu", "who", "hidden")
    assert (place.bucket, place.prefix, place.region, place.endpoint) == ("bucket", "", "eu", "http://host:9000")
    assert "hidden" not in repr(place) + str(place)
