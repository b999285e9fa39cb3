"""A pipeline's config.yaml -> the same with every part on this machine, whatever way it names them.

    $model/segmentation            a folder beside the file (community-1)
    $model/segmentation@main       the same; beside a file on this machine there is one revision only
    $MODEL/segmentation            as older offline configurations wrote it
    pyannote/segmentation-3.0      another model of the hub (3.1), looked up in the cache
    /models/wespeaker              a folder or file of this machine

pyannote itself refuses revisions beside a local file, knows no `$MODEL`, asks the hub for the others, and wants a PLDA
even where the clustering needs none.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from stages.engine_errors import EngineError, EngineMissing, ModelMissing
from stages.model_cache import find_model

PACKAGE = "pyannote.audio==4.0.7"
OLDEST = 4
"""Release of pyannote.audio that these configurations are loaded with, at least."""
CONFIG = "config.yaml"
PARTS = ("segmentation", "embedding", "plda")
BESIDE = re.compile(r"\$model/([^@]+)(?:@.+)?", re.IGNORECASE)
ON_HUB = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
NEEDS_PLDA = "VBxClustering"
PLDA_OF = {"checkpoint": "pyannote/speaker-diarization-community-1", "subfolder": "plda"}
"""Where pyannote takes a PLDA from that nobody names."""

Config = dict[str, Any]


def read(folder: Path) -> Config:
    """Return the configuration in a folder.

    Raises:
        EngineError: it is none.
    """
    import yaml

    try:
        config = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))
        if not isinstance(config, dict) or not isinstance(config["pipeline"]["params"], dict):
            raise TypeError("it is no pipeline")
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise EngineError(f"The configuration {folder / CONFIG} cannot be read: {error}. Fetch it again.") from error
    return config


def models_of(config: Config) -> Iterator[tuple[str, str]]:
    """Yield the other models of the hub that a configuration names, with their revisions."""
    for part in PARTS:
        named = _part(config, part)
        checkpoint, revision = _hub(named)
        if checkpoint is not None:
            yield checkpoint, revision


def resolved(config: Config, folder: Path) -> Config:
    """Return the configuration with each part as a place on this machine; without a PLDA where none is needed.

    Raises:
        ModelMissing: a part is not here.
    """
    params = dict(config["pipeline"]["params"])
    for part in PARTS:
        named = _part(config, part)
        params.pop(part, None)
        if named is not None:
            params[part] = _place(named, folder, part)
    return {**config, "pipeline": {**config["pipeline"], "params": params}}


def _part(config: Config, part: str) -> Any:
    """Return what names a part; None where it is left out."""
    params = config["pipeline"]["params"]
    if part == "plda" and params.get("clustering", NEEDS_PLDA) == NEEDS_PLDA:
        return params.get(part, PLDA_OF)
    return None if part == "plda" else params.get(part)


def _hub(named: Any) -> tuple[str | None, str]:
    """Return the model of the hub that a name means, and its revision; None for another kind of name."""
    text = named.get("checkpoint") if isinstance(named, Mapping) else named
    if not isinstance(text, str) or BESIDE.fullmatch(text) or not ON_HUB.fullmatch(text) or Path(text).exists():
        return None, ""
    model, _, revision = text.partition("@")
    if isinstance(named, Mapping):
        revision = named.get("revision") or revision
    return model, revision or "main"


def _place(named: Any, folder: Path, part: str) -> Config:
    """Return the folder or file of a part, as pyannote takes it."""
    model, revision = _hub(named)
    below: str | None = named.get("subfolder") if isinstance(named, Mapping) else None
    text = str(named.get("checkpoint") if isinstance(named, Mapping) else named)
    if model is not None:
        found = find_model(model, revision)
        if found is None:
            raise ModelMissing(
                f"The pipeline in {folder} needs the model {model} for its {part}, which is not on this machine. "
                "Download the pipeline again, or put that model into the cache."
            )
    elif beside := BESIDE.fullmatch(text):
        found, below = folder, beside[1]
    else:
        found = folder / Path(text).expanduser()
    whole = found / below if below else found
    if not whole.exists():
        raise ModelMissing(f"The pipeline in {folder} names {text} for its {part}: {whole} is not there.")
    return {"checkpoint": str(whole)}


def check_version(config: Config, folder: Path) -> None:
    """Make sure that the installed pyannote.audio can load a configuration.

    Raises:
        EngineMissing: none is installed.
        EngineError: it is too old.
    """
    try:
        installed = version("pyannote.audio")
    except PackageNotFoundError as error:
        raise EngineMissing("pyannote", PACKAGE, f"pip install {PACKAGE}") from error
    wanted = str(config.get("version") or config.get("dependencies", {}).get("pyannote.audio") or OLDEST)
    for needed in (_major(wanted), OLDEST):
        if _major(installed) < needed:
            raise EngineError(
                f"The pipeline in {folder} needs pyannote.audio {needed} or later (it names {wanted}), and {installed} "
                f"is installed. Install {PACKAGE} or the release that it names, or choose an older revision of it."
            )


def _major(release: str) -> int:
    found = re.match(r"\d+", release)
    return int(found[0]) if found else OLDEST
