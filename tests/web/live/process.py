"""A server in a process of its own, which can be killed and started again where it was."""

import re
import subprocess
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]


class Process:
    """`parley serve` on a port that stays the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.start()
        self.client = httpx.Client(base_url=self.url, timeout=30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "serve", "--port", str(self.port), "--data", str(self.folder)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        assert found is not None
        self.port = int(found[1])

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def recording(self, meeting: str) -> bytes:
        """Return the samples of a meeting that has ended."""
        answer = self.client.get(f"/api/meetings/{meeting}/audio")
        assert answer.status_code == 200, answer.text
        return answer.content[44:]
