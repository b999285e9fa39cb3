"""A data folder -> the name of the server that works in it: the same after each restart, and nobody else's."""

import re
import secrets
import socket
from pathlib import Path

NAME = "node"
LONGEST = 60


def node_name(folder: Path) -> str:
    """Return the name that is kept in the folder; the first time it is made of the host's name and chance."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / NAME
    if file.is_file() and (kept := file.read_text(encoding="utf-8").strip()):
        return kept
    host = re.sub(r"[^a-z0-9-]", "-", socket.gethostname().lower())[:LONGEST]
    name = f"{host}-{secrets.token_hex(3)}"
    file.write_text(f"{name}\n", encoding="utf-8")
    return name
