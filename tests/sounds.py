"""Real speech that comes with a dependency, as 16 kHz mono samples."""

import functools
import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE


def shipped(name: str) -> Path:
    """Return a recording that the package moonshine_voice brings, without importing it."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "assets" / name


@functools.cache
def speech(path: Path) -> NDArray[np.float32]:
    """Return a recording's sound, read-only. Shape (n,), in -1..1, 16 kHz."""
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(path)) as container:
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    frames += resampler.resample(None)
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)
    samples.flags.writeable = False
    return samples
