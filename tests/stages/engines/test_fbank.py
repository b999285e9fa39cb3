import numpy as np
import pytest

from stages.engines.fbank import BINS, FRAME, SHIFT, fbank


def noise(length: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.random.default_rng(0).normal(0, 0.1, length).astype(np.float32)


@pytest.mark.parametrize(("length", "frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2), (160_000, 998)])
def test_only_whole_frames_count(length: int, frames: int) -> None:
    assert fbank(noise(length)).shape == (frames, BINS)


def test_a_frame_knows_only_its_own_samples() -> None:
    sound = noise(8_000)
    assert fbank(sound)[7] == pytest.approx(fbank(sound[7 * SHIFT : 7 * SHIFT + FRAME])[0], abs=1e-4)


@pytest.mark.parametrize(("hertz", "band"), [(200, 7), (1_000, 27), (4_000, 60)])
def test_a_tone_is_loudest_in_its_band(hertz: int, band: int) -> None:
    tone = (0.5 * np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000)).astype(np.float32)
    assert abs(int(fbank(tone).mean(axis=0).argmax()) - band) <= 1


def test_twice_as_loud_is_four_times_the_energy() -> None:
    sound = noise(4_000)
    assert fbank(2 * sound) - fbank(sound) == pytest.approx(np.log(4), abs=1e-3)


def test_silence_and_a_constant_have_the_least_energy() -> None:
    assert np.isfinite(fbank(np.zeros(800, np.float32))).all()
    assert fbank(np.full(800, 0.25, np.float32)) == pytest.approx(np.log(np.finfo(np.float32).eps), abs=1e-3)
