"""Bodies of more kinds than a handler's signature can say, described for the OpenAPI document."""

from dataclasses import dataclass

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from api.documented import fields
from api.wish import Wish
from pipeline.exports import FORMATS
from pipeline.exports.summary import SUMMARY_FORMATS

BINARY = Schema(type=OpenAPIType.STRING, format="binary")  # type: ignore[arg-type]
QUERY_ONLY = {"file_name": "Name of the file, where the recording is the body itself."}


def form_schema() -> Schema:
    """Return what a form with a recording looks like."""
    properties = {"file": Schema(type=OpenAPIType.STRING, format="binary", description="The recording.")}  # type: ignore[arg-type]
    return Schema(type=OpenAPIType.OBJECT, properties={**properties, **_wished()}, required=["file"])


def _wished() -> dict[str, Schema]:
    described = fields(Wish)
    made = {}
    for name, schema in msgspec.json.schema(Wish)["$defs"]["Wish"]["properties"].items():
        plain = next(option for option in schema["anyOf"] if option.get("type") != "null")
        made[name] = Schema(
            type=OpenAPIType.STRING,
            description=described[name],
            max_length=plain.get("maxLength"),
            pattern=plain.get("pattern"),
            enum=plain.get("enum"),
        )
    return made


def _in_query() -> list[Parameter]:
    made = {name: (schema.description, schema) for name, schema in _wished().items()}
    made |= {name: (told, Schema(type=OpenAPIType.STRING, max_length=300)) for name, told in QUERY_ONLY.items()}
    return [
        Parameter(name=name, param_in="query", required=False, schema=schema, description=told)
        for name, (told, schema) in made.items()
    ]


def _form_body() -> RequestBody:
    return RequestBody(content={"multipart/form-data": OpenAPIMediaType(schema=form_schema())}, required=True)


def _upload_body() -> RequestBody:
    content = {kind: OpenAPIMediaType(schema=BINARY) for kind in ("audio/*", "video/*", "application/octet-stream")}
    return RequestBody(content={**(_form_body().content), **content}, required=True)


@dataclass
class UploadOperation(Operation):
    """An operation whose body is a recording, or a form with one."""

    def __post_init__(self) -> None:
        self.request_body = _upload_body()
        self.parameters = [*(self.parameters or []), *_in_query()]


@dataclass
class FormOperation(Operation):
    """An operation whose body is a form with a recording."""

    def __post_init__(self) -> None:
        self.request_body = _form_body()


@dataclass
class TranscriptOperation(Operation):
    """An operation that answers with a transcript in any format."""

    def __post_init__(self) -> None:
        _add_kinds(self, "200", *(made.media_type for made in FORMATS.values() if made.suffix != "json"))


@dataclass
class SummaryOperation(Operation):
    """An operation that answers with a summary in any format."""

    def __post_init__(self) -> None:
        _add_kinds(self, "200", *(made.media_type for made in SUMMARY_FORMATS.values()))


@dataclass
class AskOperation(Operation):
    """An operation that answers a question, whole or as events."""

    def __post_init__(self) -> None:
        _add_kinds(self, "200", "text/event-stream")


@dataclass
class SoundOperation(Operation):
    """An operation that answers with a recording."""

    def __post_init__(self) -> None:
        _add_kinds(self, "200", "audio/*", "video/*")
        _add_kinds(self, "206", "audio/*", "video/*")


@dataclass
class OfferOperation(Operation):
    """An operation whose body and answer are session descriptions."""

    def __post_init__(self) -> None:
        content = {"application/sdp": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))}
        self.request_body = RequestBody(content=content, required=True)
        answer = (self.responses or {})["201"]
        assert isinstance(answer, OpenAPIResponse)
        answer.content = content


def _add_kinds(operation: Operation, status: str, *kinds: str) -> None:
    answer = (operation.responses or {})[status]
    assert isinstance(answer, OpenAPIResponse)
    answer.content = {**(answer.content or {}), **{kind: OpenAPIMediaType(schema=BINARY) for kind in kinds}}
