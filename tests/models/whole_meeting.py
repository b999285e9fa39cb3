"""A recording through the real stages over two engines, with a voice detector that needs no model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.plan import Plan
from pipeline.runner import run
from pipeline.steps import BATCH
from stages.attribute import Attribute
from stages.detect_speech import DetectSpeech
from stages.diarize import DiarizeRecording, RecordingDiarizer, SpeakerCount
from stages.engine import Card, EngineHost, Progress
from stages.guards import Guards
from stages.heard import Wish
from stages.speech import Gap, Mark, Span
from stages.transcribe import Transcribe, Transcriber
from tests.held_sound import HeldSound


class Loudness:
    """A voice detector without a model: what is loud is speech."""

    card = Card(engine="loudness", model="none", revision="1", licence="Apache-2.0", attribution="Parley")
    frame = 512

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        pass

    def unload(self) -> None:
        pass

    def fresh(self) -> None:
        return None

    def listen(self, samples: NDArray[np.float32], state: None) -> tuple[NDArray[np.float32], None]:
        power = np.sqrt(np.mean(np.square(samples.reshape(-1, self.frame)), axis=1))
        return (power > 0.01).astype(np.float32), None


class Seen:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.items: list[Span] = []

    async def item(self, stage: str, item: Span) -> None:
        self.items.append(item)

    async def ended(self, stage: str) -> None:
        """Take no notice."""

    async def failed(self, stage: str, gap: Gap) -> None:
        raise AssertionError(f"{stage}: {gap.reason}")


async def meeting(
    canary: EngineHost[Transcriber],
    pyannote: EngineHost[RecordingDiarizer],
    speech: NDArray[np.float32],
    guards: Guards | None = None,
) -> list[Span]:
    """Return everything that the stages make of a recording, sorted."""
    sound = HeldSound({"0": speech})
    seen = Seen()
    plan = Plan(
        [
            DetectSpeech(EngineHost(Loudness()), sound),
            Transcribe(sound, canary, None, Wish(language="en"), BATCH, guards),
            DiarizeRecording(pyannote, SpeakerCount(2, 2)),
            Attribute(),
        ]
    )
    await run(plan, sound, seen)
    return sorted(
        (item for item in seen.items if not isinstance(item, Mark)),
        key=lambda item: (type(item).__name__, item.start, item.end, repr(item)),
    )
