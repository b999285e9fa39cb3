"""Items of stages -> parts and manifests: the truth about how far a meeting has come."""

from collections.abc import Mapping
from typing import Any

import anyio
import msgspec

from pipeline.attempts import Taken, check, take_over
from pipeline.manifest import (
    KeptItem,
    Manifest,
    Part,
    Recipe,
    attempt_of,
    digests,
    folder_of,
    manifest_key,
    part_key,
    stage_folder,
)
from pipeline.replay import Replay
from pipeline.track_part import TrackPart
from stages.speech import Gap, Mark, Span
from storage.store import Store

PART_SECONDS = 15.0
"""Audio that a part covers at least before a mark ends it, while people speak."""
WHOLE_PART_SECONDS = 45.0
"""The same of a recording: fewer and larger files, for 45 s of sound at stake, which is seconds of work."""
LONGEST_PART_SECONDS = 60.0
"""Audio that a part covers at most; one that no mark ends is written then, but counts only from the next mark on."""


class Artifacts:
    """Keeps what the stages of one meeting make, as one attempt at it: the observer of a run.

    A part counts once the manifest names it, and the manifest is put after the part: killed at any moment, a stage goes
    on after its last committed mark, and what it makes then is what it would have made. Errors of the store leave what
    was committed before as it is.
    """

    def __init__(
        self,
        store: Store,
        meeting: str,
        taken: Taken,
        recipes: Mapping[str, Recipe],
        *,
        sound: str = "",
        part_seconds: float = PART_SECONDS,
    ) -> None:
        """Go on with what was found; `open` takes the meeting over and finds it."""
        self.store = store
        self.meeting = meeting
        self.attempt = taken.attempt
        self._first = taken.first
        self._beginnings = _Beginnings(taken.found, recipes, digests(recipes, sound), taken.attempt)
        self._stages = {
            name: _StageParts(store, meeting, self._beginnings.of(name), taken.found.get(name), part_seconds)
            for name in recipes
        }

    @classmethod
    async def open(
        cls,
        store: Store,
        meeting: str,
        recipes: Mapping[str, Recipe],
        *,
        attempt: int | None = None,
        sound: str = "",
        part_seconds: float = PART_SECONDS,
    ) -> "Artifacts":
        """Take the meeting over: as the next attempt, or as the one with the number that was given to us alone.

        `sound` names what the stages listen to, by a digest for example: with other sound nothing is kept.

        Raises:
            Fenced: a later attempt is open.
        """
        taken = await take_over(store, meeting, attempt)
        return cls(store, meeting, taken, recipes, sound=sound, part_seconds=part_seconds)

    async def kept(self, stage: str) -> Replay:
        """Return what earlier attempts left of a stage: nothing if it would be made in another way today.

        Raises:
            KeyError: the stage has no recipe.
        """
        return Replay(self.store, self._stages[stage].manifest)

    async def item(self, stage: str, item: Span) -> None:
        """Keep an item; at a mark, what came before it is committed.

        Raises:
            Fenced: a later attempt has taken over.
            StoreError: it cannot be written; StoreFull if there is no room.
        """
        if isinstance(item, KeptItem):
            await self._stages[stage].add(item)

    async def ended(self, stage: str) -> None:
        """Commit the rest of a stage, and that it is done; then remove parts that nobody needs any more."""
        parts = self._stages[stage]
        await parts.finish(None)
        if self._first:
            return  # nobody else has written anything, and we name all that is ours
        await check(self.store, self.meeting, self.attempt)
        needed = {part.key for part in parts.manifest.parts}
        async for found in self.store.list(stage_folder(self.meeting, stage)):
            # A later attempt puts its fence before it reads our manifest: having seen no fence, what we do not name
            # it will not name either. Its own parts are not ours to judge.
            if found.key not in needed and attempt_of(found.key) <= self.attempt:
                await self.store.delete(found.key)

    async def failed(self, stage: str, gap: Gap) -> None:
        """Commit what a stage made before it gave up, and what it leaves undone; the next attempt tries it again."""
        await self._stages[stage].finish(gap)


