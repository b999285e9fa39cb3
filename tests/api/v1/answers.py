"""What the fake provider answers: true to the shapes of the dialects, with texts that tests can foretell."""

import base64
import math
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

MODEL = "tiny"
CREATED = 1_780_000_000


def words_of(body: dict[str, Any]) -> list[str]:
    """Return the words of a chat's answer."""
    if "prompt" in body:
        said = body["prompt"] if isinstance(body["prompt"], str) else "tokens"
    else:
        content = body["messages"][-1].get("content") or ""
        said = content if isinstance(content, str) else " ".join(part.get("text", part["type"]) for part in content)
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        return [msgspec.json.encode(example(form["json_schema"]["schema"])).decode()]
    if form.get("type") == "json_object":
        return ['{"said": true}']
    limit = body.get("max_tokens") or body.get("max_completion_tokens") or 1000
    return f"You said: {said}".split()[:limit]


def example(schema: dict[str, Any]) -> Any:
    """Return something that fits a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: example(each) for name, each in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example(schema["items"])]
    return {"string": "Paris", "integer": 7, "number": 0.5, "boolean": True}.get(schema.get("type", "string"))


def tool_calls(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calls of a chat with tools: one, unless the answer of a tool is there already."""
    if not body.get("tools") or body.get("tool_choice") == "none" or body["messages"][-1]["role"] == "tool":
        return []
    function = body["tools"][0]["function"]
    arguments = msgspec.json.encode(example(function.get("parameters", {}))).decode()
    return [{"id": "call_1", "type": "function", "function": {"name": function["name"], "arguments": arguments}}]


def usage(body: dict[str, Any]) -> dict[str, int]:
    """Return the tokens of a chat: three read, and one for each word."""
    written = len(words_of(body)) * (body.get("n") or 1)
    return {"prompt_tokens": 3, "completion_tokens": written, "total_tokens": 3 + written}


def logprobs(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the log probabilities of a chat's answer."""
    if body.get("logprobs") is not True:
        return None
    top = [{"token": f"t{rank}", "logprob": -float(rank), "bytes": None} for rank in range(body.get("top_logprobs", 0))]
    content = [{"token": word, "logprob": -0.5, "bytes": None, "top_logprobs": top} for word in words_of(body)]
    return {"content": content, "refusal": None}


def chat(body: dict[str, Any]) -> dict[str, Any]:
    """Return a whole chat completion."""
    calls = tool_calls(body)
    message: dict[str, Any] = {"role": "assistant", "content": None if calls else " ".join(words_of(body))}
    message |= {"refusal": None} | ({"tool_calls": calls} if calls else {})
    choices = [
        {
            "index": index,
            "message": message,
            "logprobs": logprobs(body),
            "finish_reason": "tool_calls" if calls else "stop",
        }
        for index in range(body.get("n") or 1)
    ]
    return _head(body, "chat.completion") | {"choices": choices, "usage": usage(body)}


def chat_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of a streamed chat completion."""
    head = _head(body, "chat.completion.chunk")
    counts = bool((body.get("stream_options") or {}).get("include_usage"))
    if counts:
        head |= {"usage": None}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return head | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}

    yield chunk({"role": "assistant", "content": ""})
    calls = tool_calls(body)
    for index, call in enumerate(calls):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        yield chunk({"tool_calls": [{"index": index, **call, "function": {"name": name, "arguments": ""}}]})
        for part in (arguments[:4], arguments[4:]):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    if not calls:
        for number, word in enumerate(words_of(body)):
            yield chunk({"content": f" {word}" if number else word})
    yield chunk({}, "tool_calls" if calls else "stop")
    if counts:
        yield head | {"choices": [], "usage": usage(body)}


def completion(body: dict[str, Any]) -> dict[str, Any]:
    """Return a whole text completion."""
    choice = {"index": 0, "text": " ".join(words_of(body)), "logprobs": None, "finish_reason": "stop"}
    return _head(body, "text_completion") | {"choices": [choice], "usage": usage(body)}


def completion_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of a streamed text completion."""
    for word in words_of(body):
        # Others say null here; OpenAI's own client, where it is strict, does not take that.
        choice = {"index": 0, "text": f"{word} ", "logprobs": None, "finish_reason": "stop"}
        yield _head(body, "text_completion") | {"choices": [choice]}


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """Return vectors of three dimensions that tell how long each text is."""
    given = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vectors = [[float(len(text)), 1.0, 0.0] for text in given]
    packed = body.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(struct.pack("<3f", *vector)).decode() if packed else vector,
        }
        for index, vector in enumerate(vectors)
    ]
    return {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": 5, "total_tokens": 5}}


def scores(query: str, texts: list[str]) -> list[float]:
    """Return for each text the share of its letters that the query has."""
    return [len(set(query) & set(text)) / max(1, len(set(text))) for text in texts]


def tei_rerank(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what TEI returns, best first."""
    found = [{"index": index, "score": score} for index, score in enumerate(scores(body["query"], body["texts"]))]
    return sorted(found, key=lambda each: -each["score"])


def rerank(body: dict[str, Any]) -> dict[str, Any]:
    """Return what Jina and vLLM return."""
    found = scores(body["query"], body["documents"])
    results = [{"index": index, "relevance_score": score} for index, score in enumerate(found)]
    return {
        "id": "r1",
        "results": sorted(results, key=lambda each: -each["relevance_score"]),
        "usage": {"total_tokens": 9},
    }


def response(body: dict[str, Any]) -> dict[str, Any]:
    """Return a response, as a provider that has that route makes it."""
    part = {"type": "output_text", "text": "natively", "annotations": []}
    message = {"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": [part]}
    head = {"id": "resp_2", "object": "response", "created_at": CREATED, "model": body["model"], "tools": []}
    return {**head, "output": [message], "parallel_tool_calls": True, "tool_choice": "auto", "status": "completed"}


def image(body: dict[str, Any]) -> dict[str, Any]:
    """Return a picture."""
    return {"created": CREATED, "data": [{"b64_json": base64.b64encode(body["prompt"].encode()).decode()}]}


def ollama_chat(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the lines of Ollama's own chat."""
    head = {"model": body["model"], "created_at": "2026-03-01T12:00:00Z"}
    for word in f"Llama heard: {body['messages'][-1]['content']}".split():
        yield head | {"message": {"role": "assistant", "content": word + " "}, "done": False}
    yield head | {
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "total_duration": 5,
        "load_duration": 1,
        "prompt_eval_count": 3,
        "prompt_eval_duration": 1,
        "eval_count": 4,
        "eval_duration": 1,
    }


def listing(models: list[str]) -> dict[str, Any]:
    """Return what /v1/models lists."""
    data = [
        {"id": id, "object": "model", "created": CREATED, "owned_by": "fake", "max_model_len": 8192} for id in models
    ]
    return {"object": "list", "data": data}


def _head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "c-" + format(math.floor(CREATED), "x"), "object": kind, "created": CREATED, "model": body["model"]}
