"""What a model writes to call tools: a grammar that makes it do so, and the calls read out of its text."""

import json
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from stages.engines.llama.asked import ChatAsked, ChosenTool, Tool, Unfit
from stages.engines.llama.grammar import Grammar, literal
from stages.engines.llama.prompt import Template

OPEN, CLOSE = "<tool_call>", "</tool_call>"
"""Marks of a call in most templates (Hermes, Qwen); others have it as bare JSON (Llama)."""


class Call(NamedTuple):
    """A call of a tool."""

    id: str
    """By which its result is given back."""
    name: str
    """What is called."""
    arguments: str
    """JSON."""

    def said(self, index: int | None = None) -> dict[str, Any]:
        """Return it as OpenAI's clients read it; `index` in chunks only."""
        place = {} if index is None else {"index": index}
        function = {"name": self.name, "arguments": self.arguments}
        return {**place, "id": self.id, "type": "function", "function": function}


class Calls:
    """How one chat calls its tools: by the marks of the template, or as bare JSON."""

    def __init__(self, template: Template, asked: ChatAsked) -> None:
        self._tools = {tool.function.name: tool for tool in asked.tools}
        if not template.knows_tools:
            raise Unfit("The chat template of this model has no place for tools. Ask another model.", "tools")
        self._is_marked = OPEN in template.source
        self._key = "parameters" if '"parameters": ' in template.source and not self._is_marked else "arguments"
        self._choice = asked.tool_choice
        self._is_one = not asked.parallel_tool_calls or not self._is_marked
        self._held = ""

    @property
    def must(self) -> bool:
        """Return whether a tool has to be called."""
        return self._choice == "required" or isinstance(self._choice, ChosenTool)

    def grammar(self) -> str:
        """Return the grammar of nothing but calls. Raises `Unfit`."""
        grammar = Grammar("tools")
        call = " | ".join(self._call_rule(grammar, tool) for tool in self._allowed())
        if not self._is_marked:
            return grammar.text(call)
        one = rf'{literal(OPEN)} "\n" ({call}) "\n" {literal(CLOSE)}'
        return grammar.text(one if self._is_one else rf'{one} ("\n" {one})*')

    def feed(self, text: str) -> str:
        """Take what the model writes; return what is no part of a call, as far as that is known."""
        self._held += text
        if self.must:
            return ""
        if not self._is_marked:
            if self._held.lstrip()[:1] in ("", "{"):
                return ""
            free, self._held = self._held, ""
            return free
        cut = self._held.find(OPEN)
        if cut < 0:
            cut = next(
                (len(self._held) - n for n in range(len(OPEN) - 1, 0, -1) if self._held.endswith(OPEN[:n])),
                len(self._held),
            )
        free, self._held = self._held[:cut], self._held[cut:]
        return free

    def end(self) -> tuple[str, list[Call]]:
        """Return the text that was no call after all, and the calls."""
        held, self._held = self._held, ""
        pieces = held.split(OPEN) if self._is_marked else ["", held]
        found = [self._read(piece.partition(CLOSE)[0]) for piece in pieces[1:]]
        calls = [call for call in found if call is not None]
        if not calls or len(calls) < len(found):
            return held, []
        return pieces[0], calls[:1] if self._is_one else calls

    def _allowed(self) -> Sequence[Tool]:
        if not isinstance(self._choice, ChosenTool):
            return list(self._tools.values())
        name = self._choice.function.name
        if name not in self._tools:
            raise Unfit(f"The field tool_choice names {name[:80]!r}, which is not among the tools.", "tool_choice")
        return [self._tools[name]]

    def _call_rule(self, grammar: Grammar, tool: Tool) -> str:
        schema = tool.function.parameters or {"type": "object", "additionalProperties": False}
        name, key = (json.dumps(text, ensure_ascii=False) for text in (tool.function.name, self._key))
        begins = literal('{"name": ' + name + ", " + key + ": ")
        return f'{begins} {grammar.add(schema)} "}}"'

    def _read(self, text: str) -> Call | None:
        try:
            said = msgspec.json.decode(text.strip(), type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            return None
        arguments = said.get(self._key, said.get("arguments", {}))
        if said.get("name") not in self._tools or not isinstance(arguments, dict):
            return None
        id = f"call_{secrets.token_hex(12)}"
        return Call(id, said["name"], json.dumps(arguments, ensure_ascii=False))
