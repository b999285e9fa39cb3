"""Where the token for the hub of models comes from: the environment, else a file that only its owner may read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

VARIABLES = ("HUGGINGFACE_TOKEN", "HF_TOKEN")
PLACE = "HF_TOKEN_PATH"
"""Variable that names the file, for the hub's own tools too.

Source: environment variables of huggingface_hub.
"""


def token() -> str | None:
    """Return the token; None where there is none."""
    given = next((os.environ[name].strip() for name in VARIABLES if os.environ.get(name, "").strip()), None)
    if given:
        return given
    try:
        return token_file().read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def token_source() -> Literal["environment", "file"] | None:
    """Return where the token comes from."""
    if any(os.environ.get(name, "").strip() for name in VARIABLES):
        return "environment"
    return "file" if token() else None


def keep_token(text: str) -> None:
    """Keep a token in the file, readable for its owner alone from the first byte on."""
    file = token_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
        written.write(text.strip())
    beside.replace(file)


def forget_token() -> None:
    """Delete the file."""
    token_file().unlink(missing_ok=True)


def token_file() -> Path:
    """Return where the file is, or would be."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    return Path(os.environ.get(PLACE) or f"{home}/token").expanduser()


@contextmanager
def token_kept_in(folder: Path) -> Iterator[None]:
    """Keep the token in this folder while the block lasts, unless the environment names a file already."""
    if os.environ.get(PLACE):
        yield
        return
    place = os.environ[PLACE] = str((folder / "huggingface-token").absolute())
    try:
        yield
    finally:
        if os.environ.get(PLACE) == place:
            del os.environ[PLACE]
