"""parley.toml and environment -> settings."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from api.doors.settings import DoorSettings
from api.logs import LogSettings, OtelSettings
from pipeline.engine_pool import Choice, Role
from pipeline.gateway.providers import BadProvider, Gateway, Model, Provider, named, one_line
from pipeline.keeping import Keeping
from pipeline.live.limits import LiveLimits
from pipeline.live.publications import IceServer, WebrtcSettings
from pipeline.nodes import ROLES, NodeRole
from pipeline.summary_settings import SummarySettings
from pipeline.templates.shelf import BadTemplate, read_folder
from pipeline.webhooks.shape import WebhookSettings

PREFIX = "PARLEY_"
"""Environment variables with this prefix are settings; `__` steps into a table: PARLEY_ENGINES__ASR__ENGINE.

A name with `__FILE` behind it names a file that holds the value: PARLEY_DATABASE__FILE=/run/secrets/database.
"""

NO_SETTINGS = ("PARLEY_CONFIG", "PARLEY_KEY", "PARLEY_NO_SKIPS", "PARLEY_BENCH_AUDIO")
"""Variables with the prefix that are for others."""


class SettingsError(ValueError):
    """The configuration says something that Parley does not understand."""


def _data() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "parley"


class Engines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which engine serves each role; absent roles take the embedded default."""

    vad: Choice | None = None
    """Finds speech."""
    asr: Choice | None = None
    """Turns speech into words."""
    aligner: Choice | None = None
    """Times words where the ASR engine gives no times."""
    diarizer: Choice | None = None
    """Tells speakers apart."""
    embed: Choice | None = None
    """Turns texts into vectors."""
    chat: Choice | None = None
    """Writes text, in this process: `llama_cpp` or `vllm`; absent means nobody, unless `chat` or a provider is named.

    Options of `llama_cpp`: `file` (a GGUF file or a folder with one) or `model` (id at the hub) with `wanted` (which of
    its files, as a pattern), `window` (tokens, 8192), `threads`, `gpu_layers` (-1 for all on `preferred_device_ids`).
    Of `vllm`: `model` (Qwen3-VL) or `folder`, `window` (8192; 32768 where it fits), `memory_share` (of each GPU,
    0.9), `beside_gib` (less of it, for others; 4 for each engine that prefers the same GPU), `cache_gib`, `pictures`
    (of one request), `media_domains`, `together`.
    """

    def choices(self) -> dict[Role, Choice]:
        """Return what is configured, by role."""
        found: dict[Role, Choice | None] = {
            "vad": self.vad,
            "asr": self.asr,
            "aligner": self.aligner,
            "diarizer": self.diarizer,
            "embed": self.embed,
            "chat": self.chat,
        }
        return {role: choice for role, choice in found.items() if choice is not None}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be configured, with its default."""

    data: Path = msgspec.field(default_factory=_data)
    """Folder for artifacts, database and scratch files: `parley` in $XDG_DATA_HOME, else in ~/.local/share."""
    host: str = "127.0.0.1"
    """Address to listen on; anything but loopback needs API keys."""
    port: int = 8000
    """TCP port to listen on."""
    store: str = ""
    """Artifact store: a folder, or s3://bucket?endpoint=...; empty means `artifacts` in the data folder."""
    store_access_key: str | None = None
    """Access key of an S3 store; None takes $AWS_ACCESS_KEY_ID."""
    store_secret_key: str | None = None
    """Secret key of an S3 store; None takes $AWS_SECRET_ACCESS_KEY."""
    database: str = ""
    """SQLAlchemy URL; empty means SQLite in the data folder."""
    jobs: str = ""
    """Queue of jobs: sqlite:////folder/jobs.db or postgresql://...; empty means beside the database."""
    jobs_together: int = 2
    """Meetings that a server works on at once; servers that share a queue agree on the last one's."""
    roles: tuple[NodeRole, ...] = ROLES
    """What this server does: `api` (routes, page, live meetings with their captions), `jobs` (takes meetings from the
    queue), `engines` (works on them with its engines, and serves these under /v1). All three on one machine."""
    node: str = ""
    """Name of this server, which no other has; empty takes one that is kept in the data folder."""
    address: str = ""
    """Where other servers on the database reach this one, as http://worker-1:8000; empty takes where it listens, by the
    machine's name where that is everywhere."""
    drain_seconds: float = 20.0
    """Told to stop by SIGTERM, a server takes nothing more, and lets its jobs end within this; then others go on."""
    keeping: Keeping = Keeping()
    """How much is accepted, and how long it is kept."""
    engines: Engines = Engines()
    """Which engine serves each role."""
    live: LiveLimits = LiveLimits()
    """How much live sound is heard at once, and how long a meeting waits for its client."""
    webrtc: WebrtcSettings = WebrtcSettings()
    """How WebRTC connections come about."""
    log: LogSettings = LogSettings()
    """What the log says."""
    otel: OtelSettings = OtelSettings()
    """Where traces go."""
    webhooks: WebhookSettings = WebhookSettings()
    """Where webhooks may go, and how often they are tried."""
    doors: DoorSettings = DoorSettings()
    """Who may come in, and from where."""
    chat: str = ""
    """A language model: the address of a server, such as http://127.0.0.1:11434, all of whose models are served;
    or a GGUF file, or a folder with one, for the engine `llama_cpp`; or empty."""
    providers: tuple[Provider, ...] = ()
    """Other people's servers: the tables [[providers]]."""
    models: dict[str, Model] = {}
    """How models are served, by id: the tables [models."id"]."""
    gateway: Gateway = Gateway()
    """What holds for all models."""
    summary: SummarySettings = SummarySettings()
    """How summaries are made."""

    def all_providers(self) -> list[Provider]:
        """Return all providers, each with a name of its own.

        Raises:
            BadProvider: one makes no sense.
        """
        is_address = bool(self.chat) and not self._names_file()
        return named([*([one_line(self.chat)] if is_address else []), *self.providers])

    def engine_choices(self) -> dict[Role, Choice]:
        """Return the configured engines by role."""
        found = self.engines.choices()
        if self._names_file():
            found.setdefault("chat", Choice(engine="llama_cpp", options={"file": self.chat}))
        return found

    def _names_file(self) -> bool:
        return "://" not in self.chat and (self.chat.endswith(".gguf") or self.chat.startswith(("/", "~", "./", "../")))

    def store_url(self) -> str:
        """Return the address of the artifact store."""
        return self.store or str(self.data / "artifacts")

    def jobs_url(self) -> str:
        """Return the address of the queue of jobs."""
        if self.jobs:
            return self.jobs
        if self.database.startswith("postgresql"):
            return f"postgresql{self.database[self.database.index(':') :]}"
        return f"sqlite:///{(self.data / 'jobs.db').absolute()}"

    def database_url(self) -> str:
        """Return the address of the database."""
        return self.database or f"sqlite+aiosqlite:///{(self.data / 'parley.db').absolute()}"


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: defaults, then the file, then the environment.

    `file` defaults to $PARLEY_CONFIG, else parley.toml in the working folder if there is one.

    Raises:
        SettingsError: the file cannot be read, a key is unknown, or a value has the wrong type.
    """
    environment = os.environ if environment is None else environment
    found: dict[str, Any] = {}
    path = file or _default_file(environment)
    if path is not None:
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"The configuration {path} cannot be read: {error.strerror}.") from error
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"The configuration {path} is no TOML: {error}.") from error
    _add_environment(found, environment)
    _split_lists(found, Settings)
    try:
        settings = msgspec.convert(found, Settings, strict=False, dec_hook=_decoded)
        settings.all_providers()
        if settings.summary.templates is not None:
            read_folder(settings.summary.templates)
    except msgspec.ValidationError as error:
        raise SettingsError(_explained(str(error))) from error
    except (BadProvider, BadTemplate) as error:
        raise SettingsError(str(error)) from error
    return settings


def _decoded(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise NotImplementedError(f"{kind.__name__} cannot be configured.")


def _default_file(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("PARLEY_CONFIG")
    if named:
        return Path(named)
    here = Path("parley.toml")
    return here if here.is_file() else None


def _add_environment(found: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name in NO_SETTINGS:
            continue
        *tables, key = name.removeprefix(PREFIX).lower().split("__")
        held = value
        if tables and key == "file":
            held, key = _secret(name, value), tables.pop()
        place = found
        for table in tables:
            place = place.setdefault(table, {})
        place[key] = held


def _secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name} names the file {path}, which cannot be read: {error.strerror}.") from error


LISTS = (tuple[float, ...], tuple[str, ...], tuple[int, ...], tuple[NodeRole, ...])


def _split_lists(table: Any, kind: Any) -> None:
    """Let a variable of the environment hold a list, with commas between its items."""
    if not isinstance(table, dict) or not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return
    for field in msgspec.structs.fields(kind):
        value = table.get(field.encode_name)
        if field.type in LISTS and isinstance(value, str):
            table[field.encode_name] = [item.strip() for item in value.split(",") if item.strip()]
        for inner in (field.type, *get_args(field.type)):
            _split_lists(value, inner)


STRUCTS = (
    Settings,
    Engines,
    Choice,
    DoorSettings,
    LogSettings,
    OtelSettings,
    WebhookSettings,
    Keeping,
    LiveLimits,
    Provider,
    Model,
    Gateway,
    WebrtcSettings,
    IceServer,
    SummarySettings,
)
"""Where keys may be."""


def _explained(message: str) -> str:
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if not unknown:
        return f"The configuration is wrong: {message}."
    known = {name for struct in STRUCTS for name in struct.__struct_fields__}
    near = difflib.get_close_matches(unknown[1], sorted(known), n=1, cutoff=0.0)
    return f"The configuration has an unknown key {unknown[1]!r}; did you mean {near[0]!r}?"
