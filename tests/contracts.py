"""What every engine of a role promises, whatever model is behind it: the same checks for embedded and big engines."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import RecordingDiarizer, SpeakerCount, WindowDiarizer
from stages.engine import Engine, EngineHost
from stages.engine_errors import CannotDo, LanguageNotSpoken
from stages.guards import Guards
from stages.heard import Heard, Wish
from stages.speech import SAMPLE_RATE, Mark, SpeakerTurn, Speech, Word, by_time
from stages.transcribe import Transcribe, Transcriber
from tests.collect import collect
from tests.held_sound import HeldSound

CAPABILITIES = {
    "streaming",
    "word_times",
    "translation",
    "vision",
    "voiceprints",
    "json_schema",
    "tools",
    "language_by_score",
}
NO_GUARDS = Guards(
    least_confidence=1e-9,
    least_confidence_agreed=1e-9,
    least_confidence_doubted=1e-9,
    least_confidence_doubted_few=1e-9,
    most_words_per_second=1_000,
    looped_words=1_000,
)
"""What models with random weights say is not to be believed, and looked at here all the same."""
ROUNDING = 0.005
"""Seconds by which models that round their times may pass the end of the sound."""


def check_card(engine: Engine) -> None:
    """The engine says what it is, before anything is loaded."""
    card = engine.card
    assert card.engine == card.engine.lower()
    assert card.model and card.revision and card.licence and card.attribution
    assert card.capabilities <= CAPABILITIES
    assert card.batch >= 1 and (card.batch_gpu is None or card.batch_gpu >= 1)
    assert all(language == language.lower() and len(language) == 2 for language in card.languages)


def check_transcriber(engine: Transcriber, speech: NDArray[np.float32], devices: Sequence[int] = ()) -> None:
    """A transcriber: card, languages, words. `speech` has at least 3 s of speech; the engine is not loaded."""
    check_card(engine)
    check_languages(engine)
    assert engine.on_disk()
    engine.load(devices)
    wish = Wish(language=engine.card.languages[0])
    assert engine.transcribe([], wish) == []
    thirds = np.array_split(speech[: 30 * SAMPLE_RATE], 3)
    stretches = [thirds[0], np.concatenate(thirds[:2]), thirds[2], thirds[2][:800]]
    batch = engine.transcribe(stretches, wish)
    check_heard(engine, stretches, batch)
    alone = [heard for stretch in stretches for heard in engine.transcribe([stretch], wish)]
    assert [texts(heard) for heard in alone] == [texts(heard) for heard in batch], (
        "a stretch does not hear its neighbours"
    )
    engine.unload()
    engine.load(devices)
    again = engine.transcribe(stretches, wish)
    engine.unload()
    assert again == batch, "the same sound gives the same answer, also after a fresh load"


async def check_gathering(engine: Transcriber, speech: NDArray[np.float32]) -> None:
    """Gathered into calls of any size, live or offline, the same stretches give the same words; the marks stay."""
    seconds = len(speech) / SAMPLE_RATE
    cuts = [seconds * part for part in (0, 0.1, 0.15, 0.4, 0.55, 0.8, 1)]
    line = [
        item for start, end in pairwise(cuts) for item in (Speech(start=start, end=end - 0.1), Mark(start=end, end=end))
    ]
    sound, wish = HeldSound({"0": speech}), Wish(language=engine.card.languages[0])
    said: list[list[tuple[str, str]]] = []
    for together, live in ((1, False), (4, False), (64, False), (4, True)):
        host = EngineHost(_Taking(engine, together))
        found = await collect(Transcribe(sound, host, None, wish, guards=NO_GUARDS), line, live=live)
        said.append([_told(item) for item in found if isinstance(item, Word | Mark)])
        await host.close()
    assert [kind for kind, _ in said[0]].count("mark") == len(cuts) - 1
    assert said[0][0][0] == "word"
    assert said[1:] == said[:1] * 3


def _told(item: Word | Mark) -> tuple[str, str]:
    return ("mark", f"{item.end:.2f}") if isinstance(item, Mark) else ("word", f"{item.text} {item.start:.2f}")


class _Taking:
    """An engine that takes so many stretches a call."""

    def __init__(self, engine: Transcriber, together: int) -> None:
        self.card = msgspec.structs.replace(engine.card, batch=together, batch_gpu=None)
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def check_languages(engine: Transcriber) -> None:
    """What the model cannot do is refused by name, before any sound is read."""
    for language in engine.card.languages:
        engine.check(Wish(language=language))
    with pytest.raises(LanguageNotSpoken, match="'tlh'") as refused:
        engine.check(Wish(language="tlh"))
    assert engine.card.engine in str(refused.value)
    with pytest.raises((CannotDo, LanguageNotSpoken)):
        engine.check(Wish(language=engine.card.languages[0], target="tlh"))
    if "translation" not in engine.card.capabilities:
        with pytest.raises(CannotDo):
            engine.check(Wish(language=engine.card.languages[0], target="zu"))


def check_heard(engine: Transcriber, stretches: Sequence[NDArray[np.float32]], answers: Sequence[Heard]) -> None:
    """As many answers as stretches; words in order, within their stretch, written without spaces around them."""
    assert len(answers) == len(stretches)
    for stretch, heard in zip(stretches, answers, strict=True):
        assert heard.language is None or heard.language in engine.card.languages
        last = 0.0
        for word in heard.words:
            assert word.text and word.text == word.text.strip()
            assert word.confidence is None or 0 <= word.confidence <= 1
            assert (word.start is None) == (word.end is None)
            if word.start is not None and word.end is not None:
                assert last <= word.start <= word.end <= len(stretch) / SAMPLE_RATE + ROUNDING
                last = word.start


def texts(heard: Heard) -> list[str]:
    """Return the words of an answer as they are written."""
    return [word.text for word in heard.words]


def check_recording_diarizer(
    engine: RecordingDiarizer, sound: NDArray[np.float32], devices: Sequence[int] = ()
) -> None:
    """A diarizer of whole recordings: turns, counts, progress. `sound` has two people; the engine is not loaded."""
    check_card(engine)
    assert engine.on_disk()
    engine.load(devices)
    told: list[float] = []
    free = engine.diarize(sound, SpeakerCount(), told.append)
    check_turns(free, len(sound), SpeakerCount())
    assert told and told == sorted(told) and told[0] >= 0 and told[-1] == 1
    for count in (SpeakerCount(at_least=2, at_most=2), SpeakerCount(at_most=1)):
        check_turns(engine.diarize(sound, count, lambda share: None), len(sound), count)
    assert engine.diarize(sound[:0], SpeakerCount(), lambda share: None) == []
    engine.unload()
    engine.load(devices)
    assert engine.diarize(sound, SpeakerCount(), lambda share: None) == free, "the same sound gives the same turns"
    engine.unload()


def check_window_diarizer(engine: WindowDiarizer, sound: NDArray[np.float32]) -> None:
    """A diarizer of windows: voices, turns, counts. `sound` has two people; the engine is not loaded."""
    check_card(engine)
    assert engine.on_disk()
    assert 0 < engine.hop <= engine.window <= 30 * SAMPLE_RATE
    engine.load(())
    heard = [
        engine.listen(sound[first : first + engine.window], first / SAMPLE_RATE, "1")
        for first in range(0, len(sound), engine.hop)
    ]
    for window in heard:
        assert window.track == "1"
        assert window.activity().shape == (window.frames, window.speakers)
        assert window.voiceprints().shape[0] == window.speakers == len(window.solo)
    assert engine.turns([], SpeakerCount()) == []
    for count in (SpeakerCount(), SpeakerCount(at_least=2, at_most=2), SpeakerCount(at_most=1)):
        turns = engine.turns(heard, count)
        check_turns(turns, len(sound), count)
        assert {turn.track for turn in turns} <= {"1"}
    assert engine.turns(heard, SpeakerCount()) == engine.turns(heard, SpeakerCount())
    engine.unload()


def check_turns(turns: Sequence[SpeakerTurn], length: int, count: SpeakerCount) -> None:
    """In time order, within the sound, named by first appearance, nobody over themselves, no more than wished."""
    assert list(turns) == sorted(turns, key=by_time)
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    assert names == [f"S{number}" for number in range(1, len(names) + 1)]
    assert count.at_most is None or len(names) <= count.at_most
    ends = dict.fromkeys(names, 0.0)
    for turn in turns:
        assert ends[turn.speaker] <= turn.start < turn.end <= length / SAMPLE_RATE + ROUNDING
        ends[turn.speaker] = turn.end
