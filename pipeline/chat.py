"""The gateway's language models as stages ask them: over the same providers, limits of concurrency, and counting."""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import msgspec

from pipeline.chat_answer import answer_of
from pipeline.gateway.attempt import Call, attempt
from pipeline.gateway.errors import GatewayError, NothingServes
from pipeline.gateway.providers import ModelType
from pipeline.gateway.record import Record
from pipeline.gateway.route import Route
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.target import Member
from pipeline.payer import PAYER, keep_within_budget
from stages.engine_errors import EngineError
from stages.write.chat import Chat, ChatAway, ChatError, Message, NoChat, Reply

WRITES: tuple[ModelType, ...] = ("text-generation", "image-text-to-text")
"""Models that write text."""
PATH = "/v1/chat/completions"
WINDOW = 8192
"""Tokens where nobody says how many a model reads."""
QUEUE_SECONDS = 3600.0
"""How long a part waits for a turn at a provider that takes one request at a time: others of the meeting go first."""
COUNTERS = ("vllm", "openai", "engine")
"""Kinds of providers that may count tokens at /tokenize: vLLM's and llama.cpp's servers, and engines of ours."""


class _Tokenized(msgspec.Struct):
    count: int | None = None
    tokens: list[Any] | None = None
    max_model_len: int | None = None


class GatewayChats:
    """`Chats` over the gateway."""

    def __init__(
        self, board: Switchboard, model: str | None = None, window: int | None = None, patience: float = 600.0
    ) -> None:
        self._board, self._model, self._window, self._patience = board, model, window, patience

    async def chat(self, model: str | None) -> Chat:
        """Return a model; None takes the configured one, else the first that writes text.

        Raises:
            NoChat: there is none, or whoever pays has spent its budget.
        """
        name = model or self._model
        try:
            route = await (self._board.find(name, *WRITES) if name else self._first())
            keep_within_budget(self._board, route)
        except NothingServes as error:
            raise NoChat(str(error), wanted=name is not None) from error
        except GatewayError as error:
            raise NoChat(str(error), wanted=True) from error
        return GatewayChat(self._board, route, self._window, self._patience)

    async def _first(self) -> Route:
        try:
            return await self._board.first(WRITES[0])
        except NothingServes:
            return await self._board.first(WRITES[1])


class GatewayChat:
    """One model of the gateway."""

    def __init__(self, board: Switchboard, route: Route, window: int | None, patience: float) -> None:
        self._board, self._route, self._patience = board, route, patience
        self.name = route.id
        self.window = window or route.offer.max_context_length or WINDOW
        self._is_window_set = window is not None
        self._counts = all(member.target.kind in COUNTERS for member in route.members)

    async def count(self, text: str) -> int | None:
        """Ask the model's server; one that cannot tell is not asked again."""
        if not self._counts:
            return None
        try:
            found = await self._counted(text)
        except (GatewayError, EngineError):
            found = None
        self._counts = found is not None
        return found

    async def _counted(self, text: str) -> int | None:
        def asked(member: Member) -> tuple[str, bytes]:
            # vLLM reads `prompt`, llama.cpp `content`; each leaves the other aside.
            fields = {"model": member.model, "prompt": text, "content": text, "add_special_tokens": False}
            return "/tokenize", msgspec.json.encode(fields)

        call = await attempt(self._route, asked, QUEUE_SECONDS)
        try:
            return self._tokens(call)
        finally:
            call.close()

    def _tokens(self, call: Call) -> int | None:
        """Read what /tokenize says; None where there is no such route."""
        if call.answer.status != 200:
            return None
        try:
            found = msgspec.json.decode(call.first, type=_Tokenized)
        except msgspec.DecodeError:
            return None
        if found.max_model_len and not self._is_window_set:
            self.window = found.max_model_len
        if found.count is not None:
            return found.count
        return len(found.tokens) if found.tokens is not None else None

    async def ask(self, messages: Sequence[Message], schema: Mapping[str, Any], most: int) -> Reply:
        """Have it answer; the answer comes as a stream, so that a proxy or a silent provider ends nothing."""
        record = Record(path="summary", caller=PAYER.get(), model=self.name, stream=True, outcome="failed")
        try:
            with anyio.fail_after(self._patience):
                reply = await self._reply(record, messages, schema, most)
        except TimeoutError as error:
            raise ChatAway(f"{self.name} did not end its answer within {self._patience:.0f} s.") from error
        except GatewayError as error:
            raise ChatAway(f"{self.name} did not answer: {error}") from error
        except ChatError:
            raise
        except EngineError as error:
            raise ChatError(str(error)) from error
        finally:
            self._board.finish(record)
        return reply

    async def _reply(self, record: Record, messages: Sequence[Message], schema: Mapping[str, Any], most: int) -> Reply:
        form = {"type": "json_schema", "json_schema": {"name": "minutes", "schema": schema, "strict": True}}
        fields = {"messages": messages, "response_format": form, "max_tokens": most, "temperature": 0, "stream": True}

        def asked(member: Member) -> tuple[str, bytes]:
            usage = {"stream_options": {"include_usage": True}} if member.target.counts_streams else {}
            return PATH, msgspec.json.encode({"model": member.model, **fields, **usage})

        call = await attempt(self._route, asked, QUEUE_SECONDS)
        try:
            record.provider, record.status = call.member.target.name, call.answer.status
            reply = await answer_of(call, self.name)
        finally:
            call.close()
        record.outcome = "answered"
        record.prompt_tokens, record.completion_tokens = reply.read or 0, reply.written or 0
        return reply
