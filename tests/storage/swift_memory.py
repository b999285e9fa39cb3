"""A filter before Swift's door: what it knows of accounts and buckets stays in its memory, as memcached would keep it.

Without one, the door asks the account and the container server anew for each request of an object.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Memory:
    """What Swift asks of `swift.common.memcached.MemcacheRing`."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, float]] = {}

    def get(self, key: str, raise_on_error: bool = False) -> Any:
        """Return what is kept and still holds."""
        value, until = self._kept.get(key, (b"null", 0.0))
        return msgspec.json.decode(value) if time.monotonic() < until else None

    def set(self, key: str, value: Any, *_: Any, time: float = 0.0, **__: Any) -> None:
        """Keep something for so many seconds."""
        self._kept[key] = (msgspec.json.encode(value), _now() + time)

    def delete(self, key: str, *_: Any) -> None:
        """Forget it."""
        self._kept.pop(key, None)


def remembering(*_: Any, **__: Any) -> Callable[[Application], Application]:
    """Return the filter, as Paste wants it."""
    memory = Memory()

    def around(application: Application) -> Application:
        def remembered(environment: dict[str, Any], respond: Any) -> Iterable[bytes]:
            environment["swift.cache"] = memory
            return application(environment, respond)

        return remembered

    return around


def _now() -> float:
    return time.monotonic()
