"""A backup, made while the server runs, onto empty stores of any kind: the same meetings, byte for byte."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from api.cli import main
from pipeline.backup.make import back_up
from pipeline.backup.restore import restore
from pipeline.backup.shape import COVER, BackupError, Cover, file_key
from storage.artifact_store import ArtifactStore, open_store
from storage.database import dump, tables
from storage.database.database import Database, open_database
from storage.minio_bucket import MinioBucket
from storage.rows import HouseRows, UsageRow, WholeMeeting
from storage.s3_place import S3Place
from storage.store import Stat, Store
from tests.pipeline.toy_server import Server, sent, server, sound_file
from tests.storage.postgres_server import PostgresServer
from tests.storage.record_rows import a_key, a_meeting
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY

pytestmark = pytest.mark.anyio

Everything = tuple[dict[str, bytes], list[WholeMeeting], HouseRows]


async def everything(store: Store, records: Database) -> Everything:
    """Return all that is kept."""
    files = {stat.key: await store.get(stat.key) async for stat in store.list("meetings")}
    rows = [await records.whole_meeting(id) for id in await records.meeting_ids()]
    return files, rows, await records.house_rows()


async def bucket(url: str, name: str) -> Store:
    place = url.replace("/some/prefix", f"/{name}")
    await MinioBucket(S3Place.parse(place, ACCESS_KEY, SECRET_KEY)).create()
    return open_store(place, access_key=ACCESS_KEY, secret_key=SECRET_KEY)


async def fill(s: Server) -> str:
    """Keep meetings with everything that users can do to them; return the id of one."""
    talk = await s.meetings.accept("ann", sent(sound_file(6)), title="Talk", media_type="audio/wav")
    gone = await s.meetings.accept("bob", sent(sound_file(3)), title="Thrown away")
    for row in (talk, gone):
        await s.finished(row.id)
    first, second = (line.speaker for line in (await s.meetings.transcript(talk.id, None)).utterances[:2])
    assert first
    assert second
    await s.meetings.name_speaker(talk.id, None, first, "Ann Łukasz")
    await s.meetings.merge_speakers(talk.id, None, second, first)
    said = (await s.meetings.transcript(talk.id, None)).utterances
    for line, text in ((said[4], "what I meant"), (said[2], "and before")):
        await s.meetings.edit_utterance(talk.id, None, line.id, text=text)
    await s.meetings.share(talk.id, None, expires_at=datetime(2040, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))
    await s.meetings.trash(gone.id, None)
    await s.records.add_key(a_key())
    await s.records.set_setting("template", "board", b'{"a": "\xc3\xa9"}')
    await s.records.add_usage(
        [UsageRow(day=date(2026, 3, 1), key="k1", owner="ann", model="m", requests=3, cost=0.1 + 0.2)]
    )
    return talk.id


async def shown(s: Server, id: str) -> tuple[str, Mapping[str, object]]:
    """Return what a reader sees of a meeting."""
    made = await s.meetings.transcript(id, None)
    hits = await s.meetings.search("ann", "meant")
    return str(made), {
        "summary": await s.meetings.summary(id, None),
        "list": await s.meetings.list(None),
        "trash": await s.meetings.list(None, trash=True),
        "hits": hits,
        "shares": await s.meetings.shares(id, None),
    }


async def test_from_files_to_servers_and_back(tmp_path: Path, postgres: PostgresServer, s3_url: str) -> None:
    carried, home = await bucket(s3_url, "carried"), await bucket(s3_url, "home")
    async with server(tmp_path / "old") as s:
        id = await fill(s)
        await back_up(s.store, s.records, carried)
        original, seen = await everything(s.store, s.records), await shown(s, id)
    assert len(original[0]) > 10
    with postgres.database() as name:
        moved = open_database(postgres.url(name))
        await restore(carried, home, moved)
        assert await everything(home, moved) == original
        await moved.close()
        async with server(tmp_path / "node", store=home, postgres=postgres.url(name)) as s:
            assert await shown(s, id) == seen
            cover = await back_up(s.store, s.records, open_store(str(tmp_path / "carried")))
    new = open_database(f"sqlite:///{tmp_path}/new/parley.db")
    assert await restore(open_store(str(tmp_path / "carried")), open_store(f"{tmp_path}/new/artifacts"), new) == cover
    await new.close()
    async with server(tmp_path / "new") as s:
        assert await everything(s.store, s.records) == original
        assert await shown(s, id) == seen


async def test_meetings_that_are_worked_on_are_finished_where_they_are_restored(tmp_path: Path) -> None:
    backup = open_store(str(tmp_path / "backup"))
    async with server(tmp_path / "old") as s:
        rows = [await s.meetings.accept(None, sent(sound_file(20)), title=f"{at}") for at in range(4)]
        cover = await back_up(s.store, s.records, backup)
        await asyncio.gather(*(s.finished(row.id) for row in rows))
        told = [str(await s.meetings.transcript(row.id, None)) for row in rows]
    records = open_database(f"sqlite:///{tmp_path}/new/parley.db")
    await restore(backup, open_store(f"{tmp_path}/new/artifacts"), records)
    await records.close()
    assert cover.meetings == tuple(row.id for row in rows)
    async with server(tmp_path / "new") as s:
        await asyncio.gather(*(s.finished(row.id) for row in rows))
        assert [str(await s.meetings.transcript(row.id, None)) for row in rows] == told


class Restless(ArtifactStore):
    """A store in which somebody changes a meeting while it is looked at, a few times."""

    changes = 3

    async def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        found = [stat async for stat in super().list(prefix)]
        if prefix == "meetings/m1" and self.changes:
            self.changes -= 1
            await self.delete(f"meetings/m1/words/{self.changes + 1}")
            await self.put(f"meetings/m1/words/{self.changes}", b"new" * self.changes)
            await self.put("meetings/m1/manifest", b"%d" % self.changes)
        for stat in found:
            yield stat


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[tuple[ArtifactStore, Database]]:
    store, records = open_store(f"{tmp_path}/source"), open_database(f"sqlite:///{tmp_path}/source.db")
    await records.migrate()
    await records.add_meeting(a_meeting("m1", state="done", attempt=2))
    await store.put("meetings/m1/manifest", b"0")
    await store.put("meetings/m1/words/0", b"")
    yield store, records
    await records.close()


async def test_a_meeting_that_changes_is_copied_as_it_was_at_one_moment(
    source: tuple[ArtifactStore, Database], tmp_path: Path
) -> None:
    restless = Restless(source[0]._store, source[0].where, source[0]._root)
    backup = open_store(f"{tmp_path}/backup")
    await back_up(restless, source[1], backup)
    back, records = open_store(f"{tmp_path}/back"), open_database(f"sqlite:///{tmp_path}/back.db")
    await restore(backup, back, records)
    assert await everything(back, records) == await everything(*source)
    assert await back.get("meetings/m1/manifest") == b"0"
    await records.close()


async def test_nothing_is_written_over(source: tuple[ArtifactStore, Database], tmp_path: Path) -> None:
    store, records = source
    full = open_store(f"{tmp_path}/full")
    await full.put("letters", b"from home")
    with pytest.raises(BackupError, match="no backup"):
        await back_up(store, records, full)
    backup = open_store(f"{tmp_path}/backup")
    with pytest.raises(BackupError, match=r"backup\.json is missing"):
        await restore(backup, store, records)
    await back_up(store, records, backup)
    with pytest.raises(BackupError, match="a backup already"):
        await back_up(store, records, backup)
    with pytest.raises(BackupError, match="kept here already"):
        await restore(backup, open_store(f"{tmp_path}/empty"), records)


async def test_a_restore_that_broke_off_goes_on(source: tuple[ArtifactStore, Database], tmp_path: Path) -> None:
    backup, back = open_store(f"{tmp_path}/backup"), open_store(f"{tmp_path}/back")
    await source[1].add_meeting(a_meeting("m2", minutes=1, state="done"))
    await source[0].put("meetings/m2/original/talk.wav", b"sound")
    await back_up(*source, backup)
    damaged = file_key("m2", "original/talk.wav")
    await backup.put(damaged, b"noise")
    records = open_database(f"sqlite:///{tmp_path}/back.db")
    with pytest.raises(BackupError, match="damaged"):
        await restore(backup, back, records)
    assert not [stat async for stat in back.list("meetings/m2")]
    await backup.put(damaged, b"sound")
    await restore(backup, back, records)
    assert await everything(back, records) == await everything(*source)
    await records.close()


async def test_a_backup_of_a_newer_parley_is_refused(tmp_path: Path) -> None:
    backup = open_store(f"{tmp_path}/backup")
    cover = Cover(id="x", began=datetime.now(UTC), meetings=(), size=0, format=99)
    await backup.put(COVER, msgspec.json.encode(cover))
    with pytest.raises(BackupError, match="newer Parley"):
        await restore(backup, backup, open_database(f"sqlite:///{tmp_path}/none.db"))


def test_every_table_is_carried() -> None:
    carried = {"meetings", "events", "names", "merges", "edits", "utterances", "shares", "keys", "settings", "usage"}
    assert set(tables.metadata.tables) == carried | set(dump.LEFT_OUT)


def test_the_command_line_does_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    for file in (old, new):
        file.write_text(f'data = "{tmp_path / file.stem}"\n')
    assert main(["--config", str(old), "keys", "add", "--role", "admin", "root"]) == 0
    capsys.readouterr()
    backup = str(tmp_path / "backup")
    assert main(["--config", str(old), "backup", backup]) == 0
    assert main(["--config", str(new), "restore", backup]) == 0
    assert capsys.readouterr().out.startswith(f"0 meetings, 0.0 MB: {backup}")
    assert main(["--config", str(new), "keys", "list"]) == 0
    assert "root" in capsys.readouterr().out
    assert main(["--config", str(new), "restore", backup]) == 1
    assert "empty store" in capsys.readouterr().err
