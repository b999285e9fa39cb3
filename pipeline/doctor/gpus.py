"""The NVIDIA cards of this machine, as their driver tells."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.doctor.finding import Finding

PATIENCE_SECONDS = 10.0
"""A driver that does not answer by then hangs."""
ASKED = "index,name,driver_version,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw"
OLDEST_DRIVER = {"13": "580.65", "12": "525.60", "11": "450.80"}
"""For each CUDA release, the oldest driver. Source: CUDA Toolkit release notes, minor version compatibility, Linux."""


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A card."""

    id: int
    """Number, as `gpu_device_ids` takes it."""
    name: str
    """As its maker calls it."""
    driver: str
    """Version."""
    memory_total: int
    """Bytes."""
    memory_used: int
    """Bytes, of all programs."""
    load: float | None
    """Share of the last moments in which it worked, 0..1; null where it is not told."""
    temperature: float | None
    """Degrees Celsius; null where it is not told."""
    power: float | None
    """Watts; null where it is not told."""


class Cards(msgspec.Struct, frozen=True):
    """What the driver told."""

    gpus: tuple[Gpu, ...] = ()
    """In order of their numbers."""
    error: str | None = None
    """Why the driver does not answer; None where it does, and where there is none."""


def cards() -> Cards:
    """Ask the driver, which takes up to a second."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return Cards()
    command = [program, f"--query-gpu={ASKED}", "--format=csv,noheader,nounits"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Cards(error=f"nvidia-smi does not answer: {error}.")
    if ran.returncode:
        return Cards(error=f"nvidia-smi failed: {' '.join((ran.stdout + ran.stderr).split())[:300]}")
    return Cards(tuple(_gpu([cell.strip() for cell in line.split(",")]) for line in ran.stdout.splitlines() if line))


def gpu_findings(found: Cards, cuda: str | None, devices: Sequence[int]) -> Iterator[Finding]:
    """Compare the cards with the installed torch, and with the devices that engines are to use."""
    if found.error is not None:
        yield Finding(name="NVIDIA driver", state="wrong", says=f"{found.error} Install the driver anew, and reboot.")
        return
    if found.gpus:
        yield _driver(found.gpus[0].driver, cuda)
    for gpu in found.gpus:
        yield Finding(
            name=f"GPU {gpu.id}",
            state="ok",
            found=f"{gpu.name}, {gpu.memory_total / 2**30:.0f} GiB",
            needed_for="engines",
        )
    for device in sorted(set(devices) - {gpu.id for gpu in found.gpus}):
        seen = ", ".join(str(gpu.id) for gpu in found.gpus) or "none"
        yield Finding(
            name=f"GPU {device}",
            state="missing",
            needed_for="engines",
            says=f"An engine is to run on GPU {device}; this machine has {seen}. Correct preferred_device_ids.",
        )


def _driver(driver: str, cuda: str | None) -> Finding:
    oldest = OLDEST_DRIVER.get((cuda or "").partition(".")[0])
    if oldest is None or _numbers(driver) >= _numbers(oldest):
        expected = f">= {oldest} (CUDA {cuda})" if oldest else None
        return Finding(name="NVIDIA driver", state="ok", found=driver, expected=expected, needed_for="engines")
    return Finding(
        name="NVIDIA driver",
        state="wrong",
        found=driver,
        expected=f">= {oldest} (CUDA {cuda})",
        needed_for="engines",
        says=f"The driver {driver} is too old for a torch built for CUDA {cuda}.",
        command="sudo apt-get install nvidia-driver  # or the maker's, then reboot",
    )


def _gpu(cells: Sequence[str]) -> Gpu:
    id, name, driver, total, used, load, temperature, power = cells
    percent = _number(load)
    return Gpu(
        id=int(id),
        name=name,
        driver=driver,
        memory_total=int((_number(total) or 0) * 2**20),
        memory_used=int((_number(used) or 0) * 2**20),
        load=None if percent is None else percent / 100,
        temperature=_number(temperature),
        power=_number(power),
    )


def _number(cell: str) -> float | None:
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
