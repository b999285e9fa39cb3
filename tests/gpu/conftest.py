"""Real sizes with random weights on a CUDA device; with --rehearse tiny ones on the CPU, to try the tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

NO_TORCH = "torch is not installed here: run `make test-gpu`"
NO_CUDA = (
    "torch {version} sees no CUDA device: these tests need one (pytest tests/gpu --rehearse tries them on the CPU)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rehearse", action="store_true", help="tests/gpu: tiny networks on the CPU, no measuring of memory"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = why_not(config)
    for item in here:
        item.add_marker(pytest.mark.gpu)
        item.add_marker(pytest.mark.timeout(600))
        # pyannote says at each call that it computes at full precision on a GPU, as its authors want.
        item.add_marker(pytest.mark.filterwarnings("ignore:TensorFloat-32:UserWarning"))
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
    if config.getoption("--rehearse"):
        measuring = [item for item in here if item.get_closest_marker("real_card")]
        config.hook.pytest_deselected(items=measuring)
        items[:] = [item for item in items if item not in measuring]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_card: measures what a rehearsal has not")


def why_not(config: pytest.Config) -> str | None:
    """Return why these tests cannot run here, or None."""
    try:
        import torch
    except ImportError:
        return NO_TORCH
    if config.getoption("--rehearse") or torch.cuda.is_available():
        return None
    return NO_CUDA.format(version=torch.__version__)


@pytest.fixture(scope="session")
def rehearsal(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rehearse"))


@pytest.fixture(scope="session")
def devices(rehearsal: bool) -> Sequence[int]:
    """The first GPU; none in a rehearsal, which means the CPU."""
    import torch

    import tests.models.importable  # noqa: F401

    if rehearsal:
        torch.set_num_threads(1)
        return ()
    return (0,)


@pytest.fixture(scope="session")
def canary_folder(tmp_path_factory: pytest.TempPathFactory, rehearsal: bool, devices: Sequence[int]) -> Path:
    """Canary at real size, which says what it is forced to."""
    from tests.models import real_size, tiny_canary

    folder = tmp_path_factory.mktemp("canary-real")
    size = tiny_canary.Size(longest=512) if rehearsal else real_size.CANARY
    tiny_canary.build(folder / "canary-1b-v2.nemo", size=size, eos=real_size.EOS)
    return folder


@pytest.fixture(scope="session")
def pyannote_folder(tmp_path_factory: pytest.TempPathFactory, rehearsal: bool, devices: Sequence[int]) -> Path:
    from tests.models import tiny_pyannote

    folder = tmp_path_factory.mktemp("pyannote-real")
    tiny_pyannote.build(folder, real=not rehearsal)
    return folder


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory, devices: Sequence[int]) -> tuple[Path, Path]:
    """Canary and pyannote as tests/models knows them."""
    from tests.models import tiny_canary, tiny_pyannote

    canary, pyannote = (tmp_path_factory.mktemp(f"{name}-tiny") for name in ("canary", "pyannote"))
    tiny_canary.build(canary / "canary-1b-v2.nemo")
    tiny_pyannote.build(pyannote)
    return canary, pyannote


@pytest.fixture
def sound() -> Any:
    """Sound like speech, 60 s at 16 kHz."""
    from tests.models.babble import babble

    return babble(60)
