"""Settings come from defaults, file and environment, and mistakes are named."""

from pathlib import Path

import pytest

from api.settings import SettingsError, load


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text(
        'port = 9000\nhost = "localhost"\n[engines.asr]\nengine = "canary"\npreferred_device_ids = [0, 1]\n'
    )
    settings = load(file, {"PARLEY_PORT": "9100", "PARLEY_ENGINES__DIARIZER__ENGINE": "pyannote", "HOME": "/root"})
    assert (settings.port, settings.host) == (9100, "localhost")
    assert settings.engines.asr is not None
    assert settings.engines.asr.preferred_device_ids == (0, 1)
    assert settings.engines.diarizer is not None
    assert settings.engines.diarizer.engine == "pyannote"
    assert settings.engines.vad is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "unknown key 'prot'; did you mean 'port'"),
        ("[engines.asr]\nengin = 'x'", "did you mean 'engine'"),
        ("port = 'many'", "Expected `int`"),
        ("port = ", "is no TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "parley.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load(file, {})


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(None, {"PARLEY_CONFIG": str(tmp_path / "none.toml")})


def test_folders_are_paths(tmp_path: Path) -> None:
    assert load(None, {"PARLEY_DATA": str(tmp_path)}).data == tmp_path


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    named = {"PARLEY_STORE_SECRET_KEY__FILE": str(tmp_path / "secret"), "PARLEY_BENCH_AUDIO": "/clips"}
    assert load(None, named).store_secret_key == "hush"
    with pytest.raises(SettingsError, match="PARLEY_DATABASE__FILE names the file /nowhere"):
        load(None, {"PARLEY_DATABASE__FILE": "/nowhere"})


def test_a_local_server_of_language_models_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text('chat = "http://127.0.0.1:11434"\n')
    for settings in (load(file, {}), load(None, {"PARLEY_CHAT": "http://127.0.0.1:11434"})):
        (provider,) = settings.all_providers()
        assert (provider.name, provider.root()) == ("chat", "http://127.0.0.1:11434/v1")


def test_providers_are_tables(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text(
        """
        [[providers]]
        type = "vllm"
        url = "http://gpu-1:8000"
        models = ["Qwen/Qwen3-VL-30B-A3B-Instruct"]
        model_type = "image-text-to-text"
        key_env = "GPU_KEY"
        concurrency = 64

        [[providers]]
        url = "https://api.example/v1"
        models = { "mistral-small" = "mistral-small-2506" }

        [models."mistral-small"]
        aliases = ["gpt-4o"]
        strategy = "least_busy"
        max_tokens = 500
        """
    )
    settings = load(file, {})
    vllm, other = settings.all_providers()
    assert (vllm.name, vllm.concurrency, vllm.key_env) == ("vllm-1", 64, "GPU_KEY")
    assert other.served() == {"mistral-small": "mistral-small-2506"}
    assert settings.models["mistral-small"].strategy == "least_busy"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('chat = "127.0.0.1:11434"', "no http:// or https:// address"),
        ('[[providers]]\nurl = "http://x"\ntype = "vlm"', "Invalid enum value 'vlm'"),
        ('[[providers]]\nurl = "http://x"\nkey = "secret"', "unknown key 'key'"),
        ('[models.x]\nstrategy = "fastest"', "Invalid enum value 'fastest'"),
    ],
)
def test_mistakes_about_providers_are_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "parley.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load(file, {})
