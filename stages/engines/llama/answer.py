"""A request -> its answer, told to a listener: chats and texts, one after another."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stages.chat import EVENTS, JSON, ChatPath, Listener
from stages.engines.llama.asked import Asked, ChatAsked, TextAsked, Unfit, read
from stages.engines.llama.grammar import Grammar
from stages.engines.llama.model import Model
from stages.engines.llama.prompt import Template
from stages.engines.llama.shapes import Choice, Form, Shape, usage_of
from stages.engines.llama.tools import Calls
from stages.engines.llama.write import Likely, Writing


class Work(NamedTuple):
    """What is to be written."""

    form: Form
    """A chat or a text."""
    asked: Asked
    """How."""
    prompts: Sequence[Sequence[int]]
    """After what, as tokens."""
    echoes: Sequence[str]
    """What each answer begins with; empty texts where that is nothing."""
    others: int | None
    """How many others are looked at with each token; None for no log probabilities."""
    shows: bool
    """Whether the answer tells them."""
    grammar: str | None
    """What may be written; None for anything."""
    tries: int
    """Answers for each prompt, of which the likeliest `n` are given."""
    most: int | None
    """Tokens of an answer; None for as many as there is room for."""


def answer(model: Model, template: Template | None, name: str, path: ChatPath, body: bytes, told: Listener) -> None:
    """Answer a request.

    Raises:
        Unfit: it cannot be honoured; nothing was told then.
        Stopped: it was broken off.
        EngineError: llama.cpp failed.
    """
    calls: Calls | None = None
    if path == "/v1/completions":
        work = _text(model, read(body, TextAsked))
    else:
        chat = read(body, ChatAsked)
        work, calls = _chat(model, template, chat)
    for prompt in work.prompts:
        _check_room(model, len(prompt))
    asked = work.asked
    tells = bool(asked.stream_options.include_usage)
    shape = Shape(work.form, name, uuid.uuid4().hex, is_stream=asked.stream, tells_usage=tells)
    taking = _Taking(model, work, shape, told, calls)
    if asked.stream:
        taking.stream()
    else:
        taking.whole()


class _Taking:
    """One request being answered."""

    def __init__(self, model: Model, work: Work, shape: Shape, told: Listener, calls: Calls | None) -> None:
        self.model, self.work, self.shape, self.told, self.calls = model, work, shape, told, calls
        self.written = 0

    def stream(self) -> None:
        for number, index in self._each():
            choice = Choice(self.work.form, index)
            pieces = self._pieces(number, index, choice)
            if not index:
                self.told.begin(200, EVENTS)
            if self.work.form == "chat":
                self.told.part(self.shape.event(choice.first()))
            for text, tokens in pieces:
                if text or tokens or choice.reason:
                    self.told.part(self.shape.event(choice.chunk(text, tokens)))
        self.told.part(self.shape.last(self._usage()))
        self.told.end()

    def whole(self) -> None:
        made: dict[int, list[Choice]] = {}
        for number, index in self._each():
            choice = Choice(self.work.form, index)
            for _ in self._pieces(number, index, choice):
                pass
            made.setdefault(number, []).append(choice)
        best = [choice for each in made.values() for choice in self._best(each)]
        for index, choice in enumerate(best):
            choice.index = index
        self.told.begin(200, JSON)
        self.told.part(self.shape.whole(best, self._usage()))
        self.told.end()

    def _each(self) -> Iterator[tuple[int, int]]:
        """Yield the number of the prompt and of the answer."""
        for number in range(len(self.work.prompts)):
            for place in range(self.work.tries):
                yield number, number * self.work.tries + place

    def _pieces(self, number: int, index: int, choice: Choice) -> Iterator[tuple[str, Sequence[Likely]]]:
        work, prompt = self.work, self.work.prompts[number]
        writing = Writing(self.model, work.asked, index, work.others, work.grammar)
        return self._written(writing, prompt, choice, work.echoes[number])

    def _written(
        self, writing: Writing, prompt: Sequence[int], choice: Choice, echo: str
    ) -> Iterator[tuple[str, Sequence[Likely]]]:
        """Yield texts with their tokens, and note them in the choice, which also hears of the end."""
        room = self.model.window - len(prompt)
        if echo:
            choice.add(echo, (), is_likely=self.work.shows)
            yield echo, ()
        for piece in writing.pieces(prompt, min(self.work.most or room, room)):
            text = piece.text if self.calls is None else self.calls.feed(piece.text)
            if piece.reason is not None:
                choice.reason = piece.reason
                text += self._calls_of(choice)
            choice.add(text, piece.tokens, is_likely=self.work.shows)
            yield text, piece.tokens
        self.written += writing.count
        choice.logprob = writing.logprob / max(1, writing.count)

    def _calls_of(self, choice: Choice) -> str:
        if self.calls is None:
            return ""
        text, choice.calls = self.calls.end()
        if choice.calls:
            choice.reason = "tool_calls"
        return text

    def _best(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        if self.work.tries == self.work.asked.n:
            return choices
        return sorted(choices, key=lambda choice: -choice.logprob)[: self.work.asked.n]

    def _usage(self) -> Mapping[str, int]:
        return usage_of(sum(len(prompt) for prompt in self.work.prompts), self.written)


def _chat(model: Model, template: Template | None, asked: ChatAsked) -> tuple[Work, Calls | None]:
    if template is None:
        raise Unfit("This model has no chat template: it completes texts only, at /v1/completions.", "messages")
    calls = Calls(template, asked) if asked.tools and asked.tool_choice != "none" else None
    grammar = calls.grammar() if calls is not None and calls.must else _grammar(asked)
    if calls is not None and not calls.must and grammar is not None:
        raise Unfit("An answer that fits a schema calls no tools. Ask for one of the two.", "response_format")
    if asked.tool_choice not in ("none", "auto") and not asked.tools:
        raise Unfit("The field tool_choice asks for a tool, and there are none.", "tool_choice")
    prompt = template.prompt(asked)
    begins = not (template.begin and prompt.startswith(template.begin))
    tokens = model.tokens(prompt, begins=begins, special=True)
    others = asked.top_logprobs if asked.logprobs else None
    most = asked.max_completion_tokens or asked.max_tokens
    return Work("chat", asked, [tokens], [""], others, asked.logprobs, grammar, asked.n, most), calls


def _text(model: Model, asked: TextAsked) -> Work:
    given: list[Any] = [asked.prompt] if isinstance(asked.prompt, str) else asked.prompt
    if given and all(isinstance(each, int) for each in given):
        given = [given]
    prompts = [model.tokens(each) if isinstance(each, str) else each for each in given if not isinstance(each, int)]
    if len(prompts) != len(given) or not all(prompts):
        raise Unfit("The field prompt is empty, or mixes texts and tokens.", "prompt")
    if any(not 0 <= token < model.size for each in prompts for token in each):
        raise Unfit(f"The field prompt holds tokens that there are not; there are {model.size}.", "prompt")
    tries = max(asked.n, asked.best_of or 1)
    if asked.stream and tries > asked.n:
        raise Unfit("A stream cannot wait for the best of several. Leave best_of out.", "best_of")
    if asked.echo and asked.logprobs is not None:
        raise Unfit("The log probabilities of a prompt are not told. Leave echo or logprobs out.", "echo")
    shows = asked.logprobs is not None
    others = asked.logprobs if shows or tries == asked.n else 0
    echoes = [_written(model, prompt, each) if asked.echo else "" for prompt, each in zip(prompts, given, strict=True)]
    return Work("text", asked, prompts, echoes, others, shows, None, tries, asked.max_tokens)


def _written(model: Model, tokens: Sequence[int], given: str | int | Sequence[int]) -> str:
    return given if isinstance(given, str) else b"".join(map(model.piece, tokens)).decode(errors="replace")


def _grammar(asked: ChatAsked) -> str | None:
    kind = asked.response_format.type
    if kind == "text":
        return None
    grammar = Grammar()
    schema = asked.response_format.json_schema
    if kind == "json_schema" and schema is None:
        raise Unfit("The field response_format names no json_schema.", "response_format")
    return grammar.text(grammar.add((schema and schema.schema) or {"type": "object"}))


def _check_room(model: Model, length: int) -> None:
    if length >= model.window:
        raise Unfit(
            f"The model's window is {model.window} tokens, and the prompt alone has {length}. Shorten it.",
            "messages",
            "context_length_exceeded",
        )
