import ctypes.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.engine_errors import CannotDo, EngineError, EngineMissing
from stages.engines.community import FRAMES, GRID, WINDOW, Community
from stages.engines.community_weights import EMBEDDING, SEGMENTATION, find, read
from stages.speech import SAMPLE_RATE, Voices
from tests.bench.assemble import Manner, Take, assemble
from tests.bench.turns import errors
from tests.contracts import check_window_diarizer
from tests.flite import read_aloud

Floats = NDArray[np.float32]
Reader = Callable[[Path], Floats]
LINES = (
    "Good morning everyone, thank you for coming in early on a Monday.",
    "The first point is the new kitchen, the second is the summer menu.",
    "The builders finished the floor on Thursday, and the ovens on Friday.",
    "I called the supplier, and they promised to send a technician.",
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Community]:
    community = Community()
    community.load(())
    yield community
    community.unload()


def listen(engine: Community, sound: Floats) -> list[Voices]:
    last = max(0, len(sound) - WINDOW + engine.hop - 1)
    return [engine.listen(sound[at : at + WINDOW], at / SAMPLE_RATE, "0") for at in range(0, last + 1, engine.hop)]


def test_it_keeps_the_contract_of_window_diarizers(endgame: Path, speech_samples: Reader) -> None:
    check_window_diarizer(Community(hop_seconds=5), speech_samples(endgame))


def test_two_actors_are_two_speakers(engine: Community, endgame: Path, speech_samples: Reader) -> None:
    heard = listen(engine, speech_samples(endgame))
    turns = engine.turns(heard, SpeakerCount())
    talked = {name: sum(turn.duration for turn in turns if turn.speaker == name) for name in ("S1", "S2")}
    assert {turn.speaker for turn in turns} == {"S1", "S2"}
    assert min(talked.values()) > 5
    for exact in (1, 2, 3):
        forced = engine.turns(heard, SpeakerCount(at_least=exact, at_most=exact))
        assert len({turn.speaker for turn in forced}) == exact


def test_one_reader_is_one_speaker(engine: Community, two_cities: Path, speech_samples: Reader) -> None:
    turns = engine.turns(listen(engine, speech_samples(two_cities)[: 25 * SAMPLE_RATE]), SpeakerCount())
    assert {turn.speaker for turn in turns} == {"S1"}
    assert sum(turn.duration for turn in turns) > 15


def test_turns_of_a_known_talk_are_found(engine: Community) -> None:
    takes = {voice: [Take(read_aloud(line, voice).samples) for line in LINES] for voice in ("slt", "rms")}
    talk = assemble(takes, 30, seed=1, manner=Manner(interrupt=0.1))
    found = [(t.start, t.end, t.speaker) for t in engine.turns(listen(engine, talk.samples), SpeakerCount())]
    truth = [(said.start, said.end, said.speaker) for said in talk.turns]
    wrong = errors(truth, found, len(talk.samples) / SAMPLE_RATE)
    assert len({name for _, _, name in found}) == 2
    assert wrong.missed + wrong.made_up + wrong.confused < 0.15 * wrong.speech


@pytest.mark.parametrize("sound", [np.zeros(WINDOW), np.full(WINDOW, 5e-5), np.full(WINDOW, np.nan), np.zeros(0)])
def test_silence_has_no_voices(engine: Community, sound: Floats) -> None:
    heard = engine.listen(sound.astype(np.float32), 0, "0")
    assert not heard.activity().any()
    assert np.isnan(heard.voiceprints()).all()
    assert engine.turns([heard], SpeakerCount(at_least=2)) == []


def test_nobody_speaks_beyond_the_end(engine: Community, two_cities: Path, speech_samples: Reader) -> None:
    heard = engine.listen(speech_samples(two_cities)[: 3 * SAMPLE_RATE], 60, "0")
    assert (heard.start, heard.end) == (60, 63)
    last = int(np.flatnonzero(heard.activity().any(axis=1)).max())
    assert GRID.middle + last * GRID.step <= 3
    assert heard.frames == FRAMES


def test_a_window_hears_nothing_of_the_others(engine: Community, endgame: Path, speech_samples: Reader) -> None:
    windows = [speech_samples(endgame)[at : at + WINDOW] for at in (0, 80_000)]
    alone = [engine.listen(window, 0, "0") for window in windows]
    assert [engine.listen(window, 0, "0") for window in reversed(windows)] == alone[::-1]


def test_voices_do_not_depend_on_loudness(engine: Community, endgame: Path, speech_samples: Reader) -> None:
    sound = speech_samples(endgame)[:WINDOW]
    loud, quiet = engine.listen(sound, 0, "0"), engine.listen(sound * np.float32(0.05), 0, "0")
    assert (loud.activity() == quiet.activity()).mean() > 0.99


def test_too_long_a_window_is_refused(engine: Community) -> None:
    with pytest.raises(CannotDo, match="10 s"):
        engine.listen(np.zeros(WINDOW + 1, np.float32), 0, "0")


def test_an_engine_that_is_not_loaded_says_so() -> None:
    with pytest.raises(EngineError, match="not loaded"):
        Community().listen(np.full(WINDOW, 0.1, np.float32), 0, "0")


def test_the_package_that_is_missing_is_named_with_its_command() -> None:
    missing = find("a_package_that_nobody_has")
    assert missing is None
    with pytest.raises(EngineMissing, match=r"pip install --no-deps moonshine-voice==0\.0\.73"):
        read(missing)


def test_another_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("not a library")
    for other in (tmp_path / "text.so", Path(ctypes.util.find_library("c") or "libc.so.6")):
        with pytest.raises(EngineError, match="does not carry the weights"):
            read(other)


def test_weights_that_were_changed_are_refused(tmp_path: Path) -> None:
    found = find()
    assert found is not None
    content = found.read_bytes()
    for blob in (SEGMENTATION, EMBEDDING):
        at = content.index(_start_of(blob.symbol)) + blob.size // 2
        changed = tmp_path / f"{blob.symbol}.so"
        changed.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(EngineError, match=f"{blob.symbol} has another checksum"):
            read(changed)


def _start_of(symbol: str) -> bytes:
    weights = read(find())
    return (weights.segmentation if symbol == SEGMENTATION.symbol else weights.embedding)[:4096]
