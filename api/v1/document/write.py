"""Operations -> a part of the OpenAPI document."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.documented import fields
from api.v1.document import answered, ollama
from api.v1.document.operations import JSON, OPERATIONS, TEXT, Dialect, Operation

ERRORS: Mapping[Dialect, Any] = {"V1": answered.Error, "Ollama": ollama.Error}
TAGS: Mapping[Dialect, str] = {"V1": "standard", "Ollama": "ollama"}
REFUSALS: Mapping[int, str] = {
    400: "The request makes no sense, or asks for what the model cannot do.",
    401: "No key, or one that is not known.",
    403: "The key does not allow it.",
    404: "There is no such model; near names are told.",
    408: "The body did not come.",
    413: "The body is too large.",
    415: "The body is of another type.",
    429: "The key has used up what it may; Retry-After says when to ask again.",
    500: "Something broke on the server, or at a provider.",
    502: "A provider went away, or does not accept this server.",
    503: "Nobody serves such a model, or all who do are away or busy.",
    504: "A provider sent nothing for too long.",
}
READ = (400, 401, 403, 429, 503)
"""What a GET may be refused with."""


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Add all operations and their shapes to a document."""
    for dialect in ERRORS:
        operations = [each for each in OPERATIONS if each.dialect == dialect]
        kinds = [kind for each in operations for kind in (*_several(each.answer), *_several(each.takes))]
        kinds.append(ERRORS[dialect])
        template = f"#/components/schemas/{dialect}.{{name}}"
        schemas, shapes = msgspec.json.schema_components(kinds, ref_template=template)
        known = {repr(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
        for name, shape in shapes.items():
            document["components"]["schemas"][f"{dialect}.{name}"] = _told(name, shape, _structs(kinds))
        for each in operations:
            document["paths"][each.path] = {"get" if each.takes is None else "post": _operation(each, known)}
    return document


def _operation(each: Operation, known: Mapping[str, Any]) -> dict[str, Any]:
    error = {JSON: {"schema": _schema(ERRORS[each.dialect], known)}}
    statuses = READ if each.takes is None else tuple(REFUSALS)
    content = {JSON: {"schema": _schema(each.answer, known)}} | {
        kind: {"schema": {"type": "string"}} for kind in each.also
    }
    if TEXT in content:
        content["text/plain; charset=utf-8"] = content.pop(TEXT)
    refusals = {
        str(status): {"description": REFUSALS[status], "content": error}
        for status in (*statuses, *((404,) if each.is_model else ()))
    }
    said: dict[str, Any] = {
        "tags": [TAGS[each.dialect]],
        "summary": each.summary,
        "description": f"{each.summary}.",
        "operationId": each.id,
        "responses": {"200": {"description": "Done.", "content": content}, **refusals},
    }
    if each.takes is not None:
        said["requestBody"] = {"required": True, "content": {each.media: {"schema": _schema(each.takes, known)}}}
    if each.query or each.is_model:
        said["parameters"] = [*map(_parameter, each.query), *([MODEL] if each.is_model else [])]
    return said


MODEL = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Id or alias of a model; it may have slashes.",
    "schema": {"type": "string"},
}
DAY = {"type": "string", "format": "date", "examples": ["2026-03-02"]}


def _parameter(name: str) -> dict[str, Any]:
    schema = DAY if name in ("since", "until") else {"type": "string"}
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _told(name: str, shape: dict[str, Any], structs: Mapping[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """Add the docstrings of fields."""
    told = fields(structs[name]) if name in structs else {}
    for field, schema in shape.get("properties", {}).items():
        if field in told and "$ref" not in schema:
            schema.setdefault("description", told[field])
        if schema.get("contentEncoding") == "base64":
            # Of a form the file comes as it is.
            schema.pop("contentEncoding")
            schema["format"] = "binary"
    return shape


def _structs(kinds: Sequence[Any]) -> Mapping[str, type[msgspec.Struct]]:
    """Return all structs that types speak of, by name."""
    found: dict[str, type[msgspec.Struct]] = {}
    left: list[Any] = list(msgspec.inspect.multi_type_info(kinds))
    while left:
        node = left.pop()
        if isinstance(node, msgspec.inspect.StructType) and node.cls.__name__ not in found:
            found[node.cls.__name__] = node.cls
            left += [field.type for field in node.fields]
        elif isinstance(node, msgspec.inspect.UnionType):
            left += node.types
        elif isinstance(node, msgspec.inspect.ListType):
            left.append(node.item_type)
    return found


def _several(kinds: Any) -> Sequence[Any]:
    return () if kinds is None else kinds if isinstance(kinds, tuple) else (kinds,)


def _schema(kinds: Any, known: Mapping[str, Any]) -> Any:
    found = [known[repr(kind)] for kind in _several(kinds)]
    return found[0] if len(found) == 1 else {"anyOf": found}
