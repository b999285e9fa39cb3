"""Keyframes of a meeting -> slides: each picture once, with all the times at which it was on view."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

import msgspec

from pipeline.attempts import manifests
from pipeline.manifest import folder_of
from pipeline.replay import shown_items
from pipeline.steps import Step
from stages.keyframes import Film, Keep, Keyframes
from stages.speech import Keyframe, by_time
from storage.rows import MeetingRow, StageRow
from storage.store import NotStored, Store

CAPTION = ".caption.json"
"""Ends the name of what a model says of a picture."""
LIVE = ".live.json"
"""Ends the name of what is known of a picture that was seen while the meeting went on."""

UNREAD = "unread.txt"
"""Says why slides have no captions."""


class View(msgspec.Struct, frozen=True):
    """A stretch during which a slide was on view."""

    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""


class Slide(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a shared screen."""

    id: str
    """Names it within the meeting."""
    start: float
    """Seconds from the start of the meeting: when it was first on view."""
    end: float
    """Seconds from the start of the meeting: when it was last on view."""
    views: tuple[View, ...]
    """All stretches during which it was on view, in time order."""
    title: str | None = None
    """What it is called, by a model that sees; null where none is configured."""
    text: str | None = None
    """What can be read and seen on it, by the same model."""
    model: str | None = None
    """The model; null where there is no caption."""


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """What a model that sees says of a slide."""

    title: str
    """A few words."""
    text: str
    """What can be read and seen on it."""
    model: str
    """Who says so."""


class Picture(msgspec.Struct, frozen=True):
    """The picture of a slide, of which nothing is read yet."""

    size: int
    """Bytes."""
    stream: Callable[[int, int], AsyncIterator[bytes]]
    """Yields the bytes start..end."""
    file_name: str
    """Name for a download."""
    media_type: str = "image/jpeg"
    """What it is."""
    etag: str | None = None
    """Changes with the content."""


def may_show(row: MeetingRow) -> bool:
    """Tell whether the recording of a meeting may have pictures: what was sent, or found, as sound has none."""
    return row.source == "upload" and not (row.media_type or "").startswith("audio/")


def may_have_slides(row: MeetingRow) -> bool:
    """Tell whether there may be slides: in a recording, or from screens shared while it was made."""
    return row.source != "upload" or may_show(row)


def with_keyframes(steps: list[Step], film: Film, keep: Keep) -> list[Step]:
    """Return the steps with one that watches a film, before the last."""
    return [*steps[:-1], Step(Keyframes(film, keep)), *steps[-1:]]


def stages_of(row: MeetingRow) -> tuple[StageRow, ...]:
    """Return the stages of a meeting; nobody looks for slides in a recording that turned out to have no pictures."""
    return tuple(stage for stage in row.stages if stage.name != Keyframes.name or may_show(row))


async def keep_picture(store: Store, meeting: str, start: float, picture: bytes) -> str:
    """Keep a JPEG that was first on view at a time; return its key. The same time again replaces it."""
    id = f"{round(start * 1000):09}"
    key = picture_key(meeting, id)
    # Another picture needs another caption.
    await store.delete(f"{_folder(meeting)}/{id}{CAPTION}")
    await store.put(key, picture)
    return key


async def keep_live(store: Store, meeting: str, keyframe: Keyframe) -> None:
    """Keep when a picture was on view in a meeting that goes on."""
    await store.put(f"{_folder(meeting)}/{round(keyframe.start * 1000):09}{LIVE}", msgspec.json.encode(keyframe))


async def keyframes(store: Store, meeting: str) -> list[Keyframe]:
    """Return what was on view, in time order: from the recording, and from screens shared while it was made."""
    found = [frame async for frame in _of_the_recording(store, meeting)]
    async for entry in store.list(_folder(meeting)):
        if entry.key.endswith(LIVE):
            try:
                found.append(msgspec.json.decode(await store.get(entry.key), type=Keyframe))
            except NotStored:
                continue  # deleted meanwhile, with its meeting
    return sorted(found, key=by_time)


async def slides(store: Store, meeting: str) -> tuple[Slide, ...]:
    """Return the slides of a meeting, in the order of their first appearance."""
    views: dict[str, list[View]] = {}
    for frame in await keyframes(store, meeting):
        views.setdefault(frame.image, []).append(View(frame.start, frame.end))
    found = [slide_of(image, seen) for image, seen in views.items()]
    told = await captions(store, meeting)
    return tuple(captioned(slide, told[slide.id]) if slide.id in told else slide for slide in found)


def captioned(slide: Slide, caption: Caption) -> Slide:
    """Return a slide with what is said of it."""
    return msgspec.structs.replace(slide, title=caption.title, text=caption.text, model=caption.model)


def slide_of(image: str, views: Sequence[View]) -> Slide:
    """Return the slide with a picture, which was on view at these times."""
    id = image.rsplit("/", 1)[1].removesuffix(".jpg")
    return Slide(id=id, start=views[0].start, end=max(view.end for view in views), views=tuple(views))


async def captions(store: Store, meeting: str) -> Mapping[str, Caption]:
    """Return what is said of slides, by the ids of slides."""
    found: dict[str, Caption] = {}
    async for entry in store.list(_folder(meeting)):
        if entry.key.endswith(CAPTION):
            with suppress(NotStored):  # deleted meanwhile, with its meeting
                id = entry.key.rsplit("/", 1)[1].removesuffix(CAPTION)
                found[id] = msgspec.json.decode(await store.get(entry.key), type=Caption)
    return found


async def keep_caption(store: Store, meeting: str, slide: str, caption: Caption) -> None:
    """Keep what is said of a slide."""
    await store.put(f"{_folder(meeting)}/{slide}{CAPTION}", msgspec.json.encode(caption))


async def keep_unread(store: Store, meeting: str, note: str | None) -> None:
    """Keep a sentence that says why slides have no captions; None where that needs no word."""
    key = f"{_folder(meeting)}/{UNREAD}"
    await (store.delete(key) if note is None else store.put(key, note.encode()))


async def unread(store: Store, meeting: str) -> str | None:
    """Return why slides have no captions; None where nobody tried, or all have some."""
    try:
        return (await store.get(f"{_folder(meeting)}/{UNREAD}")).decode()
    except NotStored:
        return None


def picture_key(meeting: str, slide: str) -> str:
    """Return where the picture of a slide lies."""
    return f"{_folder(meeting)}/{slide}.jpg"


async def picture(store: Store, meeting: str, slide: str) -> Picture:
    """Return the picture of a slide.

    Raises:
        NotStored: there is no such slide.
    """
    key = picture_key(meeting, slide)
    stat = await store.stat(key)
    return Picture(size=stat.size, stream=partial(store.stream, key), file_name=f"slide {slide}.jpg", etag=stat.etag)


async def _of_the_recording(store: Store, meeting: str) -> AsyncIterator[Keyframe]:
    manifest = (await manifests(store, meeting)).get(Keyframes.name)
    if manifest is not None:
        async for item in shown_items(store, manifest):
            if isinstance(item, Keyframe):
                yield item


def _folder(meeting: str) -> str:
    return f"{folder_of(meeting)}/slides"
