"""Decoded frames -> blocks of 16 kHz sound with exact places, whatever the timestamps of a file do."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.error import ArgumentError
from av.filter import Graph

from stages.decode_wire import FLOAT, INT16, Block

RATE = 16_000

HOLE = Fraction(1, 10)
"""Seconds by which timestamps must run ahead of the sound for sound to be missing; less is rounding."""

LONGEST_HOLE = Fraction(3600)
"""Seconds by which timestamps may run ahead where the file claims no length: beyond that they were set anew."""


class Clock:
    """Resamples one stream; no block covers sound from both sides of a hole.

    Places are counted in samples, not read from timestamps, so that blocks follow one another without a seam.
    """

    def __init__(self, mixed: bool, size: int, floats: bool, start: Fraction, longest_hole: Fraction | None) -> None:
        self.mixed = mixed
        self.size = size
        self.kind = FLOAT if floats else INT16
        self.longest_hole = longest_hole or LONGEST_HOLE
        self.next = 0
        """Place of the next sample that comes out."""
        self._zero = start
        """Time of place 0 on the clock of the file, in seconds."""
        self._run: Run | None = None

    def take(self, frames: Iterable[AudioFrame]) -> Iterator[Block]:
        """Resample frames; blocks come out when enough frames have gone in."""
        for frame in frames:
            run = self._run
            if run is None or not run.push(frame):
                yield from self.finish()
                self._begin(frame)
            elif run.waiting >= run.enough:
                yield from self._draw(run)

    def finish(self) -> Iterator[Block]:
        """Bring out what is still inside."""
        if self._run is not None:
            self._run.graph.push(None)
            yield from self._draw(self._run)

    def _begin(self, frame: AudioFrame) -> None:
        """Start anew with a frame that does not follow on the one before it, in time or in shape."""
        if frame.pts is not None and frame.time_base is not None:
            time = frame.pts * frame.time_base
            ahead = time - self._zero - Fraction(self.next, RATE)
            if HOLE < ahead <= self.longest_hole:
                self.next = round((time - self._zero) * RATE)
            elif self._run is None or abs(ahead) > HOLE:
                # The clock of the file was set anew; its sound goes on.
                self._zero = time - Fraction(self.next, RATE)
        self._run = Run(frame, self.mixed, self.kind == FLOAT, self.size)
        self._run.push(frame)

    def _draw(self, run: "Run") -> Iterator[Block]:
        run.waiting = 0
        width = 4 if self.kind == FLOAT else 2
        while True:
            try:
                block = run.graph.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(block, AudioFrame)
            channels = block.layout.nb_channels
            data = memoryview(block.planes[0])[: block.samples * channels * width]
            yield Block(self.kind, channels, self.next, data)
            self.next += block.samples


class Run:
    """Frames of one shape that follow on one another, and the graph that resamples them."""

    def __init__(self, frame: AudioFrame, mixed: bool, floats: bool, size: int) -> None:
        self.graph = resampling(frame, mixed, floats, size)
        self.rate = frame.sample_rate
        self.waiting = 0
        """Samples that went in since blocks were drawn."""
        self.enough = -(-size * self.rate // RATE)
        """Samples worth a block. To ask the graph after each frame would cost more than to resample it."""
        unit = frame.time_base or Fraction(1, self.rate)
        self._base = frame.pts
        self._heard = 0
        # Seconds times rate and steps a second: integers, since each frame is compared.
        self._per_step = unit.numerator * self.rate
        self._per_sample = unit.denominator
        self._tolerance = HOLE.numerator * self.rate * unit.denominator // HOLE.denominator

    def push(self, frame: AudioFrame) -> bool:
        """Take a frame; return False where it does not follow on the one before it."""
        pts, base = frame.pts, self._base
        if pts is not None and base is not None:
            ahead = (pts - base) * self._per_step - self._heard * self._per_sample
            if not -self._tolerance <= ahead <= self._tolerance:
                return False
        try:
            self.graph.push(frame)
        except ArgumentError:
            return False
        samples = frame.samples
        self._heard += samples
        self.waiting += samples
        return True


def resampling(frame: AudioFrame, mixed: bool, floats: bool, size: int) -> Graph:
    """Build the graph from the file's frames to blocks of `size` samples.

    Channels without known places (microphones) are mixed evenly, others as FFmpeg mixes them.
    """
    graph = Graph()
    graph.threads = 1
    layout, channels = frame.layout.name, frame.layout.nb_channels
    nodes = [
        graph.add(
            "abuffer",
            sample_rate=str(frame.sample_rate),
            sample_fmt=frame.format.name,
            channel_layout=layout,
            time_base=str(frame.time_base or Fraction(1, frame.sample_rate)),
        )
    ]
    if mixed and layout == f"{channels} channels":
        share = "+".join(f"{1 / channels:.9f}*c{channel}" for channel in range(channels))
        nodes.append(graph.add("pan", f"mono|c0={share}"))
    elif mixed:
        # Mixed in the same step as resampled, every channel would be resampled.
        nodes.append(graph.add("aformat", channel_layouts="mono"))
    nodes.append(graph.add("aresample", str(RATE)))
    nodes.append(graph.add("aformat", sample_fmts="flt" if floats else "s16"))
    nodes.append(graph.add("abuffersink"))
    graph.link_nodes(*nodes).configure()
    graph.set_audio_frame_size(size)
    return graph
