"""A meeting through the real stages with both big engines at once: the seams were not cut to the embedded engines."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.plan import Plan
from pipeline.runner import run
from stages.attribute import Attribute
from stages.detect_speech import DetectSpeech
from stages.diarize import DiarizeRecording, RecordingDiarizer, SpeakerCount
from stages.engine import Card, EngineHost, Progress
from stages.engines.canary import Canary
from stages.engines.pyannote import Pyannote
from stages.heard import Wish
from stages.speech import Gap, Mark, Span, SpeakerTurn, Speech, Utterance, Word
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
    canary: EngineHost[Transcriber], pyannote: EngineHost[RecordingDiarizer], speech: NDArray[np.float32]
) -> list[Span]:
    """Return everything that the stages make of a recording, sorted."""
    sound = HeldSound({"0": speech})
    seen = Seen()
    plan = Plan(
        [
            DetectSpeech(EngineHost(Loudness()), sound),
            Transcribe(sound, canary, None, Wish(language="en")),
            DiarizeRecording(pyannote, SpeakerCount(2, 2)),
            Attribute(),
        ]
    )
    await run(plan, sound, seen)
    return sorted(
        (item for item in seen.items if not isinstance(item, Mark)),
        key=lambda item: (type(item).__name__, item.start, item.end, repr(item)),
    )


@pytest.mark.anyio
async def test_a_meeting_over_both_engines(
    canary_folder: Path, pyannote_folder: Path, speech: NDArray[np.float32]
) -> None:
    canary = EngineHost[Transcriber](Canary(folder=canary_folder))
    pyannote = EngineHost[RecordingDiarizer](Pyannote(folder=pyannote_folder))
    made = await meeting(canary, pyannote, speech)
    stretches = [item for item in made if isinstance(item, Speech)]
    words = [item for item in made if isinstance(item, Word)]
    utterances = [item for item in made if isinstance(item, Utterance)]
    assert stretches and words and utterances
    assert {item.speaker for item in made if isinstance(item, SpeakerTurn)} == {"S1", "S2"}
    assert {item.speaker for item in utterances} - {None}
    assert sorted(word.start for word in words) == [word.start for item in utterances for word in item.words]
    for word in words:
        assert any(stretch.start - 0.1 <= word.start <= stretch.end + 0.1 for stretch in stretches)
    for stretch in stretches:
        assert any(item.overlap(stretch) > 0 for item in made if isinstance(item, Word | Gap)), "nothing is silent"
    assert await meeting(canary, pyannote, speech) == made
    await canary.close()
    await pyannote.close()
