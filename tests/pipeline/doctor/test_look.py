"""The doctor names what is wrong, and what mends it."""

from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.doctor.finding import Finding
from pipeline.doctor.gpus import cards, gpu_findings
from pipeline.doctor.look import findings
from pipeline.doctor.machine import cpu, disk_finding, memory
from pipeline.doctor.packages import EXTRAS, ROOT, extras, package_findings
from pipeline.engine_pool import ENGINES, Choice
from tests.nvidia_smi import H200, OLD, plant


def checkout(folder: Path, extra: str = "") -> Path:
    (folder / "requirements").mkdir()
    (folder / "requirements" / "run.in").write_text("# ours\nmsgspec>=0.1\nno-such-package\n")
    (folder / "requirements" / "run.txt").write_text("msgspec==0.0.1 \\\n    --hash=x\nno-such-package==2.0\n")
    (folder / "pyproject.toml").write_text(f"[project.optional-dependencies]\n{extra}")
    return folder


def by_name(found: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in found}


def test_packages_stand_beside_their_pins(tmp_path: Path) -> None:
    found = by_name(list(package_findings([], checkout(tmp_path))))
    assert (found["msgspec"].state, found["msgspec"].found) == ("differs", version("msgspec"))
    assert found["msgspec"].expected == "0.0.1"
    assert found["no-such-package"].state == "missing"
    assert "pip install --no-deps --require-hashes -r requirements/run.txt" in found["no-such-package"].command


def test_an_extra_is_missed_where_an_engine_needs_it(tmp_path: Path) -> None:
    root = checkout(tmp_path, 'asr-nemo = ["no-nemo[asr]==3.0.0", "msgspec==9.9"]\ngpu = ["parley[asr-nemo]"]\n')
    idle = by_name(list(package_findings(["moonshine"], root)))
    assert idle["no-nemo"].state == "unused"
    assert not idle["no-nemo"].is_bad
    assert idle["msgspec"].expected == "0.0.1"
    wanted = by_name(list(package_findings(["canary"], root)))
    assert wanted["no-nemo"].state == "missing"
    assert wanted["no-nemo"].command == ".venv/bin/python -m pip install '.[asr-nemo]'"
    assert wanted["msgspec"].expected == "9.9", "the extra's pin counts once it is wanted"


def test_every_engine_with_packages_of_its_own_has_an_extra() -> None:
    known = {name for names in ENGINES.values() for name in names}
    assert set(EXTRAS) <= known
    assert set(EXTRAS.values()) == set(extras(ROOT))


def test_cards_are_told_by_their_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, monkeypatch, [H200])
    (gpu,) = cards().gpus
    assert (gpu.id, gpu.name, gpu.load, gpu.temperature) == (0, "NVIDIA H200", 0.37, 41.0)
    assert (gpu.memory_total, gpu.memory_used) == (143771 * 2**20, 81920 * 2**20)
    good = list(gpu_findings(cards(), "13.0", [0]))
    assert [finding.state for finding in good] == ["ok", "ok"]
    (missing,) = [finding for finding in gpu_findings(cards(), "13.0", [0, 3]) if finding.is_bad]
    assert missing.says == "An engine is to run on GPU 3; this machine has 0. Correct preferred_device_ids."


def test_a_driver_that_is_too_old_or_silent_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, monkeypatch, [OLD])
    (gpu,) = cards().gpus
    assert (gpu.load, gpu.power, gpu.memory_used) == (None, None, 0)
    old = by_name(list(gpu_findings(cards(), "13.0", [])))["NVIDIA driver"]
    assert (old.state, old.found, old.expected) == ("wrong", "470.57.02", ">= 580.65 (CUDA 13.0)")
    assert by_name(list(gpu_findings(cards(), None, [])))["NVIDIA driver"].state == "ok"
    plant(tmp_path, monkeypatch, ["Failed to initialize NVML: Driver/library version mismatch"], code=18)
    (silent,) = gpu_findings(cards(), "13.0", [])
    assert "Driver/library version mismatch" in silent.says


def test_a_machine_without_cards_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cards().gpus == () and cards().error is None
    found = findings([Choice(engine="moonshine")], tmp_path)
    assert {"data folder", "model cache", "Python", "CUDA runtime"} <= by_name(found).keys()
    states = [finding.state for finding in found]
    assert states == sorted(states, key=["missing", "wrong", "differs", "ok", "unused"].index)
    (lost,) = [f for f in findings([Choice(engine="x", preferred_device_ids=(1,))], tmp_path) if f.name == "GPU 1"]
    assert lost.is_bad


def test_disk_and_memory_are_told(tmp_path: Path) -> None:
    assert disk_finding("data folder", tmp_path / "not" / "yet").state in ("ok", "wrong")
    assert 0 < memory().server < memory().total
    assert cpu().cores >= 1
