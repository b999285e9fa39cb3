"""A server in a process of its own, with toy stages: python -m tests.api.live.child FOLDER PORT."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from api.app import app_of, parts_of
from api.listen import listening
from api.settings import Settings
from tests.api.live.toys import toy_live_steps
from tests.pipeline.toy_server import toy_steps


async def main(folder: Path, port: int) -> None:
    """Serve until SIGTERM."""
    parts = parts_of(Settings(data=folder), toy_steps, toy_live_steps)
    app = app_of(parts)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with app.lifespan(), listening(app, "127.0.0.1", port, parts.closing):
        print("listening", flush=True)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
    os._exit(0)
