"""Raw samples become 16 kHz samples, however they are cut."""

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.resample_pcm import PcmResampler, RawFormat

SECONDS = 2


def tone(rate: int) -> NDArray[np.int16]:
    return (8000 * np.sin(2 * np.pi * 440 * np.arange(rate * SECONDS) / rate)).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("piece", [1, 333, 4096, 1 << 20])
def test_pieces_of_any_length_give_the_same_samples(rate: int, piece: int) -> None:
    data = tone(rate).tobytes() if piece > 1 else tone(rate)[:2000].tobytes()
    whole, cut = PcmResampler(RawFormat(rate=rate)), PcmResampler(RawFormat(rate=rate))
    expected = np.concatenate([whole.take(data), whole.finish()])
    made = [cut.take(data[at : at + piece]) for at in range(0, len(data), piece)]
    assert np.array_equal(np.concatenate([*made, cut.finish()]), expected)


@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000])
def test_length_and_pitch_are_kept(rate: int) -> None:
    resampler = PcmResampler(RawFormat(rate=rate))
    made = np.concatenate([resampler.take(tone(rate).tobytes()), resampler.finish()])
    assert len(made) == pytest.approx(16_000 * SECONDS, abs=40)
    spectrum = np.abs(np.fft.rfft(made[:16_000]))
    assert abs(int(spectrum.argmax()) - 440) <= 1
    assert np.abs(made[1000:-1000]).max() == pytest.approx(8000 / 32768, rel=0.05)


def test_16_khz_is_untouched() -> None:
    pcm = tone(16_000)
    assert np.array_equal(PcmResampler(RawFormat()).take(pcm.tobytes()) * 32768, pcm)


def test_g711_codes_are_those_of_the_standard() -> None:
    mu = PcmResampler(RawFormat("pcmu", 16_000)).take(bytes([0x00, 0x80, 0xFF, 0x7F, 0x8F])) * 32768
    assert mu.tolist() == [-32124, 32124, 0, 0, 16764]
    a = PcmResampler(RawFormat("pcma", 16_000)).take(bytes([0xD5, 0x55, 0xAA, 0x2A])) * 32768
    assert a.tolist() == [8, -8, 32256, -32256]


def test_names_are_read_back_and_rates_have_bounds() -> None:
    for raw in (RawFormat(), RawFormat("pcmu", 8000)):
        assert RawFormat.named(raw.name) == raw
    assert RawFormat.named("webm") is None
    with pytest.raises(ValueError, match="not at 96000"):
        RawFormat(rate=96_000)
