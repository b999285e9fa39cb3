"""Processor, memory, disks and programs of this machine."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipeline.doctor.finding import Finding

LOW = 5 * 10**9
"""Bytes: with less room on a disk, uploads are soon refused."""
PROGRAMS = {"cc": ("gcc", "llm-vllm, llm-cpu: they compile when they are installed or first run")}
"""Programs that engines start: Debian package, and what for. The server itself needs none."""


class Cpu(msgspec.Struct, frozen=True, kw_only=True):
    """The processor."""

    cores: int
    """That this process may use."""
    load: float
    """Processes that wanted to work in the last minute, for each core: above 1 some waited."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Memory, in bytes."""

    total: int
    """Of the machine."""
    available: int
    """That programs could still have."""
    server: int
    """Of this process."""


def cpu() -> Cpu:
    """Look at the processor."""
    cores = len(os.sched_getaffinity(0))
    return Cpu(cores=cores, load=os.getloadavg()[0] / cores)


def memory() -> Memory:
    """Look at the memory. Source: proc(5)."""
    told = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Memory(
        total=int(told["MemTotal"].split()[0]) * 1024,
        available=int(told["MemAvailable"].split()[0]) * 1024,
        server=pages * os.sysconf("SC_PAGE_SIZE"),
    )


def disk_finding(name: str, folder: Path) -> Finding:
    """Look at the room on the disk where a folder is, or will be."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    usage = shutil.disk_usage(there)
    found = f"{usage.free / 1e9:.1f} GB free in {folder}"
    if not os.access(there, os.W_OK):
        return Finding(
            name=name,
            state="wrong",
            found=found,
            says=f"The folder {there} cannot be written by this user.",
            command=f"sudo chown {os.getuid()} {there}",
        )
    if usage.free < LOW:
        return Finding(
            name=name,
            state="wrong",
            found=found,
            expected=f">= {LOW / 1e9:.0f} GB",
            says="The disk is nearly full. Make room.",
        )
    return Finding(name=name, state="ok", found=found)


def machine_findings() -> Iterator[Finding]:
    """Look at Python and at the programs that engines need."""
    found = ".".join(map(str, sys.version_info[:3]))
    is_right = (3, 11) <= sys.version_info < (3, 13)
    yield Finding(
        name="Python",
        state="ok" if is_right else "wrong",
        found=found,
        expected="3.11 or 3.12",
        says="" if is_right else "Parley was never tried on this Python.",
    )
    for program, (package, needed_for) in PROGRAMS.items():
        place = shutil.which(program)
        yield Finding(
            name=program,
            state="ok" if place else "unused",
            found=place,
            needed_for=needed_for,
            command="" if place else f"sudo apt-get install {package}",
        )
