"""What grammars say of schemas; that models keep to them is shown with a real one in tests/models."""

from typing import Any

import pytest

from stages.engines.llama.asked import Unfit
from stages.engines.llama.grammar import Grammar, literal


def rules(schema: dict[str, Any]) -> str:
    grammar = Grammar()
    return grammar.text(grammar.add(schema))


def test_every_rule_that_is_used_is_there() -> None:
    text = rules({"type": "object", "properties": {"a": {"type": "array", "items": {"$ref": "#"}}, "b": True}})
    made = {line.partition(" ::= ")[0] for line in text.splitlines()}
    assert "root" in made
    assert not [line for line in text.splitlines() if line.endswith("::= ")], "an empty rule would swallow the next"


def test_text_is_written_as_grammars_have_it() -> None:
    assert literal('a"\\\n') == r'"a\"\\\n"'


def test_values_that_are_named_are_the_only_ones() -> None:
    assert r'"\"red\"" | "7" | "null"' in rules({"enum": ["red", 7, None]})


def test_definitions_may_speak_of_themselves() -> None:
    tree = {
        "$ref": "#/$defs/Node",
        "$defs": {"Node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {}]}}}},
    }
    assert rules(tree)


def test_two_schemas_keep_their_definitions_apart() -> None:
    grammar = Grammar()
    one = grammar.add({"$ref": "#/$defs/X", "$defs": {"X": {"type": "integer"}}})
    other = grammar.add({"$ref": "#/$defs/X", "$defs": {"X": {"type": "null"}}})
    assert one != other


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"type": "string", "pattern": "a+"}, "'pattern'"),
        ({"type": "number", "minimum": 7}, "minimum 7"),
        ({"type": "integer", "maximum": 7}, "'maximum'"),
        ({"not": {"type": "null"}}, "unknown type|'not'"),
        ({"type": "array", "uniqueItems": True}, "'uniqueItems'"),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, "'allOf'"),
        ({"$ref": "https://example.com/schema"}, "refers to"),
        ({"$ref": "#/$defs/none"}, "refers to"),
        ({"type": "colour"}, "unknown type 'colour'"),
        ({"properties": {"a": 7}}, "where a schema should be"),
    ],
)
def test_what_no_grammar_can_say_is_named(schema: dict[str, Any], word: str) -> None:
    with pytest.raises(Unfit, match=word) as refused:
        rules(schema)
    assert refused.value.param == "response_format"
