"""compose.yaml and what it builds: no container engine is at hand here, so structure and values are checked."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import load
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
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")


@every_service
def test_everything_named_is_declared(service: dict[str, Any]) -> None:
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"]
    assert "outside" not in SERVICES["postgres"]["networks"] + SERVICES["minio"]["networks"]


def test_the_settings_of_the_server_are_understood(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in COMPOSE["secrets"]:
        (secrets / name).write_text(f"value-of-{name}")
    told = {name: str(value) for name, value in SERVICES["parley"]["environment"].items()}
    told = {name: value.replace("/run/secrets", str(secrets)) for name, value in told.items()}
    told = {name: re.sub(r"\$\{PARLEY_NAME:-(\w+)\}", r"\1", value) for name, value in told.items()}
    settings = load(None, told)
    assert settings.database == "value-of-database_url"
    assert S3Place.parse(settings.store, settings.store_access_key, settings.store_secret_key).bucket == "parley"
    assert settings.doors.first_key_file == Path("/data/first-key"), "it listens beyond loopback, so it needs a key"


def test_no_secret_stands_in_the_file() -> None:
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|ACCESS_KEY|ROOT_USER", name):
                assert str(value).startswith("/run/secrets/")


def test_secrets_are_made_once_and_fit_together(tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy" / "make-secrets.sh", tmp_path)
    for _ in range(2):
        subprocess.run([str(tmp_path / "make-secrets.sh")], check=True, capture_output=True)
        made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        assert set(made) == set(COMPOSE["secrets"])
        assert made["postgres_password"] in made["database_url"]
        assert len(made["minio_password"]) == 48
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text()


def test_the_store_is_built_from_a_release_without_the_known_hole() -> None:
    text = (ROOT / "deploy" / "minio" / "Containerfile").read_text()
    found = re.search(r"MINIO_TAG=(RELEASE\.\S+)", text)
    assert found
    assert found[1] >= FIXED_MINIO


@pytest.mark.parametrize("file", ["Containerfile", "deploy/minio/Containerfile"])
def test_images_are_built_in_stages_and_run_without_root(file: str) -> None:
    lines = (ROOT / file).read_text().splitlines()
    assert sum(line.startswith("FROM") for line in lines) == 2
    assert [line for line in lines if line.startswith("USER")][-1] != "USER root"
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    assert all((ROOT / source).exists() for sources in copied for source in sources)
