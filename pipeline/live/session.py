"""One live meeting on the node that hears it: recording, journals, the live plan, and its end."""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import anyio.abc

from pipeline.artifacts import Artifacts
from pipeline.engine_pool import EnginePool
from pipeline.journal import Journal, checked_name, held, journal_names, read_back
from pipeline.live.intake import Container, ContainerIntake, Intake, PcmIntake, feed
from pipeline.live.publish import Publisher, known_lines
from pipeline.order import Order
from pipeline.patient_store import PatientStore
from pipeline.process import Watch
from pipeline.recording import Recording
from pipeline.runner import StageFailed, run
from pipeline.steps import live_steps_of, plan_of, recipes_of
from stages.media_errors import MediaError
from stages.resample_pcm import RawFormat
from stages.speech import SAMPLE_RATE
from storage.records import Records
from storage.rows import MeetingRow
from storage.store import Store

LiveFormat = RawFormat | Container


class TakenOver(Exception):
    """Another connection sends this track now."""


class OtherFormat(ValueError):
    """A track goes on in another format than it began with."""


class LiveTrack:
    """One track: what arrives goes into the recording at once, and into the journal."""

    def __init__(self, name: str, live_format: LiveFormat, journal: Journal, intake: Intake, first_byte: int) -> None:
        self.name, self.format, self.journal, self.intake = name, live_format, journal, intake
        self.first_byte = first_byte
        """Place of the track's first byte in its journal: where it joined, at its own rate; 0 for containers."""
        self.holder: object = None
        """The connection that sends now."""
        self.acknowledge: Callable[[int], None] = lambda _: None
        """Is told how many bytes the store holds."""

    @property
    def width(self) -> int:
        """Bytes of what is counted on the wire: samples, or bytes of a container."""
        return self.format.width if isinstance(self.format, RawFormat) else 1

    async def take(self, holder: object, data: bytes) -> None:
        """Take bytes that follow those before.

        Raises:
            TakenOver: another connection sends this track.
            MediaError: they are no sound.
        """
        if holder is not self.holder:
            raise TakenOver("Another connection sends this track now.")
        await self.journal.room()
        self.journal.add(data)
        await self.intake.take(data)

    async def skip(self, holder: object, place: int) -> None:
        """Fill a hole in raw samples with silence up to a place."""
        while (missing := place - self.journal.end) > 0:
            await self.take(holder, bytes(min(missing, 1 << 20)))


