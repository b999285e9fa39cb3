"""What a hostile caller sends to the whole server."""

import gzip
import socket
import threading
from collections.abc import Iterator

import msgspec
import pytest

from tests.api.served import Served, raw
from tests.pipeline.toy_server import sound_file

pytestmark = pytest.mark.anyio

TALK = sound_file(1)


@pytest.mark.parametrize(
    "path",
    [
        "/api/meetings/../../etc/passwd",
        "/api/meetings/..%2f..%2fetc%2fpasswd",
        "/api/meetings/%2e%2e/transcript",
        "/api/meetings/a%00b/audio",
        "/api/webhooks/..%2fkeys/deliveries",
        "/../api/settings.py",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/..\\..\\etc\\passwd",
    ],
)
async def test_addresses_that_climb_find_nothing(s: Served, path: str) -> None:
    answer = await raw(s.port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] in (b"400", b"404"), answer[:200]
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "audio/x<script>", "video/"]
)
async def test_an_upload_is_never_a_page(s: Served, media_type: str) -> None:
    form = {"file": ("<img src=x onerror=alert(1)>.html", TALK, media_type)}
    answer = await s.client.post("/api/meetings", files=form)
    assert answer.status_code == 202, answer.text
    meeting = await s.done(answer.json()["id"])
    audio = await s.client.get(f"/api/meetings/{meeting['id']}/audio")
    assert audio.headers["content-type"] == "audio/wav"  # what it is, whatever was told
    assert audio.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in audio.headers["content-security-policy"]
    assert "<" not in audio.headers.get("content-disposition", "")


async def test_no_compressed_body_is_unpacked(s: Served) -> None:
    """Ten kilobytes that would be ten megabytes are ten kilobytes of no JSON."""
    bomb = gzip.compress(b'{"name": "' + b"x" * 10_000_000 + b'"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    for path in ("/api/templates", "/api/webhooks", "/v1/embeddings"):
        answer = await s.client.post(path, content=bomb, headers=headers)
        assert answer.status_code in (400, 415, 422), (path, answer.text)
    uploaded = await s.client.post("/api/meetings", content=bomb, headers={**headers, "Content-Type": "audio/wav"})
    assert (await s.done(uploaded.json()["id"]))["state"] == "failed"


@pytest.fixture
def trap() -> Iterator[tuple[str, list[bytes]]]:
    """Listen where nobody should knock."""
    came: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                knock, _ = door.accept()
            except OSError:
                return
            came.append(b"somebody")
            knock.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}", came
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join()


async def test_no_request_names_a_provider(s: Served, trap: tuple[str, list[bytes]]) -> None:
    """Fields in which other gateways take an upstream's address lead nowhere."""
    url, came = trap
    more = dict.fromkeys(("api_base", "base_url", "api_url", "provider", "url", "webhook", "callback_url"), url)
    ask = {"model": url, "messages": [{"role": "user", "content": "x"}], **more}
    answer = await s.client.post("/v1/chat/completions", json=ask)
    assert answer.status_code >= 400, answer.text
    ask = {"model": "minilm", "input": "x", **more}
    await s.client.post("/v1/embeddings", json=ask, headers={"X-Upstream": url, "Host": f"127.0.0.1:{s.port}"})
    await s.client.post(f"/api/meetings?callback_url={url}", content=TALK, headers={"Content-Type": "audio/wav"})
    assert msgspec.json.encode(came) == b"[]"
