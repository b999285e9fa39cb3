"""What an engine is, for whoever chooses one."""

from collections.abc import Collection

import msgspec


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine is and what it may be used for."""

    engine: str
    """Name in the configuration."""
    model: str
    """Model id, as its authors publish it."""
    revision: str
    """Version of the weights."""
    licence: str
    """SPDX identifier, or the name of the licence."""
    attribution: str
    """Whom to name, and where the model comes from."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes it speaks; empty where language does not matter."""
    capabilities: frozenset[str] = frozenset()
    """Among: streaming, word_times, translation, vision, voiceprints, json_schema, tools, language_by_score."""
    presumed: tuple[str, ...] = ()
    """Languages that may be spoken where nobody says which, the likeliest first; for one that must be told."""
    sure: float = 0.9
    """For one that must be told: share of belief, 0..1, from which on a language is taken for the one that is spoken.

    The default is not calibrated on Canary's real weights: nobody has run them here.
    """
    memory: int = 0
    """Bytes it takes when loaded, as measured; 0 if unknown."""
    batch: int = 1
    """Stretches of at most 30 s each that a call works on side by side; 1: a call covers 30 s of sound in all."""
    batch_gpu: int | None = None
    """The same on a GPU; None where that makes no difference."""

    def together(self, devices: Collection[int]) -> int:
        """Return how many stretches of at most 30 s each a call takes on these GPUs; none means the CPU."""
        return self.batch_gpu if devices and self.batch_gpu is not None else self.batch


def check_sure(sure: float) -> float:
    """Return it if it can be a share of belief. Raises TypeError."""
    if not 0 < sure < 1:
        raise TypeError(f"sure is a share of belief between 0 and 1, not {sure}")
    return sure
