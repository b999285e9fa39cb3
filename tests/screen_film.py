"""A film of a shared screen whose slides are known: fades, a pointer, a face in the corner, slides that return."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import msgspec
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
FACE = (170, 230)
"""Height and width of the face in the corner."""
Picture = NDArray[np.uint8]
Motion = Literal["slide", "leaf", "camera"]


class Stretch(msgspec.Struct, frozen=True):
    """What the screen shows for a while."""

    start: float
    end: float
    slide: int
    """Which slide; for `leaf`, one that is skipped; for `camera`, nothing."""
    motion: Motion
    fades: bool
    steps: int
    """How many steps the slide fills in; 1 shows all of it at once."""
    face: bool


class Script(msgspec.Struct, frozen=True):
    """An hour, or another length."""

    stretches: tuple[Stretch, ...]
    slides: tuple[Picture, ...]
    inks: tuple[tuple[int, ...], ...]
    """For each slide, rows of points below which its steps begin."""

    @property
    def seconds(self) -> float:
        return self.stretches[-1].end

    def at(self, time: float) -> Stretch:
        return next(each for each in reversed(self.stretches) if each.start <= time)


def script(seed: int, slides: int = 40, seconds: float = 3600.0) -> Script:
    """Write a talk of so many slides, a fifth of which return, in about so many seconds."""
    rng = np.random.default_rng(seed)
    order: list[tuple[Motion, int]] = [("slide", number) for number in range(slides)]
    for back in range(slides // 5):
        # A slide returns later than its neighbours' turn.
        number = int(rng.integers(0, slides - 6))
        order.insert(order.index(("slide", number + 4)) + 1, ("slide", number))
        if back % 3 == 0:
            order.insert(len(order) * (back + 1) // (slides // 5 + 1), ("leaf", number))
    order.insert(len(order) // 2, ("camera", 0))
    weights = rng.uniform(0.4, 1.6, len(order))
    weights *= (seconds - len(order) * 12) / weights.sum()
    stretches: list[Stretch] = []
    time, seen = 0.0, set[int]()
    for (motion, slide), weight in zip(order, weights, strict=True):
        length = 4.0 if motion == "leaf" else max(10.0, 12 + weight)
        steps = int(rng.choice([1, 1, 1, 3, 4])) if slide not in seen and motion == "slide" and length > 40 else 1
        face = bool((time // 600) % 2 == 0)
        stretches.append(Stretch(time, time + length, slide, motion, bool(rng.random() < 0.4), steps, face))
        seen.add(slide)
        time += length
    drawn = [_slide(np.random.default_rng((seed, number))) for number in range(slides)]
    return Script(tuple(stretches), tuple(each for each, _ in drawn), tuple(rows for _, rows in drawn))


def film(path: Path, told: Script, fps: int = 2, seed: int = 0, key_seconds: int = 8, *, sound: bool = False) -> Path:
    """Write the film; what moves is drawn by `seed`."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "28"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.gop_size = fps * key_seconds
        if sound:
            _silence(container, told.seconds)
        for number, picture in enumerate(_pictures(told, fps, np.random.default_rng(seed))):
            frame = VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def _silence(container: av.container.OutputContainer, seconds: float) -> None:
    audio = container.add_stream("aac", rate=16_000, layout="mono")
    assert isinstance(audio, AudioStream)
    for number in range(round(seconds * 16)):
        frame = AudioFrame.from_ndarray(np.zeros((1, 1000), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, number * 1000, Fraction(1, 16_000)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def _pictures(told: Script, fps: int, rng: np.random.Generator) -> Iterator[Picture]:
    faces = [_face(rng) for _ in range(12)]
    rooms = [_room(rng) for _ in range(8)]
    x, y, before = 600.0, 400.0, np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for stretch in told.stretches:
        shown = told.slides[stretch.slide]
        for tick in range(round(stretch.start * fps), round(stretch.end * fps)):
            since = tick / fps - stretch.start
            if stretch.motion == "camera":
                yield rooms[tick % len(rooms)]
                continue
            shown = _shown(told, stretch, since)
            picture = shown.copy()
            if stretch.fades and since < 1:
                picture = (before * (1 - since) + shown * since).astype(np.uint8)
            if tick % 40 < 25:
                x, y = np.clip([x + rng.normal(0, 60), y + rng.normal(0, 40)], [0, 0], [WIDTH - 20, HEIGHT - 24])
            picture[int(y) : int(y) + 22, int(x) : int(x) + 14] = (20, 20, 20)
            if stretch.face:
                picture[HEIGHT - FACE[0] :, WIDTH - FACE[1] :] = faces[int(rng.integers(0, len(faces)))]
            yield picture
        before = shown


def _shown(told: Script, stretch: Stretch, since: float) -> Picture:
    """Return what is on the screen, so many seconds after the beginning of a stretch."""
    if stretch.motion == "leaf":
        return told.slides[(stretch.slide + int(since / 0.8)) % len(told.slides)]
    full = told.slides[stretch.slide]
    return full if stretch.steps == 1 else _filled(full, told.inks[stretch.slide], int(since / 8) + 1, stretch.steps)


def _filled(full: Picture, rows: tuple[int, ...], step: int, steps: int) -> Picture:
    """Show the slide as far as a step has filled it."""
    if step >= steps or len(rows) < 2:
        return full
    row = rows[max(1, len(rows) * step // steps)]
    part = full.copy()
    part[row:-40] = full[row - 1, 4]
    return part


def _slide(rng: np.random.Generator) -> tuple[Picture, tuple[int, ...]]:
    """Draw a slide; return it and the rows where its lines begin."""
    dark = bool(rng.random() < 0.2)
    paper, ink = ((28, 30, 36), (232, 232, 228)) if dark else ((250, 250, 247), (30, 32, 38))
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = paper
    picture[HEIGHT - 30 : HEIGHT - 24] = (15, 107, 92)
    _write(picture, rng, 60, 50, 36, int(rng.integers(8, 22)), ink)
    rows = []
    kind = rng.choice(["text", "text", "chart", "both"])
    if kind in ("text", "both"):
        for line in range(int(rng.integers(3, 8))):
            row = 150 + line * 66
            rows.append(row)
            _write(picture, rng, 90, row, 22, int(rng.integers(14, 30 if kind == "both" else 52)), ink)
    if kind in ("chart", "both"):
        left = 120 if kind == "chart" else 720
        rows = []
        for bar in range(int(rng.integers(4, 8))):
            height = int(rng.integers(60, 380))
            picture[HEIGHT - 90 - height : HEIGHT - 90, left + bar * 64 : left + bar * 64 + 44] = rng.integers(
                40, 210, 3
            )
    return picture, tuple(rows)


def _write(
    picture: Picture, rng: np.random.Generator, x: int, y: int, size: int, letters: int, ink: tuple[int, int, int]
) -> None:
    """Write letters of an alphabet that nobody reads."""
    dot = max(1, size // 7)
    for letter in range(letters):
        left = x + letter * dot * 6
        if left + dot * 5 >= WIDTH - 40 or rng.random() < 0.15:
            continue
        glyph = np.kron(rng.random((7, 5)) < 0.45, np.ones((dot, dot), bool))
        picture[y : y + glyph.shape[0], left : left + glyph.shape[1]][glyph] = ink


def _face(rng: np.random.Generator) -> Picture:
    """Draw somebody who moves before a wall."""
    rows, columns = np.mgrid[: FACE[0], : FACE[1]]
    cx, cy = rng.normal(FACE[1] / 2, 9), rng.normal(FACE[0] * 0.45, 6)
    inside = ((columns - cx) / 45) ** 2 + ((rows - cy) / 58) ** 2 < 1
    body = (np.abs(columns - cx) < 80) & (rows > cy + 60)
    face = np.empty((*FACE, 3), np.float32)
    face[:] = (120, 128, 140)
    face[body] = (50, 60, 110)
    face[inside] = (205, 160, 135)
    mouth = (np.abs(columns - cx) < 16) & (np.abs(rows - cy - 25) < rng.uniform(1, 9))
    face[mouth] = (110, 40, 40)
    return np.clip(face + rng.normal(0, 4, face.shape), 0, 255).astype(np.uint8)


def _room(rng: np.random.Generator) -> Picture:
    """Draw a camera's picture of a room: nothing to read."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    room = np.stack([90 + rows / 9, 95 + columns / 20, 110 + rows / 14], -1)
    for person in range(3):
        cx, cy = rng.normal(300 + person * 330, 22), rng.normal(330, 14)
        room[((columns - cx) / 110) ** 2 + ((rows - cy) / 150) ** 2 < 1] = (196, 150, 128)
        room[(np.abs(columns - cx) < 190) & (rows > cy + 150)] = (70, 60 + person * 30, 90)
    return np.clip(room + rng.normal(0, 3, room.shape), 0, 255).astype(np.uint8)
