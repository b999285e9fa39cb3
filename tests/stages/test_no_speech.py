"""What is no speech is not taken for it."""

import numpy as np
import pytest

from stages.speech import SAMPLE_RATE, Mark
from tests.collect import collect
from tests.sounds import shipped, speech
from tests.stages.test_detect_speech import chunks, silero


@pytest.mark.anyio
async def test_ten_silent_minutes_hold_no_speech() -> None:
    sounds = {"0": np.zeros(600 * SAMPLE_RATE, np.float32)}
    items = await collect(silero(sounds), chunks(sounds))
    assert {type(item) for item in items} == {Mark}


@pytest.mark.anyio
@pytest.mark.parametrize("loudness", [1e-4, 0.01, 0.3])
async def test_noise_is_no_speech(loudness: float) -> None:
    sounds = {"0": np.random.default_rng(1).normal(0, loudness, 40 * SAMPLE_RATE).astype(np.float32)}
    assert await collect(silero(sounds), chunks(sounds)) == []


@pytest.mark.anyio
async def test_what_is_not_a_number_is_silence() -> None:
    reader = speech(shipped("two_cities.wav"))[: 14 * SAMPLE_RATE].copy()
    holed = reader.copy()
    reader[: SAMPLE_RATE // 2], holed[: SAMPLE_RATE // 2] = 0, np.nan
    sounds, same = {"0": holed}, {"0": reader}
    assert await collect(silero(sounds), chunks(sounds)) == await collect(silero(same), chunks(same))
    nothing = {"0": np.full(5 * SAMPLE_RATE, np.inf, np.float32)}
    assert await collect(silero(nothing), chunks(nothing)) == []
