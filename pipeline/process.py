"""A recording -> utterances and a summary, kept as artifacts; interrupted, it goes on where it was."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import msgspec

from pipeline.artifacts import WHOLE_PART_SECONDS, Artifacts
from pipeline.attempts import Fenced, check, manifests
from pipeline.engine_pool import EnginePool
from pipeline.holes import kept_holes
from pipeline.manifest import Manifest, folder_of
from pipeline.options import Options
from pipeline.pace import Pace
from pipeline.recording import Recording, fill
from pipeline.replay import AsItIs, shown_items
from pipeline.runner import Observer, StageFailed, run
from pipeline.slides import keep_picture, with_keyframes
from pipeline.steps import Step, plan_of, recipes_of, steps_of
from pipeline.track import NoRoom
from pipeline.transcript import Transcript, transcript
from stages.keyframes import FilmFile, Keyframes
from stages.media import Tracks
from stages.media_errors import MediaError
from stages.resample import Decoder
from stages.speech import Gap, Span, SpeakerTurn, Utterance
from stages.stage import Sound
from stages.summary import Summary
from storage.records import RecordError
from storage.store import NotStored, Store, StoreError

StepsOf = Callable[[Sound, EnginePool, Options], list[Step]]
"""Makes the stages of a meeting."""


Fetch = Callable[[], AbstractAsyncContextManager[Path]]
"""Brings a recording to this machine while it is needed."""


class Heard(msgspec.Struct, frozen=True):
    """What is known of the sound of a meeting once it was decoded."""

    duration: float
    """Seconds of the longest track."""
    damaged: str | None = None
    """What the reader should know about the state of the file; None where it is sound."""
    media_type: str | None = None
    """What a file without moving pictures is, as media type of sound; None where it has some, or is no file."""


class Results(msgspec.Struct, frozen=True):
    """Everything that the stages of a meeting made, as a reader should see it."""

    utterances: tuple[Utterance, ...]
    """In the order in which they were made."""
    turns: tuple[SpeakerTurn, ...]
    """In time order."""
    gaps: tuple[Gap, ...]
    """What could not be processed, by any stage."""
    summary: Summary | None
    """None where there is none yet."""
    heard: Heard
    """About the sound."""

    def transcript(self, meeting: str, title: str = "", language: str | None = None) -> Transcript:
        """View the results as a transcript, without any overlay."""
        return transcript(
            meeting, self.utterances, self.gaps, duration=self.heard.duration, language=language, title=title
        )


class Watch:
    """Tells several observers of everything, one after the other."""

    def __init__(self, *observers: Observer) -> None:
        self.observers = observers

    async def item(self, stage: str, item: Span) -> None:
        """Tell of an item."""
        for observer in self.observers:
            await observer.item(stage, item)

    async def ended(self, stage: str) -> None:
        """Tell of an end."""
        for observer in self.observers:
            await observer.ended(stage)

    async def failed(self, stage: str, gap: Gap) -> None:
        """Tell of a failure."""
        for observer in self.observers:
            await observer.failed(stage, gap)


async def process(
    source: Path | Fetch | None,
    store: Store,
    meeting: str,
    pool: EnginePool,
    options: Options,
    scratch: Path,
    *,
    sound: str,
    watch: Callable[[Mapping[str, str | None], Recording], Observer] | None = None,
    attempt: int | None = None,
    takes: Mapping[str, int] | None = None,
    make: Callable[[str], bool] | None = None,
    steps_of: StepsOf = steps_of,
    pictures: bool = False,
) -> None:
    """Run every stage that has work left over a recording. `sound` is a digest of the file.

    `watch` is told the engine of each stage, in plan order, and the recording, and returns an observer.
    `takes` counts how often a stage was asked for again. Only stages to `make` are made (None makes all), the others
    are read as they are; where none of the former hears, there may be no source. One that has to be fetched is fetched
    only if something is left to do. With `pictures`, what its screen showed is kept too.
    `scratch` holds the decoded sound meanwhile, 115 MB an hour and track, and is empty afterwards.

    Raises:
        MediaError: the file cannot be decoded; nothing is kept of it.
        EngineError: an engine cannot do what is asked; nothing was read.
        StageFailed: a stage broke.
        Fenced: a later attempt has taken the meeting over.
        StoreError: the store cannot keep what is made.
        RecordError: the observer's database cannot.
        NoRoom: the disk of `scratch` is full.
    """
    recording, film = Recording(scratch), FilmFile()
    try:
        steps = steps_of(recording, pool, options)
        if pictures:
            steps = with_keyframes(steps, film, partial(keep_picture, store, meeting))
        plan = plan_of(steps)
        recipes = recipes_of(steps, plan, takes)
        artifacts = await Artifacts.open(
            store, meeting, recipes, attempt=attempt, sound=sound, part_seconds=WHOLE_PART_SECONDS
        )
        kept = {name: await artifacts.kept(name) for name in names_of(steps)}
        kept |= {name: AsItIs(store, kept[name].manifest) for name in kept if make and not make(name)}
        observers: list[Observer] = [artifacts, Pace(names_of(steps))]
        if watch:
            observers.append(watch(names_of(steps), recording))
            for name in kept:
                if kept[name].done and (make is None or make(name)):
                    await observers[-1].ended(name)
        if all(stage.done for stage in kept.values()):
            return
        async with _opened(source) as path, anyio.create_task_group() as tasks:
            film.path = path
            if path is not None:
                tasks.start_soon(_hear, path, options.tracks, recording, artifacts)
            else:
                recording.end()
            await run(plan, recording, Watch(*observers), kept)
    except ExceptionGroup as failures:
        first = cause_of(failures)
        raise first from first.__cause__
    finally:
        recording.delete()


def _opened(source: Path | Fetch | None) -> AbstractAsyncContextManager[Path | None]:
    return source() if callable(source) else nullcontext(source)


async def _hear(source: Path, tracks: Tracks, recording: Recording, artifacts: Artifacts) -> None:
    """Decode a file into the recording, and write down how it went; errors reach those who read the recording."""
    decoder = Decoder(source, tracks)
    await fill(recording, decoder)
    if recording.error is not None:
        return
    known = Heard(recording.duration, recording.damaged, decoder.media.sound_type if decoder.media else None)
    await check(artifacts.store, artifacts.meeting, artifacts.attempt)
    await artifacts.store.put(_heard_key(artifacts.meeting), msgspec.json.encode(known))


def cause_of(failures: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first failure of a run, or what is behind it if somebody outside the stage can do something."""
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    cause = failure.__cause__
    outside = MediaError | StoreError | RecordError | Fenced | NoRoom
    return cause if isinstance(failure, StageFailed) and isinstance(cause, outside) else cast("Exception", failure)


