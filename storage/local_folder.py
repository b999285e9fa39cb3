"""What a folder needs beside reading and writing: traces of dead writers, whole trees, room."""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

HALF_WRITTEN = re.compile(r"#\d+$")
"""How obstore ends the name of a file that it has not put in its place yet. It lists no such file; no key has a #."""
TRIES = 10
"""How often a folder is emptied into which others still write."""


def sweep(root: Path, abandoned_seconds: float) -> int:
    """Remove half-written files that nobody has touched for so long. Return how many there were."""
    before = time.time() - abandoned_seconds
    removed = 0
    for path in _half_written(root):
        try:
            if path.stat().st_mtime <= before:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # its writer has just put it in its place
    return removed


def remove_tree(root: Path, folder: Path) -> None:
    """Remove a folder, with half-written files and with the empty folders above it."""
    for tries_left in reversed(range(TRIES)):
        if not folder.is_dir():
            break
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue  # somebody else removes it too
        except OSError as error:
            if error.errno != errno.ENOTEMPTY or not tries_left:
                raise  # else somebody wrote into it meanwhile
    _remove_empty(root, folder.parent)


def free_bytes(root: Path) -> int:
    """Return how many bytes there is room for."""
    return shutil.disk_usage(root).free


def _half_written(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        yield from (Path(folder, name) for name in names if HALF_WRITTEN.search(name))


def _remove_empty(root: Path, folder: Path) -> None:
    while root in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return  # not empty
        folder = folder.parent
