"""The first key, written into a file where nobody is at the machine to run a command."""

import os
from pathlib import Path

import anyio.to_thread

from api.doors.keyring import Keyring
from api.doors.secrets import parts

NAME = "first"


async def settle_first_key(file: Path, keyring: Keyring) -> bool:
    """Write an admin key into the file if there is no key, and say so; delete the file once its key was used."""
    rows = await keyring.all()
    if rows:
        used = {row.id for row in rows if row.last_used_at is not None or row.revoked_at is not None}
        await anyio.to_thread.run_sync(_delete_if_used, file, used)
        return False
    made = await keyring.make(NAME, "admin")
    # The file first: a crash in between leaves a file that opens nothing and is written again, never a key unseen.
    await anyio.to_thread.run_sync(_write, file, made.text)
    await keyring.keep(made)
    return True


def _write(file: Path, key: str) -> None:
    """Write it as a whole, for its owner's eyes only; one that was there opens nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(key + "\n")
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)


def _delete_if_used(file: Path, used: set[str]) -> None:
    try:
        id, _ = parts(file.read_text().strip())
    except FileNotFoundError:
        return
    if id in used:
        file.unlink()
