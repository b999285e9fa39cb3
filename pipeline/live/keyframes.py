"""Pictures of a shared screen -> those that stayed on view, kept in the store while the meeting goes on."""

import math
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pipeline.slides import Slide, View, keep_live, keep_picture, slide_of
from stages.pictures import grey, jpeg
from stages.scenes import Scene, Scenes
from stages.speech import Keyframe
from storage.store import Store

if TYPE_CHECKING:
    from av import VideoFrame

LOOK_SECONDS = 1.0
"""So often a picture is looked at."""

Tell = Callable[[Slide], Awaitable[None]]


async def _nobody(_: Slide) -> None:
    """Tell nobody."""


class Keyframes:
    """Keeps a picture once it has rested, and knows when it went; one that returns is kept once."""

    def __init__(self, store: Store, meeting: str, track: str, tell: Tell = _nobody) -> None:
        """`tell` is told of a slide when it appears, and when it went."""
        self._store, self._meeting, self._track, self._tell = store, meeting, track, tell
        self._scenes = Scenes()
        self._keys: dict[int, str] = {}
        self._views: dict[str, list[View]] = defaultdict(list)
        self._key = ""
        self._next = -math.inf

    async def look(self, frame: "VideoFrame", time: float) -> None:
        """Look at the picture that is on view at a time, in seconds of the meeting."""
        if time < self._next:
            return
        self._next = time + LOOK_SECONDS
        told = self._scenes.look(time, grey(frame))
        if told.ended is not None:
            await self._over(told.ended)
        if told.keep:
            start = self._scenes.start
            self._key = await keep_picture(self._store, self._meeting, start, jpeg(frame))
            await self._tell(slide_of(self._key, [View(start, time)]))

    async def end(self, time: float) -> None:
        """The picture that was on view went at a time."""
        scene = self._scenes.end(time)
        if scene is not None:
            await self._over(scene)

    async def _over(self, scene: Scene) -> None:
        key = self._keys.setdefault(scene.slide, self._key)
        if key != self._key:
            await self._store.delete(self._key)
        kept = Keyframe(start=scene.start, end=max(scene.start, scene.end), track=self._track, image=key)
        await keep_live(self._store, self._meeting, kept)
        self._views[key].append(View(kept.start, kept.end))
        await self._tell(slide_of(key, self._views[key]))
