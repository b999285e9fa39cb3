"""What every test may ask for, and the rule that on a test machine nothing is skipped."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sounds import shipped, speech

NO_SKIPS = "PARLEY_NO_SKIPS"
"""Set to 1 in the environment, it means the same as `--no-skips`."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def no_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reaches the hub of models, and none touches what this user keeps of it."""
    home = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_TOKEN", "MODEL_CACHE_DIR"):
            patch.delenv(name, raising=False)
        patch.setenv("HF_HOME", str(home))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        yield


@pytest.fixture(scope="session")
def two_cities() -> Path:
    """One reader, 44 s, 48 kHz."""
    return shipped("two_cities.wav")


@pytest.fixture(scope="session")
def endgame() -> Path:
    """Two actors, a man and a woman, 28 s, 24 kHz."""
    return shipped("endgame_nagg_nell.wav")


@pytest.fixture(scope="session")
def speech_samples() -> Callable[[Path], NDArray[np.float32]]:
    """Reads a recording as 16 kHz mono samples; what it returns is read-only, copy it to change it."""
    return speech


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips",
        action="store_true",
        default=os.environ.get(NO_SKIPS) == "1",
        help=f"a skipped test fails the run ({NO_SKIPS}=1)",
    )


class NoSkips:
    """Fails a run in which something was skipped, and says what."""

    def __init__(self) -> None:
        self.skipped: dict[str, str] = {}
        """Reason by test."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.section("skipped, which is not allowed here", red=True)
        for test, reason in self.skipped.items():
            terminalreporter.write_line(f"{test}: {reason}")

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
            self.skipped[report.nodeid] = str(reason)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--no-skips"):
        config.pluginmanager.register(NoSkips())
