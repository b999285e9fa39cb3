"""Raw samples of any rate, as they arrive -> 16 kHz mono float32."""

import re
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE

Coding = Literal["pcm_s16le", "pcmu", "pcma"]

RATES = (8_000, 48_000)
"""Lowest and highest rate of raw samples that is taken."""


class RawFormat(msgspec.Struct, frozen=True):
    """How raw samples are written; always one channel."""

    coding: Coding = "pcm_s16le"
    """16 bits little-endian, or G.711 in 8 bits."""
    rate: int = SAMPLE_RATE
    """Samples per second."""

    def __post_init__(self) -> None:
        if not RATES[0] <= self.rate <= RATES[1]:
            raise ValueError(f"Raw samples come at {RATES[0]} to {RATES[1]} Hz, not at {self.rate}.")

    @property
    def width(self) -> int:
        """Bytes of a sample."""
        return 2 if self.coding == "pcm_s16le" else 1

    @property
    def silence(self) -> bytes:
        """One sample of silence. Source: ITU-T G.711 for the codes of zero."""
        return {"pcm_s16le": b"\0\0", "pcmu": b"\xff", "pcma": b"\xd5"}[self.coding]

    @property
    def name(self) -> str:
        """Return a name that `named` reads back."""
        return f"{self.coding.replace('_', '-')}-{self.rate}"

    @classmethod
    def named(cls, name: str) -> "RawFormat | None":
        """Return the format of that name; None where it is none of ours."""
        found = re.fullmatch(r"(pcm-s16le|pcmu|pcma)-(\d+)", name)
        if found is None:
            return None
        return msgspec.convert({"coding": found[1].replace("-", "_"), "rate": int(found[2])}, cls)


class PcmResampler:
    """Takes raw bytes of any length and gives 16 kHz samples; the same bytes in other pieces give the same samples."""

    def __init__(self, raw: RawFormat) -> None:
        self._raw = raw
        self._rest = b""
        self._resampler = None if raw.rate == SAMPLE_RATE else _Resampler(raw.rate)

    def take(self, data: bytes) -> NDArray[np.float32]:
        """Return the samples that are complete. Shape (n,), in -1..1."""
        data = self._rest + data
        whole = len(data) - len(data) % self._raw.width
        self._rest = data[whole:]
        pcm = _decoded(data[:whole], self._raw.coding)
        if self._resampler is not None:
            pcm = self._resampler.take(pcm)
        return pcm.astype(np.float32) * np.float32(1 / 32768)

    def finish(self) -> NDArray[np.float32]:
        """Return what was still held back."""
        if self._resampler is None:
            return np.zeros(0, np.float32)
        return self._resampler.take(None).astype(np.float32) * np.float32(1 / 32768)


class _Resampler:
    """FFmpeg's resampler, fed blocks of 20 ms so that pieces of any length give the same samples."""

    def __init__(self, rate: int) -> None:
        from av import AudioResampler

        self._rate = rate
        self._resampler = AudioResampler("s16", "mono", SAMPLE_RATE)
        self._held: NDArray[np.int16] = np.zeros(0, np.int16)
        self._block = rate // 50

    def take(self, pcm: NDArray[np.int16] | None) -> NDArray[np.int16]:
        """Return what is complete; None ends the sound."""
        held = self._held if pcm is None else np.concatenate([self._held, pcm])
        whole = len(held) if pcm is None else len(held) - len(held) % self._block
        self._held = held[whole:]
        made = [self._frames(held[at : at + self._block]) for at in range(0, whole, self._block)]
        if pcm is None:
            made.append(self._frames(None))
        return np.concatenate(made) if made else np.zeros(0, np.int16)

    def _frames(self, pcm: NDArray[np.int16] | None) -> NDArray[np.int16]:
        from av import AudioFrame

        frame = None
        if pcm is not None:
            frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), "s16", "mono")
            frame.sample_rate = self._rate
        blocks = [block.to_ndarray()[0] for block in self._resampler.resample(frame)]
        return np.concatenate(blocks).astype(np.int16) if blocks else np.zeros(0, np.int16)


def _decoded(data: bytes, coding: Coding) -> NDArray[np.int16]:
    if coding == "pcm_s16le":
        return np.frombuffer(data, "<i2").astype(np.int16)
    table = _MU_LAW if coding == "pcmu" else _A_LAW
    return np.asarray(table[np.frombuffer(data, np.uint8)], np.int16)


def _mu_law() -> NDArray[np.int16]:
    """Return the sample of each code. Source: ITU-T G.711, table 2a."""
    code = ~np.arange(256, dtype=np.int64) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _a_law() -> NDArray[np.int16]:
    """Return the sample of each code. Source: ITU-T G.711, table 1a."""
    code = np.arange(256, dtype=np.int64) ^ 0x55
    exponent, mantissa = code >> 4 & 7, (code & 0x0F) << 4
    magnitude = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


_MU_LAW = _mu_law()
_A_LAW = _a_law()
