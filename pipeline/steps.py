"""Options + engines -> the stages of a meeting, each with the recipe its results depend on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from pipeline.engine_pool import EnginePool
from pipeline.manifest import Recipe
from pipeline.options import Options
from pipeline.plan import AnyStage, Plan
from pipeline.summary_settings import SummarySettings
from stages.attribute import Attribute
from stages.attribute_live import AttributeLive
from stages.detect_speech import DetectSpeech
from stages.diarize import ClusterVoices, DiarizeRecording, ListenToVoices, SpeakerIsTrack
from stages.diarize_online import DiarizeOnline
from stages.engine import Card, EngineHost
from stages.extract import Extractive
from stages.foreheard import Foreheard
from stages.hypothesize import Hypothesize
from stages.stage import Sound
from stages.summarize import Summarize, Summarizer
from stages.tell_language import named
from stages.transcribe import Transcribe, Wish
from stages.write.chat import Chats
from stages.write.writer import Writer

OPEN_EVERY_SECONDS = 0.3
"""An open stretch is told of whenever it has grown by so much: no hypothesis comes oftener."""
SETTINGS = SummarySettings()
KEYWORDS = "keywords"
"""Capability of an engine that takes words to expect."""
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


def steps_of(
    sound: Sound, pool: EnginePool, options: Options, chats: Chats | None = None, house: SummarySettings = SETTINGS
) -> list[Step]:
    """Return the stages that turn a recording into utterances and a summary, by one of `chats` if there are any.

    Raises:
        EngineError: an engine cannot do what is asked, or is not installed; nothing was read yet.
    """
    asr = pool.host("asr", options.asr)
    asr.engine.check(options.wish)
    wish, summary = named(_heard(asr.card, options, house), asr.card), options.summary
    vad, aligner, embedder = pool.host("vad"), pool.host("aligner"), pool.host("embed")
    return [
        Step(DetectSpeech(vad, sound), vad),
        Step(Transcribe(sound, asr, aligner, wish, BATCH), asr, _told(wish)),
        *_diarization(pool, options, sound.folder),
        Step(Attribute()),
        Step(Summarize(_summarizer(embedder, chats, house), summary), embedder, msgspec.to_builtins(summary)),
    ]


def live_steps_of(sound: Sound, pool: EnginePool, options: Options, house: SummarySettings = SETTINGS) -> list[Step]:
    """Return the stages that caption a meeting while it goes on.

    What they share with `steps_of` has the same recipe: when the meeting ends, it is not made again.

    Raises:
        EngineError: an engine cannot do what is asked, or is not installed; nothing was read yet.
    """
    detect, transcribe, *_ = steps_of(sound, pool, options, house=house)
    asr, foreheard = pool.host("asr", options.asr), Foreheard()
    wish = _heard(asr.card, options, house)
    words = Transcribe(sound, asr, pool.host("aligner"), wish, BATCH, foreheard=foreheard)
    diarization = _online_diarization(pool, options)
    return [
        Step(DetectSpeech(pool.host("vad"), sound, open_every_seconds=OPEN_EVERY_SECONDS), detect.host, detect.options),
        Step(words, transcribe.host, transcribe.options),
        Step(Hypothesize(sound, asr, wish, foreheard), asr),
        *diarization,
        Step(AttributeLive(speakers=bool(diarization)), options={"live": True}),
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


def _heard(card: Card, options: Options, house: SummarySettings) -> Wish:
    """Return what is asked of the transcription: an engine that takes words to expect is given the glossaries."""
    if KEYWORDS not in card.capabilities:
        return options.wish
    terms = (*options.keywords, *options.terms, *(term.partition(":")[0].strip() for term in house.glossary))
    return msgspec.structs.replace(options.wish, keywords=tuple(dict.fromkeys(terms)))


def _told(wish: Wish) -> Mapping[str, Any]:
    """Return a wish as JSON knows it; what there was before there were several languages stays as it was."""
    told: dict[str, Any] = msgspec.to_builtins(wish)
    return {name: value for name, value in told.items() if name != "languages" or value}


def _summarizer(embedder: EngineHost[Any], chats: Chats | None, house: SummarySettings) -> Summarizer:
    return Extractive(embedder) if chats is None else Writer(chats, embedder, house.together)


def _diarization(pool: EnginePool, options: Options, folder: Path | None) -> list[Step]:
    if options.tracks == "channels":
        return [Step(SpeakerIsTrack())]
    diarizer = pool.host("diarizer", options.diarizer)
    count = {"min": options.min_speakers, "max": options.max_speakers}
    if hasattr(diarizer.engine, "listen"):
        return [Step(ListenToVoices(diarizer), diarizer), Step(ClusterVoices(diarizer, options.count), diarizer, count)]
    return [Step(DiarizeRecording(diarizer, options.count, folder=folder), diarizer, count)]


def _online_diarization(pool: EnginePool, options: Options) -> list[Step]:
    """Return what tells speakers apart at once; nothing, where the engine wants the whole recording."""
    if options.tracks == "channels":
        return [Step(SpeakerIsTrack())]
    diarizer = pool.host("diarizer", options.diarizer)
    if not hasattr(diarizer.engine, "vectors"):
        return []
    online = {"live": True, "min": options.min_speakers, "max": options.max_speakers}
    return [Step(ListenToVoices(diarizer), diarizer), Step(DiarizeOnline(diarizer, options.count), diarizer, online)]
