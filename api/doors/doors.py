"""The doors as a whole: `Doors(...)` is a plugin of the application, and `stand_before(app)` puts the front door up."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from litestar import Litestar, Response
from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.plugins import InitPlugin

from api.caller import Caller
from api.doors.body import CheckedRequest
from api.doors.callers import Callers, OpenShare, utc_now
from api.doors.first_key import settle_first_key
from api.doors.front import Front
from api.doors.guards import guard
from api.doors.keyring import KeyRefused, Keyring
from api.doors.routes import ROUTES
from api.doors.settings import DoorSettings
from api.doors.sign_ins import SignIns
from api.errors import AnyRequest, problem
from storage.records import Records


class Doors(InitPlugin):
    """Gives every route a guard, handlers their `caller`, and the application the routes of the doors."""

    def __init__(
        self,
        settings: DoorSettings,
        records: Records,
        open_share: OpenShare,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        """What is configured."""
        self.callers = Callers(records, open_share, clock, now)
        """Knows who is who."""
        self.keyring = Keyring(records, now, self.callers.forget)
        """All keys."""
        self._sign_ins = SignIns(settings, records, self.callers, clock, now)
        self._clock = clock

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add what the doors need to an application."""
        app_config.guards.append(guard)
        app_config.request_class = CheckedRequest
        app_config.dependencies["caller"] = Provide(caller_of, sync_to_thread=False)
        given = {"callers": self.callers, "keyring": self.keyring, "sign_ins": self._sign_ins}
        for name, value in given.items():
            app_config.dependencies[name] = Provide(_always(value), sync_to_thread=False)
        app_config.exception_handlers[KeyRefused] = _on_refused
        app_config.route_handlers.extend(ROUTES)
        app_config.lifespan = [*app_config.lifespan, self._open]
        return app_config

    def stand_before(self, app: Litestar) -> None:
        """Put the front door before an application: nothing reaches it, not even to be not found, but through it."""
        # Not in `on_app_init`: litestar 2.25 takes this one from its constructor, whatever plugins say.
        app.request_max_body_size = self.settings.largest_json
        app.asgi_handler = Front(app.asgi_handler, self.settings, self.callers, self._clock)

    @asynccontextmanager
    async def _open(self, _: Litestar) -> AsyncIterator[None]:
        if self.settings.first_key_file is not None:
            await settle_first_key(self.settings.first_key_file, self.keyring)
        async with self.callers.last_used.writing():
            yield


def caller_of(request: ASGIConnection) -> Caller:  # type: ignore[type-arg]
    """Return who calls; guards let nobody else get so far."""
    caller: Caller = request.scope["user"]
    return caller


def _always(value: object) -> Callable[[], object]:
    return lambda: value


def _on_refused(_: AnyRequest, error: KeyRefused) -> Response[bytes]:
    return problem(409, str(error))
