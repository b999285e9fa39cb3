"""Notifications of PostgreSQL -> the followers of this process."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql

from storage.database.driver_errors import mapped
from storage.database.followers import Followers
from storage.records import DatabaseAway, RecordError

CHANNEL = "parley"
"""One for all meetings: to listen to each on its own would interrupt the listening."""
QUIET_SECONDS = 30.0
"""After so long without a notification, the server is asked whether it is still there."""
PAUSES_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Between tries to connect; the last one from then on."""


def written(meeting: str, message: bytes | None) -> str:
    """Write a notification: the meeting, and the message after a line break."""
    return meeting if message is None else f"{meeting}\n{message.decode()}"


class Listener:
    """One connection that all followers of this process share. It comes back when it is lost.

    What was told meanwhile is lost; all followers are woken, so that they find the events added meanwhile.
    """

    def __init__(
        self, parameters: Mapping[str, Any], where: str, followers: Followers, password: Callable[[], str | None]
    ) -> None:
        self._parameters, self._password = parameters, password
        self._where = where
        self._followers = followers
        self._task: asyncio.Task[None] | None = None
        self._listens: asyncio.Future[None] | None = None
        """Done when notifications arrive, or when the try to connect that is under way has failed."""

    async def listening(self) -> None:
        """Return once notifications arrive, for which the first caller makes the connection.

        Raises:
            DatabaseAway: the server cannot be reached.
        """
        if self._task is None or self._listens is None or self._task.done():
            self._listens = asyncio.Future()
            self._task = asyncio.create_task(self._keep_listening(self._listens), name="listen to PostgreSQL")
        await asyncio.shield(self._listens)

    async def close(self) -> None:
        """Give the connection back."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _keep_listening(self, listens: asyncio.Future[None]) -> None:
        tries = 0
        try:
            while True:
                try:
                    with mapped(self._where):
                        await self._listen(listens)
                except RecordError as error:
                    tries = 0 if listens.done() else tries + 1
                    self._listens, lost = asyncio.Future(), listens
                    _fail(lost, DatabaseAway(str(error)))
                    listens = self._listens
                await asyncio.sleep(PAUSES_SECONDS[min(tries, len(PAUSES_SECONDS) - 1)])
        finally:
            reason = f"The database at {self._where} is not listened to any more."
            _fail(listens, DatabaseAway(reason))
            self._followers.fail(reason)

    async def _listen(self, listens: asyncio.Future[None]) -> None:
        """Pass on notifications until the connection is lost."""
        known = {"password": password} if (password := self._password()) is not None else {}
        async with await AsyncConnection.connect(**{**self._parameters, **known}, autocommit=True) as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._followers.wake_all()
            listens.set_result(None)
            while True:
                async for notification in connection.notifies(timeout=QUIET_SECONDS):
                    self._pass_on(notification)
                await connection.execute("SELECT 1")

    def _pass_on(self, notification: psycopg.Notify) -> None:
        meeting, line_break, message = notification.payload.partition("\n")
        if line_break:
            self._followers.tell(meeting, message.encode())
        else:
            self._followers.wake(meeting)


def _fail(listens: asyncio.Future[None], error: DatabaseAway) -> None:
    if not listens.done():
        listens.set_exception(error)
        listens.exception()  # that nobody waits for it is no reason to warn
