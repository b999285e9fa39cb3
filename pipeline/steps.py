"""Options + engines -> the stages of a meeting, each with the recipe its results depend on."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline.engine_pool import EnginePool
from pipeline.manifest import Recipe
from pipeline.options import Options
from pipeline.plan import AnyStage, Plan
from stages.attribute import Attribute
from stages.detect_speech import DetectSpeech
from stages.diarize import ClusterVoices, DiarizeRecording, ListenToVoices, SpeakerIsTrack
from stages.engine import EngineHost
from stages.extract import Extractive
from stages.stage import Sound
from stages.summarize import Summarize, SummaryWish
from stages.transcribe import Transcribe

BATCH = 8
"""Stretches of speech that are transcribed together offline."""


class Step(msgspec.Struct, frozen=True):
    """A stage of the plan, and what its results depend on beside the sound."""

    stage: AnyStage
    """Ready to run."""
    host: EngineHost[Any] | None = None
    """Engine that it uses; None for a stage without one."""
    options: Mapping[str, Any] = {}
    """Whatever changes its results, as JSON knows it."""


def steps_of(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    """Return the stages that turn a recording into utterances and a summary.

    Raises:
        EngineError: an engine cannot do what is asked, or is not installed; nothing was read yet.
    """
    asr = pool.host("asr", options.asr)
    asr.engine.check(options.wish)
    vad, aligner, embedder = pool.host("vad"), pool.host("aligner"), pool.host("embed")
    return [
        Step(DetectSpeech(vad, sound), vad),
        Step(Transcribe(sound, asr, aligner, options.wish, BATCH), asr, msgspec.to_builtins(options.wish)),
        *_diarization(pool, options),
        Step(Attribute()),
        Step(
            Summarize(Extractive(embedder), SummaryWish(language=options.language, template=options.template)),
            embedder,
            {"language": options.language, "template": options.template},
        ),
    ]


def plan_of(steps: Sequence[Step]) -> Plan:
    """Return the plan that the steps make."""
    return Plan([step.stage for step in steps])


def recipes_of(steps: Sequence[Step], plan: Plan, takes: Mapping[str, int] | None = None) -> dict[str, Recipe]:
    """Return for each stage what its results depend on; another take of a stage is another recipe."""
    takes = takes or {}
    return {
        step.stage.name: Recipe(
            engine=step.host.card if step.host else None,
            options={**step.options, "take": takes[step.stage.name]} if step.stage.name in takes else step.options,
            producers=tuple(producer.name for producer in plan.producers(step.stage)),
        )
        for step in steps
    }


def _diarization(pool: EnginePool, options: Options) -> list[Step]:
    if options.tracks == "channels":
        return [Step(SpeakerIsTrack())]
    diarizer = pool.host("diarizer", options.diarizer)
    count = {"min": options.min_speakers, "max": options.max_speakers}
    if hasattr(diarizer.engine, "listen"):
        return [Step(ListenToVoices(diarizer), diarizer), Step(ClusterVoices(diarizer, options.count), diarizer, count)]
    return [Step(DiarizeRecording(diarizer, options.count), diarizer, count)]
