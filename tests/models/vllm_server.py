"""A real server with all three big engines in its process, each with a tiny random model."""

import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from api.app import app_of, parts_of
from api.listen import free_place, listening
from api.parts import Parts
from api.settings import Engines, load
from pipeline.engine_pool import Choice
from stages.engines.vllm_chat import VllmChat
from tests.models.whole_meeting import Loudness

MODEL = "tiny-vl"
TINY: dict[str, Any] = {
    "model": MODEL,
    "window": 4096,
    "together": 8,
    "pictures": 2,
    "cache_gib": 0.125,
    "vllm": {"enforce-eager": True, "dtype": "float32"},
}
"""Options of vLLM for a model that anybody can afford."""
REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = {
    # One process beside ours, as on one GPU; on a CPU it would take two.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": f"{REPOSITORY / 'tests' / 'models' / 'child'}{os.pathsep}{REPOSITORY}",
}
"""For the processes that vLLM starts."""


def import_vllm() -> None:
    """Import it before the tests count warnings as errors: those of its packages are not ours to mend."""
    os.environ.update(ENVIRONMENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vllm.entrypoints.launchers.api_server.app_state
        import vllm.entrypoints.launchers.cli_args
        import vllm.v1.engine.async_llm  # noqa: F401


class Served(msgspec.Struct, frozen=True):
    """A server that listens."""

    url: str
    """Its address, without /v1."""
    parts: Parts
    """What it is made of."""

    def under_way(self) -> int:
        """Return how many requests vLLM works on."""
        host = self.parts.pool.host("chat")
        engine: VllmChat = host.engine
        return int(engine._engine.get_num_unfinished_requests())


@asynccontextmanager
async def server(folder: Path, qwen: Path, canary: Path, pyannote: Path) -> AsyncIterator[Served]:
    """Start it; models are loaded when they are first used."""
    engines = Engines(
        vad=Choice(engine=f"{Loudness.__module__}:{Loudness.__name__}"),
        asr=Choice(engine="canary", options={"folder": canary}),
        diarizer=Choice(engine="pyannote", options={"folder": pyannote}),
        chat=Choice(engine="vllm", options={**TINY, "folder": qwen}),
    )
    # Random weights seldom come to an end: a summary gives them a few seconds, and then does without.
    environment = {"PARLEY_DATA": str(folder), "PARLEY_SUMMARY__PATIENCE_SECONDS": "3"}
    settings = msgspec.structs.replace(load(None, environment), engines=engines)
    parts = parts_of(settings)
    app = app_of(parts)
    host, port = free_place("127.0.0.1", 0)
    async with app.lifespan(), listening(app, host, port, parts.closing):
        yield Served(url=f"http://{host}:{port}", parts=parts)
