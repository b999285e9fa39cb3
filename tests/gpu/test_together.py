"""Both engines on one card: beside each other, at once, and in a whole meeting."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import RecordingDiarizer, SpeakerCount
from stages.engine import EngineHost
from stages.engines.canary import Canary
from stages.engines.pyannote import Pyannote
from stages.heard import Wish
from stages.speech import Gap, SpeakerTurn, Speech, Utterance, Word
from stages.transcribe import Transcriber
from tests.gpu.card import SLACK, allocated

ENGLISH = Wish(language="en")


def test_two_at_once_say_what_each_says_alone(
    canary_folder: Path, pyannote_folder: Path, devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    from tests.models.forced import force_length

    canary, pyannote = Canary(folder=canary_folder), Pyannote(folder=pyannote_folder)
    canary.load(devices)
    force_length(canary)
    pyannote.load(devices)
    stretches = [sound[first : first + 96_000] for first in range(0, len(sound), 96_000)]

    def speak(_: int) -> object:
        return [[word.text for word in heard.words] for heard in canary.transcribe(stretches, ENGLISH)]

    def turn(_: int) -> object:
        return pyannote.diarize(sound, SpeakerCount(2, 2), lambda share: None)

    words, turns = speak(0), turn(0)
    with ThreadPoolExecutor(2) as threads:
        both = [*threads.map(lambda work: [work(again) for again in range(2)], (speak, turn))]
    assert both == [[words] * 2, [turns] * 2]
    canary.unload()
    pyannote.unload()


@pytest.mark.anyio
async def test_a_meeting_over_both(
    canary_folder: Path, pyannote_folder: Path, devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    from tests.models.forced import force_length
    from tests.models.whole_meeting import meeting

    canary = EngineHost[Transcriber](Canary(folder=canary_folder), devices)
    pyannote = EngineHost[RecordingDiarizer](Pyannote(folder=pyannote_folder), devices)
    await canary.call(force_length)  # type: ignore[arg-type]  # a Canary it is
    made = await meeting(canary, pyannote, sound)
    words = [item for item in made if isinstance(item, Word)]
    stretches = [item for item in made if isinstance(item, Speech)]
    assert stretches
    for stretch in stretches:
        assert any(item.overlap(stretch) > 0 for item in made if isinstance(item, Word | Gap)), "nothing is silent"
    assert [item for item in made if isinstance(item, SpeakerTurn)]
    assert sorted(word.start for word in words) == [
        word.start for item in made if isinstance(item, Utterance) for word in item.words
    ]
    await canary.close()
    await pyannote.close()


@pytest.mark.real_card
def test_one_leaves_and_the_other_stays(
    canary_folder: Path, pyannote_folder: Path, devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    empty = allocated()
    pyannote = Pyannote(folder=pyannote_folder)
    pyannote.load(devices)
    alone = allocated()
    turns = pyannote.diarize(sound, SpeakerCount(2, 2), lambda share: None)
    canary = Canary(folder=canary_folder)
    canary.load(devices)
    canary.unload()
    assert allocated() - alone < SLACK
    assert pyannote.diarize(sound, SpeakerCount(2, 2), lambda share: None) == turns
    pyannote.unload()
    assert allocated() - empty < SLACK
