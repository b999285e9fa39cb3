"""What goes into a pyannote pipeline beside its parts, and what comes out of it -> speaker turns."""

import tempfile
from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SpeakerTurn, by_time


def with_plda(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration that names a PLDA: pyannote loads one even where the clustering never asks it."""
    params = config["pipeline"]["params"]
    if "plda" in params:
        return config
    return {**config, "pipeline": {**config["pipeline"], "params": {**params, "plda": _neutral()}}}


def _neutral() -> Any:
    """Return a PLDA that changes nothing."""
    from pyannote.audio.core.plda import PLDA

    with tempfile.TemporaryDirectory() as folder:
        transform, plda = Path(folder) / "xvec_transform.npz", Path(folder) / "plda.npz"
        np.savez(transform, mean1=np.zeros(2), mean2=np.zeros(2), lda=np.eye(2))
        np.savez(plda, mu=np.zeros(2), tr=np.eye(2), psi=np.array([2.0, 1.0]))
        return PLDA(transform, plda)


def turns_of(output: Any, duration: float) -> list[SpeakerTurn]:
    """Return the turns of a recording: S1, S2, ... by first appearance, with what is known of each voice.

    Pipelines in the manner of version 3 give the annotation itself, without voices and without who leads.
    """
    annotation = getattr(output, "speaker_diarization", output)
    heard = [
        SpeakerTurn(start=max(0.0, segment.start), end=min(duration, segment.end), speaker=str(label))
        for segment, _, label in annotation.itertracks(yield_label=True)
        if segment.start < duration
    ]
    heard.sort(key=lambda turn: (*by_time(turn), turn.speaker))
    leading = _leading(getattr(output, "exclusive_speaker_diarization", None))
    voices = _voices(annotation, getattr(output, "speaker_embeddings", None))
    names: dict[str, str] = {}
    made: list[SpeakerTurn] = []
    for turn in heard:
        is_new = turn.speaker not in names
        name = names.setdefault(turn.speaker, f"S{len(names) + 1}")
        voice = voices.get(turn.speaker, msgspec.UNSET) if is_new else msgspec.UNSET
        made.append(msgspec.structs.replace(turn, speaker=name, voice=voice, leads=_within(turn, leading)))
    return made


def _leading(annotation: Any) -> dict[str, list[tuple[float, float]]] | None:
    """Return for each speaker when they are the one to be heard; None where the pipeline does not say."""
    if annotation is None:
        return None
    pieces: dict[str, list[tuple[float, float]]] = {}
    for segment, _, label in annotation.itertracks(yield_label=True):
        pieces.setdefault(str(label), []).append((segment.start, segment.end))
    return pieces


def _within(
    turn: SpeakerTurn, leading: dict[str, list[tuple[float, float]]] | None
) -> tuple[tuple[float, float], ...] | msgspec.UnsetType:
    if leading is None:
        return msgspec.UNSET
    pieces = leading.get(turn.speaker, [])
    # One speaker's pieces follow one another: from the first that ends behind the turn's start to the last that begins.
    first = bisect_right(pieces, turn.start, key=lambda piece: piece[1])
    last = bisect_left(pieces, turn.end, key=lambda piece: piece[0])
    return tuple((max(start, turn.start), min(end, turn.end)) for start, end in pieces[first:last])


def _voices(annotation: Any, embeddings: NDArray[Any] | None) -> dict[str, bytes]:
    """Return each speaker's voice as a unit vector. Source: rows are in the order of the annotation's labels."""
    if embeddings is None:
        return {}
    found: dict[str, bytes] = {}
    for label, row in zip(annotation.labels(), np.asarray(embeddings, np.float64), strict=False):
        length = float(np.linalg.norm(row))
        if np.isfinite(length) and length > 0:
            found[str(label)] = (row / length).astype(np.float32).tobytes()
    return found
