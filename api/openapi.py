"""The OpenAPI document and the page that shows it, with nothing from outside this machine."""

import functools
import importlib.util
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio.to_thread
import msgspec
from litestar import Request, Response, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import License, Tag
from litestar.params import FromPath

from api import log_tail, older_shapes, readiness, shapes
from api.admin import shapes as admin_shapes
from api.dialects import ProblemBody
from api.documented import fields
from api.errors import NotThere
from api.v1.document.write import described as standard
from pipeline import slides, ticked, transcript
from pipeline.asking import answer, passage
from pipeline.doctor import finding, gpus, machine
from stages import speech, summary
from storage import rows

OWN = Path(__file__).parent / "schema_page"
FILES = {
    "start.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
"""Files of the page, by name."""
WITHOUT_BODY = {"204", "304"}
EXAMPLES: dict[str, Any] = {
    "id": "01kx8w2v9qj3f5t7m0c4n6r8ya",
    "title": "Budget of the garden",
    "text": "We start on Monday.",
    "language": "en",
    "label": "S2",
    "into": "S1",
    "speaker": "S1",
    "detail": "Nothing lies at this address. The routes are listed under /schema.",
    "utterance": "0-52480",
    "template": "general",
}
"""An example for each field of such a name that holds text."""


class _Page(OpenAPIRenderPlugin):
    """Swagger UI from this machine."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the page."""
        return (OWN / "index.html").read_bytes()

    def receive_router(self, router: Router) -> None:
        """Serve the files of the page beside it."""
        router.register(schema_file)


class _Document(JsonRenderPlugin):
    """The document, with what the shapes say of their fields."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type="application/json")  # type: ignore[arg-type]
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document."""
        if self._made is None:
            self._made = msgspec.json.encode(standard(described(openapi_schema)))
        return self._made


@get("/files/{name:str}", include_in_schema=False)
async def schema_file(name: FromPath[str]) -> Response[bytes]:
    """Return a file of the page."""
    if name not in FILES:
        raise NotThere("The page of the API has no such file.")
    content = await anyio.to_thread.run_sync((OWN / name if name == "start.js" else _swagger() / name).read_bytes)
    return Response(content, media_type=FILES[name], headers={"Cache-Control": "no-cache"})


def config() -> OpenAPIConfig:
    """Describe the API for Litestar."""
    return OpenAPIConfig(
        title="Parley",
        version=version("parley"),
        description="Meetings in, speaker-labelled transcripts and grounded summaries out. "
        "Errors are problem+json (RFC 9457): `detail` says what happened and what to do.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        path="/schema",
        render_plugins=[_Page(), _Document()],
        use_handler_docstrings=True,
        tags=[
            Tag(name="meetings"),
            Tag(name="standard", description="OpenAI's routes, and those that rerank; errors have OpenAI's shape."),
            Tag(name="ollama", description="Ollama's routes, over the same models."),
            Tag(name="older", description="Routes of the older platform."),
            Tag(name="admin", description="For those who look after the server."),
            Tag(name="server"),
        ],
    )


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Add to each field of a shape the docstring under it, and an example where one helps.

    Answers without a body say so: the framework describes them by the type that their handler returns.
    """
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        operation["summary"] = re.split(r"[.;:] |[.;:]?\n|\.$", operation["description"])[0]
        for status in WITHOUT_BODY & operation["responses"].keys():
            operation["responses"][status].pop("content", None)
    known = _shapes()
    for name, schema in document["components"]["schemas"].items():
        told = fields(known[name]) if name in known else {}
        for field, said in schema.get("properties", {}).items():
            if field in told and "$ref" not in said:
                said.setdefault("description", told[field])
            if field in EXAMPLES and _is_text(said):
                said.setdefault("examples", [EXAMPLES[field]])
    return document


def _is_text(schema: dict[str, Any]) -> bool:
    options = [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]
    return any(option.get("type") in ("string", ["string", "null"]) for option in options) and "enum" not in schema


@functools.cache
def _shapes() -> dict[str, type[msgspec.Struct]]:
    ours = (shapes, admin_shapes, log_tail, older_shapes, readiness)
    modules = (*ours, answer, passage, finding, gpus, machine, slides, ticked, transcript, speech, summary, rows)
    found = [shape for module in modules for shape in vars(module).values() if isinstance(shape, type)]
    made = {shape.__name__: shape for shape in found if issubclass(shape, msgspec.Struct)}
    return {**made, ProblemBody.__name__: ProblemBody}


@functools.cache
def _swagger() -> Path:
    found = importlib.util.find_spec("swagger_ui_bundle")
    if found is None or found.origin is None:
        raise NotThere("The package swagger-ui-bundle is not installed: pip install swagger-ui-bundle")
    return next((Path(found.origin).parent / "vendor").glob("swagger-ui-*"))
