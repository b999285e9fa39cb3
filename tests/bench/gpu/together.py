"""The three on one card at once, and a whole meeting."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from stages.diarize import RecordingDiarizer
from stages.engine import EngineHost
from stages.engines.canary import Canary
from stages.engines.pyannote import Pyannote
from stages.guards import Guards
from stages.speech import Speech, Word
from stages.transcribe import Transcriber
from tests.bench.gpu import canary, pyannote, qwen
from tests.bench.gpu.timing import Bench, rate
from tests.models.babble import babble
from tests.models.forced import force_length
from tests.models.whole_meeting import meeting

BATCH, REQUESTS, TOKENS = 16, 8, 64
SLICE = 120.0
"""Seconds of sound that pyannote is given at a time."""
LEAST = 1e-12
BELIEVE_ALL = Guards(
    least_confidence=LEAST,
    least_confidence_agreed=LEAST,
    least_confidence_doubted=LEAST,
    least_confidence_doubted_few=LEAST,
    softest_decibels=-math.inf,
    most_words_per_second=math.inf,
    looped_words=1 << 30,
)
"""What random weights say is nonsense; to hear it twice would cost what sense does not."""


def at_once(bench: Bench) -> Iterator[str]:
    """Yield what each does alone, with the other two loaded, and while they work."""
    recognizer = canary.loaded(bench, canary.build(bench))
    diarizer = Pyannote(folder=pyannote.build(bench))
    diarizer.load(bench.devices)
    model = qwen.build(bench)
    sounds, recording = canary.stretches(BATCH), babble(SLICE)
    asked = qwen.request(bench, model, REQUESTS)

    def hear() -> float:
        recognizer.transcribe(sounds, canary.ENGLISH)
        return BATCH * canary.STRETCH

    def tell_apart() -> float:
        diarizer.diarize(recording, pyannote.COUNT, lambda share: None)
        return SLICE

    def talk() -> float:
        return qwen.answer(model, asked, TOKENS)

    works: dict[str, Callable[[], float]] = {"Canary RTFx": hear, "pyannote RTFx": tell_apart, "Qwen tokens/s": talk}
    for work in works.values():
        work()
    seconds = 20.0 if bench.real else 0.5
    alone = [rate(work, seconds) for work in works.values()]
    with ThreadPoolExecutor(len(works)) as threads:
        both = list(threads.map(lambda work: rate(work, seconds), works.values()))
    yield f"together on one card: {bench.held():.1f} GiB of weights"
    for name, one, shared in zip(works, alone, both, strict=True):
        yield f"together, {name}: {one:,.0f} alone, {shared:,.0f} at once ({100 * shared / one:.0f} %)"
    recognizer.unload()
    diarizer.unload()


def whole_meeting(bench: Bench) -> Iterator[str]:
    """Yield what a meeting takes."""
    recognizer = EngineHost[Transcriber](Canary(folder=canary.build(bench)), bench.devices)
    diarizer = EngineHost[RecordingDiarizer](Pyannote(folder=pyannote.build(bench)), bench.devices)
    yield asyncio.run(_whole(bench, recognizer, diarizer))


async def _whole(bench: Bench, recognizer: EngineHost[Transcriber], diarizer: EngineHost[RecordingDiarizer]) -> str:
    await recognizer.load()
    force_length(recognizer.engine)  # type: ignore[arg-type]  # a Canary it is
    await meeting(recognizer, diarizer, babble(60), BELIEVE_ALL)
    sound = babble(60 * bench.minutes)
    began = time.perf_counter()
    made = await meeting(recognizer, diarizer, sound, BELIEVE_ALL)
    took = (time.perf_counter() - began) * 60 / bench.minutes
    spoken = sum(item.duration for item in made if isinstance(item, Speech)) / 60 / bench.minutes
    words = sum(isinstance(item, Word) for item in made) / bench.minutes
    await recognizer.close()
    await diarizer.close()
    return (
        f"whole meeting of {bench.minutes:g} min over Canary and pyannote: {took:.1f} s for an hour "
        f"({100 * spoken:.0f} % speech, {words:.0f} words a minute; without sound files and summary)"
    )
