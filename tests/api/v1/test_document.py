"""The OpenAPI document has all routes of /v1 and of Ollama's dialect; tests/api/test_schema.py sends what it says."""

import re
from typing import Any

import msgspec
import pytest
from litestar.routes import ASGIRoute

from api.app import app_of, parts_of
from api.openapi import described
from api.settings import Settings
from api.v1.document.write import described as standard


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], dict[str, Any]]:
    """Paths of the routes that the framework does not describe, and the document."""
    app = app_of(parts_of(Settings(data=tmp_path_factory.mktemp("document"))))
    paths = {route.path for route in app.routes if isinstance(route, ASGIRoute) and route.path != "/schema"}
    return paths, standard(described(app.openapi_schema.to_schema()))


def test_every_route_is_described(mounted: tuple[set[str], dict[str, Any]]) -> None:
    paths, document = mounted
    assert len(paths) > 20
    assert not {path for path in paths if path not in document["paths"]}


def test_references_lead_somewhere_and_ids_are_unique(mounted: tuple[set[str], dict[str, Any]]) -> None:
    document = mounted[1]
    references = set(re.findall(rb'"#/components/schemas/([^"]+)"', msgspec.json.encode(document)))
    assert references <= {name.encode() for name in document["components"]["schemas"]}
    ids = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(ids) == len(set(ids))


def test_shapes_say_what_their_fields_mean(mounted: tuple[set[str], dict[str, Any]]) -> None:
    document = mounted[1]
    for name, shape in document["components"]["schemas"].items():
        if name.startswith(("V1.", "Ollama.")):
            for field, said in shape.get("properties", {}).items():
                assert "description" in said or "$ref" in said, f"{name}.{field}"


def test_errors_have_the_shape_of_their_dialect(mounted: tuple[set[str], dict[str, Any]]) -> None:
    paths = mounted[1]["paths"]
    for path, shape in (("/v1/chat/completions", "V1.Error"), ("/api/chat", "Ollama.Error")):
        for status in ("400", "401", "404", "429", "503"):
            (media,) = paths[path]["post"]["responses"][status]["content"].values()
            assert media["schema"] == {"$ref": f"#/components/schemas/{shape}"}
