"""compose.yaml and what it builds: no container engine is at hand here, so structure and values are checked."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import load
from pipeline.engine_pool import ENGINES
from storage.s3_place import S3Place

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
FIXED_MINIO = "RELEASE.2025-10-15T17-29-55Z"
"""The release that mends CVE-2025-62506."""

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


@every_service
def test_images_are_pinned_or_built_here(service: dict[str, Any]) -> None:
    _, colon, tag = service["image"].rpartition(":")
    assert colon
    assert re.search(r"\d", tag), "a tag that names a version"
    if "build" in service:
        folder = ROOT / service["build"]["context"]
        assert (folder / service["build"]["dockerfile"]).is_file()


@every_service
def test_services_are_healthy_limited_and_without_rights(service: dict[str, Any]) -> None:
    assert service["healthcheck"]["test"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["read_only"] or service["image"].startswith("parley-open-webui:"), "which writes into itself"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")


@every_service
def test_everything_named_is_declared(service: dict[str, Any]) -> None:
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service.get("volumes", []):
        source, named, _ = volume.partition(":")
        if not named:
            continue  # a nameless volume: each replica has its own
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_only_what_must_is_reached_from_outside() -> None:
    reached = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(reached) == {"proxy", "turn", "open-webui"}
    assert all(port.startswith("127.0.0.1:") for port in reached["open-webui"])
    assert COMPOSE["networks"]["inside"]["internal"]
    assert all("outside" not in SERVICES[name]["networks"] for name in ("postgres", "minio"))
    assert "ports" not in SERVICES["worker"], "it goes out, to webhooks and models of others, and nobody comes in"


@pytest.mark.parametrize("profile", ["cpu", "gpu", "scale"])
def test_every_profile_is_whole(profile: str) -> None:
    chosen = {name: service for name, service in SERVICES.items() if profile in service["profiles"]}
    assert {"postgres", "minio", "proxy", "turn"} < set(chosen)
    for service in chosen.values():
        assert set(service.get("depends_on", {})) <= set(chosen)
    behind = [service for service in chosen.values() if "server" in _aliases(service)]
    assert len(behind) == 1, "the proxy knows servers by one name"
    assert sum(service["deploy"].get("replicas", 1) for service in behind) == (2 if profile == "scale" else 1)
    assert "server 8000" in (ROOT / "deploy" / "Caddyfile").read_text()


def _aliases(service: dict[str, Any]) -> list[str]:
    found: list[str] = service["networks"].get("outside", {}).get("aliases", [])
    return found


@every_service
def test_no_service_is_root(service: dict[str, Any]) -> None:
    if "build" in service:
        lines = (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).read_text().splitlines()
        user = [line.split()[1] for line in lines if line.startswith("USER")][-1]
    else:
        user = service["user"]
    assert int(user.partition(":")[0]) > 0
    assert "cap_add" not in service


def test_replicas_share_no_folder() -> None:
    for service in SERVICES.values():
        if service["deploy"].get("replicas", 1) > 1:
            assert all(":" not in volume for volume in service["volumes"])
            assert "PARLEY_NODE" not in service["environment"], "each has a name of its own"


def test_the_gpu_is_asked_for_and_its_stack_is_pinned() -> None:
    (device,) = SERVICES["parley-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"[\w-]+", extras["gpu"][0].partition("[")[2])
    assert named
    assert all("==" in pin for name in named for pin in extras[name])
    assert "'.[gpu]'" in (ROOT / "Containerfile.gpu").read_text()


@pytest.mark.parametrize(
    "name", [name for name, each in SERVICES.items() if "PARLEY_STORE" in each.get("environment", {})]
)
def test_the_settings_of_every_server_are_understood(name: str, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for secret in COMPOSE["secrets"]:
        (secrets / secret).write_text(f"value-of-{secret}")
    told = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
    told = {key: value.replace("/run/secrets", str(secrets)) for key, value in told.items()}
    told = {key: re.sub(r"\$\{PARLEY_NAME:-(\w+)\}", r"\1", value) for key, value in told.items()}
    assert {
        key.rpartition("/")[2] for key in SERVICES[name]["environment"].values() if "/run/secrets" in str(key)
    } <= set(SERVICES[name]["secrets"])
    settings = load(None, told)
    assert settings.database == "value-of-database_url"
    assert S3Place.parse(settings.store, settings.store_access_key, settings.store_secret_key).bucket == "parley"
    assert settings.doors.first_key_file == Path("/data/first-key"), "it listens beyond loopback, so it needs a key"
    (turn,) = settings.webrtc.servers
    assert (turn.url, turn.credential) == ("turn:localhost:3478", "value-of-turn_password")
    assert settings.log.format == "json"
    assert all(choice.engine in ENGINES[role] for role, choice in settings.engines.choices().items())


def test_no_secret_stands_in_the_file() -> None:
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|ACCESS_KEY|ROOT_USER|CREDENTIAL|API_KEY", name):
                assert str(value).startswith("/run/secrets/")


def test_secrets_are_made_once_and_fit_together(tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy" / "make-secrets.sh", tmp_path)
    for _ in range(2):
        subprocess.run([str(tmp_path / "make-secrets.sh")], check=True, capture_output=True)
        made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        assert set(made) == set(COMPOSE["secrets"])
        assert made["postgres_password"] in made["database_url"]
        assert f"user=parley:{made['turn_password']}\n" in made["turn_conf"]
        assert len(made["minio_password"]) == len(made["open_webui_secret"]) == 48
        assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700, "others on this machine read none"
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o644}
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text()


def test_the_store_is_built_from_a_release_without_the_known_hole() -> None:
    text = (ROOT / "deploy" / "minio" / "Containerfile").read_text()
    found = re.search(r"MINIO_TAG=(RELEASE\.\S+)", text)
    assert found
    assert found[1] >= FIXED_MINIO


@pytest.mark.parametrize(
    "file",
    ["Containerfile", "Containerfile.gpu", *(f"deploy/{name}/Containerfile" for name in ("minio", "proxy", "turn"))],
)
def test_images_are_built_in_stages_and_run_without_root(file: str) -> None:
    lines = (ROOT / file).read_text().splitlines()
    assert sum(line.startswith("FROM") for line in lines) == 2
    assert all(re.search(r":[\w.-]*\d", line) for line in lines if line.startswith("FROM")), "a fixed tag"
    assert [line for line in lines if line.startswith("USER")][-1] != "USER root"
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    assert all((ROOT / source).exists() for sources in copied for source in sources)


def test_no_file_that_gives_a_capability_is_started() -> None:
    """The kernel refuses to start such a file in a container without capabilities: a copy gives none."""
    for name, program in (("proxy", "caddy"), ("turn", "turnserver")):
        lines = (ROOT / "deploy" / name / "Containerfile").read_text().splitlines()
        (copy,) = [line.split() for line in lines if line.startswith("COPY --from=")]
        assert f"RUN cp /usr/bin/{program} {copy[2]}" in lines
        assert copy[3] == f"/usr/bin/{program}"


@pytest.mark.parametrize("service", [each for each in SERVICES.values() if each["read_only"]])
def test_large_files_are_not_written_into_memory(service: dict[str, Any]) -> None:
    """Models of gigabytes are unpacked into temporary files, and what is compiled is run from there."""
    if "MODEL_CACHE_DIR" in service.get("environment", {}):
        assert service["environment"]["TMPDIR"] in service["volumes"]


def test_what_is_built_is_sent_without_secrets_and_data() -> None:
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {"deploy", "data", "parley.toml", ".venv*", ".git"} <= set(left_out)
    for file in ("Containerfile", "Containerfile.gpu"):
        lines = (ROOT / file).read_text().splitlines()
        copied = [
            name for line in lines if line.startswith("COPY") and "--from" not in line for name in line.split()[1:-1]
        ]
        assert not set(left_out) & {name.partition("/")[0] for name in copied}
