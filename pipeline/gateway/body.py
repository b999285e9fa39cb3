"""A JSON body -> its top-level fields, each as the bytes it came in: what is passed on stays as it was."""

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from pipeline.gateway.errors import BadBody

Fields = dict[str, msgspec.Raw]
DECODER = msgspec.json.Decoder(Fields)
ENCODER = msgspec.json.Encoder()
Value = TypeVar("Value")


def fields_of(body: bytes) -> Fields:
    """Take a body apart.

    Raises:
        BadBody: it is no JSON object.
    """
    try:
        if not body.isascii():
            body.decode()
        return DECODER.decode(body)
    except UnicodeDecodeError as error:
        raise BadBody("The body is not UTF-8.") from error
    except RecursionError as error:
        raise BadBody("The body is nested too deeply.") from error
    except msgspec.ValidationError as error:
        raise BadBody("The body must be a JSON object.") from error
    except msgspec.DecodeError as error:
        raise BadBody(f"The body is no JSON: {error}.") from error


def value_of(fields: Mapping[str, msgspec.Raw], name: str, kind: type[Value]) -> Value | None:
    """Return a field; None if it is absent or null.

    Raises:
        BadBody: it has another type.
    """
    given = fields.get(name)
    if given is None or is_null(given):
        return None
    try:
        return msgspec.json.decode(given, type=kind)
    except RecursionError as error:
        raise BadBody(f"The field {name} is nested too deeply.", name) from error
    except msgspec.DecodeError as error:
        raise BadBody(f"The field {name} is wrong: {_reason(error)}.", name) from error


def required(fields: Mapping[str, msgspec.Raw], name: str, kind: type[Value]) -> Value:
    """Return a field. Raises `BadBody` also if it is absent."""
    value = value_of(fields, name, kind)
    if value is None:
        raise BadBody(f"The field {name} is required.", name)
    return value


def is_null(field: msgspec.Raw) -> bool:
    """Return whether a field is null."""
    return beginning(field, 5) == b"null"


def beginning(field: msgspec.Raw, length: int = 1) -> bytes:
    """Return the first bytes of a field, which may be megabytes long."""
    return bytes(memoryview(field)[:length])


def raw(value: object) -> msgspec.Raw:
    """Return a value as a field."""
    return msgspec.Raw(ENCODER.encode(value))


def encoded(fields: Mapping[str, msgspec.Raw]) -> bytes:
    """Put a body together again."""
    return ENCODER.encode(fields)


def decoded(body: bytes, kind: type[Value]) -> Value:
    """Read a whole body.

    Raises:
        BadBody: it does not fit.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except RecursionError as error:
        raise BadBody("The body is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise BadBody("The body is not UTF-8.") from error
    except msgspec.DecodeError as error:
        raise BadBody(f"The body does not fit: {_reason(error)}.", _field(error)) from error


def _reason(error: Exception) -> str:
    return str(error).replace("`", "'").replace("$.", "").replace(" - at '$'", "")


def _field(error: Exception) -> str | None:
    found = re.search(r"at `\$\.(\w+)", str(error)) or re.search(r"field `(\w+)`", str(error))
    return found[1] if found else None
