"""Webhooks: a real receiver is told once, with a signature that proves it, and no private address ever is."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterator

import pytest

from pipeline.webhooks.addresses import Allowed, Forbidden, GuardedResolver
from pipeline.webhooks.queue import Deliveries
from pipeline.webhooks.shape import BadWebhook
from tests.api.doors.house import is_problem
from tests.api.receiver import LOCAL, Came, Receiver, made, receiving, settled
from tests.api.served import Served, served

pytestmark = pytest.mark.anyio


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("hooks"), more={"webhooks": LOCAL}) as started:
        yield started


def is_signed(came: Came, secret: str) -> bool:
    """Check a request as Standard Webhooks says."""
    signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return came.headers["webhook-signature"] == f"v1,{right}"


async def test_a_meeting_that_is_done_is_told_once_and_proven(s: Served, receiver: Receiver) -> None:
    hook = await made(s, url=receiver.url)
    receiver.answers = [500, 302]
    meeting = await s.upload(title="Nobody reads this here")
    delivery = await settled(s, hook["id"])
    assert (delivery["state"], delivery["type"], delivery["meeting"]) == ("delivered", "meeting.done", meeting["id"])
    assert [each["status"] for each in delivery["tries"]] == [500, 302, 200], "and no redirection was followed"
    assert len({came.headers["webhook-id"] for came in receiver.came}) == 1
    assert all(is_signed(came, hook["secret"]) for came in receiver.came)
    assert receiver.came[-1].told["data"] == {
        "meeting": meeting["id"],
        "run": 1,
        "state": "done",
        "duration": 3.0,
        "language": None,
    }
    assert b"Nobody reads" not in receiver.came[-1].body
    deliveries: Deliveries = s.parts.deliveries
    for told in await s.parts.hooks.told(meeting["id"], 1):
        await deliveries.test(told)  # the same event again: the queue has it already
    await s.client.post(f"/api/webhooks/{hook['id']}/test")
    await settled(s, hook["id"], None)
    assert [came.told["type"] for came in receiver.came].count("meeting.done") == 3
    await s.client.delete(f"/api/webhooks/{hook['id']}")


async def test_a_webhook_of_one_meeting_hears_of_no_other(s: Served, receiver: Receiver) -> None:
    first = await s.upload()
    await made(s, url=receiver.url, meeting=first["id"], events=["meeting.done"])
    await s.upload()
    await s.client.post(f"/api/meetings/{first['id']}/runs", json={"from": "summarize"})
    await s.done(first["id"])
    (hook,) = (await s.client.get("/api/webhooks")).json()["items"]
    await settled(s, hook["id"])
    assert [(came.told["data"]["meeting"], came.told["data"]["run"]) for came in receiver.came] == [(first["id"], 2)]
    assert "secret" not in hook
    await s.client.delete(f"/api/webhooks/{hook['id']}")


async def test_a_test_tells_whether_it_works(s: Served, receiver: Receiver) -> None:
    hook = await made(s, url=receiver.url)
    event = (await s.client.post(f"/api/webhooks/{hook['id']}/test")).json()["event"]
    assert (await settled(s, hook["id"], event))["state"] == "delivered"
    receiver.answers = [410]
    event = (await s.client.post(f"/api/webhooks/{hook['id']}/test")).json()["event"]
    assert (await settled(s, hook["id"], event))["state"] == "failed"
    assert [each["is_gone"] for each in (await s.client.get("/api/webhooks")).json()["items"]] == [True]
    assert (await s.client.delete(f"/api/webhooks/{hook['id']}")).status_code == 204
    assert is_problem(await s.client.get(f"/api/webhooks/{hook['id']}/deliveries"), 404)


async def test_one_that_never_answers_is_given_up_in_words(s: Served) -> None:
    with receiving() as gone:
        url = gone.url
    hook = await made(s, url=url)
    event = (await s.client.post(f"/api/webhooks/{hook['id']}/test")).json()["event"]
    delivery = await settled(s, hook["id"], event)
    assert (delivery["state"], len(delivery["tries"])) == ("failed", 4)
    assert "Cannot connect" in delivery["tries"][-1]["error"]
    await s.client.delete(f"/api/webhooks/{hook['id']}")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/x",
        "https://localhost./x",
        "https://[::127.0.0.1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[fec0::1]/",
        "https://%31%32%37.0.0.1/",
        "https://127.0.0.%31/",
        "https://127.0.0.1\\.hooks.example/",
        "https://minio/x",
        "https://metadata.google.internal/",
        "https://user:pass@hooks.example/",
        "https://hooks.example:99999/",
        "https://hooks.example/\r\nX-Injected: 1",
        "file:///etc/passwd",
        "gopher://hooks.example/",
        "",
    ],
)
async def test_nothing_is_sent_to_where_it_should_not_go(url: str) -> None:
    with pytest.raises(BadWebhook):
        Allowed(()).check(url)


async def test_a_name_is_judged_by_where_it_leads() -> None:
    """Also where the name was harmless when the webhook was made: it is looked up when the connection is."""
    with pytest.raises(Forbidden, match="private network"):
        await GuardedResolver(Allowed(())).resolve("localhost", 443)
    assert await GuardedResolver(Allowed(("127.0.0.0/8", "::1/128"))).resolve("localhost", 443)
    assert await GuardedResolver(Allowed(("localhost",))).resolve("localhost", 443)
