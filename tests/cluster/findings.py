"""What is there of everything that clients sent, and what readers saw meanwhile."""

import asyncio
import hashlib
import sys
from collections import Counter, deque
from collections.abc import Mapping, Sequence

import msgspec

from pipeline.attempts import manifests
from pipeline.manifest import Manifest
from pipeline.process import results
from storage.artifact_store import ArtifactStore, open_store
from storage.database.database import Database, open_database
from storage.records import RecordError
from storage.rows import MeetingRow
from storage.store import StoreError
from tests.cluster.cluster import Cluster
from tests.cluster.load import Live, Load, Upload, wav
from tests.cluster.sleeping import words_of
from tests.cluster.waiting import Waiting

LOOK_SECONDS = 1.0
LOOKED_AT = 6
"""Meetings that are looked at in one go: readers cost the store as much as jobs do."""
SAY_SECONDS = 15.0
"""Whoever waits is told so often what for."""
WAV_HEADER = 44
"""Bytes before the samples of a merged recording."""


class Seen(msgspec.Struct):
    """What a reader saw last of a meeting."""

    made: Mapping[str, Manifest]


class Watcher:
    """Reads meetings again and again: what was shown once may grow, but never change or go back."""

    def __init__(self, store: ArtifactStore, records: Database) -> None:
        self.looks = 0
        self.wrong: list[str] = []
        self._store, self._records = store, records
        self._seen: dict[str, Mapping[str, Manifest]] = {}
        self._open: deque[str] = deque()

    async def run(self) -> None:
        """Look until cancelled: at those that are worked on, in turn, and once more at each that has ended."""
        while True:
            try:
                under_way = [row.id for row in await self._records.unfinished()]
                self._open.extend(id for id in under_way if id not in self._open)
                for _ in range(min(LOOKED_AT, len(self._open))):
                    id = self._open[0]
                    self._compare(id, await manifests(self._store, id))
                    self._open.rotate(-1)
                    if id not in under_way:
                        self._open.remove(id)
            except (StoreError, RecordError):
                pass  # it is away: what is seen after that counts
            await asyncio.sleep(LOOK_SECONDS)

    def _compare(self, meeting: str, made: Mapping[str, Manifest]) -> None:
        self.looks += 1
        for stage, before in self._seen.get(meeting, {}).items():
            now = made.get(stage)
            if now is None:
                self.wrong.append(f"{meeting} lost its stage {stage}")
            elif now.edition < before.edition or now.attempt < before.attempt:
                self.wrong.append(f"{meeting}: {stage} of attempt {now.attempt} was shown after {before.attempt}")
            elif now.edition == before.edition and _settled(before) != _settled(now)[: len(_settled(before))]:
                self.wrong.append(f"{meeting}: what {stage} had committed was replaced")
        self._seen[meeting] = {**self._seen.get(meeting, {}), **made}


def _settled(manifest: Manifest) -> list[str]:
    """Return the parts of a stage that no later attempt makes again."""
    return [part.key for part in manifest.to_go_on().parts]


