"""A meeting through the real stages with both big engines at once: the seams were not cut to the embedded engines."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import RecordingDiarizer
from stages.engine import EngineHost
from stages.engines.canary import Canary
from stages.engines.pyannote import Pyannote
from stages.speech import Gap, SpeakerTurn, Speech, Utterance, Word
from stages.transcribe import Transcriber
from tests.models.whole_meeting import meeting


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
