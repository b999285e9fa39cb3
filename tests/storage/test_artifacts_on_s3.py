"""Artifacts on a real S3 server: commit, take over, resume, delete."""

import pytest

from pipeline.artifacts import Artifacts, delete_meeting
from pipeline.attempts import Fenced, manifests
from pipeline.manifest import Recipe
from pipeline.replay import fingerprint, shown_items
from stages.speech import Mark, Word
from storage.artifact_store import open_store
from storage.minio_bucket import MinioBucket
from storage.s3_place import S3Place
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY

pytestmark = pytest.mark.anyio


async def test_artifacts_are_the_same_on_a_bucket(s3_url: str, s3_place: S3Place) -> None:
    await MinioBucket(s3_place).create()
    bucket, memory = open_store(s3_url, access_key=ACCESS_KEY, secret_key=SECRET_KEY), open_store("memory:")
    recipes = {"words": Recipe()}
    said = [Word(start=at, end=at + 1, text=f"w{at}") for at in range(60)]
    old = await Artifacts.open(bucket, "m", recipes, attempt=1)
    for word in said[:40]:
        await old.item("words", word)
        await old.item("words", Mark(start=word.end, end=word.end))
    new = await Artifacts.open(bucket, "m", recipes, attempt=2)
    assert (await new.kept("words")).until == {"0": 30}
    with pytest.raises(Fenced):
        await old.ended("words")
    whole = await Artifacts.open(memory, "m", recipes)
    for artifacts, first in ((new, 30), (whole, 0)):
        for word in said[first:]:
            await artifacts.item("words", word)
            await artifacts.item("words", Mark(start=word.end, end=word.end))
        await artifacts.ended("words")
    assert await fingerprint(bucket, "m") == await fingerprint(memory, "m")
    kept = await manifests(bucket, "m")
    assert [item async for item in shown_items(bucket, kept["words"])] == said
    await delete_meeting(bucket, "m")
    assert [stat.key async for stat in bucket.list()] == []
