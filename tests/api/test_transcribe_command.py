"""parley transcribe does the main job from the command line, goes on where it was, and names what is wrong."""

import json
import wave
from pathlib import Path

import pytest

from api.cli import main
from pipeline.exports import FORMATS
from pipeline.score import word_errors
from tests.upstreams import Scripted, in_background, parrot


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the tests of this file share, so that the meeting is processed once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def environment(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line use the shared data folder."""
    monkeypatch.setenv("PARLEY_DATA", str(data))


def test_a_recording_of_two_people(
    endgame: Path, data: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    summary = tmp_path / "summary.md"
    arguments = ["transcribe", str(endgame), "--format", "json", "--speakers", "2", "--summary", str(summary)]
    assert main(arguments) == 0
    out, err = capsysbinary.readouterr()
    made = json.loads(out)
    assert [speaker["label"] for speaker in made["speakers"]] == ["S1", "S2"]
    assert made["duration"] == pytest.approx(28.4, abs=1)
    text = " ".join(utterance["text"] for utterance in made["utterances"])
    assert "Do you remember the day" in text
    said = {utterance["id"] for utterance in made["utterances"]}
    assert len(said) == len(made["utterances"])
    assert all(w["start"] < w["end"] for utterance in made["utterances"] for w in utterance["words"])
    assert b"Files: " in err
    assert "Sentences taken from the transcript" in summary.read_text()
    assert not any((data / "scratch").iterdir())


def test_a_model_writes_the_summary_and_is_asked_again_where_it_was_not_there(
    endgame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    arguments = ["transcribe", str(endgame), "--speakers", "2", "--summary", str(summary)]
    arguments += ["--template", "interview", "--summary-model", "scripted"]
    with in_background(Scripted(parrot)) as (address, model):
        monkeypatch.setenv("PARLEY_CHAT", address)
        model.script = lambda _: "away"
        assert main(arguments) == 0
        assert "takes sentences from the transcript: " in (told := capsys.readouterr().err)
        assert "503" in told
        model.script = parrot
        assert main(arguments) == 0
        assert "The summary was written by scripted." in capsys.readouterr().err
        assert "Kind of meeting: Interview." in model.asked[-1].system
        assert "no language model wrote this" not in summary.read_text()
        asked, written = len(model.asked), summary.read_text()
        assert main(["transcribe", str(endgame), "--speakers", "2"]) == 0
        assert main(arguments) == 0
        assert (len(model.asked), summary.read_text()) == (asked, written), "it is kept"
    assert main([*arguments[:-4], "--template", "nonesuch"]) == 2
    assert "There is no template 'nonesuch'" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_comes_from_what_is_kept(
    name: str, endgame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / f"out.{name}"
    arguments = ["transcribe", str(endgame), "--format", name, "--output", str(written), "--speakers", "2"]
    assert main(arguments) == 0
    assert written.stat().st_size > 300
    assert capsys.readouterr().out == ""


def test_one_reader_is_read_well(two_cities: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transcribe", str(two_cities), "--speakers", "1"]) == 0
    rows = capsys.readouterr().out.splitlines()
    heard = " ".join(row.split(": ", 1)[1] for row in rows)
    opening = (
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness"
    )
    assert word_errors(opening, " ".join(heard.split()[: len(opening.split())])).wer <= 0.1
    assert all(row.startswith("[") for row in rows)


def test_ten_minutes_of_silence_hold_no_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 16000 * 600))
    assert main(["transcribe", str(tmp_path / "silence.wav")]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "Nobody speaks in this recording." in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--language", "fr"], 2, "moonshine does not speak 'fr'; it speaks en"),
        (["--speakers", "two"], 2, "'two' is no number of speakers"),
        (["--speakers", "4-2"], 2, "'4-2' is no number of speakers"),
    ],
)
def test_wrong_wishes_are_refused_by_name(
    arguments: list[str], code: int, message: str, endgame: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["transcribe", str(endgame), *arguments]) == code
    assert message in capsys.readouterr().err


def test_a_file_that_is_no_recording_leaves_nothing(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in (data / "artifacts").rglob("*") if path.is_file())
    (tmp_path / "talk.wav").write_text("This is no sound.")
    assert main(["transcribe", str(tmp_path / "talk.wav")]) == 1
    assert "talk.wav cannot be read as sound or video" in capsys.readouterr().err
    assert sorted(path for path in (data / "artifacts").rglob("*") if path.is_file()) == before
    assert main(["transcribe", str(tmp_path / "none.wav")]) == 2
    assert "No such file" in capsys.readouterr().err
