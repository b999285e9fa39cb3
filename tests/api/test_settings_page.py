"""docs/configuration.md is what the settings say, and every variable in it is understood."""

import re
from pathlib import Path

from api.settings import STRUCTS, load
from api.settings_page import written

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text()
READ = re.compile(r'environ(?:\.get\(|\[|\.setdefault\()"([A-Z_]+)"|"([A-Z_]+)" in os\.environ')


def test_the_page_is_what_the_settings_say() -> None:
    assert written() == PAGE, "python -m api.settings_page > docs/configuration.md"


def test_every_key_is_on_it_with_its_meaning() -> None:
    rows = re.findall(r"^\| `(\w+)`.*\| (.+) \|$", PAGE, re.MULTILINE)
    assert {name for struct in STRUCTS for name in struct.__struct_fields__} <= {name for name, _ in rows} | set(
        re.findall(r"[\w.]+", " ".join(re.findall(r"^## `(.+)`$", PAGE, re.MULTILINE)).replace(".", " "))
    )
    assert all(len(meaning) > 3 for _, meaning in rows)


def test_every_variable_is_understood() -> None:
    """Each default, written into its variable, is read back as that default."""
    rows = re.findall(r"^\| `\w+`<br>`(PARLEY_\w+)` \| `(.*?)` \| ([^|]+) \|", PAGE, re.MULTILINE)
    plain = {name: value.strip('"') for name, value, kind in rows if kind in ("text", "whole number", "number")}
    assert len(plain) > 20
    assert load(Path("/dev/null"), plain) == load(Path("/dev/null"), {})


def test_every_other_variable_that_is_read_is_named() -> None:
    code = [
        path.read_text()
        for folder in ("api", "pipeline", "stages", "storage")
        for path in (ROOT / folder).rglob("*.py")
    ]
    read = {name for text in code for found in READ.findall(text) for name in found if name}
    assert "AWS_ACCESS_KEY_ID" in read
    unnamed = {name for name in read if f"`{name}`" not in PAGE and not name.startswith("HF_")}
    assert unnamed <= {"LD_LIBRARY_PATH"}, "the loader's own"
