"""What every store promises, over a folder, memory and a real S3 server."""

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from storage.artifact_store import BLOCK, ArtifactStore, open_store
from storage.minio_bucket import MinioBucket
from storage.store import AlreadyStored, BadKey, NotStored
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
KINDS = ["folder", "memory", "s3"]
Opened = Callable[[], ArtifactStore]


@pytest.fixture(params=KINDS)
async def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Return what opens the same place again, as another process would."""
    if request.param == "folder":
        return lambda: open_store((tmp_path / "kept here").as_uri())
    if request.param == "memory":
        store = open_store("memory:")
        return lambda: store
    url, place = request.getfixturevalue("s3_url"), request.getfixturevalue("s3_place")
    assert await MinioBucket(place).create()
    return lambda: open_store(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)


@pytest.fixture
def store(open_again: Opened) -> ArtifactStore:
    return open_again()


async def keys(store: ArtifactStore, prefix: str = "") -> list[str]:
    return sorted([stat.key async for stat in store.list(prefix)])


async def test_what_is_put_is_there(store: ArtifactStore, open_again: Opened) -> None:
    await store.put("meetings/1/words.jsonl", b"hello")
    assert await open_again().get("meetings/1/words.jsonl") == b"hello"
    await store.put("meetings/1/words.jsonl", b"")
    assert await store.get("meetings/1/words.jsonl") == b""
    stat = await store.stat("meetings/1/words.jsonl")
    assert (stat.key, stat.size, stat.modified.tzinfo is not None) == ("meetings/1/words.jsonl", 0, True)


async def test_names_in_any_script_come_back_as_they_were(store: ArtifactStore) -> None:
    for name in ("Besprechung am Dienstag.mp3", "会議.webm", "a+b&c=d;e,f@g$(h)'!", "x" * 200):
        await store.put(f"original/{name}", name.encode())
        assert await keys(store, "original") == [f"original/{name}"]
        assert await store.get(f"original/{name}") == name.encode()
        await store.delete(f"original/{name}")


async def test_what_is_not_there_is_said_so(store: ArtifactStore) -> None:
    for missing in (store.get("no/thing"), store.stat("no/thing"), store.get_range("no/thing", 0, 0)):
        with pytest.raises(NotStored, match="no/thing"):
            await missing
    with pytest.raises(KeyError):
        [block async for block in store.stream("no/thing")]
    await store.delete("no/thing")
    await store.delete_all("no")
    assert await keys(store, "no") == []


async def test_what_is_there_is_not_created_again(store: ArtifactStore) -> None:
    await store.put("attempts/1", b"first", create=True)
    with pytest.raises(AlreadyStored, match="attempts/1"):
        await store.put("attempts/1", b"second", create=True)
    assert await store.get("attempts/1") == b"first"


@pytest.mark.parametrize("kind", ["folder", "memory"])
async def test_of_several_who_create_at_once_one_succeeds(kind: str, tmp_path: Path) -> None:
    # Amazon and MinIO promise this too; Swift, the S3 server of these tests, looks first and writes then.
    store = open_store(str(tmp_path) if kind == "folder" else "memory:")
    created: list[int] = []

    async def create(number: int) -> None:
        try:
            await store.put("attempts/1", b"%d" % number, create=True)
        except AlreadyStored:
            return
        created.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(32):
            tasks.start_soon(create, number)
    assert [b"%d" % number for number in created] == [await store.get("attempts/1")]


@pytest.mark.parametrize(
    ("start", "end", "read"), [(0, 3, b"abc"), (2, 2, b""), (4, 99, b"ef"), (6, 9, b""), (60, 90, b"")]
)
async def test_ranges_end_where_the_object_ends(store: ArtifactStore, start: int, end: int, read: bytes) -> None:
    await store.put("x", b"abcdef")
    assert await store.get_range("x", start, end) == read
    assert b"".join([block async for block in store.stream("x", start, end)]) == read
    with pytest.raises(ValueError, match="range"):
        await store.get_range("x", end + 1, start)


async def test_a_stream_reads_block_by_block_and_notices_a_replacement(store: ArtifactStore) -> None:
    data = bytes(range(256)) * 20_000
    await store.put("x", data)
    blocks = [block async for block in store.stream("x")]
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) == BLOCK
    reading = store.stream("x", 5)
    assert await anext(reading) == data[5 : 5 + BLOCK]
    await store.put("x", data[::-1])
    with pytest.raises(NotStored, match="replaced"):
        await anext(reading)


async def test_a_written_object_appears_at_its_end(store: ArtifactStore) -> None:
    async with store.open_writer("upload/original") as writer:
        for number in range(24):
            await writer.write(bytes([number]) * (MIB // 2))
        with pytest.raises(NotStored):
            await store.stat("upload/original")
        assert await keys(store) == []
    assert (await store.stat("upload/original")).size == 12 * MIB
    assert await store.get_range("upload/original", MIB // 2 - 1, MIB // 2 + 1) == b"\0\1"
    async with store.open_writer("upload/empty"):
        pass
    assert await store.get("upload/empty") == b""


@pytest.mark.parametrize("size", [0, 1, 12 * MIB])
async def test_a_writer_that_fails_leaves_nothing(store: ArtifactStore, size: int) -> None:
    async def write_and_fail() -> None:
        async with store.open_writer("upload/original") as writer:
            await writer.write(b"x" * size)
            raise FileNotFoundError("by hand")

    with pytest.raises(FileNotFoundError, match="by hand"):
        await write_and_fail()
    assert await keys(store) == []
    assert await store.tidy(0) == 0, "not even out of sight"


async def test_a_writer_that_is_cancelled_leaves_nothing(store: ArtifactStore) -> None:
    with anyio.move_on_after(0.2) as scope:
        async with store.open_writer("upload/original") as writer:
            while True:
                await writer.write(b"x" * MIB)
                await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert await keys(store) == []
    assert await store.tidy(0) == 0


async def test_a_list_takes_whole_parts_of_keys(store: ArtifactStore) -> None:
    for key in ("m/1/a", "m/1/b/c", "m/12/a", "n"):
        await store.put(key, b"x")
    assert await keys(store) == ["m/1/a", "m/1/b/c", "m/12/a", "n"]
    assert await keys(store, "m/1") == ["m/1/a", "m/1/b/c"]
    await store.delete_all("m/1")
    assert await keys(store) == ["m/12/a", "n"]
    await store.delete("n")
    assert await keys(store, "n") == []


async def test_a_long_list_is_whole(store: ArtifactStore) -> None:
    await store.put("other", b"")
    async with anyio.create_task_group() as tasks:
        for number in range(1_050 if store.where.startswith(("the folder", "the memory")) else 60):
            tasks.start_soon(store.put, f"many/{number:04}", b"")
    assert len(await keys(store, "many")) in (1_050, 60)
    await store.delete_all("many")
    assert await keys(store) == ["other"]


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "/etc/passwd", "a//b", "a/", "../x", "a/../b", "a/./b", "a\\b", "a/\x00", "a/\n", "a/n#1"),
        *("a/%2e%2e/b", "a/ ", "x/" + "y" * 201, "z/" * 460 + "z", "a*", "~", "\ud800"),
    ],
)
async def test_a_bad_key_is_refused_by_every_verb(store: ArtifactStore, key: str) -> None:
    for use in (store.put(key, b""), store.get(key), store.stat(key), store.delete(key), store.delete_all(key)):
        with pytest.raises(BadKey):
            await use
    with pytest.raises(ValueError, match="key"):
        async with store.open_writer(key):
            pass
    assert await keys(store) == []


async def test_a_check_says_where_and_leaves_nothing(store: ArtifactStore) -> None:
    assert store.where in await store.check()
    assert await keys(store) == []
