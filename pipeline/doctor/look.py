"""Configured engines and folders -> everything that was found, what wants mending first."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.doctor.finding import Finding
from pipeline.doctor.gpus import Cards, cards, gpu_findings
from pipeline.doctor.machine import disk_finding, machine_findings
from pipeline.doctor.packages import cuda_runtime, package_findings
from pipeline.engine_pool import Choice
from stages.hub_token import token_source
from stages.model_cache import cache_folder

ORDER = ("missing", "wrong", "differs", "ok", "unused")


def findings(choices: Sequence[Choice], data: Path, found: Cards | None = None) -> list[Finding]:
    """Look at everything but store and database. It asks the driver and reads files: a second or so."""
    engines = [choice.engine for choice in choices]
    devices = [device for choice in choices for device in choice.preferred_device_ids]
    cuda = cuda_runtime()
    seen = [
        *machine_findings(),
        disk_finding("data folder", data),
        disk_finding("model cache", cache_folder()),
        Finding(name="Hugging Face token", state="ok" if token_source() else "unused", found=token_source()),
        *gpu_findings(found or cards(), cuda, devices),
        Finding(name="CUDA runtime", state="ok" if cuda else "unused", found=cuda, needed_for="engines"),
        *package_findings(engines),
    ]
    return sorted(seen, key=lambda finding: ORDER.index(finding.state))
