"""A bucket as its owner sees it, on a real S3 server."""

from datetime import timedelta

import pytest
import urllib3
from anyio import to_thread

from storage.artifact_store import open_store
from storage.minio_bucket import MinioBucket
from storage.s3_place import S3Place
from storage.store import BadKey, StoreAway
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY, free_ports

pytestmark = pytest.mark.anyio


async def test_a_bucket_is_created_once(s3_place: S3Place) -> None:
    assert await MinioBucket(s3_place).create()
    assert not await MinioBucket(s3_place).create()


async def test_a_signed_download_needs_no_key(s3_url: str, s3_place: S3Place) -> None:
    bucket = MinioBucket(s3_place)
    await bucket.create()
    await open_store(s3_url, access_key=ACCESS_KEY, secret_key=SECRET_KEY).put("m/1/original", b"sound")
    url = bucket.signed_download("m/1/original", timedelta(minutes=1), "Über uns.mp3")
    answer = await to_thread.run_sync(urllib3.request, "GET", url)
    assert answer.data == b"sound"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%9Cber%20uns.mp3"
    changed = await to_thread.run_sync(urllib3.request, "GET", url.replace("original", "other"))
    assert changed.status == 403
    with pytest.raises(BadKey):
        bucket.signed_download("../m", timedelta(minutes=1))


async def test_downloads_are_signed_for_the_address_that_browsers_see(s3_place: S3Place) -> None:
    bucket = MinioBucket(s3_place, "https://files.example.org")
    assert bucket.signed_download("x", timedelta(minutes=1)).startswith(f"https://files.example.org/{s3_place.bucket}/")


async def test_a_server_without_the_rule_is_told_apart(s3_place: S3Place) -> None:
    bucket = MinioBucket(s3_place)
    await bucket.create()
    assert not await bucket.forget_abandoned_uploads(), "Swift keeps no such rule"


async def test_a_server_that_is_away_is_said_so() -> None:
    url = f"s3://bucket?endpoint=http://127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(StoreAway, match="Cannot create the bucket bucket"):
        await MinioBucket(S3Place.parse(url, "a", "b")).create()
