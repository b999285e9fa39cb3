"""An async generator -> an answer that is sent as fast as the client takes it, and closed when the client goes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import anyio
from litestar.response.streaming import ASGIStreamingResponse, Stream
from litestar.types import Receive, Send


class _ClosingResponse(ASGIStreamingResponse):
    """Closes its generator before it returns, whatever ended it."""

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send blocks until they end or the client goes."""
        generator = self.iterator
        assert isinstance(generator, AsyncGenerator)
        async with aclosing(generator), anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, tasks.cancel_scope, receive)
            await self._stream(send)
            tasks.cancel_scope.cancel()

    async def _watch(self, scope: anyio.CancelScope, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()


class ClosingStream(Stream):
    """A stream that leaves nothing open behind it."""

    def __init__(self, content: AsyncGenerator[bytes, None], **kept: Any) -> None:
        super().__init__(content, **kept)
