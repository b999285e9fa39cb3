"""Model id -> its folder on this machine: the cache of the Hugging Face hub, shared with its other users."""

import os
import shutil
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from stages.engine import Progress
from stages.engine_errors import EngineError
from stages.hub import Hub, HubFile, HubModel
from stages.hub_file import WAITS, Patience, bring

KINDS = tuple(
    "*.bin *.ckpt *.gguf *.jinja *.json *.model *.nemo *.npz *.onnx *.onnx.data *.onnx_data *.pt *.safetensors "
    "*.tiktoken *.txt *.yaml *.yml".split()
)
"""Every kind of file that one of our models needs; a model's own engine usually wants less."""
SPARE = 2**28
"""Bytes that stay free on the disk."""


def cache_folder() -> Path:
    """Return where models lie: `MODEL_CACHE_DIR`, else where the hub's own tools keep them."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    return Path(os.environ.get("MODEL_CACHE_DIR") or os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()


def find_model(model: str, revision: str) -> Path | None:
    """Return the folder with the files of a model, or None where it was never fetched, or not to its end.

    Source: the hub's cache layout, models--org--name/{refs/<name of revision>, snapshots/<commit>/...}.
    """
    root = _root(model)
    named = root / "refs" / revision
    commit = named.read_text().strip() if named.is_file() else revision
    snapshot = root / "snapshots" / commit
    if not snapshot.is_dir():
        return None
    # A link whose blob is gone: the cache was tidied up by hand.
    return snapshot if all(path.exists() for path in snapshot.rglob("*")) else None


def fetch_model(
    model: str,
    revision: str,
    wanted: Sequence[str],
    progress: Progress,
    endpoint: str | None = None,
    *,
    again: bool = False,
    waits: tuple[float, ...] = WAITS,
) -> Path:
    """Bring the files whose path matches one of `wanted` to the cache, going on where an earlier try stopped.

    The model is found only once every file is there and was checked; until then an older revision stays in use. With
    `again`, files that are there are fetched anew.

    Raises:
        EngineError: the hub cannot be reached, or does not give the model to this user, or the disk is full.
    """
    try:
        return _fetch(model, revision, wanted, progress, Hub(endpoint), again, waits)
    except OSError as error:
        raise EngineError(
            f"The model {model} cannot be written to {cache_folder()}: {error.strerror or error}. Make room or correct "
            "its rights, then try again: what has arrived is kept."
        ) from error


def _fetch(
    model: str,
    revision: str,
    wanted: Sequence[str],
    progress: Progress,
    hub: Hub,
    again: bool,
    waits: tuple[float, ...],
) -> Path:
    done, total = 0, 0
    patience = Patience(waits, lambda: progress(done, total or None))
    try:
        found = patience.of(lambda: hub.model(model, revision))
        files = [file for file in found.files if any(fnmatch(file.name, each) for each in wanted)]
        if not files:
            raise EngineError(
                f"The model {model} has none of the files {', '.join(wanted)}. Check the name of the model."
            )
        blobs = _root(model) / "blobs"
        _check_room(model, blobs, files, again)
        total = sum(file.size for file in files)
        for file in files:
            blob, before = blobs / file.digest, done
            bring(
                hub,
                model,
                found.commit,
                file,
                blob,
                lambda size, before=before: progress(before + size, total),
                patience,
                again=again,
            )
            done += file.size
    finally:
        hub.close()
    return _snapshot(_root(model), revision, found, files)


def _check_room(model: str, blobs: Path, files: Sequence[HubFile], again: bool) -> None:
    missing = sum(file.size - _arrived(blobs, file, again) for file in files)
    blobs.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(blobs).free
    if missing and missing + SPARE > free:
        raise EngineError(
            f"The disk is full: {model} needs {missing / 1e9:.1f} GB more in {cache_folder()}, where {free / 1e9:.1f} "
            "GB are free. Make room, or set MODEL_CACHE_DIR to a larger disk."
        )


def _arrived(blobs: Path, file: HubFile, again: bool) -> int:
    for path in (blobs / file.digest, blobs / f"{file.digest}.incomplete")[again:]:
        if path.is_file():
            return min(path.stat().st_size, file.size)
    return 0


def _snapshot(root: Path, revision: str, found: HubModel, files: Sequence[HubFile]) -> Path:
    """Name the blobs as the model names its files; last of all, the revision."""
    snapshot = root / "snapshots" / found.commit
    for file in files:
        link = snapshot / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        target = os.path.relpath(root / "blobs" / file.digest, link.parent)
        if not (link.is_symlink() and str(link.readlink()) == target):
            beside = link.with_name(f".{link.name}.{os.getpid()}")
            beside.unlink(missing_ok=True)
            beside.symlink_to(target)
            beside.replace(link)
    if revision != found.commit:
        named = root / "refs" / revision
        named.parent.mkdir(parents=True, exist_ok=True)
        beside = root / f".ref.{os.getpid()}"
        beside.write_text(found.commit)
        beside.replace(named)
    return snapshot


def _root(model: str) -> Path:
    return cache_folder() / f"models--{model.replace('/', '--')}"
