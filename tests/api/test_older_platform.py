"""Every call that the documents of the older platforms describe, against the real server with its real engines."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from api.app import parts_of
from api.settings import load
from tests.api.served import serving
from tests.api.v1.speech import wav
from tests.api.v1.upstream import FakeProvider
from tests.sounds import shipped, speech

pytestmark = pytest.mark.anyio

QWEN, MISTRAL, PAINTER = "Qwen/Qwen3-VL-30B-A3B-Instruct", "mistral-7b-instruct-v0.3", "stable-diffusion-xl"
PROVIDERS = """
[[providers]]
url = "{url}"
name = "cloud"
models = ["{qwen}", "{mistral}"]
key_env = "OVH_TOKEN_ENDPOINT"

[[providers]]
url = "{url}"
name = "painter"
models = ["{painter}"]
model_type = "image-generation"

[models."{mistral}"]
max_tokens = 500
"""


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[FakeProvider]:
    made = FakeProvider([QWEN, MISTRAL, PAINTER])
    async with made.running() as url:
        made.headers.append(url.encode())
        yield made


@pytest.fixture(scope="module")
async def http(provider: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    folder = tmp_path_factory.mktemp("older")
    (url,) = (line.decode() for line in provider.headers)
    told = PROVIDERS.format(url=url, qwen=QWEN, mistral=MISTRAL, painter=PAINTER)
    (folder / "parley.toml").write_text(told)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OVH_TOKEN_ENDPOINT", "secret-of-the-cloud")
        environment.setenv("MODEL_CACHE_DIR", str(folder / "models"))
        environment.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        parts = parts_of(load(folder / "parley.toml", {"PARLEY_DATA": str(folder / "data")}))
        async with serving(parts) as s:
            yield s.client


async def said(http: httpx.AsyncClient, path: str, body: Any = None, status: int = 200) -> Any:
    """Return the answer to a call, a GET where nothing is sent."""
    answer = await (http.get(path) if body is None else http.post(path, json=body))
    assert answer.status_code == status, f"{path}: {answer.text}"
    return answer.json()


async def test_a_recording_becomes_text_and_speakers(http: httpx.AsyncClient) -> None:
    sound = wav(speech(shipped("two_cities.wav"))[: 9 * 16_000])
    files = {"file": ("sample.wav", sound, "audio/wav")}
    heard = (await http.post("/api/audio/transcribe", files=files)).json()
    assert heard["text"].startswith("It was the best of times")
    assert (heard["sampling_rate"], heard["language"]) == (16_000, "en")
    found = (await http.post("/api/diarization/process", files=files)).json()
    assert found["runtime"]["details"]["sample_rate"] == 16_000
    for segment in found["segments"]:
        assert set(segment) == {"speaker", "start", "end"}
        assert isinstance(segment["speaker"], str)
        assert 0 <= segment["start"] < segment["end"] <= 9
    spoken = await http.post("/v1/audio/transcriptions", files=files, data={"model": "whisper-1"})
    assert spoken.json()["text"].startswith("It was the best of times")
    for key, says in (("canary", "POST /api/admin/models/canary/download"), ("pyannote", "/api/diarization/process")):
        absent = await http.post("/v1/audio/transcriptions", files=files, data={"model": key})
        assert absent.status_code == 404 and says in absent.json()["error"]["message"]
    for size in (100, len(sound)):
        wrong = await http.post("/api/audio/transcribe", files={"audio": ("sample.wav", sound[:size], "audio/wav")})
        assert wrong.status_code == 400 and "in the field `file`" in wrong.json()["detail"]


async def test_the_dashboard_has_what_it_shows(http: httpx.AsyncClient) -> None:
    status = await said(http, "/api/admin/status")
    assert {"gpus", "cpu", "memory", "engines", "dependencies"} <= status.keys()
    assert {"version", "cuda_runtime"} <= status["dependencies"]["torch"].keys()
    assert "version" in status["dependencies"]["torchaudio"]
    for engine in status["engines"]:
        assert {"state", "last_error", "device", "progress"} <= engine["runtime"].keys()


@pytest.mark.parametrize(
    ("key", "model"),
    [
        ("qwen", QWEN),
        ("canary", "nvidia/canary-1b-v2"),
        ("pyannote", "pyannote/speaker-diarization-community-1"),
    ],
)
async def test_models_are_moved_by_their_short_names(http: httpx.AsyncClient, key: str, model: str) -> None:
    begun = await said(http, f"/api/admin/models/{key}/download", {"force": True}, 202)
    assert begun["model"] == model
    refused = await said(http, f"/api/admin/models/{key}/load", {"gpu_device_ids": [0]}, 409)
    assert "pip install" in refused["detail"]
    await said(http, f"/api/admin/models/{key}/unload", {}, 202)
    nowhere = await said(http, "/api/admin/models/qwan/load", {}, 404)
    assert key in nowhere["detail"] or key == "qwen"


async def test_the_token_of_the_hub_is_kept_and_never_shown(http: httpx.AsyncClient) -> None:
    where = "/api/admin/huggingface/token"
    assert await said(http, where, {"token": "hf_abcdefgh"}) == {"set": True, "source": "file"}
    assert await said(http, where) == {"set": True, "source": "file"}
    assert (await http.delete(where)).json() == {"set": False, "source": None}


async def test_chat_of_both_dialects(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    asked = {"model": "qwen", "messages": [{"role": "user", "content": "Quel est le runtime CUDA installé ?"}]}
    answer = await said(http, "/v1/chat/completions", asked)
    assert answer["choices"][0]["message"]["content"].endswith("CUDA installé ?")
    assert provider.last()["model"] == QWEN
    assert b"Bearer secret-of-the-cloud" in provider.headers[-1]
    more = {"max_tokens": 800, "temperature": 0.7, "seed": 42, "stream": False, "logprobs": 5}
    answer = await said(http, "/v1/chat/completions", asked | more | {"model": MISTRAL})
    assert len(answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]) == 5
    assert (provider.last()["seed"], provider.last()["max_tokens"]) == (42, 800)
    await said(http, "/v1/chat/completions", asked | {"model": MISTRAL})
    assert provider.last()["max_tokens"] == 500, "the default of this model"
    answer = await said(http, "/v1/completions", {"model": MISTRAL, "prompt": "Bonjour", "max_tokens": 5})
    assert answer["choices"][0]["text"]
    lines = (await http.post("/api/chat", json=asked | {"model": MISTRAL})).text.splitlines()
    assert [msgspec.json.decode(line)["done"] for line in lines][-2:] == [False, True]
    answer = await said(http, "/api/generate", {"model": MISTRAL, "prompt": "Bonjour", "stream": False})
    assert answer["response"] and answer["done"]


async def test_lists_pictures_vectors_ranks_and_health(http: httpx.AsyncClient) -> None:
    served = {each["id"]: each for each in (await said(http, "/v1/models"))["data"]}
    assert (served["qwen"]["root"], served[QWEN]["aliases"]) == (QWEN, ["qwen"])
    kinds = {each["type"] for each in served.values()}
    assert {"text-generation", "text-embeddings-inference", "automatic-speech-recognition"} <= kinds
    assert "text-classification" in kinds
    for path in ("/api/models", "/api/tags"):
        assert MISTRAL in [each["name"] for each in (await said(http, path))["models"]]
    for path in ("/v1/images/generations", "/api/images/generations"):
        picture = await said(http, path, {"prompt": "Un chat jouant du piano"})
        assert base64.b64decode(picture["data"][0]["b64_json"]) == b"Un chat jouant du piano"
    vectors = await said(http, "/v1/embeddings", {"model": "minilm", "input": ["bonjour", "salut"]})
    assert [len(each["embedding"]) for each in vectors["data"]] == [384, 384]
    ranked = await said(http, "/rerank", {"query": "cats", "texts": ["dogs bark", "cats purr"]})
    assert [each["index"] for each in ranked] == [1, 0] and set(ranked[0]) == {"index", "score"}
    for path in ("/health", "/api/health"):
        assert (await said(http, path))["status"] == "alive"
