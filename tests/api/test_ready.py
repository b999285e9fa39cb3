"""Whether the server can work is told to everybody; where it keeps things and what is wrong with them, to admins."""

from pathlib import Path

import anyio
import pytest

from api.doors.keyring import Keyring
from pipeline.gateway.providers import Provider
from tests.api.served import served

pytestmark = pytest.mark.anyio


async def test_only_admins_are_told_where_things_are(tmp_path: Path) -> None:
    away = Provider(name="away", type="openai", url="http://127.0.0.1:9/v1")
    async with served(tmp_path, providers=(away,), more={"node": "cellar-3"}) as s:
        keyring = Keyring(s.parts.records)
        keys = {name: (await keyring.add(name, name)).text for name in ("admin", "user")}
        await anyio.sleep(1.1)  # a server that runs knows new keys within a second
        folder = tmp_path / "artifacts"
        await anyio.Path(folder).rename(tmp_path / "elsewhere")
        await anyio.Path(folder).write_text("no folder")
        told = {}
        for who in ("nobody", "user", "admin"):
            headers = {"Authorization": f"Bearer {keys[who]}"} if who in keys else {}
            answer = await s.client.get("/health/ready", headers=headers)
            assert answer.status_code == 503
            told[who] = answer.json()
        for found in told.values():
            assert [(part["name"], part["ready"]) for part in found["parts"]] == [("store", False), ("database", True)]
            assert (found["ready"], found["node"]["state"]) == (False, "working")
            assert [engine["role"] for engine in found["engines"]] == ["vad", "asr", "aligner", "diarizer", "embed"]
        for who in ("nobody", "user"):
            assert not any(secret in str(told[who]) for secret in ("directory", "cellar-3", "could not"))
        assert told["nobody"]["providers"] == []
        assert [each["name"] for each in told["user"]["providers"]] == ["away"]
        assert "Not a directory" in told["admin"]["parts"][0]["error"]
        assert told["admin"]["node"]["name"] == "cellar-3"