async def heard(store: Store, meeting: str) -> Heard | None:
    """Return what is known of the sound; None before it was decoded."""
    try:
        return msgspec.json.decode(await store.get(_heard_key(meeting)), type=Heard)
    except NotStored:
        return None


async def results(store: Store, meeting: str, found: Mapping[str, Manifest] | None = None) -> Results:
    """Return what the stages of a meeting have made so far, by their manifests where those are at hand.

    Raises:
        NotStored: a stage was made again since its manifest was read; get them again.
    """
    made: list[Span] = list(await kept_holes(store, meeting))
    for name, manifest in (await manifests(store, meeting) if found is None else found).items():
        if name != "listen":  # its windows are for the diarizer alone, and many
            made += [item async for item in shown_items(store, manifest)]
        elif (gap := manifest.shown().gap) is not None:
            made.append(gap)
    return Results(
        # While people speak an utterance is made again when it is known who spoke: the last one counts.
        utterances=tuple({item.id: item for item in made if isinstance(item, Utterance)}.values()),
        turns=tuple(item for item in made if isinstance(item, SpeakerTurn)),
        # Slides that are missing are no gap in what was said.
        gaps=tuple(item for item in made if isinstance(item, Gap) and item.stage != Keyframes.name),
        summary=next((item for item in made if isinstance(item, Summary)), None),
        heard=await heard(store, meeting) or Heard(max((item.end for item in made), default=0.0)),
    )


def names_of(steps: Sequence[Step]) -> Mapping[str, str | None]:
    """Return the engine of each stage, in plan order."""
    return {step.stage.name: step.host.card.engine if step.host else None for step in steps}


def _heard_key(meeting: str) -> str:
    return f"{folder_of(meeting)}/heard.json"
