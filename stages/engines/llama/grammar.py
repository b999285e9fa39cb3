"""JSON schemas -> grammars that let a model write nothing else; what no grammar can say is refused by name.

Source: JSON Schema 2020-12 (validation); RFC 8259 (JSON); grammars/README.md of llama.cpp (GBNF).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stages.engines.llama.asked import Unfit

DEFS = ("$defs", "definitions")
KEYWORDS: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength", "format"}),
    "integer": frozenset({"minimum"}),
    "number": frozenset({"minimum"}),
    "boolean": frozenset(),
    "null": frozenset(),
}
"""For each type, what a grammar can say of it."""
EVERYWHERE = frozenset({"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", *DEFS})
"""What a grammar can say of any type."""
FREE = frozenset("$schema $id $comment title description default examples deprecated readOnly writeOnly strict".split())
"""Keywords that demand nothing."""
BASE: Mapping[str, str] = {
    "ws": r'| " " | "\n" [ \t]{0,20}',
    "char": r'[^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" code)',
    # The halves of surrogate pairs are left out: alone they are no text.
    "code": "[0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}",
    "natural": '"0" | [1-9] [0-9]{0,15}',
    "integer": '"-"? natural',
    "positive": 'natural ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
    "number": '"-"? positive',
    "string": r'"\"" char* "\""',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "object": '"{" ws (pair (ws "," ws pair)*)? ws "}"',
    "pair": 'string ws ":" ws value',
    "array": '"[" ws (value (ws "," ws value)*)? ws "]"',
    "value": "object | array | string | number | boolean | null",
    "date": r'"\"" day "\""',
    "day": '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])',
    "date-time": r'"\"" day "T" ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? "Z" "\""',
    "uuid": r'"\"" hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12} "\""',
    "hex": "[0-9a-f]",
}
"""Rules of JSON itself."""
FORMATS = ("date", "date-time", "uuid")
"""Formats that are honoured; others are notes, as the standard has it."""


def literal(text: str) -> str:
    """Return a text as a grammar writes it."""
    marks = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
    return '"' + "".join(marks.get(sign, sign) for sign in text) + '"'


class Grammar:
    """Gathers the rules of some schemas."""

    def __init__(self, param: str = "response_format") -> None:
        self._param = param
        self._rules: dict[str, str] = dict(BASE)
        self._named: dict[tuple[int, str], str] = {}
        self._roots: list[Mapping[str, Any]] = []

    def add(self, schema: Mapping[str, Any]) -> str:
        """Take a schema; return the name of its rule.

        Raises:
            Unfit: it says something that no grammar can say.
        """
        self._roots.append(schema)
        return self._resolved("#", len(self._roots) - 1)

    def text(self, root: str) -> str:
        """Return the grammar whose answers are what `root` says."""
        return "\n".join(f"{name} ::= {rule}" for name, rule in {"root": root, **self._rules}.items())

    def _rule(self, body: str) -> str:
        name = f"r{len(self._rules)}"
        self._rules[name] = body
        return name

    def _resolved(self, ref: Any, tree: int) -> str:
        known = self._named.get((tree, str(ref)))
        if known is not None:
            return known
        found: Any = self._roots[tree]
        for step in str(ref).removeprefix("#").strip("/").split("/") if ref != "#" else ():
            found = found.get(step) if isinstance(found, dict) else None
        if not str(ref).startswith("#") or found is None:
            raise Unfit(f"The schema refers to {str(ref)[:80]!r}, which is not in it.", self._param)
        # Named before it is read: it may speak of itself.
        name = self._named[tree, str(ref)] = self._rule("")
        self._rules[name] = self._said(found, tree)
        return name

    def _said(self, schema: Any, tree: int) -> str:
        """Return the right side of the rule of a schema."""
        if schema is True or schema == {}:
            return "value"
        if not isinstance(schema, dict):
            raise Unfit(f"The schema holds {str(schema)[:50]!r} where a schema should be.", self._param)
        kept = {name: value for name, value in schema.items() if name not in FREE and name not in DEFS}
        if "$ref" in kept:
            return self._resolved(kept["$ref"], tree)
        if "const" in kept or "enum" in kept:
            values = [kept["const"]] if "const" in kept else kept["enum"]
            return " | ".join(literal(json.dumps(value, ensure_ascii=False)) for value in values)
        union = next((name for name in ("anyOf", "oneOf", "allOf") if name in kept), None)
        return self._typed(kept, tree) if union is None else self._choice(union, kept, tree)

    def _choice(self, name: str, kept: dict[str, Any], tree: int) -> str:
        parts = kept.pop(name)
        if not parts or not set(kept) <= {"type"} or (name == "allOf" and len(parts) > 1):
            raise Unfit(f"No grammar can say all that the schema means by {name!r} there.", self._param)
        return self._either(parts, tree)

    def _either(self, parts: Sequence[Any], tree: int) -> str:
        return " | ".join(self._rule(self._said(part, tree)) for part in parts)

    def _typed(self, kept: Mapping[str, Any], tree: int) -> str:
        kind = kept.get("type") or self._guessed(kept)
        if isinstance(kind, list):
            return self._either([{**kept, "type": each} for each in kind], tree)
        if kind not in KEYWORDS:
            raise Unfit(f"The schema has an unknown type {str(kind)[:50]!r}.", self._param)
        # A union of types carries the keywords of all of them: only those of this one count.
        alien = set().union(*KEYWORDS.values()) - KEYWORDS[kind]
        unknown = sorted(set(kept) - EVERYWHERE - KEYWORDS[kind] - alien)
        if unknown:
            raise Unfit(f"No grammar can say what the schema means by {unknown[0]!r}. Leave it out.", self._param)
        if kind == "object" and kept.keys() & KEYWORDS["object"]:
            return self._object(kept, tree)
        if kind == "array" and kept.keys() & KEYWORDS["array"]:
            return self._array(kept, tree)
        if kind == "string":
            return self._string(kept)
        return self._number(kind, kept) if kind in ("integer", "number") else str(kind)

    def _guessed(self, kept: Mapping[str, Any]) -> str:
        return next((kind for kind, words in KEYWORDS.items() if kept.keys() & words), "")

    def _string(self, kept: Mapping[str, Any]) -> str:
        if kept.get("format") in FORMATS:
            return str(kept["format"])
        if "minLength" in kept or "maxLength" in kept:
            return rf'"\"" char{_times(kept.get("minLength"), kept.get("maxLength"))} "\""'
        return "string"

    def _number(self, kind: str, kept: Mapping[str, Any]) -> str:
        least = kept.get("minimum")
        if least is None:
            return kind
        if least == 0:
            return "natural" if kind == "integer" else "positive"
        if least == 1 and kind == "integer":
            return "[1-9] [0-9]{0,15}"
        raise Unfit(f"No grammar can say the minimum {least!r} of a number; 0 it can. Leave it out.", self._param)

    def _array(self, kept: Mapping[str, Any], tree: int) -> str:
        item = self._rule(self._said(kept.get("items", True), tree))
        least, most = kept.get("minItems", 0), kept.get("maxItems")
        if most == 0:
            return '"[" ws "]"'
        more = f'(ws "," ws {item}){_times(max(0, least - 1), None if most is None else most - 1)}'
        return f'"[" ws ({item} {more}){"" if least else "?"} ws "]"'

    def _object(self, kept: Mapping[str, Any], tree: int) -> str:
        """Return the rule of an object: its properties in their order, those that may be left out as they please."""
        required, others = kept.get("required", ()), kept.get("additionalProperties", "properties" not in kept)
        # From the last to the first: what follows when something was written before, and when nothing was.
        after, first = '""', '""'
        if others is not False:
            pair = self._rule(f'string ws ":" ws {self._rule(self._said(others, tree))}')
            after, first = f'(ws "," ws {pair})*', f'({pair} (ws "," ws {pair})*)?'
        given = kept.get("properties", {})
        for name, held in reversed({**given, **{name: True for name in required if name not in given}}.items()):
            value = self._rule(self._said(held, tree))
            pair = self._rule(f'{literal(json.dumps(name, ensure_ascii=False))} ws ":" ws {value}')
            rest = self._rule(after)
            needed = name in required
            first = f"{pair} {rest}" if needed else f"({pair} {rest} | {self._rule(first)})"
            after = f'ws "," ws {pair} {rest}' if needed else f'(ws "," ws {pair})? {rest}'
        return f'"{{" ws {first} ws "}}"'


def _times(least: int | None, most: int | None) -> str:
    return f"{{{least or 0},{'' if most is None else most}}}"
