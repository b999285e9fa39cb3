"""Chats, texts and pictures on GPUs: Qwen3-VL through vLLM in our process, with vLLM's own OpenAI layer."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import msgspec

from stages.chat import ChatPath, Listener
from stages.engine import Card, Progress
from stages.engine_errors import EngineDied, EngineError, EngineMissing, ModelMissing
from stages.engines.asgi_call import ask
from stages.engines.loop_thread import LoopThread
from stages.engines.orphans import Guard, children
from stages.engines.torch_device import free_memory, memory_of
from stages.model_cache import fetch_model, find_model

QWEN = "Qwen/Qwen3-VL-30B-A3B-Instruct"
PACKAGE = "vllm==0.32.0"
WINDOW = 8192
"""Tokens of prompt and answer together; 32,768 where the memory has room for them."""
ALONE = 0.90
"""Share of a GPU's memory that vLLM takes where it is alone."""
GIB = 2**30
WANTED = ("*.json", "*.safetensors", "*.txt", "*.jinja", "*.model")
NOWHERE = "nowhere.invalid"
"""A domain that does not exist: with no other named, vLLM fetches nothing."""
ENVIRONMENT = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_CONFIGURE_LOGGING": "0",
    "VLLM_PLUGINS": "",
    "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
}
"""Set before vLLM is imported: it tells nobody what we do, leaves our log alone, loads nothing of NeMo's, and
follows no redirection away from the domains from which pictures may be fetched."""
Value = TypeVar("Value")