class LiveSession:
    """A meeting that is being heard. `serve` runs until it ends; what it makes is kept as offline stages would."""

    def __init__(self, store: Store, records: Records, pool: EnginePool, row: MeetingRow, folder: Path) -> None:
        self.store, self.records, self.row = store, records, row
        self.recording = Recording(folder, live=True)
        self.tracks: dict[str, LiveTrack] = {}
        self.publisher: Publisher | None = None
        self.ready = anyio.Event()
        """Set when tracks may join."""
        self.ended = anyio.Event()
        """Set when everything that was heard is made, stored and handed on."""
        self.failed: str | None = None
        """Why there are no captions; the sound is kept all the same."""
        self._pool = pool
        self._stop = anyio.Event()
        self._tasks: anyio.abc.TaskGroup | None = None

    async def serve(self) -> None:
        """Hear the meeting until `stop`: restore what is journalled, run the live plan, put what arrives.

        Raises:
            Overtaken, Fenced: another node has the meeting.
        """
        attempt = await self.records.next_attempt(self.row.id)
        self.publisher = Publisher(
            self.records, self.row.id, attempt, self.recording, await known_lines(self.records, self.row.id)
        )
        try:
            async with anyio.create_task_group() as keepers:
                self._tasks = keepers
                for name in await journal_names(self.store, self.row.id):
                    await self._restore(name)
                async with anyio.create_task_group() as stages:
                    stages.start_soon(self._run, attempt)
                    self.ready.set()
                    await self._stop.wait()
                    for track in self.tracks.values():
                        with contextlib.suppress(MediaError):
                            await track.intake.finish()
                    self.recording.end()
                keepers.cancel_scope.cancel()
            for track in self.tracks.values():
                await track.journal.flush()
                track.acknowledge(track.journal.acknowledged)
        finally:
            self._tasks = None
            self.ready.set()

    def stop(self) -> None:
        """End the meeting: what was heard is still made and stored."""
        self._stop.set()

    def detach(self) -> None:
        """Give the local files back."""
        self.recording.delete()

    async def join(self, name: str, live_format: LiveFormat, holder: object) -> LiveTrack:
        """Begin a track, or go on with it; who sent it before is taken over.

        Raises:
            OtherFormat: the track began in another format.
        """
        track = self.tracks.get(name)
        if track is None:
            track = await self._begin(name, live_format)
        elif track.format != live_format:
            raise OtherFormat(
                f"The track {name!r} began as {_format_name(track.format)}; go on so, or name another track."
            )
        track.holder = holder
        return track

    async def _begin(self, name: str, live_format: LiveFormat) -> LiveTrack:
        """Begin a track where the meeting is now; a container has a clock of its own, and begins with the meeting."""
        raw = live_format if isinstance(live_format, RawFormat) else None
        seconds = self.recording.duration if raw and self.tracks else 0.0
        first_byte = round(seconds * raw.rate) * raw.width if raw else 0
        return self._add(name, live_format, first_byte, first_byte)

    async def _restore(self, journal: str) -> None:
        """Bring back a track that an earlier process heard."""
        name, _, format_name = journal.partition(".")
        live_format: LiveFormat = RawFormat.named(format_name) or ("webm" if format_name == "webm" else "ogg")
        found = await held(self.store, self.row.id, journal)
        track = self._add(name, live_format, found.start, found.end)
        try:
            await feed(track.intake, read_back(self.store, self.row.id, journal))
        except MediaError as error:
            self.failed = str(error)

    def _add(self, name: str, live_format: LiveFormat, first_byte: int, acknowledged: int) -> LiveTrack:
        assert self._tasks is not None
        journal_name = checked_name(f"{name}.{_format_name(live_format)}")
        journal = Journal(self.store, self.row.id, journal_name, acknowledged)
        intake: Intake
        if isinstance(live_format, RawFormat):
            first = round(first_byte / live_format.width / live_format.rate * SAMPLE_RATE)
            self.recording.add_track(name, first)
            intake = PcmIntake(self.recording, name, live_format, first)
        else:
            self.recording.add_track(name)
            intake = ContainerIntake(self.recording, name, live_format)
            self._tasks.start_soon(intake.decode)
        track = self.tracks[name] = LiveTrack(name, live_format, journal, intake, first_byte)

        async def acknowledge(place: int) -> None:
            track.acknowledge(place)

        self._tasks.start_soon(journal.keep, acknowledge)
        return track

    async def _run(self, attempt: int) -> None:
        """Make captions. If that breaks, the meeting is still recorded, and is transcribed when it ends."""
        assert self.publisher is not None
        order = Order.of(self.row)
        steps = live_steps_of(self.recording, self._pool, order)
        plan = plan_of(steps)
        try:
            artifacts = await Artifacts.open(
                PatientStore(self.store),
                self.row.id,
                recipes_of(steps, plan, order.takes),
                attempt=attempt,
                sound=f"{order.sound} {order.tracks}",
            )
            kept: Mapping[str, Any] = {step.stage.name: await artifacts.kept(step.stage.name) for step in steps}
            await run(plan, self.recording, Watch(artifacts, self.publisher), kept)
        except StageFailed as error:
            self.failed = str(error)
            await self.publisher.tell("error", code="captions_failed", message=self.failed)


def _format_name(live_format: LiveFormat) -> str:
    return live_format.name if isinstance(live_format, RawFormat) else live_format
