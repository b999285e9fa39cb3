"""A chat engine of ours as somebody who can be asked: it speaks /v1 like any provider."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from pipeline.gateway.answer import Made
from pipeline.gateway.body import decoded
from pipeline.gateway.breaker import Breaker
from pipeline.gateway.errors import ProviderDied
from pipeline.gateway.providers import ModelType
from pipeline.gateway.slots import Slots
from pipeline.gateway.target import Body, Member, Offer
from stages.chat import ChatEngine, ChatPath
from stages.engine import EngineHost
from stages.engine_errors import CannotDo, EngineDied, EngineError

TOKENIZE = "/tokenize"
"""Where it counts the tokens of a text, as vLLM's own server does."""


class ChatTarget:
    """A `Target`: the engine of a host, loaded when it is first asked."""

    kind: Literal["engine"] = "engine"
    counts_streams = True
    speaks_responses = False

    def __init__(self, host: EngineHost[ChatEngine]) -> None:
        self._host = host
        self.name = host.card.engine
        self.slots: Slots[Member] = Slots(host.engine.together)
        self.breaker = Breaker()
        self._under_way: set[asyncio.Task[None]] = set()
        self._lets_go = False

    async def open(self, path: str, body: Body, media_type: str = "application/json") -> "ChatAnswer | Made":
        """Ask it.

        Raises:
            EngineError: it cannot be loaded, with the reason.
            ProviderDied: it broke before it said anything.
        """
        if path == TOKENIZE:
            assert isinstance(body, bytes)
            count = await self._host.call(_count, decoded(body, _Counted).prompt)
            return Made(msgspec.json.encode({"count": count, "max_model_len": self._host.engine.window}))
        if path not in ("/v1/chat/completions", "/v1/completions"):
            raise CannotDo(f"The engine {self.name} does not answer {path}; it chats and completes texts.")
        assert isinstance(body, bytes)
        self._lets_go = False
        answer = ChatAnswer(self.name)
        task = asyncio.create_task(self._work(path, body, answer), name=f"{self.name} answers")  # type: ignore[arg-type]
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await answer.begun()
        except BaseException:
            answer.close()
            raise
        return answer

    def let_go(self) -> None:
        """Have the engine give its memory back as soon as nobody uses it, unless somebody asks it something before."""
        self._lets_go = True
        self._host.unload_idle()

    async def offers(self) -> Sequence[Offer]:
        """Return what it serves."""
        return [self.offer()]

    def offer(self) -> Offer:
        """Return what it serves."""
        card = self._host.card
        does: ModelType = "image-text-to-text" if "vision" in card.capabilities else "text-generation"
        return Offer(id=card.model, type=does, max_context_length=self._host.engine.window)

    async def _work(self, path: ChatPath, body: bytes, answer: "ChatAnswer") -> None:
        """Have a request answered, by an engine that is loaded again if it has died since the last one."""
        try:
            try:
                await self._answered(path, body, answer)
            except EngineDied:
                await self._answered(path, body, answer)
        except EngineError as error:
            answer.fail(error)
        except Exception as error:  # noqa: BLE001 - whoever waits for the answer is told
            answer.fail(EngineError(f"The engine {self.name} cannot be used: {type(error).__name__}: {error}"))
        if self._lets_go:
            self._host.unload_idle()

    async def _answered(self, path: ChatPath, body: bytes, answer: "ChatAnswer") -> None:
        """The engine stays loaded until the answer has really ended."""
        async with self._host.in_use() as engine:
            if not answer.is_closed:
                answer.stop = engine.start(path, body, answer)
                await answer.ended.wait()


class _Counted(msgspec.Struct):
    prompt: str


def _count(engine: ChatEngine, text: str) -> int:
    return engine.count(text)


class ChatAnswer:
    """An `Answer` as it comes from an engine, whose `Listener` it is."""

    retry_after = None

    def __init__(self, name: str) -> None:
        self.name = name
        """The engine's name."""
        self.status = 0
        self.media_type = ""
        self.ended = asyncio.Event()
        """Set when the engine says nothing more."""
        self.stop: Callable[[], None] = lambda: None
        """Breaks the engine off."""
        self.is_closed = False
        """Whether nobody waits for it any more."""
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        # Never more than the window of a model: no reader is so slow that this is much.
        self._blocks: list[bytes] = []
        self._error: EngineError | None = None

    def begin(self, status: int, media_type: str) -> None:
        """Hear that it begins."""
        self._tell(self._begin, status, media_type)

    def part(self, block: bytes) -> None:
        """Take a part."""
        self._tell(self._blocks_add, block)

    def end(self, error: EngineError | None = None) -> None:
        """Hear that it is over."""
        self._tell(self._end, error)

    def fail(self, error: EngineError) -> None:
        """End before the engine said anything."""
        self._end(error)

    async def begun(self) -> None:
        """Wait for the status.

        Raises:
            EngineError: the engine could not be used.
            ProviderDied: it broke before it said anything.
        """
        await self._news.wait()
        if self._error is not None and not self.status:
            raise self._error
        if not self.status:
            raise ProviderDied(f"The engine {self.name} ended without an answer.")

    async def read(self) -> bytes:
        """Return everything."""
        await self.ended.wait()
        return self._taken()

    async def block(self) -> bytes:
        """Return what came next; empty at the end."""
        if not self._blocks and not self.ended.is_set():
            self._news.clear()
            await self._news.wait()
        return self._taken()

    def close(self) -> None:
        """Let go of it at once."""
        self.is_closed = True
        self.stop()

    def _taken(self) -> bytes:
        taken, self._blocks = b"".join(self._blocks), []
        if not taken and self._error is not None:
            raise ProviderDied(f"The engine {self.name} broke off: {self._error}") from self._error
        return taken

    def _begin(self, status: int, media_type: str) -> None:
        self.status, self.media_type = status, media_type
        self._news.set()

    def _blocks_add(self, block: bytes) -> None:
        self._blocks.append(block)
        self._news.set()

    def _end(self, error: EngineError | None) -> None:
        self._error = error
        self.ended.set()
        self._news.set()

    def _tell(self, work: Callable[..., None], *args: Any) -> None:
        # A loop that has ended has nobody who listens.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work, *args)
