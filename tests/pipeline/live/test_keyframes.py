"""Pictures of a shared screen are kept when they change and stay."""

import numpy as np
import pytest
from av import VideoFrame

from pipeline.live.keyframes import Keyframes
from pipeline.slides import keyframes
from storage.artifact_store import open_store

pytestmark = pytest.mark.anyio


def slide(lines: int, noise: int = 0) -> VideoFrame:
    picture = np.full((720, 1280, 3), 250, np.uint8)
    for line in range(lines):
        picture[60 + line * 50 : 85 + line * 50, 100 + 80 * lines : 500 + 60 * lines] = 20
    picture -= np.random.default_rng(noise).integers(0, 6, picture.shape, np.uint8)
    return VideoFrame.from_ndarray(picture, "rgb24")


async def test_each_slide_is_kept_once() -> None:
    store = open_store("memory:")
    watch = Keyframes(store, "m", "0")
    shown = [2] * 6 + [5] * 6 + [2] * 5
    for at, lines in enumerate(shown):
        await watch.look(slide(lines, noise=at), float(at))
    await watch.end(17.0)
    found = await keyframes(store, "m")
    assert [(frame.start, frame.end) for frame in found] == [(0.0, 6.0), (6.0, 12.0), (12.0, 17.0)]
    for frame in found:
        assert (await store.get(frame.image)).startswith(b"\xff\xd8"), "a JPEG"


async def test_what_never_rests_is_not_kept() -> None:
    store = open_store("memory:")
    watch = Keyframes(store, "m", "0")
    for at in range(12):
        await watch.look(slide(at), float(at))
    await watch.end(12.0)
    assert await keyframes(store, "m") == []
