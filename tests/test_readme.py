"""What the README tells people to type."""

import importlib.util
import re
import shlex
import subprocess
from pathlib import Path

import anyio
import msgspec
import pytest

from api.cli import main
from tests.api.served import served
from tests.pipeline.toy_server import sound_file
from tests.programs import needs_program

README = (Path(__file__).parent.parent / "README.md").read_text()


def lines(beginning: str) -> list[str]:
    """Return the commands of its blocks that begin so, without their comments."""
    found = [line.strip() for block in re.findall(r"```\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
    return [line.partition("  #")[0].strip() for line in found if line.startswith(beginning)]


@pytest.mark.anyio
@needs_program("curl")
async def test_its_requests_are_answered(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(sound_file(3))
    meeting = "ID"
    async with served(tmp_path / "data") as s:
        for line in (first := lines("curl")):
            words = shlex.split(line.replace("127.0.0.1:8000", f"127.0.0.1:{s.port}").replace("/ID/", f"/{meeting}/"))
            done = await anyio.run_process([*words, "--fail-with-body", "--silent"], cwd=tmp_path, check=False)
            assert done.returncode == 0, f"{line}: {done.stdout.decode()}"
            if meeting == "ID":
                meeting = msgspec.json.decode(done.stdout)["id"]
                await s.done(meeting)
    assert len(first) == 3


def test_its_commands_and_their_flags_exist(capsys: pytest.CaptureFixture[str]) -> None:
    asked = {*lines(".venv/bin/parley"), *re.findall(r"`(parley [a-z][^`]*)`", README)}
    assert len(asked) > 8
    for command in asked:
        name, *rest = command.partition("parley ")[2].split()
        with pytest.raises(SystemExit) as ended:
            main([name, *(rest[:1] if name in ("keys", "models") else []), "--help"])
        assert ended.value.code == 0, command
        told = capsys.readouterr().out
        assert [flag for flag in re.findall(r"--[a-z-]+", command) if flag not in told] == [], command


def test_its_benches_exist() -> None:
    named = set(re.findall(r"tests\.bench\.(\w+)", README))
    assert len(named) > 15
    assert [name for name in named if importlib.util.find_spec(f"tests.bench.{name}") is None] == []


def test_its_targets_exist() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", README))
    asked = subprocess.run(["make", "--dry-run", *sorted(named)], capture_output=True, text=True, check=False)
    assert "No rule" not in asked.stderr, asked.stderr
