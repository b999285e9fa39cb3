"""What vLLM is asked for, and what happens around it; vLLM itself answers in tests/models, where it is installed."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from stages.chat import JSON
from stages.engine_errors import EngineError, EngineMissing, ModelMissing
from stages.engines.asgi_call import ask
from stages.engines.vllm_chat import ENVIRONMENT, QWEN, VllmChat
from tests.contracts import check_card


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.began: tuple[int, str] | None = None
        self.body = b""
        self.error: EngineError | None = None
        self.over = threading.Event()

    def begin(self, status: int, media_type: str) -> None:
        self.began = (status, media_type)

    def part(self, block: bytes) -> None:
        self.body += block

    def end(self, error: EngineError | None = None) -> None:
        self.error = error
        self.over.set()


def arguments(devices: tuple[int, ...] = (), **options: Any) -> list[str]:
    return VllmChat(**options)._arguments(Path("/models/qwen"), devices)


def test_it_says_what_it_is() -> None:
    engine = VllmChat()
    check_card(engine)
    assert (engine.card.model, engine.window) == (QWEN, 8192)
    assert "vision" in engine.card.capabilities
    assert "vision" not in VllmChat(pictures=0).card.capabilities


def test_weights_are_spread_over_the_devices() -> None:
    said = arguments((2, 3), window=32_768, cache_gib=4)
    assert {"--tensor-parallel-size=2", "--device-ids=2,3", "--max-model-len=32768"} <= set(said)
    assert f"--kv-cache-memory-bytes={4 * 2**30}" in said
    assert "--gpu-memory-utilization=0.9" in arguments((0,))
    assert not [each for each in arguments() if each.startswith("--device-ids")]


def test_arguments_of_tools_fit_their_schemas() -> None:
    assert "--tool-strict-level=parameter" in arguments()
    assert not [each for each in arguments(tool_parser="") if "tool" in each]


def test_others_on_its_gpus_keep_their_room() -> None:
    engine = VllmChat(beside_gib=8)
    assert "--gpu-memory-utilization=0.8" in engine._arguments(Path("/models/qwen"), (0,), [80 * 2**30])
    assert "--gpu-memory-utilization=0.7" in engine._arguments(Path("/models/qwen"), (0, 1), [80 * 2**30, 40 * 2**30])
    assert "--gpu-memory-utilization=0.9" in VllmChat()._arguments(Path("/models/qwen"), (0,), [80 * 2**30])


def test_pictures_are_fetched_from_nowhere_unless_a_domain_is_named() -> None:
    said = arguments()
    assert said[said.index("--allowed-media-domains") + 1] == "nowhere.invalid"
    said = arguments(media_domains=("example.com", "example.org"))
    first = said.index("--allowed-media-domains") + 1
    assert said[first : first + 2] == ["example.com", "example.org"]
    assert ENVIRONMENT["VLLM_MEDIA_URL_ALLOW_REDIRECTS"] == "0", "and from nowhere that these lead to"


def test_what_vllm_takes_beside_is_passed_on() -> None:
    said = arguments(vllm={"quantization": "fp8", "enforce-eager": True, "enable-prefix-caching": False})
    assert {"--quantization=fp8", "--enforce-eager", "--no-enable-prefix-caching"} <= set(said)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    absent = VllmChat(folder=tmp_path)
    assert not absent.on_disk()
    with pytest.raises(ModelMissing):
        absent.load(())
    with pytest.raises(ModelMissing, match="Put it there"):
        absent.download(lambda done, total: None)
    with pytest.raises(EngineError, match="not loaded"):
        absent.count("x")
    absent.unload()
    (tmp_path / "config.json").touch()
    try:
        import vllm  # noqa: F401
    except ImportError:
        with pytest.raises(EngineMissing, match=r"vllm==0\.32\.0"):
            absent.load(())


@pytest.mark.anyio
async def test_an_application_is_asked_without_a_port() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        headers = [(b"content-type", JSON.encode())]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": scope["path"].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": message["body"]})

    heard = Heard()
    await ask(app, "/v1/completions", b"{}", heard, asyncio.Event())
    assert (heard.began, heard.body, heard.error) == ((400, JSON), b"/v1/completions{}", None)


@pytest.mark.anyio
async def test_an_application_hears_that_its_client_has_left() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})

    heard, gone = Heard(), asyncio.Event()
    task = asyncio.create_task(ask(app, "/v1/completions", b"{}", heard, gone))
    gone.set()
    await task
    assert (heard.began, heard.over.is_set()) == (None, True)


@pytest.mark.anyio
async def test_an_application_that_breaks_is_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("out of memory")

    heard = Heard()
    await ask(app, "/v1/completions", b"{}", heard, asyncio.Event())
    assert heard.error is not None and "out of memory" in str(heard.error)