class VllmChat:
    """A `ChatEngine`: many requests at once, in batches as vLLM makes them; all that its OpenAI layer can do.

    The weights are spread over the chosen devices. Pictures come in the request itself, unless domains are named from
    which they may be fetched.
    """

    def __init__(
        self,
        model: str = QWEN,
        folder: Path | None = None,
        revision: str = "main",
        window: int = WINDOW,
        together: int = 64,
        memory_share: float = ALONE,
        beside_gib: float = 0.0,
        cache_gib: float | None = None,
        pictures: int = 8,
        media_domains: tuple[str, ...] = (),
        tool_parser: str = "hermes",
        vllm: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        """Where the weights lie; None looks into the model cache."""
        self.window, self.together = window, together
        self.memory_share = memory_share
        """Of each GPU, before `beside_gib` is taken off."""
        self.beside_gib = beside_gib
        """GiB of each GPU that are left for other engines."""
        self.cache_gib = cache_gib
        """GiB of each GPU for what is remembered of prompts; None takes all that `memory_share` leaves."""
        self.pictures = pictures
        """Of one request; 0 for a model that sees none."""
        self.media_domains = media_domains
        """From where pictures may be fetched; empty for nowhere."""
        self.tool_parser = tool_parser
        """How the model writes calls of tools, by vLLM's names; empty for a model that knows none."""
        self.vllm = dict(vllm or {})
        """More of what `vllm serve` takes, by its names: {"quantization": "fp8"}."""
        self.card = Card(
            engine="vllm",
            model=model,
            revision=revision,
            licence="Apache-2.0" if model == QWEN else "the model's own",
            attribution=f"https://huggingface.co/{model}",
            capabilities=frozenset({"streaming", "json_schema", "tools", *(["vision"] if pictures else [])}),
        )
        self._thread: LoopThread | None = None
        self._guard: Guard | None = None
        self._engine: Any = None
        self._app: Any = None

    def on_disk(self) -> bool:
        """Return whether the weights are on this machine."""
        return self._found() is not None

    def download(self, progress: Progress, again: bool = False) -> None:
        """Fetch the weights from the hub."""
        if self.folder is not None:
            raise ModelMissing(f"There is no model in {self.folder}. Put it there, or leave the folder unset.")
        fetch_model(self.card.model, self.card.revision, WANTED, progress, again=again)

    def load(self, devices: Sequence[int]) -> None:
        """Start vLLM over the devices; with none it must be the build for a CPU.

        Raises:
            EngineMissing: vLLM is not installed.
            EngineError: weights, memory or devices do not do.
        """
        folder = self._found()
        if folder is None:
            raise ModelMissing(f"The model {self.card.model} is not on this machine. Download it, or name its folder.")
        os.environ.update({name: value for name, value in ENVIRONMENT.items() if name not in os.environ})
        try:
            import vllm  # noqa: F401
        except ImportError as error:
            raise EngineMissing("vllm", PACKAGE, f"pip install '{PACKAGE}'") from error
        sizes = [memory_of("vllm", device) for device in devices]
        self.unload()  # what is left of one that died
        self._thread = LoopThread("vllm")
        others = children()
        try:
            self._run(self._open(self._arguments(folder, devices, sizes)))
        except (Exception, SystemExit) as error:  # its own process, CUDA, the model's files: it fails in many ways
            self.unload()
            raise EngineError(
                f"vLLM could not start {self.card.model}: {error or type(error).__name__}. Its log says more; for want "
                "of memory choose a smaller window, cache_gib or more devices."
            ) from error
        self._guard = Guard(children() - others)

    def unload(self) -> None:
        """Stop vLLM and give its memory back; who still waits for an answer hears that there is none."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.run(self._close())
        thread.end()
        if self._guard is not None:
            self._guard.let_go()
            self._guard = None
        free_memory()

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""
        body = {"model": self.card.model, "prompt": text, "add_special_tokens": False}
        heard = _Heard()
        self._ready()
        self._run(ask(self._app, "/tokenize", msgspec.json.encode(body), heard, asyncio.Event()))
        if heard.status != 200:
            raise EngineError(f"vLLM could not count tokens: {heard.body.decode(errors='replace')[:200]}")
        return int(msgspec.json.decode(heard.body)["count"])

    def start(self, path: ChatPath, body: bytes, listener: Listener) -> Callable[[], None]:
        """Begin to answer; vLLM puts it among what it works on.

        Raises:
            EngineDied: its processes have ended; loading it again starts new ones.
        """
        thread = self._ready()
        if self._engine.errored:
            raise EngineDied(f"vLLM's process for {self.card.model} has ended. Load it again; its log says why.")
        gone = asyncio.Event()
        thread.begin(ask(self._app, path, body, listener, gone))
        return lambda: thread.tell(gone.set)

    def _arguments(self, folder: Path, devices: Sequence[int], sizes: Sequence[int] = ()) -> list[str]:
        """Return what `vllm serve` would be given, with devices of these sizes in bytes."""
        given: dict[str, Any] = {
            "model": str(folder),
            "served-model-name": self.card.model,
            "max-model-len": self.window,
            "max-num-seqs": self.together,
            "gpu-memory-utilization": self._share(sizes),
            "tensor-parallel-size": max(1, len(devices)),
            "limit-mm-per-prompt": json.dumps({"image": self.pictures, "video": 0}),
        }
        if devices:
            given["device-ids"] = ",".join(map(str, devices))
        if self.cache_gib is not None:
            given["kv-cache-memory-bytes"] = round(self.cache_gib * GIB)
        if self.tool_parser:
            given["tool-call-parser"] = self.tool_parser
            # Left to itself it lets arguments be any JSON unless a tool is marked as strict.
            given["tool-strict-level"] = "parameter"
        said = [f"--{name}={value}" for name, value in (given | self.vllm).items() if not isinstance(value, bool)]
        switches = [f"--{'' if value else 'no-'}{name}" for name, value in self.vllm.items() if isinstance(value, bool)]
        switches += ["--allowed-media-domains", *(self.media_domains or [NOWHERE])]
        return [
            *said,
            *switches,
            "--disable-fastapi-docs",
            *(["--enable-auto-tool-choice"] if self.tool_parser else []),
        ]

    def _share(self, sizes: Sequence[int]) -> float:
        return round(self.memory_share - max((self.beside_gib * GIB / size for size in sizes), default=0.0), 3)

    async def _open(self, arguments: Sequence[str]) -> None:
        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.entrypoints.launchers.api_server.app_state import init_app_state
        from vllm.entrypoints.launchers.app import build_app
        from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
        from vllm.usage.usage_lib import UsageContext
        from vllm.utils.argparse_utils import FlexibleArgumentParser
        from vllm.v1.engine.async_llm import AsyncLLM

        args = make_arg_parser(FlexibleArgumentParser()).parse_args(list(arguments))
        validate_parsed_serve_args(args)
        wish = AsyncEngineArgs.from_cli_args(args)
        self._engine = AsyncLLM.from_engine_args(wish, usage_context=UsageContext.OPENAI_API_SERVER)
        tasks = await self._engine.get_supported_tasks()
        self._app = build_app(args, tasks, self._engine.model_config)
        # Whom vLLM tells when its processes have ended; we ask before each request.
        self._app.state.server = SimpleNamespace(should_exit=False)
        await init_app_state(self._engine, self._app.state, args, tasks)

    async def _close(self) -> None:
        engine, self._engine, self._app = self._engine, None, None
        if engine is not None:
            engine.shutdown()

    def _run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self._ready().run(work)

    def _ready(self) -> LoopThread:
        if self._thread is None:
            raise EngineError("The engine vllm is not loaded. Load it before use.")
        return self._thread

    def _found(self) -> Path | None:
        folder = self.folder or find_model(self.card.model, self.card.revision)
        return folder if folder is not None and (folder / "config.json").is_file() else None


class _Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.status, self.body = 0, b""

    def begin(self, status: int, media_type: str) -> None:
        self.status = status

    def part(self, block: bytes) -> None:
        self.body += block

    def end(self, error: EngineError | None = None) -> None:
        if error is not None:
            raise error
