"""Passwords and keys that are changed while everything runs."""

import anyio
import pytest
from psycopg import sql

from storage.artifact_store import open_store
from storage.database.database import open_database
from storage.minio_bucket import MinioBucket
from storage.records import DatabaseAway
from storage.s3_place import S3Place
from storage.store import Store, StoreAway
from tests.storage.postgres_server import PostgresServer
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY

pytestmark = pytest.mark.anyio


async def test_a_new_password_of_the_database_is_used_from_the_next_connection_on(postgres: PostgresServer) -> None:
    postgres.execute(sql.SQL("CREATE ROLE rotated SUPERUSER LOGIN PASSWORD 'one'"))
    rules = postgres.folder / "data" / "pg_hba.conf"
    known = rules.read_text()
    rules.write_text(f"local all rotated scram-sha-256\n{known}")
    postgres.execute(sql.SQL("SELECT pg_reload_conf()"))
    password = "one"
    with postgres.database() as name:
        url = postgres.url(name).replace("postgres@", "rotated:one@", 1)
        database = open_database(url, lambda: password)
        await database.migrate()
        await database.check()
        postgres.execute(sql.SQL("ALTER ROLE rotated PASSWORD 'two'"))
        postgres.execute(sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotated'"))
        with pytest.raises(DatabaseAway):
            await database.check()
        password = "two"
        await database.check()
        async with database.follow("m"):
            pass
        await database.close()
    rules.write_text(known)
    postgres.execute(sql.SQL("SELECT pg_reload_conf()"))
    postgres.execute(sql.SQL("DROP ROLE rotated"))


async def test_new_keys_of_a_bucket_are_used_soon(s3_url: str, s3_place: S3Place) -> None:
    await MinioBucket(s3_place).create()
    secret = "not any more"
    store = open_store(
        s3_url, access_key=ACCESS_KEY, secret_key=secret, keys=lambda: (ACCESS_KEY, secret), patience_seconds=1.0
    )
    with pytest.raises(StoreAway, match="does not let us in"):
        await store.put("a", b"1")
    secret = SECRET_KEY
    with anyio.fail_after(20):
        while not await takes(store):
            pass  # keys are as they were for a tenth of a second
    assert await store.get("a") == b"2"


async def takes(store: Store) -> bool:
    try:
        await store.put("a", b"2")
    except StoreAway:
        return False
    return True


def test_a_bucket_is_told_how_to_encrypt() -> None:
    place = S3Place.parse("s3://b?endpoint=http://h&encryption=aws:kms&kms_key=k1", "a", "s")
    assert place.encryption_config == {"server_side_encryption": "aws:kms", "sse_kms_key_id": "k1"}
    assert S3Place.parse("s3://b?endpoint=http://h", "a", "s").encryption_config == {}
    with pytest.raises(ValueError, match="encrypts with AES256, aws:kms"):
        S3Place.parse("s3://b?endpoint=http://h&encryption=rot13", "a", "s")
