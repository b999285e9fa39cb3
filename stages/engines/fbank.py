"""Sound -> log mel filterbank energies, as Kaldi makes them and as WeSpeaker's voice embeddings expect them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE

FRAME = 400
"""Samples in a frame: 25 ms."""
SHIFT = 160
"""Samples from one frame to the next: 10 ms."""
BINS = 80
"""Mel bands."""

_FFT = 512
_LOWEST_HERTZ = 20.0
_PREEMPHASIS = 0.97
_FLOOR = float(np.finfo(np.float32).eps)
_FULL_SCALE = 32768.0


def fbank(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log energy of each band in each whole frame. Shape (frames, 80); none below 400 samples.

    No dither, mean of each frame removed, pre-emphasis, Hamming window, power spectrum.
    Source: compute-fbank-feats of Kaldi, with the settings of WeSpeaker (Wang et al., 2023).
    """
    if len(samples) < FRAME:
        return np.zeros((0, BINS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::SHIFT] * np.float32(_FULL_SCALE)
    frames -= frames.mean(axis=1, keepdims=True)
    before = np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    frames = (frames - _PREEMPHASIS * before) * _hamming()
    spectrum = np.fft.rfft(frames, _FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies = power[:, : _FFT // 2] @ _mel_bands().T
    logs: NDArray[np.float32] = np.log(np.maximum(energies, np.float32(_FLOOR)), dtype=np.float32)
    return logs


@cache
def _hamming() -> NDArray[np.float32]:
    return np.hamming(FRAME).astype(np.float32)


@cache
def _mel_bands() -> NDArray[np.float32]:
    """Return triangles of equal width on the mel scale, from 20 Hz to half the sample rate. Shape (80, 256)."""
    edges = np.linspace(_mel(_LOWEST_HERTZ), _mel(SAMPLE_RATE / 2), BINS + 2)
    points = _mel(np.arange(_FFT // 2, dtype=np.float64) * (SAMPLE_RATE / _FFT))
    left, peak, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (points - left) / (peak - left), (right - points) / (right - peak)
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def _mel(hertz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))