class Findings:
    """Looks at everything in the end."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, environment = cluster, cluster.environment
        self.records = open_database(environment["PARLEY_DATABASE"])
        self.store = open_store(
            environment["PARLEY_STORE"],
            access_key=environment["PARLEY_STORE_ACCESS_KEY"],
            secret_key=environment["PARLEY_STORE_SECRET_KEY"],
        )
        self.wrong: list[str] = []
        self._waiting = Waiting(self.records, str(cluster.postgres.folder))
        self.meetings = self.seconds = 0
        self.attempts = 0

    async def settled(self, seconds: float) -> float:
        """Wait until every meeting has come to its end, or none does for so long. Return how long that took."""
        loop = asyncio.get_running_loop()
        began = said = moved = loop.time()
        left = sys.maxsize
        while rows := await self._unfinished():
            moved, left = (loop.time(), len(rows)) if len(rows) < left else (moved, left)
            over = loop.time() - moved > seconds
            if over or loop.time() - said > SAY_SECONDS:
                said = loop.time()
                lines = await self.say(said - began)
                if over:
                    await asyncio.to_thread(self._cluster.say_where)
                    self.wrong += [f"not at its end: {line}" for line in lines]
                    break
            await asyncio.sleep(1.0)
        return loop.time() - began

    async def say(self, after: float) -> Sequence[str]:
        """Print what has not come to its end, after so many seconds, and return it."""
        rows = await self._unfinished()
        lines = await self._waiting.told(rows)
        print(f"After {after:.0f} s, {len(rows)} have not ended:", *lines, sep="\n  ", flush=True)
        return lines

    async def _unfinished(self) -> Sequence[MeetingRow]:
        while True:
            try:
                return await self.records.unfinished()
            except RecordError as error:
                print(f"The database does not say what has not ended: {error}", flush=True)
                await asyncio.sleep(1.0)

    async def look(self, load: Load) -> None:
        """Compare what is there with what was sent."""
        rows = {row.id: row for row in await self._rows()}
        self.meetings = len(rows)
        uploads = {upload.id: upload for upload in load.uploads}
        lives = {live.id: live for live in load.lives if live.id}
        self.wrong += [f"the accepted upload {id} is lost" for id in uploads.keys() - rows.keys()]
        self.wrong += [f"the live meeting {id} is lost" for id in lives.keys() - rows.keys() if lives[id].acknowledged]
        for id, row in rows.items():
            try:
                await self._one(row, uploads.get(id), lives.get(id))
            except (StoreError, AssertionError) as error:
                self.wrong.append(f"{id} ({row.source}): {error!r}")

    async def workers(self, meeting: str) -> Sequence[str]:
        """Return the nodes that work on a meeting."""
        return await self._waiting.workers(meeting)

    async def close(self) -> None:
        """Give the connections back."""
        await self.records.close()

    async def _rows(self) -> Sequence[MeetingRow]:
        found: list[MeetingRow] = []
        cursor: str | None = None
        while True:
            page = await self.records.meetings(None, limit=500, cursor=cursor)
            found += page.items
            if (cursor := page.cursor) is None:
                return found

    async def _one(self, row: MeetingRow, upload: Upload | None, live: Live | None) -> None:
        self.attempts += row.attempt
        self.seconds += int(row.duration or 0)
        if live is not None and not live.pcm[: 2 * live.acknowledged] and row.state == "failed":
            return  # nothing of it was ever acknowledged
        assert row.state == "done", f"it is {row.state}: {row.error}"
        kept = await self.store.get(row.original or "")
        pcm = kept[WAV_HEADER:]
        if upload is not None:
            same = hashlib.sha256(kept).digest() == hashlib.sha256(wav(upload.pcm)).digest()
            assert same, "the recording is not what was sent"
        if live is not None:
            assert live.refused is None, f"its client was refused: {live.refused}"
            assert pcm[: 2 * live.acknowledged] == live.pcm[: 2 * live.acknowledged], "acknowledged sound is missing"
            assert pcm == live.pcm, f"{len(pcm)} bytes are kept of {len(live.pcm)}"
        found = await results(self.store, row.id)
        said = [
            word.text for utterance in sorted(found.utterances, key=lambda line: line.start) for word in utterance.words
        ]
        assert said == words_of(pcm), f"{len(said)} words instead of {len(words_of(pcm))}, or others"
        await self._told(row, live)

    async def _told(self, row: MeetingRow, live: Live | None) -> None:
        told, after = Counter[str](), 0
        while events := await self.records.events(row.id, after, 500):
            numbers = [event.number for event in events]
            assert numbers == list(range(after + 1, after + 1 + len(events))), "events have holes"
            told.update(event.type for event in events)
            after = numbers[-1]
        assert told["end"] == 1, f"it ended {told['end']} times"
        if live is not None:
            heard = [event["seq"] for event in live.events if "seq" in event]
            assert heard == list(range(1, len(heard) + 1)), "its client was told events twice, or not at all"
