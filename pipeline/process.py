"""A recording -> utterances and a summary, kept as artifacts; interrupted, it goes on where it was."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import anyio
import msgspec

from pipeline.artifacts import Artifacts
from pipeline.attempts import Fenced, manifests
from pipeline.engine_pool import EnginePool
from pipeline.manifest import folder_of
from pipeline.options import Options
from pipeline.recording import Recording, fill
from pipeline.replay import shown_items
from pipeline.runner import Observer, StageFailed, run
from pipeline.steps import Step, plan_of, recipes_of, steps_of
from pipeline.transcript import Transcript, transcript
from stages.media import Tracks
from stages.media_errors import MediaError
from stages.resample import Decoder
from stages.speech import Gap, Span, SpeakerTurn, Summary, Utterance
from storage.store import NotStored, Store, StoreError


class Heard(msgspec.Struct, frozen=True):
    """What is known of the sound of a meeting once it was decoded."""

    duration: float
    """Seconds of the longest track."""
    damaged: str | None = None
    """What the reader should know about the state of the file; None where it is sound."""


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
    source: Path,
    store: Store,
    meeting: str,
    pool: EnginePool,
    options: Options,
    scratch: Path,
    *,
    sound: str,
    watch: Callable[[Mapping[str, str | None], Recording], Observer] | None = None,
    attempt: int | None = None,
) -> None:
    """Run every stage that has work left over a recording. `sound` is a digest of the file.

    `watch` is told the engine of each stage, in plan order, and the recording, and returns an observer.
    `scratch` holds the decoded sound meanwhile, 115 MB an hour and track, and is empty afterwards.

    Raises:
        MediaError: the file cannot be decoded; nothing is kept of it.
        EngineError: an engine cannot do what is asked; nothing was read.
        StageFailed: a stage broke.
        Fenced: a later attempt has taken the meeting over.
    """
    recording = Recording(scratch)
    try:
        steps = steps_of(recording, pool, options)
        plan = plan_of(steps)
        artifacts = await Artifacts.open(store, meeting, recipes_of(steps, plan), attempt=attempt, sound=sound)
        kept = {step.stage.name: await artifacts.kept(step.stage.name) for step in steps}
        if all(stage.done for stage in kept.values()):
            return
        observers = [artifacts, watch(names_of(steps), recording)] if watch else [artifacts]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_hear, source, options.tracks, recording, store, meeting)
            await run(plan, recording, Watch(*observers), kept)
    except* StageFailed as failures:
        raise _first(failures) from None
    finally:
        recording.delete()


async def _hear(source: Path, tracks: Tracks, recording: Recording, store: Store, meeting: str) -> None:
    """Decode a file into the recording, and write down how it went; errors reach those who read the recording."""
    await fill(recording, Decoder(source, tracks))
    if recording.error is not None:
        return
    heard = Heard(recording.duration, recording.damaged)
    await store.put(_heard_key(meeting), msgspec.json.encode(heard))


def _first(failures: BaseExceptionGroup[StageFailed]) -> Exception:
    """Return the failure, or what is wrong with the file if that is behind it."""
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    cause = failure.__cause__
    return cause if isinstance(cause, MediaError | StoreError | Fenced) else cast("StageFailed", failure)


async def results(store: Store, meeting: str) -> Results:
    """Return what the stages of a meeting have made so far."""
    made: list[Span] = []
    for name, manifest in (await manifests(store, meeting)).items():
        if name != "listen":  # its windows are for the diarizer alone, and many
            made += [item async for item in shown_items(store, manifest)]
        elif (gap := manifest.shown().gap) is not None:
            made.append(gap)
    try:
        heard = msgspec.json.decode(await store.get(_heard_key(meeting)), type=Heard)
    except NotStored:
        heard = Heard(max((item.end for item in made), default=0.0))
    return Results(
        utterances=tuple(item for item in made if isinstance(item, Utterance)),
        turns=tuple(item for item in made if isinstance(item, SpeakerTurn)),
        gaps=tuple(item for item in made if isinstance(item, Gap)),
        summary=next((item for item in made if isinstance(item, Summary)), None),
        heard=heard,
    )


def names_of(steps: Sequence[Step]) -> Mapping[str, str | None]:
    """Return the engine of each stage, in plan order."""
    return {step.stage.name: step.host.card.engine if step.host else None for step in steps}


def _heard_key(meeting: str) -> str:
    return f"{folder_of(meeting)}/heard.json"
