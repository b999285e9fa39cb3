"""Programs that tests start and Debian brings: where they are, or a skip that names the package."""

import functools
import shutil
from pathlib import Path

import pytest

PACKAGES = {
    "chromium": "chromium",
    "curl": "curl",
    "espeak-ng": "espeak-ng",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "flite": "flite",
    "haproxy": "haproxy",
    "initdb": "postgresql",
    "postgres": "postgresql",
}
"""The Debian package of each program."""


@functools.cache
def find_program(name: str) -> Path | None:
    """Return where a program is: on the path, or where Debian keeps PostgreSQL's newest; None if nowhere."""
    if found := shutil.which(name) or shutil.which(name, path="/usr/sbin"):
        return Path(found)
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: -int(p.parts[-3]))
    return newest_first[0] if newest_first else None


def program(name: str) -> Path:
    """Return where a program is, or skip the test that asks."""
    if (found := find_program(name)) is None:
        pytest.skip(_missing(name))
    return found


def needs_program(*names: str) -> pytest.MarkDecorator:
    """Mark a test that is skipped where a program is missing."""
    missing = [name for name in names if find_program(name) is None]
    return pytest.mark.skipif(bool(missing), reason="; ".join(map(_missing, missing)))


def _missing(name: str) -> str:
    return f"{name} is not installed: apt-get install {PACKAGES.get(name, name)}"
