"""Pins against holes that are known, without asking anybody: `make audit` asks the public advisories."""

import re
from pathlib import Path

import pytest
from packaging.version import Version

REQUIREMENTS = Path(__file__).parent.parent / "requirements"

MENDED = {
    "aiohttp": ("3.12.14", "CVE-2025-53643"),
    "certifi": ("2024.7.4", "CVE-2024-39689"),
    "cryptography": ("44.0.1", "CVE-2024-12797"),
    "eventlet": ("0.40.3", "CVE-2025-58068"),
    "h11": ("0.16.0", "CVE-2025-43859"),
    "idna": ("3.7", "CVE-2024-3651"),
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "protobuf": ("6.31.1", "CVE-2025-4565"),
    "requests": ("2.32.4", "CVE-2024-47081"),
    "torch": ("2.8.0", "CVE-2025-3730"),
    "urllib3": ("2.5.0", "CVE-2025-50181"),
    "werkzeug": ("3.0.6", "CVE-2024-49767"),
}
"""The release that mends a hole, and the hole."""


def pins(file: Path) -> dict[str, Version]:
    return {
        name: Version(version)
        for name, version in re.findall(r"^([\w.-]+)==([\w.!+]+)", file.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("file", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda file: file.name)
def test_no_pin_is_older_than_what_mends_a_known_hole(file: Path) -> None:
    found = pins(file)
    assert found
    assert {
        name: hole for name, (least, hole) in MENDED.items() if name in found and found[name] < Version(least)
    } == {}


def test_the_list_is_about_what_we_use() -> None:
    used = {name for file in REQUIREMENTS.glob("*.txt") for name in pins(file)}
    assert set(MENDED) <= used
