"""An open film -> what its screen showed, and a picture of each slide; in the decoding process.

A film of a screen is mostly pictures that repeat the one before. Between two pictures that stand for themselves (key
frames) nothing is decoded if both show what is on view anyway; so an hour costs seconds. Where something changed,
one picture a second is looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from stages.decode_open import Unusable, start_of
from stages.decode_wire import PICTURE, SCENE, Block
from stages.pictures import grey, jpeg
from stages.scenes import Scene, Scenes

if TYPE_CHECKING:
    from av.packet import Packet

LOOK_SECONDS = 1.0
"""So often a picture is looked at where something changes."""
LONGEST_BLIND = 12.0
"""Seconds between key frames; where they are further apart, everything between them is decoded."""
LARGEST_GROUP = 64 << 20
"""Bytes that wait to be decoded, at most."""

Look = tuple[float, VideoFrame]
"""A time in seconds, and the picture that is shown then."""


def choose_pictures(container: InputContainer) -> VideoStream | None:
    """Return the moving pictures of a file, and let it skip the rest; None where there are none."""
    films = [each for each in container.streams.video if not each.disposition & Disposition.attached_pic]
    best = container.streams.best("video")
    chosen = best if best in films else next(iter(films), None)
    if chosen is None:
        return None
    assert isinstance(chosen, VideoStream)
    if chosen.codec_context is None:
        raise Unusable("NotMedia", "its pictures are stored in a way for which there is no decoder")
    for stream in container.streams:
        if stream is not chosen:
            stream.discard = Discard.all
    return chosen


def scenes(container: InputContainer, stream: VideoStream, end: dict[str, Any]) -> Iterator[Block]:
    """Yield what was shown, as messages: each new slide's picture, then when it was on view."""
    watch = Scenes()
    film = _Film(container, stream, watch, end)
    held: VideoFrame | None = None
    time = 0.0
    for time, frame in film.looks():
        told = watch.look(time, grey(frame))
        if told.ended is not None and held is not None:
            yield from _told(told.ended, held)
        if told.keep:
            held = frame
    last = watch.end(max(time, film.last))
    if last is not None and held is not None:
        yield from _told(last, held)


def _told(scene: Scene, held: VideoFrame) -> Iterator[Block]:
    if scene.is_new:
        yield Block(PICTURE, 0, scene.slide, jpeg(held))
    yield Block(SCENE, 0, scene.slide, f"[{scene.start:.3f},{scene.end:.3f}]".encode())


class _Film:
    """Decodes as few pictures as it can."""

    def __init__(self, container: InputContainer, stream: VideoStream, watch: Scenes, end: dict[str, Any]) -> None:
        self._packets = container.demux(stream)
        self._codec = stream.codec_context
        self._codec.thread_count = 1
        self._codec.skip_frame = "NONREF"
        self._base = stream.time_base or Fraction(1, 1000)
        self._zero = start_of(container, stream)
        self._watch, self._end = watch, end
        self._seen = -1.0
        self.last = 0.0
        """Seconds at which the last packet is shown."""

    def looks(self) -> Iterator[Look]:
        """Yield pictures worth a look, with their times, each later than the one before."""
        group: list[Packet[VideoStream]] = []
        is_running = False
        for packet in self._read():
            if packet.is_keyframe:
                if is_running:
                    yield from self._worth(self._rest())
                head = self._alone(packet)
                if not is_running:
                    yield from self._between(group, head)
                yield from self._worth(head, apart=0.0)
                group, is_running = [packet], False
            elif is_running:
                yield from self._worth(self._decoded(packet))
            else:
                group.append(packet)
                if is_running := self._is_long(group):
                    # The next key frame is too far away to wait for it.
                    yield from self._all(group)
        yield from self._worth(self._rest()) if is_running else self._between(group, [])

    def _read(self) -> "Iterator[Packet[VideoStream]]":
        while True:
            try:
                packet = next(self._packets, None)
            except FFmpegError:
                self._end["broken"] = True
                return
            if packet is None:
                return
            if packet.size:
                if packet.pts is not None:
                    self.last = max(self.last, float((packet.pts + (packet.duration or 0)) * self._base - self._zero))
                yield packet

    def _is_long(self, group: "Sequence[Packet[VideoStream]]") -> bool:
        return _span(group, self._base) > LONGEST_BLIND or sum(packet.size for packet in group) > LARGEST_GROUP

    def _between(self, group: "Sequence[Packet[VideoStream]]", head: Sequence[VideoFrame]) -> Iterator[Look]:
        """Look at what lies before the key frame `head`, if that can tell anything."""
        is_known = head and (_span(group, self._base) < LOOK_SECONDS or self._watch.shows(grey(head[0])))
        if group and not is_known:
            yield from self._all(group)
            yield from self._worth(self._rest())

    def _all(self, group: "Sequence[Packet[VideoStream]]") -> Iterator[Look]:
        for packet in group:
            yield from self._worth(self._decoded(packet))

    def _worth(self, frames: Iterable[VideoFrame], apart: float = LOOK_SECONDS) -> Iterator[Look]:
        for frame in frames:
            if frame.pts is None or frame.time_base is None:
                continue
            time = float(frame.pts * frame.time_base - self._zero)
            if time > self._seen and time >= self._seen + apart:
                self._seen = time
                yield time, frame

    def _alone(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        """Decode a key frame by itself."""
        return [*self._decoded(packet), *self._rest()]

    def _rest(self) -> list[VideoFrame]:
        """Return the pictures that the decoder holds back, and let it begin anew."""
        rest = self._decoded(None)
        self._codec.flush_buffers()
        return rest

    def _decoded(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        try:
            return self._codec.decode(packet)
        except MemoryError:
            raise
        except FFmpegError:
            self._end["skipped"] += 1
            return []


def _span(group: "Sequence[Packet[VideoStream]]", base: Fraction) -> float:
    """Return the seconds from the first packet to the last; where nobody knows, they are many."""
    first, last = (group[0].dts, group[-1].dts) if group else (0, 0)
    return float((last - first) * base) if first is not None and last is not None else LONGEST_BLIND + 1
