"""Short recordings of people whose names are known -> which speaker of another recording is who."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.voiceprints import voiceprints
from stages.diarize_online import OnlineDiarizer
from stages.engine import EngineHost
from stages.resample import Decoder
from stages.speech import SAMPLE_RATE, SpeakerTurn, Voices

Vector = NDArray[np.float32]

LEAST_SECONDS, MOST_SECONDS = 2.0, 10.0
"""Length of a reference."""
SLACK_SECONDS = 0.1
"""A clip cut to a round length comes out of its codec a little longer or shorter."""
SAME = 0.5
"""Cosine from which on a speaker is the one of a reference.

Measured on two actors in dialogue: 0.80 and 0.88 with a line of their own, at most 0.39 with one of the other, of
another reader or of five synthetic voices.
"""


class BadReference(ValueError):
    """A reference that no voice can be learned from."""


def can_know(host: EngineHost[Any]) -> bool:
    """Tell whether a diarizer can compare voices one by one."""
    return hasattr(host.engine, "vectors") and hasattr(host.engine, "listen")


async def voice_of(file: Path, host: EngineHost[OnlineDiarizer]) -> Vector:
    """Return how the one who speaks in a short recording sounds: a unit vector.

    Raises:
        BadReference: it is too short, too long, or nobody is heard alone in it for long enough.
        MediaError: it cannot be decoded.
    """
    parts = [chunk.samples async for chunk in Decoder(file).chunks()]
    sound = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    length = len(sound) / SAMPLE_RATE
    if not LEAST_SECONDS - SLACK_SECONDS <= length <= MOST_SECONDS + SLACK_SECONDS:
        raise BadReference(f"It lasts {length:.1f} s; {LEAST_SECONDS:.0f} to {MOST_SECONDS:.0f} s are needed.")
    window = await host.call(_listen, sound[: host.engine.window])
    vectors = await host.call(_vectors, window)
    for voice in np.argsort(window.solo)[::-1]:
        if np.isfinite(vectors[voice]).all():
            found: Vector = vectors[voice]
            return found
    raise BadReference("Nobody is heard alone in it for long enough.")


async def known_names(
    windows: Iterable[Voices],
    turns: Sequence[SpeakerTurn],
    host: EngineHost[OnlineDiarizer],
    known: Mapping[str, Vector],
) -> Mapping[str, str]:
    """Return the name of each speaker who sounds like a reference; each name is one speaker's."""
    from scipy.optimize import linear_sum_assignment

    compared = [
        msgspec.structs.replace(window, embeddings=(await host.call(_vectors, window)).astype(np.float32).tobytes())
        for window in windows
    ]
    found = voiceprints(compared, turns, host.engine.window / SAMPLE_RATE)
    labels, names = list(found), list(known)
    if not labels or not names:
        return {}
    likely = np.stack([found[label] for label in labels]) @ np.stack([known[name] for name in names]).T
    rows, columns = linear_sum_assignment(-likely)
    return {
        labels[row]: names[column]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if likely[row, column] >= SAME
    }


def _listen(engine: OnlineDiarizer, sound: Vector) -> Voices:
    return engine.listen(sound, 0.0, "0")


def _vectors(engine: OnlineDiarizer, window: Voices) -> Vector:
    return engine.vectors(window)
