"""Webhooks under other settings, and of several owners."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from api.doors.keyring import Keyring
from pipeline.webhooks.shape import WebhookSettings
from storage.rows import KeyRole
from tests.api.doors.house import is_problem
from tests.api.receiver import LOCAL, Receiver, made, receiving, settled
from tests.api.served import served

pytestmark = pytest.mark.anyio

ROLES: dict[str, KeyRole] = {"root": "admin", "ann": "user", "bob": "user"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


async def test_what_is_no_longer_allowed_is_no_longer_sent(tmp_path: Path, receiver: Receiver) -> None:
    async with served(tmp_path, more={"webhooks": LOCAL}) as s:
        hook = await made(s, url=receiver.url)
    async with served(tmp_path, more={"webhooks": WebhookSettings(retry_seconds=())}) as s:
        event = (await s.client.post(f"/api/webhooks/{hook['id']}/test")).json()["event"]
        delivery = await settled(s, hook["id"], event)
        assert (delivery["state"], receiver.came) == ("failed", [])
        assert is_problem(await s.client.post("/api/webhooks", json={"url": receiver.url}), 400)


async def test_webhooks_belong_to_their_owners(tmp_path: Path, receiver: Receiver) -> None:
    async with served(tmp_path, more={"webhooks": LOCAL}) as s:
        keyring = Keyring(s.parts.records)
        keys = {name: (await keyring.add(name, role)).text for name, role in ROLES.items()}
        await anyio.sleep(1.1)  # a server that runs knows new keys within a second
        as_of = {name: {"Authorization": f"Bearer {key}"} for name, key in keys.items()}
        wish = {"url": receiver.url}
        hook = (await s.client.post("/api/webhooks", json=wish, headers=as_of["ann"])).json()
        assert (await s.client.get("/api/webhooks", headers=as_of["bob"])).json() == {"items": []}
        for method, path in (("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
            answer = await s.client.request(method, f"/api/webhooks/{hook['id']}{path}", headers=as_of["bob"])
            assert is_problem(answer, 404)
        refused = await s.client.post("/api/webhooks", json={**wish, "everybody": True}, headers=as_of["ann"])
        assert is_problem(refused, 403)
        everybody = await s.client.post("/api/webhooks", json={**wish, "everybody": True}, headers=as_of["root"])
        assert everybody.status_code == 201