async def delete_meeting(store: Store, meeting: str) -> None:
    """Remove every trace of a meeting; an attempt that is still at work is `Fenced` at its next commit."""
    await store.delete_all(folder_of(meeting))


class _Beginnings:
    """Decides for each stage whether it goes on with what was found or begins from nothing."""

    def __init__(
        self, found: Mapping[str, Manifest], recipes: Mapping[str, Recipe], wanted: Mapping[str, str], attempt: int
    ) -> None:
        self._found, self._recipes, self._wanted, self._attempt = found, recipes, wanted, attempt
        self._known: dict[str, Manifest] = {}

    def of(self, stage: str) -> Manifest:
        """Return the manifest at hand, or a new edition if it was made in another way or from other results."""
        if stage not in self._known:
            self._known[stage] = self._decide(stage)
        return self._known[stage]

    def _decide(self, stage: str) -> Manifest:
        recipe, found = self._recipes[stage], self._found.get(stage)
        read = {name: self.of(name).edition for name in recipe.producers if name in self._recipes}
        if found and found.recipe == self._wanted[stage] and found.read == read:
            return msgspec.structs.replace(found.to_go_on(), attempt=self._attempt)
        before = msgspec.structs.replace(found.shown(), before=None) if found else None
        return Manifest(
            stage=stage,
            recipe=self._wanted[stage],
            engine=recipe.engine,
            options=recipe.options,
            edition=found.edition + 1 if found else 1,
            read=read,
            attempt=self._attempt,
            before=before if before and before.done else None,
        )


class _StageParts:
    """One stage: its manifest, and what came since."""

    def __init__(
        self, store: Store, meeting: str, manifest: Manifest, found: Manifest | None, part_seconds: float
    ) -> None:
        self.manifest = manifest
        self._store, self._meeting, self._part_seconds = store, meeting, part_seconds
        self._tracks: dict[str, TrackPart] = {}
        self._used: dict[str, int] = {}
        for part in found.all_parts() if found else ():
            self._used[part.track] = max(part.number, self._used.get(part.track, -1))
        self._lock = anyio.Lock()

    async def add(self, item: KeptItem) -> None:
        """Take an item; at a mark, commit if there is enough to commit."""
        async with self._lock:
            track = self._track(item.track)
            if not isinstance(item, Mark):
                if item.start - track.start >= LONGEST_PART_SECONDS:
                    await self._write(track)
                track.add(item)
                return
            track.add(item)
            until = self.manifest.until
            if item.end - until.get(item.track, 0.0) >= self._part_seconds:
                await self._write(track)
                await self._put(track.unnamed, {"until": {**until, item.track: item.end}, "gap": None})
                track.unnamed = []

    async def finish(self, gap: Gap | None) -> None:
        """Commit everything: done, or with what is left undone."""
        async with self._lock:
            tracks = [self._tracks[name] for name in sorted(self._tracks)]
            for track in tracks:
                await self._write(track)
            rest = [part for track in tracks for part in track.unnamed]
            if gap is None:
                await self._put(rest, {"done": True, "gap": None, "before": None})
            else:
                # Whoever reads this stage has read too little: with another edition, it begins again next time.
                await self._put(rest, {"gap": gap, "edition": self.manifest.edition + 1})
            self._tracks = {}

    def _track(self, name: str) -> TrackPart:
        if name not in self._tracks:
            start = self.manifest.until.get(name, 0.0)
            self._tracks[name] = TrackPart(name, start, self._used.get(name, -1) + 1)
        return self._tracks[name]

    async def _write(self, track: TrackPart) -> None:
        content = track.content()
        if content:
            await check(self._store, self._meeting, self.manifest.attempt)
            key = part_key(self._meeting, self.manifest.stage, track.track, track.number, self.manifest.attempt)
            await self._store.put(key, content)
            track.written(key, content)

    async def _put(self, parts: list[Part], changes: Mapping[str, Any]) -> None:
        manifest = msgspec.structs.replace(self.manifest, parts=(*self.manifest.parts, *parts), **changes)
        key = manifest_key(self._meeting, manifest.attempt, manifest.stage)
        await self._store.put(key, msgspec.json.encode(manifest))
        self.manifest = manifest
