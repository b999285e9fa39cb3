"""The sound of a track on disk: what is given is there, and nothing else of it is left anywhere."""

import math
import resource
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from stages.engine_errors import EngineError
from stages.speech import AudioChunk, seconds
from stages.whole_track import WholeTrack
from tests.held_memory import anonymous

MINUTE = np.random.default_rng(3).uniform(-0.5, 0.5, 60 * 16_000).astype(np.float32)


def chunk(first: int, samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> AudioChunk:
    return AudioChunk(start=seconds(first), end=seconds(first + len(samples)), samples=samples)


def test_the_samples_are_those_that_came_with_silence_in_the_holes(tmp_path: Path) -> None:
    with closing(WholeTrack(tmp_path)) as track:
        assert not len(track.samples())
        track.take(chunk(32_000, MINUTE[:8_000]))
        track.take(chunk(16_000, np.array([math.nan, math.inf, -math.inf, 2, 0.25], np.float32)))
        whole = track.samples()
    assert len(whole) == 40_000 and whole.dtype == np.float32
    np.testing.assert_array_equal(whole[32_000:], MINUTE[:8_000])
    np.testing.assert_array_equal(whole[16_000:16_005], np.array([0, 1, -1, 1, 0.25], np.float32))
    assert not whole[:16_000].any() and not whole[16_005:32_000].any()


def test_the_file_has_no_name_and_is_no_memory_of_this_process(tmp_path: Path) -> None:
    before = anonymous()
    with closing(WholeTrack(tmp_path)) as track:
        for minute in range(20):
            track.take(chunk(minute * len(MINUTE), MINUTE))
        assert not list(tmp_path.iterdir()), "whoever is killed leaves nothing behind"
        whole = track.samples()
    assert math.isclose(float(whole.sum()), 20 * float(MINUTE.sum()), rel_tol=1e-2), "all of it was read"
    assert whole.nbytes > 75_000_000
    assert anonymous() - before < 20_000_000


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(WholeTrack(tmp_path)) as track:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        try:
            with pytest.raises(EngineError, match="free some space"):
                track.take(chunk(0, MINUTE))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
