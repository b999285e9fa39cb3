"""Texts become vectors, by the embedded engine or by a provider."""

import math
from typing import Any

import numpy as np
import openai
import pytest

from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio


async def vectors(client: openai.AsyncOpenAI, given: Any, **more: Any) -> list[list[float]]:
    said = await client.embeddings.create(model="minilm", input=given, **{"encoding_format": "float", **more})
    return [each.embedding for each in said.data]


async def test_the_four_forms_are_the_same(client: openai.AsyncOpenAI) -> None:
    (text,) = await vectors(client, "hello world")
    assert len(text) == 384
    assert math.isclose(sum(x * x for x in text), 1, abs_tol=1e-5)
    for form in (["hello world"], [7592, 2088], [[7592, 2088]]):
        (same,) = await vectors(client, form)
        np.testing.assert_allclose(same, text, atol=1e-6)


async def test_order_is_kept_and_tokens_are_counted(client: openai.AsyncOpenAI) -> None:
    said = await client.embeddings.create(
        model="minilm", input=["hello", "hello world", "goodbye"], encoding_format="float"
    )
    assert [each.index for each in said.data] == [0, 1, 2]
    assert said.usage.prompt_tokens == said.usage.total_tokens == 4
    alone = await vectors(client, "goodbye")
    np.testing.assert_allclose(said.data[2].embedding, alone[0], atol=1e-5)


async def test_either_encoding_says_the_same(client: openai.AsyncOpenAI) -> None:
    floats = await vectors(client, "hello", encoding_format="float")
    # By default the client asks for base64; where it is strict, it refuses that before it has unpacked it.
    async with openai.AsyncOpenAI(base_url=client.base_url, api_key="none") as by_default:
        packed = await by_default.embeddings.create(model="minilm", input="hello")
    np.testing.assert_allclose(packed.data[0].embedding, floats[0], atol=1e-6)


async def test_fewer_dimensions_are_of_unit_length(client: openai.AsyncOpenAI) -> None:
    (whole,), (short,) = await vectors(client, "hello"), await vectors(client, "hello", dimensions=64)
    assert len(short) == 64
    np.testing.assert_allclose(short, np.array(whole[:64]) / np.linalg.norm(whole[:64]), atol=1e-6)
    for wrong in (0, -1, 385):
        with pytest.raises(openai.BadRequestError, match="1 to 384") as refused:
            await vectors(client, "hello", dimensions=wrong)
        assert refused.value.param == "dimensions"


async def test_all_of_a_long_text_counts(client: openai.AsyncOpenAI) -> None:
    beginning = "The budget was approved by the board. " * 40
    plain, other = await vectors(client, [beginning, beginning + "Cats sleep all day long on the warm sofa. " * 40])
    (cats,) = await vectors(client, "Cats sleep on the sofa.")
    assert np.dot(other, cats) > np.dot(plain, cats) + 0.2
    assert math.isclose(np.linalg.norm(other), 1, abs_tol=1e-5)


@pytest.mark.parametrize(
    "given", ["", [], [""], ["a", 5], [["a"]], [5, "a"], [[]], [30_522], [-1], [[1, 99_999]], {"a": 1}, None, 5, [None]]
)
async def test_what_is_no_input_is_refused(client: openai.AsyncOpenAI, given: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        await client.post("/embeddings", body={"model": "minilm", "input": given}, cast_to=object)


async def test_a_provider_embeds(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    said = await client.embeddings.create(model="tiny-embed", input=["four", "seven77"], encoding_format="float")
    assert [each.embedding[0] for each in said.data] == [4.0, 7.0]
    assert provider.last()["encoding_format"] == "float"
