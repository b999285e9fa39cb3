"""Parts -> items: what is kept of a stage, as the stage made it or as a reader wants it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from pipeline.attempts import ArtifactError, manifests
from pipeline.manifest import KeptItem, Manifest, Part
from stages.speech import Mark, Span
from storage.store import Store

TOGETHER = 8
"""Parts that are read at once: of three hours there are hundreds, and a bucket is some milliseconds away."""
_LINE: msgspec.json.Decoder[KeptItem] = msgspec.json.Decoder(KeptItem)


class Damaged(ArtifactError):
    """A part is not what its manifest says: somebody or something changed it."""


class Replay:
    """What an earlier run of a stage left, as the runner asks for it."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self.manifest = manifest
        self._store = store

    @property
    def done(self) -> bool:
        """Whether the stage had finished."""
        return self.manifest.done

    @property
    def until(self) -> Mapping[str, float]:
        """The last committed mark of each track, in seconds: the stage goes on from there."""
        return self.manifest.until

    async def items(self) -> AsyncIterator[Span]:
        """Yield what the stage had made, with its marks, in the order of commits; a few parts at a time are in memory.

        Raises:
            Damaged: a part is not what it was.
        """
        async for item in _items(self._store, self.manifest.to_go_on().parts):
            yield item


class AsItIs(Replay):
    """What a reader sees of a stage, replayed to other stages: whatever it is, nothing of it is made again now."""

    @property
    def done(self) -> bool:
        """True: there will be no more."""
        return True

    async def items(self) -> AsyncIterator[Span]:
        """Yield what the stage shows, with its marks.

        Raises:
            Damaged: a part is not what it was.
        """
        async for item in _items(self._store, self.manifest.shown().parts):
            yield item


async def shown_items(store: Store, manifest: Manifest) -> AsyncIterator[Span]:
    """Yield what a reader should see of a stage: items without marks, track by track in time, then the gap.

    Raises:
        NotStored: the stage was made again while it was read; get its manifest again.
        Damaged: a part is not what it was.
    """
    shown = manifest.shown()
    async for item in _items(store, sorted(shown.parts, key=lambda part: (part.track, part.number))):
        if not isinstance(item, Mark):
            yield item
    if shown.gap is not None:
        yield shown.gap


async def fingerprint(store: Store, meeting: str) -> dict[str, str]:
    """Return a digest of everything each stage made, by name: equal for runs that made the same in other steps."""
    digests: dict[str, str] = {}
    for stage, manifest in (await manifests(store, meeting)).items():
        told = hashlib.sha256(msgspec.json.encode([manifest.done, manifest.gap]))
        for part in sorted(manifest.parts, key=lambda part: (part.track, part.number)):
            told.update(await _content(store, part))
        digests[stage] = told.hexdigest()
    return digests


async def _items(store: Store, parts: Sequence[Part]) -> AsyncIterator[KeptItem]:
    for first in range(0, len(parts), TOGETHER):
        for content in await asyncio.gather(*(_content(store, part) for part in parts[first : first + TOGETHER])):
            for line in content.splitlines():
                yield _LINE.decode(line)


async def _content(store: Store, part: Part) -> bytes:
    data = await store.get(part.key)
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise Damaged(f"The part {part.key} is not what was stored there. Restore it, or run its stage again.")
    return data
