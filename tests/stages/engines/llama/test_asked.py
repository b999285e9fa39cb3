"""Bodies are read strictly: what cannot be honoured is named, what changes nothing is passed over."""

import msgspec
import pytest

from stages.engines.llama.asked import ChatAsked, TextAsked, Unfit, read

HELLO = [{"role": "user", "content": "Hello"}]


def chat(**more: object) -> ChatAsked:
    return read(msgspec.json.encode({"messages": HELLO, **more}), ChatAsked)


def test_what_says_nothing_is_passed_over() -> None:
    asked = chat(model="x", user="ann", metadata={"a": "b"}, store=False, seed=None, modalities=["text"], n=2)
    assert (asked.n, asked.seed, asked.stream) == (2, None, False)


def test_stops_are_a_list() -> None:
    assert chat(stop="END").stops == ["END"]
    assert chat(stop=["", "a", "b"]).stops == ["a", "b"]


def test_biases_are_by_number() -> None:
    assert chat(logit_bias={"5": -100}).logit_bias == {5: -100}


@pytest.mark.parametrize(
    ("more", "param", "message"),
    [
        ({"colour": "red"}, "colour", "cannot honour the field colour"),
        ({"audio": {"voice": "x"}}, "audio", "cannot honour"),
        ({"temperature": 3}, "temperature", "<= 2"),
        ({"n": 0}, "n", ">= 1"),
        ({"max_tokens": "many"}, "max_tokens", "Expected 'int"),
        ({"messages": []}, "messages", "length >= 1"),
        ({"messages": "Hello"}, "messages", "Expected 'array'"),
        ({"response_format": {"type": "xml"}}, "response_format", "Invalid enum value 'xml'"),
        ({"tools": [{"type": "web_search"}]}, "tools", "tools"),
        ({"logit_bias": {"x": 1}}, "logit_bias", "Expected 'int'"),
    ],
)
def test_what_is_wrong_is_named(more: dict[str, object], param: str, message: str) -> None:
    with pytest.raises(Unfit, match=message) as refused:
        chat(**more)
    assert refused.value.param == param


def test_a_field_that_is_needed_is_named() -> None:
    with pytest.raises(Unfit) as refused:
        read(b'{"model": "x"}', TextAsked)
    assert refused.value.param == "prompt"


def test_no_json_is_refused() -> None:
    for body in (b"[" * 100_000, b'{"prompt": "\xff"}', b"7", b""):
        with pytest.raises(Unfit):
            read(body, TextAsked)
