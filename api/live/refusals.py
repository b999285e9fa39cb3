"""Why a WebSocket ends: what other layers raise -> a code, a sentence, and a close code.

Close codes from 4000 on are ours: 4000 + the HTTP status that would say the same. Source: RFC 6455, section 7.4.
"""

import logging
import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from pipeline.engine_pool import UnknownEngine
from pipeline.live.limits import NotHere, NotLive, TooManyStreams
from pipeline.live.track import Missing, OtherFormat, TakenOver
from pipeline.options import BadSpeakers
from pipeline.templates.shelf import UnknownTemplate
from pipeline.track import NoRoom
from stages.engine_errors import CannotDo, EngineError, LanguageNotSpoken
from stages.media_errors import MediaError
from storage.records import DatabaseAway, NoRecord, Overtaken
from storage.store import StoreAway, StoreFull

NORMAL, UNSUPPORTED, TOO_BIG, BROKEN, RESTART = 1000, 1003, 1009, 1011, 1012
LOG = logging.getLogger("parley.api")


class Refused(Exception):
    """The connection cannot go on as the client wants it to."""

    code, close = "bad_message", 4400

    def __init__(self, told: str, code: str | None = None) -> None:
        super().__init__(told)
        self.code = code or self.code


class NotSound(Refused):
    """A frame of the wrong kind."""

    code, close = "wrong_frame", UNSUPPORTED


class TooBig(Refused):
    """A frame is larger than any recorder sends."""

    code, close = "too_big", TOO_BIG


class Silent(Refused):
    """The client said nothing for too long."""

    code, close = "silent", 4408


class Stopping(Refused):
    """The server stops; the client goes on with the next one."""

    code, close = "restart", RESTART


class Stuck(Exception):
    """The client takes nothing of what it is told."""


class Ending(NamedTuple):
    """How a connection is ended."""

    code: str
    """For programs."""
    message: str
    """For people: what happened, and what to do."""
    close: int
    """Close code."""


KNOWN: Mapping[type[Exception], tuple[str, int]] = {
    NoRecord: ("not_found", 4404),
    NotLive: ("over", 4409),
    TakenOver: ("taken_over", 4409),
    OtherFormat: ("other_format", 4409),
    Missing: ("missing", 4409),
    TooManyStreams: ("too_many", 4429),
    NotHere: ("restart", RESTART),
    Overtaken: ("restart", RESTART),
    BadSpeakers: ("bad_message", 4400),
    UnknownTemplate: ("cannot_do", 4422),
    LanguageNotSpoken: ("cannot_do", 4422),
    CannotDo: ("cannot_do", 4422),
    UnknownEngine: ("cannot_do", 4422),
    EngineError: ("engine_failed", 4503),
    MediaError: ("bad_sound", 4415),
    NoRoom: ("no_room", 4507),
    StoreFull: ("no_room", 4507),
    StoreAway: ("away", 4503),
    DatabaseAway: ("away", 4503),
}


def ending(error: Exception) -> Ending:
    """Return how a connection ends that met an error; what is nobody's fault but ours goes to the log."""
    if isinstance(error, Refused):
        return Ending(error.code, str(error), error.close)
    if isinstance(error, msgspec.DecodeError):
        where = re.sub(r" - at `\$\.?(.*)`$", r" (at \1)", str(error))
        return Ending("bad_message", f"This message makes no sense: {where}.", 4400)
    for kind in type(error).__mro__:
        if kind in KNOWN:
            code, close = KNOWN[kind]
            return Ending(code, str(error), close)
    LOG.error("A live connection broke.", exc_info=error)
    return Ending("broken", "Something broke on the server; its log says more. Connect again.", BROKEN)
