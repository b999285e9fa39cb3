"""What is to be made of a meeting: the user's options, and which stages were asked for again."""

from collections.abc import Mapping
from typing import Any, Self

import msgspec

from pipeline.options import Options
from pipeline.trace import Origin, origin
from storage.rows import MeetingRow


class Order(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a meeting with the run that they belong to: what `MeetingRow.options` holds."""

    run: int = 1
    """Counts how often work on the meeting was ordered; a job of an earlier run stops."""
    takes: Mapping[str, int] = {}
    """Stage -> how often it was asked for again: part of its recipe, so it and all that rests on it are made again."""
    sound: str = ""
    """What names the sound: SHA-256 of an upload in hex, `live-` and its meeting for live sound; empty for none."""

    origin: Origin = Origin()
    """Which request ordered it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the original, in hex; empty where it is not known."""
        return "" if self.sound.startswith("live-") else self.sound

    @classmethod
    def of(cls, row: MeetingRow) -> Self:
        """Return what was ordered of a meeting."""
        return msgspec.convert(row.options, cls)

    def kept(self) -> Mapping[str, Any]:
        """Return the order as a row keeps it, defaults left out."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        plain: dict[str, Any] = msgspec.to_builtins(type(self)())
        return {name: value for name, value in made.items() if value != plain[name]}

    def asked(self, **changes: Any) -> Options:
        """Return what the user asked for, with some of it changed."""
        return Options(**({name: getattr(self, name) for name in Options.__struct_fields__} | changes))

    def again(self, stage: str | None, options: Options | None = None) -> Self:
        """Return the next run: with other options, and a stage made again even if nothing else changed."""
        takes = {**self.takes, stage: self.takes.get(stage, 0) + 1} if stage is not None else self.takes
        asked = {name: getattr(options, name) for name in Options.__struct_fields__} if options is not None else {}
        return msgspec.structs.replace(self, run=self.run + 1, takes=takes, origin=origin(), **asked)
