"""The sound of a meeting on disk: written once by its source, read by everybody at their own pace."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio.to_thread
import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.track import WIDTH, Track
from stages.media_errors import MediaError
from stages.resample import Decoder
from stages.speech import AudioChunk, Gap, samples, seconds

MARKER = "recording.json"
"""File that lies beside the sound once all of it is there."""

DRAFT = "recording.json.part"

DIRECT = 1 << 19
"""Samples that are read without a thread: 1 MB out of the page cache."""

VISIBLE_SECONDS = 0.5
"""A hole of at least this becomes a gap; encoders leave out less than this where nobody speaks."""


class CutOff(MediaError):
    """The source was stopped before its end."""


class KeptTrack(msgspec.Struct, forbid_unknown_fields=True):
    """A track of a recording that ended."""

    name: str
    offset: int
    """First sample, at 16 kHz."""
    end: int
    """Sample after the last one."""


class Kept(msgspec.Struct, forbid_unknown_fields=True):
    """A recording that ended, beside its samples."""

    tracks: list[KeptTrack]
    gaps: list[Gap]
    damaged: str | None


class Recording:
    """Sound that may still grow; what `stages.stage.Sound` asks for.

    One writer appends to each track. Readers wait for what is still to come, and hold up neither it nor one another.
    """

    def __init__(self, folder: Path, *, live: bool = False, kept: Kept | None = None) -> None:
        """Begin a recording in a folder, in place of what is there; or go back to one that was kept."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.gaps: list[Gap] = kept.gaps if kept else []
        """Where sound was missing, and silence stands in for it."""
        self.damaged: str | None = kept.damaged if kept else None
        """What the reader should know about the state of the source; None where it was sound or is not at its end."""
        self.error: Exception | None = None
        """Why the sound ended too early."""
        self.expected: float | None = None
        """Seconds that the source claims to last; None where it claims nothing that can be true."""
        self.ended = kept is not None
        """Whether nothing more will come."""
        self._live = live
        self._tracks: dict[str, Track] = {}
        self._grown = asyncio.Event()
        """Set when something is new, then replaced."""
        if kept is None:
            (folder / MARKER).unlink(missing_ok=True)
            return
        for track in kept.tracks:
            self._tracks[track.name] = Track(self._path(len(self._tracks)), track.offset, track.end)
        self.expected = self.duration

    @classmethod
    def reopen(cls, folder: Path) -> Self | None:
        """Return the recording that lies in a folder; None where none came to its end there."""
        try:
            kept = msgspec.json.decode((folder / MARKER).read_bytes(), type=Kept)
            recording = cls(folder, kept=kept)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        if all(track.path.stat().st_size == track.end * WIDTH for track in recording._tracks.values()):
            return recording
        recording.close()
        return None

    @property
    def live(self) -> bool:
        """Whether sound still arrives at the pace of the clock."""
        return self._live and not self.ended

    @property
    def tracks(self) -> tuple[str, ...]:
        """Names of the tracks, in the order in which they joined."""
        return tuple(self._tracks)

    @property
    def duration(self) -> float:
        """Seconds that are known so far."""
        return seconds(max((track.end for track in self._tracks.values()), default=0))

    def known(self, track: str) -> int:
        """Return the sample after the last one that is known of a track."""
        return self._tracks[track].end

    def add_track(self, name: str, offset: int = 0) -> None:
        """Let a track join at a sample of the meeting; before it there is silence, which readers leave out."""
        if self.ended or name in self._tracks:
            raise ValueError(
                f"The track {name!r} cannot join: {'the recording ended' if self.ended else 'it is there'}."
            )
        # The name may be a participant's and is kept out of the path.
        self._tracks[name] = Track(self._path(len(self._tracks)), offset)
        self._tell()

    def append(self, chunk: AudioChunk) -> int:
        """Add sound to its track, and return how many samples were new: what is known already is dropped.

        A hole before the chunk becomes silence, and a gap if it is long enough to notice.

        Raises:
            NoRoom: the disk is full.
        """
        track = self._tracks[chunk.track]
        if track.ended:
            raise ValueError(f"The track {chunk.track!r} ended and takes no more sound.")
        first = chunk.first_sample
        new = chunk.samples[max(0, track.end - first) :]
        first = max(first, track.end)
        if not len(new):
            return 0
        if first - track.end >= samples(VISIBLE_SECONDS):
            hole = Gap(
                start=seconds(track.end),
                end=seconds(first),
                track=chunk.track,
                stage="recording",
                reason="No sound came from the source.",
            )
            self.gaps.append(hole)
        track.write(first, new)
        self._tell()
        return len(new)

    def end(self, track: str | None = None) -> None:
        """Say that a track, or with None the whole recording, is complete."""
        if track is not None:
            self._tracks[track].ended = True
            self._tell()
            return
        kept = Kept([KeptTrack(n, t.offset, t.end) for n, t in self._tracks.items()], self.gaps, self.damaged)
        draft = self.folder / DRAFT
        draft.write_bytes(msgspec.json.encode(kept))
        draft.rename(self.folder / MARKER)
        self._finish()

    def fail(self, error: Exception) -> None:
        """Say that no more will come although there should be more: readers get what is there, then the error."""
        self.error = error
        self._finish()

    def close(self) -> None:
        """Let go of the files; they stay."""
        for track in self._tracks.values():
            track.close()
        self._tracks = {}

    def delete(self) -> None:
        """Close, and leave nothing behind."""
        paths = [track.path for track in self._tracks.values()]
        self.close()
        for path in (*paths, self.folder / MARKER, self.folder / DRAFT):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            # What others keep there stays.
            self.folder.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def read(self, track: str, first: int, last: int) -> NDArray[np.float32]:
        """Return the samples first..last of a track, waiting for those still to come; fewer only at its end.

        Shape (n,), in -1..1, 16 kHz.

        Raises:
            MediaError: the sound broke off before `last`.
        """
        while track not in self._tracks and not self.ended:
            await self._grown.wait()  # a stage that goes on may know of a track before its sound is decoded again
        of = self._tracks[track]
        while of.end < last and not of.ended:
            await self._grown.wait()
        if of.end < last and self.error is not None:
            raise self.error
        last = min(last, of.end)
        if last - first > DIRECT:
            return await anyio.to_thread.run_sync(of.read, first, last)
        return of.read(first, max(first, last))

    async def chunks(self, first: dict[str, int], size: int) -> AsyncGenerator[AudioChunk, None]:
        """Yield every track from its first sample on in chunks of `size` samples, until the sound ends.

        A track that `first` does not name begins where it joined. Tracks take turns in time order, except that live a
        track from which nothing comes holds up no other; the last chunk of a track may be short.

        Raises:
            MediaError: the sound broke off; everything before was yielded.
        """
        at: dict[str, int] = {}
        while True:
            for name, track in self._tracks.items():
                at.setdefault(name, max(first.get(name, 0), track.offset))
            turn = self._turn(at, size)
            if turn is not None:
                begin, end = at[turn], min(at[turn] + size, self._tracks[turn].end)
                at[turn] = end
                data = await self.read(turn, begin, end)
                yield AudioChunk(start=seconds(begin), end=seconds(end), track=turn, samples=data)
            elif self.ended:
                break
            else:
                await self._grown.wait()
        if self.error is not None:
            raise self.error

    def _turn(self, at: dict[str, int], size: int) -> str | None:
        """Return the track whose turn it is, if its sound is there."""
        waiting = [name for name, track in self._tracks.items() if not track.ended or at[name] < track.end]
        ready = [name for name in waiting if self._tracks[name].ended or self._tracks[name].end - at[name] >= size]
        name = min(ready if self.live else waiting, key=at.__getitem__, default=None)
        return name if name in ready else None

    def _path(self, number: int) -> Path:
        return self.folder / f"track-{number}.s16"

    def _finish(self) -> None:
        self.ended = True
        for track in self._tracks.values():
            track.ended = True
        self._tell()

    def _tell(self) -> None:
        seen, self._grown = self._grown, asyncio.Event()
        seen.set()


async def fill(recording: Recording, decoder: Decoder) -> None:
    """Pump what a decoder gives into a recording, and end it.

    What is wrong with the source, or a full disk, is raised to the readers of the recording, after the sound before it.
    """
    try:
        async with aclosing(decoder.chunks()) as chunks:
            async for chunk in chunks:
                if not recording.tracks:
                    recording.expected = decoder.expected
                for name in (*decoder.names, chunk.track):
                    if name not in recording.tracks:
                        recording.add_track(name)
                recording.append(chunk)
        recording.damaged = decoder.report.damaged if decoder.report else None
        recording.end()
    except (MediaError, OSError) as error:
        recording.fail(error)
    except BaseException:
        recording.fail(CutOff("The recording was not read to its end, since the run was stopped. Start it again."))
        raise
