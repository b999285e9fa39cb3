"""Films -> the pictures that stayed on view, each kept once."""

from pathlib import Path

import av
import pytest

from stages.keyframes import FilmFile, Keyframes, NoPictures
from stages.media_errors import MediaError
from stages.speech import Keyframe, Mark
from tests.collect import collect
from tests.media_files import encode, tones
from tests.screen_film import Script, Stretch, film, script

pytestmark = pytest.mark.anyio


def talk() -> Script:
    """Four stretches: three slides, of which the second fills line by line and the first returns."""
    drawn = script(5, slides=8, seconds=1.0)
    filling = next(number for number, rows in enumerate(drawn.inks) if len(rows) > 3)
    one, other = [number for number in range(8) if number != filling][:2]
    stretches = (
        Stretch(0.0, 12.0, one, "slide", fades=False, steps=1, face=True),
        Stretch(12.0, 44.0, filling, "slide", fades=False, steps=3, face=True),
        Stretch(44.0, 56.0, other, "slide", fades=True, steps=1, face=True),
        Stretch(56.0, 68.0, one, "slide", fades=False, steps=1, face=True),
    )
    return Script(stretches, drawn.slides, drawn.inks)


async def watched(path: Path) -> tuple[list[Keyframe | Mark], dict[str, bytes]]:
    kept: dict[str, bytes] = {}

    async def keep(start: float, picture: bytes) -> str:
        kept[f"{start:.1f}"] = picture
        return f"{start:.1f}"

    return await collect(Keyframes(FilmFile(path), keep), []), kept


async def test_each_slide_is_kept_once_and_whole(tmp_path: Path) -> None:
    told = talk()
    found, kept = await watched(film(tmp_path / "talk.mp4", told))
    frames = [frame for frame in found if isinstance(frame, Keyframe)]
    assert len(frames) == len(told.stretches) and len(kept) == 3
    assert frames[0].image == frames[3].image, "a slide that returns is not kept twice"
    for frame, stretch in zip(frames, told.stretches, strict=True):
        assert abs(frame.start - stretch.start) <= 6.5, "a face must be known before it can be left out"
        assert abs(frame.end - stretch.end) <= 1.5
    (tmp_path / "slide.jpg").write_bytes(kept[frames[1].image])
    with av.open(str(tmp_path / "slide.jpg")) as picture:
        shown = next(picture.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    full = told.slides[told.stretches[1].slide].astype(int)
    assert abs(shown - full)[100:500].mean() < 12, "its fullest picture stands for it"


async def test_a_recording_without_pictures_shows_nothing(tmp_path: Path) -> None:
    found, kept = await watched(encode(tmp_path / "talk.mp3", tones(2)))
    assert found == [] and kept == {}


async def test_what_never_rests_is_not_kept(tmp_path: Path) -> None:
    found, _ = await watched(encode(tmp_path / "colours.mp4", None, picture_seconds=20))
    assert found == []


async def test_pictures_that_cannot_be_read_cost_slides_only(tmp_path: Path) -> None:
    (tmp_path / "list.mp4").write_bytes(b"#EXTM3U\nhttp://localhost/secret.ts\n")
    with pytest.raises(NoPictures, match="its pictures are not read"):
        await watched(tmp_path / "list.mp4")
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 100)
    with pytest.raises(MediaError, match="Its sound is not affected"):
        async for _ in FilmFile(tmp_path / "noise.mp4").shown():
            pass
