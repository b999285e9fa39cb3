"""Model id -> its folder on this machine: the cache of the Hugging Face hub, shared with its other users."""

import os
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from stages.engine import Progress
from stages.engine_errors import EngineError, EngineMissing


def cache_folder() -> Path:
    """Return where models lie: `MODEL_CACHE_DIR`, else where the hub's own tools keep them."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    return Path(os.environ.get("MODEL_CACHE_DIR") or os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()


def find_model(model: str, revision: str) -> Path | None:
    """Return the folder with the files of a model, or None where it was never fetched.

    Source: the hub's cache layout, models--org--name/{refs/<name of revision>, snapshots/<commit>/...}.
    """
    root = cache_folder() / f"models--{model.replace('/', '--')}"
    named = root / "refs" / revision
    commit = named.read_text().strip() if named.is_file() else revision
    snapshot = root / "snapshots" / commit
    return snapshot if snapshot.is_dir() else None


def fetch_model(
    model: str, revision: str, wanted: Sequence[str], progress: Progress, endpoint: str | None = None
) -> Path:
    """Bring the files whose path matches one of `wanted` to the cache, going on where an earlier try stopped.

    Raises:
        EngineMissing: the hub's client is not installed.
        EngineError: the hub cannot be reached, or does not give the model to this user, or the disk is full.
    """
    try:
        from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError
    except ImportError as error:
        raise EngineMissing(model, "huggingface_hub", "pip install huggingface_hub") from error
    try:
        _bring(model, revision, wanted, progress, endpoint)
    except GatedRepoError as error:
        raise EngineError(
            f"The model {model} is gated: accept its conditions on its page at the hub, "
            "then set HUGGINGFACE_TOKEN to a token of that account."
        ) from error
    except RepositoryNotFoundError as error:
        raise EngineError(
            f"The hub knows no model {model}, or hides it from this user. Check the name and HUGGINGFACE_TOKEN."
        ) from error
    except Exception as error:  # the client's own errors, those of its HTTP library, the disk's
        raise EngineError(
            f"The model {model} could not be fetched into {cache_folder()}: {error}. Check the network and the disk, "
            "and try again: what has arrived is kept. Or copy the model's folder there from another machine."
        ) from error
    found = find_model(model, revision)
    if found is None:
        raise EngineError(f"The model {model} has none of the files {', '.join(wanted)}. Check the name of the model.")
    return found


def _bring(model: str, revision: str, wanted: Sequence[str], progress: Progress, endpoint: str | None) -> None:
    from huggingface_hub import HfApi, hf_hub_download

    token = os.environ.get("HUGGINGFACE_TOKEN") or os.environ.get("HF_TOKEN") or None
    siblings = HfApi(endpoint, token=token).model_info(model, revision=revision, files_metadata=True).siblings or []
    files = {file.rfilename: file.size or 0 for file in siblings if any(fnmatch(file.rfilename, w) for w in wanted)}
    finished, total = 0, sum(files.values())
    for name, size in files.items():
        bar = _bar(finished, total, progress)
        hf_hub_download(
            model, name, revision=revision, cache_dir=cache_folder(), token=token, endpoint=endpoint, tqdm_class=bar
        )
        finished += size
        progress(finished, total)


def _bar(before: int, total: int, progress: Progress) -> type[Any]:
    """Return a progress bar for one file that tells bytes, of all files, instead of drawing."""
    from tqdm import tqdm

    done = before

    class Told(tqdm):  # type: ignore[misc]  # tqdm has no types
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{name: value for name, value in options.items() if name != "name"})
            self.update(options.get("initial", 0))

        def display(self, *args: Any, **options: Any) -> None:
            """Draw nothing."""

        def update(self, n: float | None = 1) -> None:
            nonlocal done
            done += int(n or 0)
            progress(min(done, total), total)

    return Told
