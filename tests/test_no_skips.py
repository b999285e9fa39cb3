"""On a test machine a skipped test is a failed one, and says which."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = {
    "mark": "import pytest\n@pytest.mark.skip(reason='no ear')\ndef test_a(): ...\n",
    "call": "import pytest\ndef test_a(): pytest.skip('no ear')\n",
    "module": "import pytest\npytest.skip('no ear', allow_module_level=True)\n",
    "program": "from tests.programs import program\ndef test_a(): program('no ear')\n",
}


def outcome(folder: Path, code: str, *options: str, **environment: str) -> tuple[int, str]:
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    (folder / "test_it.py").write_text(code + "def test_b(): ...\n")
    command = [sys.executable, "-m", "pytest", str(folder), "--rootdir", str(folder), "-c", os.devnull, *options]
    outside = {key: value for key, value in os.environ.items() if key != "PARLEY_NO_SKIPS"}
    ran = subprocess.run(
        command, cwd=ROOT, env=outside | environment, capture_output=True, text=True, check=False, timeout=60
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("kind", TESTS)
def test_skip_fails_where_nothing_may_be_skipped(kind: str, tmp_path: Path) -> None:
    code, said = outcome(tmp_path, TESTS[kind], "--no-skips")
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "not allowed here" in said
    assert "no ear" in said


def test_environment_means_the_same(tmp_path: Path) -> None:
    assert outcome(tmp_path, TESTS["mark"], PARLEY_NO_SKIPS="1")[0] == pytest.ExitCode.TESTS_FAILED


def test_skip_is_allowed_elsewhere(tmp_path: Path) -> None:
    assert outcome(tmp_path, TESTS["mark"])[0] == pytest.ExitCode.OK
