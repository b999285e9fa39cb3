"""What the server is made of and how it is, looked at no oftener than it changes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import anyio
import anyio.to_thread

from api.admin.shapes import (
    Bytes,
    Dependency,
    EngineDetails,
    EngineRuntime,
    EngineShape,
    OtherServer,
    Status,
    TokenShape,
)
from api.readiness import PartState, Readiness
from api.settings import Settings
from pipeline.doctor.finding import Finding
from pipeline.doctor.gpus import Cards, cards
from pipeline.doctor.look import findings
from pipeline.doctor.machine import cpu, memory
from pipeline.doctor.packages import cuda_runtime
from pipeline.engine_pool import ENGINES, EnginePool
from pipeline.engine_room import EngineRoom, Seat
from stages.hub_token import token_source
from stages.speech import SAMPLE_RATE
from storage.records import RecordError, Records

PACKAGES_SECONDS = 60.0
"""Packages and disks are looked at so seldom; the cards each time, but once a second at most."""
CARDS_SECONDS = 1.0
HEARS = ("vad", "asr", "aligner", "diarizer")


class Statuses:
    """Tells the status of the server."""

    def __init__(
        self, settings: Settings, pool: EnginePool, room: EngineRoom, readiness: Readiness, records: Records
    ) -> None:
        self._records = records
        self._settings, self._pool, self._room, self._readiness = settings, pool, room, readiness
        self._started_at = datetime.now(UTC)
        self._lock = anyio.Lock()
        self._cards: tuple[float, Cards] | None = None
        self._found: tuple[float, Sequence[Finding], str | None] | None = None

    async def look(self) -> Status:
        """Return how things are."""
        async with self._lock:
            seen, found, cuda = await self._look()
        parts = map(_part, (await self._readiness.look()).parts)
        found = sorted([*parts, *found], key=lambda finding: not finding.is_bad)
        return Status(
            version=version("parley"),
            node=self._settings.node,
            others=await self._others(),
            started_at=self._started_at,
            cpu=cpu(),
            memory=memory(),
            gpus=seen.gpus,
            gpu_error=seen.error,
            engines=tuple(engine_of(seat) for seat in self._room.seats()),
            dependencies={finding.name: _dependency(finding, cuda) for finding in found},
            token=token(),
        )

    async def _others(self) -> tuple[OtherServer, ...]:
        """Return who else works on the database; nobody while it is away, which is told among the parts."""
        try:
            nodes = await self._records.nodes()
        except RecordError:
            return ()
        return tuple(
            OtherServer(name=node.name, roles=node.roles, state=node.state, seen_seconds=node.age)
            for node in nodes
            if node.name != self._settings.node
        )

    async def _look(self) -> tuple[Cards, Sequence[Finding], str | None]:
        now = anyio.current_time()
        if self._cards is None or now - self._cards[0] > CARDS_SECONDS:
            self._cards = now, await anyio.to_thread.run_sync(cards)
        seen = self._cards[1]
        if self._found is None or now - self._found[0] > PACKAGES_SECONDS:
            choices = [self._pool.choice(role) for role in ENGINES if self._pool.has(role)]
            found = await anyio.to_thread.run_sync(findings, choices, self._settings.data, seen)
            self._found = now, found, await anyio.to_thread.run_sync(cuda_runtime)
        return seen, self._found[1], self._found[2]


def _part(part: PartState) -> Finding:
    return Finding(
        name=part.name,
        state="ok" if part.ready else "wrong",
        found="answers" if part.ready else None,
        says=part.error or "",
    )


def token() -> TokenShape:
    """Return whether there is a token."""
    source = token_source()
    return TokenShape(source is not None, source)


def engine_of(seat: Seat) -> EngineShape:
    """Return an engine as it is shown."""
    host = seat.host
    card = host.card if host is not None else None
    devices = host.devices if host is not None else ()
    return EngineShape(
        key=seat.name,
        role=seat.role,
        chosen=seat.chosen,
        model=card.model if card else None,
        licence=card.licence if card else None,
        attribution=card.attribution if card else None,
        languages=card.languages if card else (),
        memory=card.memory if card else 0,
        pinned=host is not None and host.pinned,
        idle_unload_seconds=host.idle_unload_seconds if host is not None else None,
        install=seat.install,
        runtime=EngineRuntime(
            state=host.state if host is not None else None,
            device=", ".join(f"cuda:{device}" for device in devices) or "cpu",
            gpu_device_ids=devices,
            busy=host.busy if host is not None else 0,
            progress=Bytes(*host.downloaded) if host is not None and host.state == "downloading" else None,
            last_error=host.last_error if host is not None else seat.error,
            details=EngineDetails(sample_rate=SAMPLE_RATE if seat.role in HEARS else None),
        ),
    )


def _dependency(finding: Finding, cuda: str | None) -> Dependency:
    return Dependency(
        version=finding.found,
        expected=finding.expected,
        state=finding.state,
        needed_for=finding.needed_for,
        says=finding.says,
        command=finding.command,
        cuda_runtime=cuda if finding.name == "torch" else None,
    )
