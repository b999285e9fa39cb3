"""The token for the hub: from the environment, else from a file that only its owner may read."""

import stat
from pathlib import Path

import pytest

from stages.hub_token import forget_token, keep_token, token, token_file, token_kept_in, token_source


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    for name in ("HUGGINGFACE_TOKEN", "HF_TOKEN", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)


def test_it_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    assert (token(), token_source()) == (None, None)
    keep_token(" hf_first\n")
    keep_token("hf_second")
    assert (token(), token_source()) == ("hf_second", "file")
    assert token_file() == tmp_path / "home" / "token"
    assert stat.S_IMODE(token_file().stat().st_mode) == 0o600
    assert [path.name for path in token_file().parent.iterdir()] == ["token"]
    forget_token()
    forget_token()
    assert token() is None


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_token("hf_file")
    monkeypatch.setenv("HF_TOKEN", "hf_theirs")
    assert (token(), token_source()) == ("hf_theirs", "environment")
    monkeypatch.setenv("HUGGINGFACE_TOKEN", "hf_ours")
    assert token() == "hf_ours"


def test_a_server_keeps_it_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with token_kept_in(tmp_path / "data"):
        keep_token("hf_server")
        assert token_file() == tmp_path / "data" / "huggingface-token"
        with token_kept_in(tmp_path / "other"):
            assert token() == "hf_server"
    assert token() is None
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "chosen"))
    with token_kept_in(tmp_path / "data"):
        assert token_file() == tmp_path / "chosen"
