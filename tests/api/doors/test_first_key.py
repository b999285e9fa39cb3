"""The first key: by the command line, or in a file where nobody is at the machine."""

import stat
from pathlib import Path

import anyio
import pytest

from api.cli import main
from api.doors.settings import DoorSettings
from api.settings import SettingsError, load
from storage.database.database import open_database
from tests.api.doors.house import AWAY, house


async def opens(folder: Path, key: str) -> int:
    async with house(folder) as found, found.bearer_of(key) as client:
        return (await client.get("/api/me")).status_code


def test_the_command_makes_lists_and_revokes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_DATA", str(folder))
    assert main(["keys", "add", "guest", "--role", "read"]) == 2
    assert "admin" in capsys.readouterr().err
    assert main(["keys", "add", "boss", "--role", "admin"]) == 0
    out, err = capsys.readouterr()
    key = out.strip()
    assert out == f"{key}\n" and key.startswith("pk_") and key not in err and "local" in err
    assert anyio.run(opens, folder, key) == 200
    assert main(["keys", "add", "bob", "--requests-per-minute", "30"]) == 0
    assert main(["keys", "add", "bob"]) == 2
    assert main(["keys", "add", "bob", "--owner", "bob", "--budget", "-1"]) == 2
    capsys.readouterr()
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[1] for line in listed.splitlines()] == ["NAME", "boss", "bob"]
    assert key.rsplit("_", 1)[1] not in listed
    assert main(["keys", "revoke", key.split("_")[1]]) == 0
    assert anyio.run(opens, folder, key) == 401
    assert main(["keys", "revoke", "nobody"]) == 2
    assert main(["keys", "list"]) == 0
    assert "revoked" in capsys.readouterr().out


def test_a_database_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_DATA", str(tmp_path))
    monkeypatch.setenv("PARLEY_DATABASE", "mysql://nobody:secret@nowhere/parley")
    assert main(["keys", "list"]) == 2
    said = capsys.readouterr().err
    assert "`database`" in said and "secret" not in said


@pytest.mark.anyio
async def test_the_first_key_lies_in_a_file_until_it_was_used(folder: Path) -> None:
    file = anyio.Path(folder / "secrets" / "first_key")
    settings = DoorSettings(first_key_file=Path(file))
    async with house(folder, settings) as found, found.app.lifespan():
        key = (await file.read_text()).strip()
        assert stat.S_IMODE((await file.stat()).st_mode) == 0o600
        assert [row.role for row in await found.records.keys()] == ["admin"]
    async with house(folder, settings) as found:
        async with found.app.lifespan():
            assert (await file.read_text()).strip() == key  # not used yet
            async with found.bearer_of(key) as client:
                assert (await client.get("/api/me")).json()["owner"] == "local"
        assert (await found.records.keys())[0].last_used_at is not None
    async with house(folder, settings) as found, found.app.lifespan():
        assert not await file.exists()
        assert len(await found.records.keys()) == 1


@pytest.mark.anyio
async def test_a_file_that_was_left_by_a_crash_opens_nothing_and_is_written_again(folder: Path) -> None:
    file = anyio.Path(folder / "first_key")
    await file.write_text("pk_000000000000_0\n")
    async with house(folder, DoorSettings(first_key_file=Path(file))) as found, found.app.lifespan():
        async with found.bearer_of((await file.read_text()).strip()) as client:
            assert (await client.get("/api/me")).status_code == 200
        async with found.client(AWAY) as client:
            assert (await client.get("/api/me")).status_code == 401


def test_settings_of_the_doors(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text('[doors]\nallowed_hosts = ["parley.lan"]\npublic_url = "https://parley.lan"\n')
    found = load(file, {"PARLEY_DOORS__ALLOWED_ORIGINS": "https://a.example, https://b.example,"}).doors
    assert found.allowed_hosts == ("parley.lan",)
    assert found.allowed_origins == ("https://a.example", "https://b.example")
    with pytest.raises(SettingsError, match="'allowed_hosts'"):
        load(file, {"PARLEY_DOORS__ALOWED_HOSTS": "x"})


def test_a_new_database_is_made_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_DATA", str(tmp_path / "new"))
    assert main(["keys", "add", "boss", "--role", "admin"]) == 0
    assert anyio.run(_owners, tmp_path / "new") == ["local"]


async def _owners(folder: Path) -> list[str]:
    records = open_database(f"sqlite:///{folder}/parley.db")
    try:
        return [row.owner for row in await records.keys()]
    finally:
        await records.close()
