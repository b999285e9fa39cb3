"""`parley doctor` as users run it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def doctor(folder: Path, *more: str, **environment: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "api.cli", "doctor", *more]
    around = {**os.environ, "PARLEY_DATA": str(folder), "MODEL_CACHE_DIR": str(folder), **environment}
    ran = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_it_tells_programs_what_is_there(tmp_path: Path) -> None:
    code, said = doctor(tmp_path, "--json")
    told: dict[str, Any] = json.loads(said)
    found = {finding["name"]: finding for finding in told["findings"]}
    assert {"store", "database", "Python", "litestar", "nemo_toolkit"} <= found.keys()
    assert code == (0 if told["ok"] else 1)
    assert found["store"]["state"] == found["database"]["state"] == "ok"


def test_it_tells_people_what_mends_what(tmp_path: Path) -> None:
    code, said = doctor(
        tmp_path, PARLEY_ENGINES__ASR__ENGINE="canary", PARLEY_DATABASE="postgresql+psycopg://a@127.0.0.1:9/b"
    )
    assert code == 1
    assert ".venv/bin/python -m pip install '.[asr-nemo]'" in said
    assert "127.0.0.1:9" in said
    assert "Traceback" not in said
