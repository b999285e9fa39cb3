"""parley score prints one JSON object, or says what is wrong with the files."""

import json
from pathlib import Path

import pytest

from api.cli import main

RTTM = "SPEAKER m 1 0.0 10.0 <NA> <NA> a <NA> <NA>\n"


def test_wer_of_two_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ref.tsv").write_text("a\task not what\nb\tyour country\n")
    (tmp_path / "hyp.tsv").write_text("a\tAsk, not what?\nb\tyour county\n")
    assert main(["score", "wer", str(tmp_path / "ref.tsv"), str(tmp_path / "hyp.tsv")]) == 0
    assert json.loads(capsys.readouterr().out) == {"wer": 0.2, "errors": 1, "words": 5}


def test_der_and_cpwer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ref.rttm").write_text(RTTM)
    (tmp_path / "hyp.rttm").write_text(RTTM.replace("10.0", "9.0").replace(" a ", " S1 "))
    assert main(["score", "der", str(tmp_path / "ref.rttm"), str(tmp_path / "hyp.rttm")]) == 0
    assert json.loads(capsys.readouterr().out)["der"] == 0.1
    (tmp_path / "ref.stm").write_text(";; comment\nm 1 ann 0.0 2.0 <o> good morning\n")
    said = {"utterances": [{"start": 0.0, "speaker": "S1", "text": "good evening"}]}
    (tmp_path / "hyp.json").write_text(json.dumps(said))
    assert main(["score", "cpwer", str(tmp_path / "ref.stm"), str(tmp_path / "hyp.json")]) == 0
    assert json.loads(capsys.readouterr().out)["cpwer"] == 0.5


@pytest.mark.parametrize(
    ("kind", "reference", "message"),
    [("der", "no rttm", "no SPEAKER line"), ("cpwer", "no stm", "no STM line"), ("wer", None, "No such file")],
)
def test_wrong_files_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, reference: str | None, message: str
) -> None:
    if reference is not None:
        (tmp_path / "ref").write_text(reference)
    (tmp_path / "hyp").write_text('{"utterances": []}')
    assert main(["score", kind, str(tmp_path / "ref"), str(tmp_path / "hyp")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
