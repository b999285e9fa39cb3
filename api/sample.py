"""The sample meeting: real speech of two people that a dependency ships."""

import importlib.util
from pathlib import Path

TITLE = "Sample meeting"
SAMPLE = "endgame_nagg_nell.wav"
"""Two actors in Beckett's Endgame, 28 s."""


def sample() -> Path | None:
    """Return the sample recording; None where its package is missing."""
    found = importlib.util.find_spec("moonshine_voice")
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent / "assets" / SAMPLE
    return file if file.is_file() else None
