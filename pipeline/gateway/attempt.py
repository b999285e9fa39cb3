"""A request -> the answer of the first member of a route that gives one; others are asked only where that is safe.

Safe is: it could not be reached, it went away before the first byte of an answer, or it said that it is too busy or
away (429, 502, 503). A model's answer has no effect beside itself, so a request that broke off may be sent again.
Nothing is asked again after the first streamed byte, after a silence, or after any other status.
"""

from collections.abc import Callable

from pipeline.gateway.answer import Answer
from pipeline.gateway.errors import ProviderDied, ProviderRefused, ProvidersAway, ProviderSilent
from pipeline.gateway.route import Route
from pipeline.gateway.slots import NoSlot, first_free
from pipeline.gateway.target import Body, Member

BUSY = frozenset({429, 502, 503})
"""What a provider says that is too busy, or whose own server is away."""
UNWELCOME = frozenset({301, 302, 303, 307, 308, 401, 403, 407})
"""What a provider says that does not know our key, or lies elsewhere: no fault of the caller."""
STREAMS = ("text/event-stream", "application/x-ndjson")

Ask = Callable[[Member], tuple[str, Body]]
"""For a member, the path and the body that it is asked with."""


class Call:
    """An answer under way, its first bytes at hand; whoever has it closes it."""

    def __init__(self, member: Member, answer: Answer) -> None:
        self.member = member
        """Who answers."""
        self.answer = answer
        """The answer; what `first` holds was taken from it."""
        self.first = b""
        """All of it, or of a stream the first block."""
        self._is_open = True

    @property
    def is_stream(self) -> bool:
        """Return whether more follows `first`."""
        return self.answer.status == 200 and self.answer.media_type.startswith(STREAMS)

    async def begin(self) -> None:
        """Wait for the first bytes. Raises like `Answer.block`."""
        if not self.is_stream:
            self.first = await self.answer.read()
            return
        self.first = await self.answer.block()
        if not self.first:
            raise ProviderDied(f"The provider {self.member.target.name} broke off before it answered.")

    def close(self) -> None:
        """Let go of the answer, and of the place at the provider."""
        if self._is_open:
            self._is_open = False
            self.answer.close()
            self.member.target.slots.release()


class _Failed(Exception):
    """A member did not do; the next one may."""


async def attempt(route: Route, ask: Ask, queue_seconds: float, media_type: str = "application/json") -> Call:
    """Ask the members of a route until one answers.

    Raises:
        ProvidersAway: none could be reached or had time.
        ProviderSilent: one sent nothing for too long.
        ProviderRefused: none accepts us.
        BadBody: the request makes no sense to an engine of ours.
    """
    return await _Attempt(route, ask, queue_seconds, media_type).run()


class _Attempt:
    def __init__(self, route: Route, ask: Ask, queue_seconds: float, media_type: str) -> None:
        self.route, self.ask = route, ask
        self.queue_seconds, self.media_type = queue_seconds, media_type
        self.left = list(route.order())
        self.has_tried_again = False
        self.refusal: Call | None = None
        self.cause: BaseException | None = None

    async def run(self) -> Call:
        while self._someone_is_well():
            member = await self._place()
            self.left.remove(member)
            if not member.target.breaker.admits():
                member.target.slots.release()
                continue
            try:
                return await self._call(member)
            except _Failed as failed:
                self.cause = failed.__cause__ or self.cause
        if self.refusal is not None:
            return self.refusal
        if isinstance(self.cause, ProviderRefused):
            raise self.cause
        raise self._away("cannot be reached") from self.cause

    def _someone_is_well(self) -> bool:
        return any(not member.target.breaker.seconds_left() for member in self.left)

    async def _place(self) -> Member:
        """Return the first member that is well, with a place taken at it."""
        well = [member for member in self.left if not member.target.breaker.seconds_left()]
        try:
            return await first_free([(member.target.slots, member) for member in well], self.queue_seconds)
        except NoSlot as error:
            raise self._away("are busy") from error

    async def _call(self, member: Member) -> Call:
        target = member.target
        call: Call | None = None
        try:
            path, body = self.ask(member)
            call = Call(member, await target.open(path, body, self.media_type))
            await call.begin()
        except ProviderDied as error:
            _drop(member, call)
            target.breaker.failed()
            if not self.left and not self.has_tried_again:
                # A kept connection may have been closed by the other side at this very moment.
                self.has_tried_again = True
                self.left.append(member)
            raise _Failed from error
        except BaseException as error:
            _drop(member, call)
            if isinstance(error, ProviderSilent):
                target.breaker.failed()
            raise
        self._judge(call)
        return call

    def _judge(self, call: Call) -> None:
        """Raise `_Failed` if somebody else should be asked."""
        breaker, status = call.member.target.breaker, call.answer.status
        if status in UNWELCOME:
            call.close()
            name = call.member.target.name
            raise _Failed from ProviderRefused(f"The provider {name} does not accept this server's key or address.")
        if status not in BUSY:
            breaker.succeeded()
            return
        if status == 429:
            breaker.succeeded()
        else:
            breaker.failed()
        pause = call.answer.retry_after
        call.close()
        if pause is not None and len(self.route.members) > 1:
            breaker.pause(pause)
        self.refusal = call
        raise _Failed

    def _away(self, why: str) -> ProvidersAway:
        seconds = min((member.target.breaker.seconds_left() for member in self.route.members), default=0.0)
        return ProvidersAway(f"The providers of {self.route.id!r} {why}. Try again shortly.", max(1.0, seconds))


def _drop(member: Member, call: Call | None) -> None:
    if call is not None:
        call.close()
    else:
        member.target.slots.release()
