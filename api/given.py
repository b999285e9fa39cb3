"""What handlers are given by name, whatever their address: `meetings: TheMeetings`."""

from pathlib import Path
from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.caller import Caller
from api.goodbye import Goodbye
from api.meter import Meter
from api.readiness import Readiness
from pipeline.at_once import AtOnce
from pipeline.engine_pool import EnginePool
from pipeline.live.registry import LiveMeetings
from pipeline.meetings import Meetings
from pipeline.templates.shelf import Shelf
from pipeline.webhooks.hooks import Hooks
from pipeline.webhooks.queue import Deliveries
from storage.records import Records

TheCaller: TypeAlias = NamedDependency[Caller]
TheLive: TypeAlias = NamedDependency[SkipValidation[LiveMeetings]]
TheMeetings: TypeAlias = NamedDependency[SkipValidation[Meetings]]
TheRecords: TypeAlias = NamedDependency[SkipValidation[Records]]
TheShelf: TypeAlias = NamedDependency[SkipValidation[Shelf]]
ThePool: TypeAlias = NamedDependency[SkipValidation[EnginePool]]
TheAtOnce: TypeAlias = NamedDependency[SkipValidation[AtOnce]]
TheReadiness: TypeAlias = NamedDependency[SkipValidation[Readiness]]
TheHooks: TypeAlias = NamedDependency[SkipValidation[Hooks]]
TheDeliveries: TypeAlias = NamedDependency[SkipValidation[Deliveries]]
TheMeter: TypeAlias = NamedDependency[SkipValidation[Meter]]
Closing: TypeAlias = NamedDependency[SkipValidation[Goodbye]]
"""Set when the server is about to stop."""
ScratchFolder: TypeAlias = NamedDependency[SkipValidation[Path]]
WebFolder: TypeAlias = NamedDependency[SkipValidation[Path]]
LargestUpload: TypeAlias = NamedDependency[SkipValidation[int]]
"""Bytes of a recording that is accepted."""
