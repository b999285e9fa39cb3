"""docs/security.md names a test for each threat, and each of them exists."""

import ast
import functools
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = re.findall(
    r"^\| (?!threat|---)(.+?) \| (.+?) \| (.+) \|$", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE
)
THREATS = (
    "stolen",
    "told apart by time",
    "lead elsewhere",
    "hostile recording",
    "`image_url`",
    "webhooks",
    "upstreams",
    "CSRF",
    "DNS rebinding",
    "WebSocket",
    "XSS",
    "Header injection",
    "Log injection",
    "Decompression bombs",
    "JSON bombs",
    "another's meetings",
    "at once",
)


@functools.cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_threat_has_a_test_that_exists() -> None:
    assert len(ROWS) >= len(THREATS)
    for threat, guard, tests in ROWS:
        named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", tests)
        assert named, threat
        assert guard, threat
        assert len(named) == tests.count("::"), threat
        missing = [f"{file}::{name}" for file, name in named if name not in functions_of(file)]
        assert not missing, threat


def test_every_threat_we_know_is_on_the_page() -> None:
    told = "\n".join(threat for threat, _, _ in ROWS)
    assert [threat for threat in THREATS if threat not in told] == []
