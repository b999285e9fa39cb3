"""A scripted language model: a real HTTP server on loopback that answers chats as a function says, or misbehaves."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal

import msgspec
from aiohttp import web
from anyio.from_thread import start_blocking_portal

Json = dict[str, Any]
Trick = Literal["hang", "cut", "empty", "garbage", "refuse", "away", "endless"]
"""What it does in place of an answer: nothing; a cut stream; no text; no JSON; 400; 503; text up to the limit."""
Script = Callable[["Asked"], Json | Trick]
LINE = re.compile(r"^(\d+)(?: (S\d+|\?))?: (.*)$")


def pieces(text: str) -> int:
    """Count tokens as the scripted model does: pieces of at most five letters, and signs."""
    return len(re.findall(r"\w{1,5}|[^\w\s]", text))


class Asked(msgspec.Struct):
    """A request, as a script sees it."""

    system: str
    """Instructions."""
    user: str
    """Lines of a transcript, or items."""
    number: int
    """Counts the requests from 1."""

    @property
    def lines(self) -> list[tuple[int, str, str]]:
        """Number, speaker and text of each line."""
        found, speaker = [], "?"
        for row in self.user.splitlines():
            if match := LINE.match(row):
                speaker = match[2] or speaker
                found.append((int(match[1]), speaker, match[3]))
        return found

    @property
    def is_end(self) -> bool:
        """Whether it asks for title and overview."""
        return "overview: at most" in self.system


class Scripted:
    """Its behaviour is set on it."""

    def __init__(self, script: Script, *, count: Callable[[str], int] = pieces) -> None:
        self.script, self.count = script, count
        self.tokenizes = True
        """Whether it has /tokenize."""
        self.reports = True
        """Whether it tells usage."""
        self.reads: int | None = None
        """Tokens that it silently cuts requests to; None reads all."""
        self.refuses_over: int | None = None
        """Tokens of a request and its answer over which it answers 400."""
        self.seconds = 0.0
        """How long an answer takes."""
        self.asked: list[Asked] = []
        """Chats, in order."""
        self.prompt_tokens: list[int] = []
        """Of each chat."""
        self.open = self.most_open = 0
        self.tokenized = 0
        """Requests to /tokenize."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Listen; yields the address."""
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/tokenize", self._tokenize)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    async def _tokenize(self, request: web.Request) -> web.Response:
        if not self.tokenizes:
            raise web.HTTPNotFound
        self.tokenized += 1
        return web.json_response({"count": self.count((await request.json())["prompt"])})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        system, user = (message["content"] for message in body["messages"])
        size = self.count(system + user)
        self.asked.append(Asked(system, user, len(self.asked) + 1))
        self.prompt_tokens.append(size)
        if self.refuses_over is not None and size + body["max_tokens"] > self.refuses_over:
            told = {"error": {"message": f"This model's maximum context length is {self.refuses_over} tokens."}}
            return web.json_response(told, status=400)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            return await self._answer(request, self.asked[-1], size, body["max_tokens"])
        finally:
            self.open -= 1

    async def _answer(self, request: web.Request, asked: Asked, size: int, most: int) -> web.StreamResponse:
        made = self.script(asked)
        await asyncio.sleep(3600 if made == "hang" else self.seconds)
        if made in ("refuse", "away"):
            return web.json_response({"error": {"message": made}}, status=400 if made == "refuse" else 503)
        return await self._stream(request, made, min(size, self.reads or size), most)

    async def _stream(self, request: web.Request, made: Json | Trick, size: int, most: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        text = {"empty": "", "garbage": "I would rather talk about the weather.", "endless": "x " * most}.get(
            made if isinstance(made, str) else "", msgspec.json.encode(made).decode()
        )
        for first in range(0, len(text), 200):
            await _event(response, {"choices": [{"index": 0, "delta": {"content": text[first : first + 200]}}]})
            if made == "cut" or first > 10_000:
                break
        if made == "cut":
            assert request.transport is not None
            request.transport.close()
            return response
        reason = "length" if made == "endless" else "stop"
        await _event(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if self.reports:
            usage = {"prompt_tokens": size, "completion_tokens": self.count(text)}
            await _event(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response


@contextmanager
def in_background(model: Scripted) -> Iterator[tuple[str, Scripted]]:
    """Run a model in a thread, for what has a loop of its own; yields its address."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(model.running()) as address:
        yield address, model


def _event(response: web.StreamResponse, event: Json) -> Awaitable[None]:
    return response.write(b"data: " + msgspec.json.encode(event) + b"\n\n")


def parrot(asked: Asked) -> Json:
    """Note what lines say, in their own words: a decision where "agreed", an action where "I will", a question."""
    if asked.is_end:
        rows = asked.user.splitlines()
        text = rows[0].partition(": ")[2]
        return {"title": text[:60], "overview": [{"text": text, "evidence": [1]}], "withdrawn": []}
    made: Json = {"topics": [], "decisions": [], "actions": [], "questions": [], "withdrawn": []}
    points: list[Json] = [
        {"text": text, "evidence": [number]} for number, _, text in asked.lines if len(text.split()) > 5
    ]
    made["topics"] = [{"title": " ".join(point["text"].split()[:4]), "points": [point]} for point in points[:2]]
    for number, speaker, text in asked.lines:
        if "agreed" in text:
            made["decisions"].append({"text": text, "evidence": [number]})
        elif "I will" in text:
            due = re.search(r"by (\w+day)", text)
            when = due[0] if due else None
            task = {"task": text, "owner": speaker, "due": when, "due_in_english": when, "evidence": [number]}
            made["actions"].append(task)
        elif text.endswith("?"):
            made["questions"].append({"text": text, "evidence": [number]})
    return made
