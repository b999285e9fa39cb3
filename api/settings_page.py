"""Settings -> docs/configuration.md: `python -m api.settings_page > docs/configuration.md`."""

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo

from api.documented import fields
from api.settings import PREFIX, Settings

HEAD = """# Configuration

Defaults, then `parley.toml` in the working folder (or the file that `$PARLEY_CONFIG` or `--config` names), then the
environment. A variable is `PARLEY_`, then the key in capitals; `__` steps into a table, and `__FILE` behind it names a
file that holds the value, for secrets. Lists have commas. An unknown key is an error that names the nearest known one.

This page is written by `python -m api.settings_page`, and a test holds it true.
"""
OTHERS = """
## Other variables

| variable | meaning |
|---|---|
| `PARLEY_CONFIG` | the file to read, instead of `parley.toml` in the working folder |
| `PARLEY_KEY` | the key that `parley live` shows to the server |
| `MODEL_CACHE_DIR` | folder for weights that engines download |
| `HUGGINGFACE_TOKEN`, `HF_TOKEN` | opens gated models of the hub |
| `HF_HOME`, `HF_HUB_CACHE` | where weights are kept when `MODEL_CACHE_DIR` is not set |
| other `HF_...` | mean what they mean to huggingface_hub |
| `PYANNOTE_METRICS_ENABLED` | set by Parley, so that pyannote sends nothing home |
| `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` | of a backup's bucket, and of a store where the settings have none |
| `OPENBLAS_NUM_THREADS` | 1 unless it is set: more threads make small models slower |
| `XDG_DATA_HOME` | above the data folder, where `data` does not name one |
| the `key_env` of a provider | its key |
"""
NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", type(None): "none"}


def written() -> str:
    """Return the page."""
    return HEAD + "".join(_table(Settings, "", "")) + OTHERS


def _table(shape: type[msgspec.Struct], path: str, heading: str) -> Iterator[str]:
    """Yield a table of keys, and the tables below it; `[]` in a path: no variable names what follows."""
    inner = {field.name: _struct_of(field.type) for field in msgspec.structs.fields(shape)}
    rows = [_row(field, path, fields(shape)) for field in msgspec.structs.fields(shape) if inner[field.name] is None]
    title = f"`{heading}`" if heading else "Top of the file"
    yield f"\n## {title}\n\n{' '.join((shape.__doc__ or '').split())}\n"
    if rows:
        yield "\n| key | default | type | meaning |\n|---|---|---|---|\n" + "".join(rows)
    for field in msgspec.structs.fields(shape):
        found = inner[field.name]
        if found is not None:
            below = f"{path}.{field.encode_name}" if path else field.encode_name
            yield from _table(found, *_headed(field.type, below))


def _headed(kind: Any, path: str) -> tuple[str, str]:
    if get_origin(kind) is tuple:
        return f"{path}[]", f"[[{path}]]"
    if get_origin(kind) is dict:
        return f"{path}[]", f'[{path}."ID"]'
    return path, f"[{path}]"


def _row(field: FieldInfo, path: str, told: Any) -> str:
    name = field.encode_name
    place = f"{path}.{name}" if path else name
    variable = "" if "[]" in path or _is_table(field.type) else f"<br>`{PREFIX}{place.upper().replace('.', '__')}`"
    meaning = " ".join(told[name].split()).replace("|", "\\|")
    return f"| `{name}`{variable} | {_default(field)} | {_type(field.type)} | {meaning} |\n"


def _default(field: FieldInfo) -> str:
    if field.default is not NODEFAULT:
        return f"`{msgspec.json.encode(field.default).decode()}`" if field.default is not None else "none"
    if field.default_factory is NODEFAULT:
        return "must be given"
    made = field.default_factory()
    return "as told" if isinstance(made, Path) else f"`{msgspec.json.encode(made).decode()}`"


def _type(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(each) for each in inner)
    if origin is tuple:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"table of {_type(inner[1])}"
    return NAMES.get(kind, "any")


def _is_table(kind: Any) -> bool:
    return get_origin(kind) is dict


def _struct_of(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct that a table of this type holds, or each of its tables."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    for inner in get_args(kind):
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            return inner
    return None


if __name__ == "__main__":
    sys.stdout.write(written())
