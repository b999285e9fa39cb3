"""The stores: a local folder, memory, and MinIO or any other S3, through one class."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import anyio
import anyio.to_thread
import obstore
from obstore.store import LocalStore, MemoryStore, S3Store

from storage.foreign_errors import is_beyond, mapped
from storage.local_folder import free_bytes, remove_tree, sweep
from storage.s3_place import S3Place
from storage.store import NotStored, Stat, StoreError, checked

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore._buffered import AsyncWritableFile
    from obstore.store import ObjectStore, S3Credential

PART = 5 * 1024 * 1024
"""Bytes of a part on its way: the smallest that S3 takes."""
PARTS_IN_FLIGHT = 2
"""Parts of one object on their way at once."""
BLOCK = 2 * 1024 * 1024
"""Bytes that a stream reads at a time."""
GATHERED = 256 * 1024
"""Bytes that a writer gathers before it hands them on: each call costs as much as copying these."""
KEYS_FRESH = timedelta(minutes=5)
"""Keys are asked for again 5 minutes before their end: for each request. Source: object_store, client/token.rs."""
Keys = Callable[[], tuple[str, str]]
"""Returns access key and secret key."""
LISTED = 1000
"""Objects in one answer of a listing, as in S3."""


def open_store(
    url: str,
    *,
    access_key: str | None = None,
    secret_key: str | None = None,
    patience_seconds: float = 10.0,
    keys: Keys | None = None,
) -> "ArtifactStore":
    """Open the store at a path, `file:///path`, `memory:`, or `s3://bucket?endpoint=http://host:9000&region=...`.

    Keys of a bucket that are not given come from the environment; `keys` returns them as they are now, and is asked
    again and again. A bucket that is away is tried for `patience_seconds`.

    Raises:
        ValueError: there is no such kind of store, or the address is incomplete.
        StoreAway: the folder cannot be made.
    """
    scheme = urlsplit(url).scheme
    if scheme == "memory":
        return ArtifactStore(MemoryStore(), "the memory of this process")
    if scheme == "s3":
        place = S3Place.parse(url, access_key, secret_key)
        return ArtifactStore(_bucket(place, patience_seconds, keys), str(place))
    if scheme not in ("", "file"):
        raise ValueError(f"There is no store of the kind {scheme!r}; name a folder, memory: or s3://bucket.")
    root = Path(unquote(urlsplit(url).path) if scheme else url).expanduser().absolute()
    where = f"the folder {root}"
    with mapped("open the store", where):
        root.mkdir(parents=True, exist_ok=True)
        return ArtifactStore(LocalStore(root), where, root)


def _bucket(place: S3Place, patience_seconds: float, keys: Keys | None) -> S3Store:
    def as_now() -> "S3Credential":
        access, secret = keys() if keys is not None else (place.access_key, place.secret_key)
        until = datetime.now(UTC) + KEYS_FRESH
        return {"access_key_id": access, "secret_access_key": secret, "expires_at": until if keys else None}

    return S3Store(
        place.bucket,
        prefix=place.prefix or None,
        endpoint=place.endpoint,
        region=place.region,
        credential_provider=as_now,
        config=place.encryption_config,
        client_options={"allow_http": not place.is_encrypted, "connect_timeout": "5s", "timeout": "60s"},
        retry_config={
            "max_retries": 100,
            "retry_timeout": timedelta(seconds=patience_seconds),
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
        },
    )


class ArtifactStore:
    """Keeps bytes under keys, as `storage.store.Store` promises.

    A folder keeps what was put when this process is killed; after a power cut the last seconds may be missing.
    """

    def __init__(self, store: "ObjectStore", where: str, root: Path | None = None) -> None:
        self.where = where
        """The place, for messages."""
        self._store = store
        self._root = root

    async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        """Store the bytes, in place of what lay there unless `create`."""
        mode: Literal["create", "overwrite"] = "create" if create else "overwrite"
        with mapped(f"store {key}", self.where):
            await obstore.put_async(
                self._store, checked(key), data, mode=mode, chunk_size=PART, max_concurrency=PARTS_IN_FLIGHT
            )

    async def get(self, key: str) -> bytes:
        """Return all bytes."""
        with mapped(f"read {key}", self.where):
            found = await obstore.get_async(self._store, checked(key))
            return bytes(await found.bytes_async())

    async def get_range(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes start..end, fewer where the object ends before."""
        return await self._range(checked(key), start, end, None)

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes start..end block by block: a slow reader holds no connection."""
        whole = await self.stat(key)
        last = whole.size if end is None else min(end, whole.size)
        for at in range(start, last, BLOCK):
            yield await self._range(key, at, min(at + BLOCK, last), whole.etag)

    async def _range(self, key: str, start: int, end: int, etag: str | None) -> bytes:
        if not 0 <= start <= end:
            raise ValueError(f"A range has 0 <= start <= end, not {start}..{end}.")
        if start == end:
            await self.stat(key)
            return b""
        try:
            with mapped(f"read {key}", self.where):
                options: obstore.GetOptions = {"range": (start, end)}
                found = await obstore.get_async(
                    self._store, key, options=options | ({"if_match": etag} if etag else {})
                )
                return bytes(await found.bytes_async())
        except StoreError as error:
            if is_beyond(error.__cause__):
                return b""
            raise

    @asynccontextmanager
    async def open_writer(self, key: str) -> AsyncIterator["PartWriter"]:
        """Write an object of unknown length: parts leave as they arrive, two at a time."""
        key = checked(key)
        writer = PartWriter(
            obstore.open_writer_async(self._store, key, buffer_size=PART, max_concurrency=PARTS_IN_FLIGHT),
            key,
            self.where,
        )
        try:
            yield writer
            await writer.close()
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await writer.abandon(error)
            raise

    async def stat(self, key: str) -> Stat:
        """Return what is known of the object."""
        with mapped(f"look at {key}", self.where):
            return _stat(await obstore.head_async(self._store, checked(key)))

    async def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        """Yield what lies below the prefix."""
        with mapped(f"list {prefix}", self.where):
            answers = obstore.list(self._store, checked(prefix) if prefix else None, chunk_size=LISTED)
        while True:
            with mapped(f"list {prefix}", self.where):
                answer = await anext(answers, None)
            if answer is None:
                return
            for found in answer:
                yield _stat(found)

    async def delete(self, key: str) -> None:
        """Remove the object, if it is there."""
        try:
            with mapped(f"delete {key}", self.where):
                await obstore.delete_async(self._store, checked(key))
        except NotStored:
            return

    async def delete_all(self, prefix: str) -> None:
        """Remove everything below the prefix."""
        if self._root is not None:
            with mapped(f"delete {prefix}", self.where):
                await anyio.to_thread.run_sync(remove_tree, self._root, self._root / checked(prefix))
            return
        found = [stat.key async for stat in self.list(checked(prefix))]
        for first in range(0, len(found), LISTED):
            with mapped(f"delete {prefix}", self.where):
                await obstore.delete_async(self._store, found[first : first + LISTED])

    async def tidy(self, abandoned_seconds: float = 3600.0) -> int:
        """Remove half-written files of a folder; a bucket removes abandoned uploads by its own rule."""
        if self._root is None:
            return 0
        with mapped("tidy up", self.where):
            return await anyio.to_thread.run_sync(sweep, self._root, abandoned_seconds)

    async def check(self) -> str:
        """Write, read and delete a small object; say where the store is."""
        folder = f"check/{uuid4().hex}"
        key = f"{folder}/probe"
        await self.put(key, b"parley", create=True)
        try:
            if await self.get(key) != b"parley":
                raise StoreError(f"What {self.where} returns is not what was stored there.")
        finally:
            await self.delete_all(folder)
        if self._root is None:
            return f"Artifacts are kept in {self.where}."
        return f"Artifacts are kept in {self.where}, which has room for {free_bytes(self._root) / 1e9:.1f} GB."


class PartWriter:
    """An object that is being written."""

    def __init__(self, writer: "AsyncWritableFile", key: str, where: str) -> None:
        self._writer, self._what, self._where = writer, f"store {key}", where
        self._gathered = bytearray()

    async def write(self, data: bytes) -> None:
        """Take more of the object."""
        if len(data) >= GATHERED and not self._gathered:
            await self._hand_on(data)
            return
        self._gathered += data
        if len(self._gathered) >= GATHERED:
            await self._hand_on(self._taken())

    async def close(self) -> None:
        """Put the object in its place."""
        await self._hand_on(self._taken())
        with mapped(self._what, self._where):
            await self._writer.close()

    async def abandon(self, error: BaseException) -> None:
        """Leave no object."""
        try:
            await self._writer.__aexit__(type(error), error, error.__traceback__)
        except OSError:
            return  # it has closed itself when a write failed; what could not be undone is the task of `tidy`

    def _taken(self) -> bytes:
        gathered, self._gathered = bytes(self._gathered), bytearray()
        return gathered

    async def _hand_on(self, data: bytes) -> None:
        with mapped(self._what, self._where):
            await self._writer.write(data)


def _stat(found: "ObjectMeta") -> Stat:
    return Stat(found["path"], found["size"], found["last_modified"], found["e_tag"])
