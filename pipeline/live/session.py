"""One live meeting on the node that hears it: recording, journals, the live plan, and its end."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.abc

from pipeline.artifacts import Artifacts
from pipeline.attempts import Fenced
from pipeline.engine_pool import EnginePool, UnknownEngine
from pipeline.journal import Journal, checked_name, held, journal_names, read_back
from pipeline.live.beat import Beat
from pipeline.live.intake import ContainerIntake, Intake, PcmIntake, feed
from pipeline.live.known import known
from pipeline.live.limits import LiveLimits, NotHere, NotLive, TooManyStreams
from pipeline.live.publish import Publisher
from pipeline.live.running import SumUp, keep_summing_up
from pipeline.live.track import LiveFormat, LiveTrack, OtherFormat, RunName, format_name, track_name
from pipeline.live.watch import watch
from pipeline.order import Order
from pipeline.pace import Pace
from pipeline.patience import LIVE
from pipeline.patient_store import PatientStore
from pipeline.process import StepsOf, Watch, names_of
from pipeline.recording import VISIBLE_SECONDS, Recording
from pipeline.runner import StageFailed, run
from pipeline.steps import Step, live_steps_of, plan_of, recipes_of
from stages.engine_errors import EngineError
from stages.media_errors import MediaError
from stages.resample_pcm import RawFormat
from stages.speech import SAMPLE_RATE, Gap
from storage.records import NoRecord, Overtaken, Records
from storage.rows import MeetingRow, StageRow
from storage.store import Store

log = logging.getLogger(__name__)

LOST = (NoRecord, Overtaken, Fenced)
"""The meeting was deleted, or another node has it: nothing of it may be written here any more."""
HIDDEN = "hypothesize"
"""A stage that readers of stage rows are not told of: the offline run has none of that name."""


class LiveSession:
    """A meeting that is being heard. `serve` runs until it ends; what it makes is kept as offline stages would."""

    def __init__(
        self,
        store: Store,
        records: Records,
        pool: EnginePool,
        row: MeetingRow,
        folder: Path,
        limits: LiveLimits | None = None,
        steps_of: StepsOf = live_steps_of,
        sum_up: SumUp | None = None,
    ) -> None:
        self.store, self.records, self.row = store, records, row
        self.recording = Recording(folder, live=True)
        self.tracks: dict[str, LiveTrack] = {}
        """The newest run of each track."""
        self.publisher: Publisher | None = None
        self.attempt = 0
        """Fencing number of this hearing; 0 before it begins."""
        self.ready = anyio.Event()
        """Set when tracks may join."""
        self.ended = anyio.Event()
        """Set when everything that was heard is made, stored and handed on."""
        self.failed: str | None = None
        """Why there are no captions; the sound is kept all the same."""
        self.is_abandoned = False
        """Whether it ends because nobody sent to it any more."""
        self.also = Watch()
        """Further observers of the stages: who joins sees what is made from then on, and never waits."""
        self._pool, self._limits, self._steps_of = pool, limits or LiveLimits(), steps_of
        self._sum_up = sum_up
        self._patience = LIVE
        self._stop = anyio.Event()
        self._joining = anyio.Lock()
        self._runs: list[LiveTrack] = []
        self._keepers: anyio.abc.TaskGroup | None = None

    @property
    def lag(self) -> float:
        """Seconds that final words are behind the sound."""
        return self.publisher.lag if self.publisher is not None else 0.0

    async def serve(self) -> None:
        """Hear the meeting until `stop`: restore what is journalled, run the live plan, put what arrives.

        Raises:
            NoRecord, Overtaken, Fenced: the meeting was deleted, or another node has it.
        """
        try:
            self.attempt = await self._patience.until_done(lambda: self.records.next_attempt(self.row.id))
            seen = await self._patience.until_done(lambda: known(self.records, self.row.id))
            self.publisher = Publisher(self.records, self.row.id, self.attempt, self.recording, seen)
            await self._hear(self.publisher)
            await self.flush()
        except BaseExceptionGroup as group:
            lost, others = group.split(LOST)
            if lost is None or others is not None:
                raise
            first: BaseException = lost
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            raise first from None
        finally:
            for track in self._runs:
                track.lose()
            self._keepers = None
            self.ready.set()

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is taken."""
        return self._stop.is_set()

    def stop(self, *, abandoned: bool = False) -> None:
        """End the meeting: what was heard is still made and stored."""
        self.is_abandoned = abandoned
        self._stop.set()

    async def flush(self) -> None:
        """Put everything that came, and tell those who sent it."""
        for track in self._runs:
            await track.journal.flush()
            track.acknowledge(track.journal.acknowledged)

    def detach(self) -> None:
        """Give the local files back."""
        self.recording.delete()

    async def join(self, name: str, live_format: LiveFormat, holder: object, *, fresh: bool = False) -> LiveTrack:
        """Begin a track, or go on with it; who sent it before is taken over.

        `fresh` begins a new run of bytes, in any format, where the track is now: another recorder, with a header of
        its own.

        Raises:
            NotLive: the meeting is over.
            NotHere: another node has it, or hearing it broke.
            OtherFormat: the track began in another format.
            TooManyStreams: there are as many tracks as one meeting may have.
            ValueError: the name is none.
        """
        async with self._joining:
            if self.is_stopping:
                raise NotLive("This meeting is over; begin a new one.")
            if self._keepers is None:
                raise NotHere("The meeting has to be taken up anew. Connect again with its id.")
            track = self.tracks.get(name)
            if track is None:
                track = await self._begin(track_name(name), live_format)
            elif fresh:
                track = await self._begin_again(track, live_format)
            elif track.format != live_format:
                raise OtherFormat(
                    f"The track {name!r} is sent as {format_name(track.format)}. Go on so, or begin a new stream."
                )
            track.hold(holder)
            return track

    async def _hear(self, publisher: Publisher) -> None:
        beat = Beat(self.records, self.row.id, self.attempt, self.recording, publisher)
        async with anyio.create_task_group() as keepers:
            self._keepers = keepers
            keepers.start_soon(watch, self.records, self.row.id, self.attempt, self.stop)
            await self._restore()
            async with anyio.create_task_group() as stages:
                stages.start_soon(self._caption, publisher, beat)
                keepers.start_soon(beat.keep)
                if self._sum_up is not None:
                    keepers.start_soon(keep_summing_up, self._sum_up, self.records, self.row, publisher)
                self.ready.set()
                await self._stop.wait()
                for track in self._runs:
                    with suppress(MediaError):
                        await track.close()
                self.recording.end()
            await self._patience.until_done(beat.holes)
            keepers.cancel_scope.cancel()

    async def _begin(self, name: str, live_format: LiveFormat) -> LiveTrack:
        """Begin a track where the meeting is now; the first one begins with the meeting."""
        if len(self.tracks) >= self._limits.tracks:
            raise TooManyStreams(f"This meeting has {len(self.tracks)} tracks, as many as allowed.")
        first = round(self.recording.duration * SAMPLE_RATE)
        return self._add(RunName(name, 1, first, format_name(live_format)))

    async def _begin_again(self, before: LiveTrack, live_format: LiveFormat) -> LiveTrack:
        with suppress(MediaError):
            await before.close()
        before.hold(None)
        first = self.recording.known(before.name)
        return self._add(RunName(before.name, before.run.number + 1, first, format_name(live_format)))

    async def _restore(self) -> None:
        """Bring back what an earlier process heard, run by run."""
        names = await self._patience.until_done(lambda: journal_names(self.store, self.row.id))
        store = PatientStore(self.store)
        runs = sorted(RunName.read(name) for name in names)
        for at, name in enumerate(runs):
            found = await held(store, self.row.id, str(name))
            track = self._add(name, found.end)
            try:
                await feed(track.intake, read_back(store, self.row.id, str(name)))
                if [later for later in runs[at + 1 :] if later.track == name.track]:
                    await track.close()
            except MediaError as error:
                log.warning("A run of the live meeting %s cannot be heard to its end: %s", self.row.id, error)

    def _add(self, name: RunName, acknowledged: int | None = None) -> LiveTrack:
        assert self._keepers is not None
        if name.track not in self.recording.tracks:
            self.recording.add_track(name.track, name.first)
        live_format = name.live_format
        intake: Intake
        if isinstance(live_format, RawFormat):
            intake = PcmIntake(self.recording, name.track, live_format, name.first)
            first = round(name.first * live_format.rate / SAMPLE_RATE) * live_format.width
        else:
            intake = ContainerIntake(self.recording, name.track, live_format, name.first)
            self._keepers.start_soon(intake.decode)
            first = 0
        journal = Journal(
            self.store,
            self.row.id,
            checked_name(str(name)),
            first if acknowledged is None else max(first, acknowledged),
            attempt=self.attempt,
            confirm=self._confirm,
        )
        track = self.tracks[name.track] = LiveTrack(name, journal, intake)
        self._runs.append(track)

        async def acknowledge(place: int) -> None:
            track.acknowledge(place)

        def hole(start: float, end: float) -> None:
            if end - start >= VISIBLE_SECONDS:
                reason = "No sound came from the source."
                gap = Gap(start=start, end=end, track=name.track, stage="recording", reason=reason)
                self.recording.gaps.append(gap)

        track.tell_hole = hole
        self._keepers.start_soon(journal.keep, acknowledge)
        return track

    async def _confirm(self) -> None:
        """Return if the meeting is still ours, however long the database is away.

        Raises:
            NoRecord, Overtaken: it is not.
        """
        row = await self._patience.until_done(lambda: self.records.meeting(self.row.id))
        if row.attempt != self.attempt:
            raise Overtaken(f"Another node hears the meeting {self.row.id}.")

    async def _caption(self, publisher: Publisher, beat: Beat) -> None:
        """Make captions. If that breaks, the meeting is still recorded, and is transcribed when it ends."""
        order = Order.of(self.row)
        try:
            steps = self._steps_of(self.recording, self._pool, order)
            plan = plan_of(steps)
            beat.rows = _rows(steps)
            artifacts = await Artifacts.open(
                PatientStore(self.store),
                self.row.id,
                recipes_of(steps, plan, order.takes),
                attempt=self.attempt,
                sound=f"{order.sound} {order.tracks}",
            )
            kept: Mapping[str, Any] = {step.stage.name: await artifacts.kept(step.stage.name) for step in steps}
            await run(plan, self.recording, Watch(artifacts, publisher, Pace(names_of(steps)), self.also), kept)
        except (StageFailed, EngineError, UnknownEngine) as error:
            if isinstance(error.__cause__, LOST):
                raise error.__cause__ from None
            log.exception("The live meeting %s goes on without captions.", self.row.id)
            self.failed = str(error)
            await publisher.tell("error", code="captions_failed", message=self.failed)


def _rows(steps: Sequence[Step]) -> list[StageRow]:
    return [
        StageRow(name=step.stage.name, engine=step.host.card.engine if step.host else None)
        for step in steps
        if step.stage.name != HIDDEN
    ]
