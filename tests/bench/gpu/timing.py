"""How long work takes on a device that works while the program goes on."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import torch


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how much is measured."""

    device: str
    """As torch names it."""
    real: bool
    """Real sizes; else tiny ones, which say nothing about speed and try the bench."""
    repeats: int
    """Times that everything is measured; the median counts."""
    minutes: float
    """Length of the recordings."""
    qwen: str
    """Which Qwen3-VL."""
    folder: Path
    """For the models that are built."""

    @property
    def devices(self) -> tuple[int, ...]:
        """The GPU as engines are told of it; none means the CPU."""
        return () if self.device == "cpu" else (int(self.device.removeprefix("cuda:")),)

    def finish(self) -> None:
        """Wait until the device has nothing to do."""
        if self.device != "cpu":
            torch.cuda.synchronize(self.device)

    def seconds(self, work: Callable[[], object], *, warm: int = 1) -> float:
        """Return the median of what the work takes, after some runs that do not count."""
        for _ in range(warm):
            work()
        took: list[float] = []
        for _ in range(self.repeats):
            self.finish()
            began = time.perf_counter()
            work()
            self.finish()
            took.append(time.perf_counter() - began)
        return statistics.median(took)

    def peak(self, work: Callable[[], object]) -> float:
        """Return the GiB that the device held at most while the work went on; 0 on a CPU."""
        if self.device == "cpu":
            work()
            return 0.0
        torch.cuda.reset_peak_memory_stats(self.device)
        work()
        return float(torch.cuda.max_memory_allocated(self.device)) / (1 << 30)

    def held(self) -> float:
        """Return the GiB that the device holds now; 0 on a CPU."""
        return 0.0 if self.device == "cpu" else float(torch.cuda.memory_allocated(self.device)) / (1 << 30)


def rate(work: Callable[[], float], seconds: float) -> float:
    """Return how much the work gets done a second, done again and again for so long."""
    began = time.perf_counter()
    done = 0.0
    while (passed := time.perf_counter() - began) < seconds:
        done += work()
    return done / passed if done else 0.0
