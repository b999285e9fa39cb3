"""Pictures of a shared screen -> those that stayed on view, kept in the store."""

import io
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.manifest import folder_of
from stages.speech import Keyframe
from storage.store import NotStored, Store

if TYPE_CHECKING:
    from av import VideoFrame

LOOK_SECONDS = 1.0
"""So often a picture is looked at."""
THUMB = (96, 54)
"""Size at which pictures are compared, in grey."""
CHANGED_LEVEL = 12
"""Levels of grey, of 255, from which on a point has changed: less is the codec's noise."""
CHANGED_SHARE = 0.02
"""Share of points that makes a new picture: a few lines of text on a slide."""
MOST_WIDTH = 1600
"""Points; wider pictures are kept smaller."""
MOST = 2000
"""Pictures of a meeting that are kept."""


class Keyframes:
    """Keeps a picture once it has stayed for a look, and knows when it went."""

    def __init__(self, store: Store, meeting: str, track: str) -> None:
        self._store, self._meeting, self._track = store, meeting, track
        self._shown: NDArray[np.int16] | None = None
        self._seen: NDArray[np.int16] | None = None
        self._since = 0.0
        self._kept: Keyframe | None = None
        self._next = 0.0
        self._count = 0

    async def look(self, frame: "VideoFrame", time: float) -> None:
        """Look at the picture that is on view at a time, in seconds of the meeting."""
        if time < self._next or self._count >= MOST:
            return
        self._next = time + LOOK_SECONDS
        seen = _thumb(frame)
        before, self._seen = self._seen, seen
        if before is None or _differ(before, seen):
            self._since = time  # it still moves
            return
        if self._shown is not None and not _differ(self._shown, seen):
            return
        await self.end(self._since)
        self._shown = seen
        self._count += 1
        key = f"{folder_of(self._meeting)}/keyframes/{round(self._since * 1000):09}.jpg"
        await self._store.put(key, _jpeg(frame))
        self._kept = Keyframe(start=self._since, end=self._since, track=self._track, image=key)

    async def end(self, time: float) -> None:
        """The picture that was on view went at a time."""
        if self._kept is not None:
            kept = msgspec.structs.replace(self._kept, end=max(time, self._kept.start))
            self._kept = None
            await self._store.put(f"{kept.image.removesuffix('.jpg')}.json", msgspec.json.encode(kept))


async def keyframes(store: Store, meeting: str) -> list[Keyframe]:
    """Return the pictures of a meeting that stayed on view, in time order."""
    found: list[Keyframe] = []
    async for entry in store.list(f"{folder_of(meeting)}/keyframes"):
        if entry.key.endswith(".json"):
            try:
                found.append(msgspec.json.decode(await store.get(entry.key), type=Keyframe))
            except NotStored:
                continue  # deleted meanwhile, with its meeting
    return sorted(found, key=lambda frame: frame.start)


def _thumb(frame: "VideoFrame") -> NDArray[np.int16]:
    return frame.reformat(*THUMB, format="gray").to_ndarray().astype(np.int16)


def _differ(one: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    return bool((np.abs(one - other) > CHANGED_LEVEL).mean() > CHANGED_SHARE)


def _jpeg(frame: "VideoFrame") -> bytes:
    """Return a picture as JPEG."""
    import av

    scale = min(1.0, MOST_WIDTH / frame.width)
    width, height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    made = io.BytesIO()
    with av.open(made, "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        picture = frame.reformat(width, height, format="yuvj420p")
        picture.pts = 0
        for packet in (*stream.encode(picture), *stream.encode(None)):
            container.mux(packet)
    return made.getvalue()
