"""What the control room reads and says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.log_tail import LogLine
from pipeline.doctor.finding import FindingState
from pipeline.doctor.gpus import Gpu
from pipeline.doctor.machine import Cpu, Memory
from pipeline.engine_pool import Role
from stages.engine import State
from storage.rows import MeetingState, NodeState, StageRow

Device = Annotated[int, Meta(ge=0, le=1023)]


class Bytes(msgspec.Struct, frozen=True):
    """How far a download is."""

    done: int
    """Bytes that are here."""
    total: int | None
    """Bytes in all; null before it is known."""


class EngineDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What else is known of a loaded engine."""

    sample_rate: int | None
    """Samples per second that it hears; null for an engine without ears."""


class EngineRuntime(msgspec.Struct, frozen=True, kw_only=True):
    """How an engine is now."""

    state: State | None
    """Where it is in its life; null where it cannot be made at all. One on_disk is loaded when it is first needed."""
    device: str
    """cpu, or cuda:0 and so on."""
    gpu_device_ids: tuple[int, ...]
    """GPUs that it is on, or will be; none means the CPU."""
    busy: int
    """Calls under way or waiting."""
    progress: Bytes | None
    """Of its download; null while there is none."""
    last_error: str | None
    """What went wrong last and what to do; null where nothing did."""
    details: EngineDetails
    """What else is known."""


class EngineShape(msgspec.Struct, frozen=True, kw_only=True):
    """An engine that could serve a role."""

    key: str
    """Its name, as the routes take it."""
    role: Role
    """What it does."""
    chosen: bool
    """Whether the role is its."""
    model: str | None
    """Model id, as its authors publish it; null where the engine cannot be made."""
    licence: str | None
    """Of the weights."""
    attribution: str | None
    """Whom to name."""
    languages: tuple[str, ...]
    """ISO 639-1 codes; empty where language does not matter."""
    memory: int
    """Bytes it takes when loaded, as measured; 0 if unknown."""
    pinned: bool
    """Whether it stays loaded when idle."""
    idle_unload_seconds: float | None
    """When it is unloaded for want of work; null for never."""
    install: str | None
    """Command that installs the packages it lacks; null where it lacks none."""
    runtime: EngineRuntime
    """How it is now."""


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that the server rests on, as it is and as it should be."""

    version: str | None
    """Version, size or place; null where there is none."""
    expected: str | None
    """What it should be; null where anything does."""
    state: FindingState
    """`unused`: it is not there, and nothing that is configured needs it."""
    needed_for: str
    """Who needs it."""
    says: str
    """What is wrong, in a sentence; empty where nothing is."""
    command: str
    """What mends it; empty where no command does."""
    cuda_runtime: str | None = None
    """For torch: CUDA release that it was built for; null for a CPU."""


class TokenShape(msgspec.Struct, frozen=True):
    """Whether there is a Hugging Face token; it is never given back."""

    set: bool
    """Whether there is one."""
    source: Literal["environment", "file"] | None
    """Where it comes from; the environment comes first."""


class OtherServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server on the same database, whose engines are its own: `?node=` with its name moves them."""

    name: str
    """Unique."""
    roles: tuple[str, ...]
    """Of api, engines, jobs."""
    state: NodeState
    """A draining one takes nothing more."""
    seen_seconds: float
    """Since it last said that it lives; after 12 it is taken for dead."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the server is."""

    version: str
    """Of Parley."""
    node: str
    """Name of this server, whose machine, engines and log these are."""
    others: tuple[OtherServer, ...]
    """Servers that share the database, by name; with `?node=` one of them tells of itself."""
    started_at: datetime
    """UTC."""
    cpu: Cpu
    """The processor."""
    memory: Memory
    """Memory."""
    gpus: tuple[Gpu, ...]
    """NVIDIA cards; none on a machine without."""
    gpu_error: str | None
    """Why the driver does not answer; null where it does, and where there is none."""
    engines: tuple[EngineShape, ...]
    """All engines of every role, the one that serves it first."""
    dependencies: Mapping[str, Dependency]
    """By name, what wants mending first."""
    token: TokenShape
    """For models that are not everybody's."""


class DownloadWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to download."""

    force: bool = False
    """Fetch what is here as well."""


class LoadWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to load."""

    gpu_device_ids: Annotated[tuple[Device, ...], Meta(max_length=64)] | None = None
    """GPU numbers; empty means the CPU, null leaves them as they are."""
    pin: bool | None = None
    """Keep it loaded when idle; null leaves that as it is."""


class TokenWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token for the hub of models."""

    token: Annotated[str, Meta(min_length=8, max_length=400, pattern=r"^[\x21-\x7e]+$")]
    """As the hub gave it."""


class JobShape(msgspec.Struct, frozen=True, kw_only=True):
    """Work on a meeting that has not come to its end."""

    meeting: str
    """Its id."""
    owner: str
    """Whose it is."""
    state: Literal["live", "running", "waiting"]
    """`live`: people speak; its work begins when they are done."""
    here: bool
    """Whether this server works on it."""
    created_at: datetime
    """UTC."""
    duration: float | None
    """Seconds of sound; null before it is known."""
    size: int | None
    """Bytes of the recording as it was sent; null where none was sent."""
    stages: tuple[StageRow, ...]
    """How far each stage is, in plan order."""


class JobList(msgspec.Struct, frozen=True):
    """What is worked on and what waits."""

    items: tuple[JobShape, ...]
    """What runs first, then by age."""


class Cancelled(msgspec.Struct, frozen=True):
    """A job that was ended."""

    meeting: str
    """Its meeting."""
    state: MeetingState
    """`failed`: it can be run again."""


class Log(msgspec.Struct, frozen=True):
    """The last lines of the log."""

    lines: tuple[LogLine, ...]
    """Oldest first."""
