"""An endpoint -> an ASGI application: who asks, how errors are told, what is counted."""

import asyncio
import itertools
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from api.caller import Caller
from api.v1.errors import Told, told
from api.v1.exchange import Exchange, Left, Receive, Scope, Send
from pipeline.gateway.attempt import Ask, Call
from pipeline.gateway.body import Fields, fields_of
from pipeline.gateway.providers import ModelType
from pipeline.gateway.route import Route
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.target import Body, Member

START, NUMBERS = secrets.token_hex(6).encode(), itertools.count(1)
"""What ids of requests are made of."""
Door = Callable[[Scope], Caller | None]
"""Who sent a request, as whoever stands before the application has found out: a look into the scope."""
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def from_scope(scope: Scope) -> Caller | None:
    """Return whom the doors have let in."""
    caller: Caller | None = scope.get("user")
    return caller


class Request(NamedTuple):
    """A request for a model."""

    exchange: Exchange
    """The request and its answer."""
    body: bytes
    """As it came."""
    fields: Fields
    """Its parts."""
    board: Switchboard
    """Who serves what."""

    async def model(self, name: str, *types: ModelType) -> Route:
        """Return the model of a name, if the caller may use it now.

        Raises:
            GatewayError: there is none, it does something else, or the caller's key has used up what it may.
        """
        return self.admitted(await self.board.find(name, *types))

    def admitted(self, route: Route) -> Route:
        """Return a model, if the caller may use it now. Raises `LimitReached`."""
        record = self.exchange.record
        record.model = route.id
        if record.caller is not None:
            self.board.admit(record.caller, route)
        return route

    @asynccontextmanager
    async def call(self, route: Route, ask: Ask, media_type: str = "application/json") -> AsyncIterator[Call]:
        """Ask for an answer, and let go of it in the end or as soon as the client goes away.

        Raises:
            GatewayError: nobody answers.
            Left: the client went away.
        """
        record = self.exchange.record

        def noted(member: Member) -> tuple[str, Body]:
            record.provider = member.target.name
            return ask(member)

        with self.exchange.while_here():
            call = await self.board.ask(route, noted, media_type)
            try:
                yield call
            finally:
                call.close()


Endpoint = Callable[[Request], Awaitable[None]]
"""Answers a request."""
Tell = Callable[[Told], bytes]
"""An error -> the body that the clients of a dialect read."""


class PostApp(ABC):
    """An ASGI application that answers POST: errors in the shape of its dialect, every request counted."""

    def __init__(self, board: Switchboard, tell: Tell = Told.body, door: Door = from_scope) -> None:
        self._board, self._tell, self._door = board, tell, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        exchange = Exchange(scope, receive, send, self._door(scope))
        exchange.headers.append((b"x-request-id", b"%s-%d" % (START, next(NUMBERS))))
        record = exchange.record
        try:
            if scope["method"] != "POST":
                await exchange.answer(405, self._tell(NOT_POST), headers=[(b"allow", b"POST")])
                return
            await self._answer(exchange)
        except Left:
            record.outcome, record.status = "left", record.status or 499
        except asyncio.CancelledError:
            record.outcome = "left"
            raise
        except ConnectionAbortedError:
            # The doors have cut the answer: the key was revoked in the middle of it.
            record.outcome = "broke off"
            raise
        except Exception as error:  # noqa: BLE001 - everything is mapped to what the client is told
            await self._refuse(exchange, error)
        finally:
            self._board.finish(record)

    @abstractmethod
    async def _answer(self, exchange: Exchange) -> None:
        """Read the request and answer it; what is raised is told to the client."""

    async def _refuse(self, exchange: Exchange, error: Exception) -> None:
        said = told(error)
        if exchange.has_begun:
            # Too late for another status: the connection is cut, which a client takes for what it is.
            exchange.record.outcome = "broke off"
            raise error
        exchange.record.outcome = "failed" if exchange.record.provider else "refused"
        await exchange.answer(said.status, self._tell(said), headers=said.headers)


class EndpointApp(PostApp):
    """An ASGI application with one endpoint: POST, JSON in, JSON or a stream out."""

    def __init__(self, endpoint: Endpoint, board: Switchboard, tell: Tell = Told.body, door: Door = from_scope) -> None:
        super().__init__(board, tell, door)
        self._endpoint = endpoint

    async def _answer(self, exchange: Exchange) -> None:
        body = await exchange.body(self._board.settings.largest_body)
        await self._endpoint(Request(exchange, body, fields_of(body), self._board))


NOT_POST = Told(405, "This address takes POST only.", "method_not_allowed")
