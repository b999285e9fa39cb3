"""Names -> engines: the only place that names engines, as import paths."""

import asyncio
import importlib
import inspect
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_origin

import msgspec

from stages.device_locks import DeviceLocks
from stages.engine import Engine, EngineHost
from stages.engine_errors import EngineError, EngineMissing

Role = Literal["vad", "asr", "aligner", "diarizer", "embed", "chat"]

ENGINES: Mapping[Role, Mapping[str, str]] = {
    "vad": {"silero": "stages.engines.silero:Silero"},
    "asr": {
        "moonshine": "stages.engines.moonshine:Moonshine",
        "canary": "stages.engines.canary:Canary",
        "onnx": "stages.engines.onnx_speech:OnnxSpeech",
    },
    "aligner": {"pocketsphinx": "stages.engines.pocketsphinx:PocketSphinx"},
    "diarizer": {"community": "stages.engines.community:Community", "pyannote": "stages.engines.pyannote:Pyannote"},
    "embed": {"minilm": "stages.engines.minilm:MiniLM"},
    "chat": {"llama_cpp": "stages.engines.llama_cpp:LlamaCpp", "vllm": "stages.engines.vllm_chat:VllmChat"},
}
"""For each role, what serves it. The first of a role is its default; each runs on a bare CPU."""
SILENT: Mapping[str, str] = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYANNOTE_METRICS_ENABLED": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "VLLM_NO_USAGE_STATS": "1",
}
"""Set before any engine is imported, unless the environment says otherwise: nobody is told what is done here."""
ON_REQUEST: frozenset[Role] = frozenset({"chat"})
"""Roles that nobody has unless the configuration names an engine: their weights come with no package."""

BESIDE_GIB = 4.0
"""GiB of a GPU left for each other engine there: Canary's weights; what it works with fits into what nobody takes."""
SIZED = ("beside_gib", "cache_gib", "memory_share")
"""Options of an engine that takes what is left of a GPU; whoever names one has thought of the others."""
NAMED: tuple[Role, ...] = ("asr", "diarizer")
"""Roles whose engine a user may choose for a meeting."""


class UnknownEngine(ValueError):
    """No engine of that name serves that role."""


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An engine as the configuration chooses it."""

    engine: str
    """Name of one of ours, or an import path `package.module:Class` of somebody else's."""
    options: dict[str, Any] = {}
    """What its constructor takes."""
    preferred_device_ids: tuple[int, ...] = ()
    """GPU numbers; none means the CPU."""
    idle_unload_seconds: float | None = None
    """Give its memory back after so long without work; None keeps it."""
    pin: bool = False
    """Load it when the server starts, and keep it loaded."""


class EnginePool:
    """Hosts of the engines in use: one for each role and choice, made when first asked for."""

    def __init__(self, choices: Mapping[Role, Choice] | None = None) -> None:
        self._choices = dict(choices or {})
        self._hosts: dict[tuple[Role, str], EngineHost[Any]] = {}
        self._locks = DeviceLocks()

    def choice(self, role: Role) -> Choice:
        """Return what is configured for a role."""
        return self._choices.get(role) or Choice(engine=next(iter(ENGINES[role])))

    def has(self, role: Role) -> bool:
        """Return whether somebody serves a role."""
        return role in self._choices or role not in ON_REQUEST

    def host(self, role: Role, name: str | None = None) -> EngineHost[Any]:
        """Return the host of the configured engine of a role, or of the one named.

        Raises:
            UnknownEngine: there is no engine of that name.
            EngineMissing: its module needs a package that is not installed.
        """
        choice = self.choice(role)
        if name is not None and name != choice.engine:
            choice = Choice(engine=name)
        key = (role, choice.engine)
        if key not in self._hosts:
            self._hosts[key] = EngineHost(
                _engine(role, choice, BESIDE_GIB * self._neighbours(role, choice)),
                choice.preferred_device_ids,
                choice.idle_unload_seconds,
                pinned=choice.pin,
                locks=self._locks,
            )
        return self._hosts[key]

    def _neighbours(self, role: Role, choice: Choice) -> int:
        """Return how many engines of other roles share a GPU with this one."""
        wanted = set(choice.preferred_device_ids)
        others = (other for name, other in self._choices.items() if name != role)
        return sum(not wanted.isdisjoint(other.preferred_device_ids) for other in others)

    def hosts(self) -> Mapping[tuple[Role, str], EngineHost[Any]]:
        """Return the hosts made so far."""
        return dict(self._hosts)

    async def load_pinned(self) -> None:
        """Load what is to be there from the start; what fails says so in its own state, or in readiness."""
        pinned = [role for role, choice in self._choices.items() if choice.pin]
        await asyncio.gather(*map(self._load, pinned), return_exceptions=True)

    def offers(self) -> Mapping[Role, tuple[str, ...]]:
        """Return engines that users may name and that work here: those configured, and those whose models are here."""
        return {role: tuple(name for name in self._names(role) if self._is_here(role, name)) for role in NAMED}

    def _names(self, role: Role) -> Iterator[str]:
        yield from dict.fromkeys((self.choice(role).engine, *ENGINES[role]))

    def _is_here(self, role: Role, name: str) -> bool:
        choice = self.choice(role)
        if name == choice.engine:
            return True
        try:
            return _engine(role, Choice(engine=name)).on_disk()
        except (EngineError, UnknownEngine):
            return False

    async def close(self) -> None:
        """Unload everything."""
        for host in self._hosts.values():
            await host.close()

    async def _load(self, role: Role) -> None:
        await self.host(role).load()


def _engine(role: Role, choice: Choice, beside_gib: float = 0.0) -> Engine:
    path = ENGINES[role].get(choice.engine, choice.engine)
    module_name, colon, class_name = path.partition(":")
    if not colon:
        known = ", ".join(ENGINES[role])
        raise UnknownEngine(
            f"No {role} engine is called {choice.engine!r}. Ours are {known}; "
            "somebody else's is named by its import path, package.module:Class."
        )
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)
    try:
        module = importlib.import_module(module_name)
        kind = getattr(module, class_name)
        made: Engine = kind(**_options(kind, choice.options, beside_gib))
    except ModuleNotFoundError as error:
        package = error.name or module_name
        raise EngineMissing(choice.engine, package, f"pip install {package}") from error
    except AttributeError as error:
        raise UnknownEngine(f"The module {module_name} has no class {class_name!r}.") from error
    except (TypeError, msgspec.ValidationError) as error:
        raise UnknownEngine(f"The {role} engine {choice.engine!r} does not take these options: {error}") from error
    return made


def _options(kind: type[Any], given: Mapping[str, Any], beside_gib: float = 0.0) -> dict[str, Any]:
    """Return options as the constructor has them: the environment knows texts only, and a file no paths."""
    wanted = inspect.signature(kind, eval_str=True).parameters
    if beside_gib and SIZED[0] in wanted and not any(name in given for name in SIZED):
        given = {**given, SIZED[0]: beside_gib}
    kinds = {name: wanted[name].annotation for name in given if name in wanted}
    return {
        name: msgspec.convert(_listed(value, kinds[name]), kinds[name], strict=False, dec_hook=_path)
        if name in kinds
        else value
        for name, value in given.items()
    }


def _listed(value: Any, kind: Any) -> Any:
    """Return the items of a list that is written with commas, where a list is wanted."""
    if isinstance(value, str) and get_origin(kind) is tuple:
        return [item.strip() for item in value.split(",") if item.strip()]
    return value


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise TypeError(f"{value!r} is no {kind.__name__}.")
