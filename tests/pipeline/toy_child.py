"""A process that takes N recordings in and works on them: python -m tests.pipeline.toy_child FOLDER STORE N."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from storage.artifact_store import ArtifactStore, PartWriter, open_store
from tests.pipeline.toy_server import sent, server, sound_file

SECONDS = 40.0
"""Length of each recording."""


class Told(ArtifactStore):
    """A store that says when it begins and ends to write: moments to be killed at."""

    async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        print("put", key, flush=True)
        await super().put(key, data, create=create)
        print("put", key, flush=True)

    @asynccontextmanager
    async def open_writer(self, key: str) -> AsyncIterator[PartWriter]:
        print("write", key, flush=True)
        async with super().open_writer(key) as writer:
            yield writer
        print("written", key, flush=True)


def told(url: str) -> Told:
    """Return a store that tells."""
    plain = open_store(url)
    return Told(plain._store, plain.where, plain._root)


async def main(folder: Path, store: str, count: int) -> None:
    """Send recordings until there are so many, and wait until all are done."""
    async with server(folder, store=told(store)) as s:
        await s.meetings.sweep()
        while len((await s.meetings.list(None)).items) < count:
            row = await s.meetings.accept(None, sent(sound_file(SECONDS)), file_name="toy.wav")
            print("accepted", row.id, flush=True)
        for row in (await s.meetings.list(None)).items:
            await s.finished(row.id)
            print("finished", row.id, flush=True)


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
