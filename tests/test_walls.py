"""The walls of the house: each import contract bites, and what no linter sees."""

import importlib
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.engine_pool import ENGINES

ROOT = Path(__file__).parent.parent
HOUSE = ("api", "pipeline", "stages", "storage")
HEAVY = {"llama_cpp", "nemo", "onnx_asr", "onnxruntime", "pocketsphinx", "pyannote", "tokenizers", "torch", "vllm"}

PLANTS = {
    "layers": ("stages/planted.py", "import pipeline"),
    "storage-leaf": ("storage/planted.py", "import stages.speech"),
    "stages-storage": ("stages/planted.py", "import storage"),
    "stages-engines": ("stages/planted.py", "import stages.engines.silero"),
    "engines-by-path": ("pipeline/planted.py", "import stages.engines.silero"),
    "engines-independent": ("stages/engines/silero.py", "import stages.engines.minilm"),
    "runtimes-in-engines": ("stages/planted.py", "def load() -> None:\n    import onnxruntime"),
    "litestar-in-api": ("pipeline/planted.py", "import litestar"),
    "concrete-stores": ("pipeline/planted.py", "import storage.concrete"),
}
"""For each contract, by its id, a file and the import in it that must break this contract and no other."""


DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
CONTRACTS: dict[str, str] = {contract["id"]: contract["name"] for contract in DECLARED}
"""Name by id."""


def lint(tree: Path) -> str:
    """Return what lint-imports says of a tree, in any width of terminal."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    found = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the house, with a store to name."""
    copy = tmp_path_factory.mktemp("house")
    for package in HOUSE:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    (copy / "storage" / "concrete.py").touch()
    return copy


@pytest.fixture
def planted(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return the copy with a forbidden import in it."""
    path, code = PLANTS[request.param]
    before = (tree / path).read_text() if (tree / path).exists() else None
    (tree / path).write_text(code + "\n")
    yield tree
    if before is None:
        (tree / path).unlink()
    else:
        (tree / path).write_text(before)


def test_every_contract_has_a_planted_import() -> None:
    assert PLANTS.keys() == CONTRACTS.keys()


def test_every_engine_of_the_pool_is_under_contract() -> None:
    independent = next(contract["modules"] for contract in DECLARED if contract["id"] == "engines-independent")
    named = {path.partition(":")[0] for engines in ENGINES.values() for path in engines.values()}
    assert set(independent) == named


def test_house_keeps_its_contracts(tree: Path) -> None:
    said = lint(tree)
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said, said


@pytest.mark.parametrize(("planted", "contract"), [(name, name) for name in PLANTS], indirect=["planted"])
def test_contract_bites(planted: Path, contract: str) -> None:
    said = lint(planted)
    broken = [name for name, title in CONTRACTS.items() if f"\n{title} BROKEN" in said]
    assert broken == [contract], said


def test_importing_the_house_loads_no_model_runtime() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in HOUSE
        for path in sorted((ROOT / package).rglob("*.py"))
        # a program is run and Alembic's environment is loaded by Alembic: neither is imported
        if path.name != "__main__.py" and path.parts[-2:] != ("migrations", "env.py")
    ]
    code = f"import importlib, sys\nfor m in {modules}: importlib.import_module(m)\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not HEAVY & {name.partition(".")[0] for name in ran.stdout.split()}


def test_house_runs_from_its_checkout() -> None:
    assert Path(pipeline.__file__).is_relative_to(ROOT)
    assert all(Path(str(importlib.import_module(name).__file__)).is_relative_to(ROOT) for name in HOUSE)


def test_no_file_has_more_than_300_lines() -> None:
    written = [path for folder in (*HOUSE, "tests", "web") for path in (ROOT / folder).rglob("*")]
    code = [path for path in written if path.suffix in {".css", ".html", ".js", ".py"}]
    assert code
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in code}
    assert not {path: count for path, count in lines.items() if count > 300}


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_requirements_name_no_registry(path: Path) -> None:
    said = re.findall(r"https?:|://|--(?:extra-)?index|--find-links|--trusted|\bfile:", path.read_text())
    assert not said


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_pin_has_a_hash(name: str) -> None:
    pins = re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text().strip())
    assert all(re.match(r"[\w.\[\]-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)
