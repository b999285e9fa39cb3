"""parley models lists engines, and brings their weights here."""

from pathlib import Path

import pytest

from api.cli import main
from tests.hub import hub

ARCHIVE = b"w" * 200_000


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("PARLEY_DATA", str(tmp_path / "data"))


def test_every_engine_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ROLE", "ENGINE", "IN", "USE", "STATE", "MODEL"]
    (asr,) = [line for line in lines if line.split()[1] == "moonshine"]
    assert "yes" in asr and "on disk" in asr
    assert any("nvidia/canary-1b-v2" in line and "absent" in line for line in lines)


def test_a_model_is_downloaded_and_then_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub({"canary-1b-v2.nemo": ARCHIVE}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        assert main(["models", "download", "canary"]) == 0
        assert main(["models", "download", "canary"]) == 0
        assert len(running.files_asked) == 1
        assert main(["models", "download", "canary", "--force"]) == 0
        assert len(running.files_asked) == 2
    (found,) = (tmp_path / "models").glob("models--nvidia--canary-1b-v2/snapshots/*/*.nemo")
    assert found.read_bytes() == ARCHIVE


def test_what_cannot_be_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "download", "canery"]) == 2
    assert "No engine is called 'canery'" in capsys.readouterr().err
    with hub({"canary-1b-v2.nemo": ARCHIVE}) as running:
        running.gated = True
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        assert main(["models", "download", "canary"]) == 1
    assert "is gated" in capsys.readouterr().err
