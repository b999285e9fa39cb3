"""The sample meeting: real speech of two people that a dependency ships."""

import importlib.util

import anyio

from api.errors import NotThere

TITLE = "Sample meeting"
SAMPLE = "endgame_nagg_nell.wav"
"""Two actors in Beckett's Endgame, 28 s."""


def sample() -> anyio.Path:
    """Return the sample recording.

    Raises:
        NotThere: its package is not installed.
    """
    found = importlib.util.find_spec("moonshine_voice")
    if found is not None and found.origin is not None:
        return anyio.Path(found.origin).parent / "assets" / SAMPLE
    raise NotThere("The package moonshine-voice, which carries the sample, is not installed.")
