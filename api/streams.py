"""An async generator -> an answer that is sent as fast as the client takes it, and closed when the client goes."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Send

from api.doors.watch import SignedOut

LOG = logging.getLogger("parley.api")


class ClosingStream(ASGIStreamingResponse):
    """Closes its generator before it returns, whatever ended it: no file, listener or query stays open."""

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send blocks until they end or the client goes."""
        blocks = self.iterator
        assert isinstance(blocks, AsyncGenerator)
        async with aclosing(blocks), anyio.create_task_group() as tasks:
            tasks.start_soon(_watch, tasks.cancel_scope, receive)
            try:
                await self._stream(send)
            except SignedOut:
                raise
            except Exception:
                # The status was sent long ago: all that the client will see is that the answer breaks off.
                LOG.exception("An answer broke off.")
                raise
            tasks.cancel_scope.cancel()


async def _watch(scope: anyio.CancelScope, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
