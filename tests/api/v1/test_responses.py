"""OpenAI's own client uses the responses API over providers that only chat."""

from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import FunctionToolParam, ResponseInputParam

from pipeline.gateway.providers import Provider
from tests.api.v1.conftest import openai_client
from tests.api.v1.front import front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "strict": True,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


async def test_a_text_is_answered(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    said = await client.responses.create(
        model="tiny", input="Hello there", instructions="Be brief.", max_output_tokens=50, temperature=0.5
    )
    assert (said.output_text, said.status, said.model) == ("You said: Hello there", "completed", "tiny")
    assert said.usage is not None and (said.usage.input_tokens, said.usage.output_tokens) == (3, 4)
    assert provider.last() == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello there"}],
        "max_completion_tokens": 50,
        "temperature": 0.5,
    }


async def test_events_are_typed_and_numbered(client: openai.AsyncOpenAI) -> None:
    stream = await client.responses.create(model="tiny", input="Hello there", stream=True)
    events = [event async for event in stream]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        *["response.output_text.delta"] * 4,
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == "You said: Hello there"
    assert last.response.usage is not None and last.response.usage.total_tokens == 7


@pytest.mark.parametrize("is_stream", [False, True])
async def test_functions_are_called(client: openai.AsyncOpenAI, provider: FakeProvider, is_stream: bool) -> None:
    if is_stream:
        async with client.responses.stream(model="tiny", input="Weather?", tools=[WEATHER]) as stream:
            said: Any = await stream.get_final_response()
    else:
        said = await client.responses.create(model="tiny", input="Weather?", tools=[WEATHER], tool_choice="auto")
    (call,) = said.output
    assert (call.type, call.name, call.arguments, call.call_id) == (
        "function_call",
        "weather",
        '{"city":"Paris"}',
        "call_1",
    )
    assert provider.last()["tools"][0]["function"]["strict"] is True
    more: ResponseInputParam = [
        {"role": "user", "content": "Weather?"},
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Paris"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "Sun"},
    ]
    answered = await client.responses.create(model="tiny", input=more, tools=[WEATHER])
    assert answered.output_text == "You said: Sun"
    assert [each["role"] for each in provider.last()["messages"]] == ["user", "assistant", "tool"]


async def test_an_answer_fits_a_schema(client: openai.AsyncOpenAI) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"days": {"type": "integer"}}}
    said = await client.responses.create(
        model="tiny",
        input="How many?",
        text={"format": {"type": "json_schema", "name": "count", "schema": schema, "strict": True}},
    )
    assert said.output_text == '{"days":7}'


async def test_pictures_files_and_log_probabilities_travel(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    said = await client.responses.create(
        model="tiny",
        input=[
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                    {"type": "input_file", "file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"},
                ],
            }
        ],
        include=["message.output_text.logprobs"],
        top_logprobs=1,
    )
    assert [part["type"] for part in provider.last()["messages"][0]["content"]] == ["text", "image_url", "file"]
    message: Any = said.output[0]
    assert message.content[0].logprobs[0].top_logprobs[0].token == "t0"


async def test_a_stream_that_breaks_off_fails(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    provider.dies_after = 3
    stream = await client.responses.create(model="tiny", input="Hello there", stream=True)
    events = [event async for event in stream]
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.error is not None and "broke off" in last.response.error.message


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"background": True},
        {"prompt": {"id": "p"}},
        {"tools": [{"type": "web_search"}]},
        {"tools": [WEATHER], "tool_choice": {"type": "file_search"}},
        {"input": []},
        {"input": 5},
        {"input": [{"type": "item_reference", "id": "x"}]},
        {"input": [{"type": "function_call_output", "output": "x"}]},
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]},
        {"input": [{"role": "user", "content": [5]}]},
        {"input": [{"role": "user"}]},
        {"text": {"format": 5}},
    ],
)
async def test_what_cannot_be_done_is_refused(
    http: httpx.AsyncClient, provider: FakeProvider, more: dict[str, Any]
) -> None:
    answer = await http.post("/v1/responses", json={"model": "tiny", "input": "x", **more})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == next(name for name in reversed(more))
    assert not provider.asked


async def test_a_provider_that_has_the_route_is_asked_as_is(tmp_path: Any) -> None:
    provider = FakeProvider()
    async with (
        provider.running() as url,
        front(tmp_path, [Provider(url=url, responses=True)]) as gateway,
        openai_client(gateway) as client,
    ):
        said = await client.responses.create(model="tiny", input="Hello", previous_response_id="resp_1")
        assert said.output_text == "natively"
        assert provider.asked[-1] == (
            "/v1/responses",
            {"model": "tiny", "input": "Hello", "previous_response_id": "resp_1"},
        )
