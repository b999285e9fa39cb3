"""What can be configured of summaries: the table [summary]."""

from pathlib import Path

import msgspec


class SummarySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How summaries are made."""

    model: str | None = None
    """Language model, as GET /v1/models lists it; None takes the first that writes text, `extractive` takes none."""
    templates: Path | None = None
    """Folder of templates, *.toml; each hides the one of Parley with the same name. None for no folder."""
    glossary: tuple[str, ...] = ()
    """Names, products and abbreviations of the house, each perhaps with `: ` and what it means."""
    together: int = 4
    """Parts of one meeting that the model is asked for at once, at least 1."""
    window: int | None = None
    """Tokens that the model reads and writes in one request; None takes what its server says, else 8192."""
    patience_seconds: float = 600.0
    """How long one answer of the model may take."""
    slides_seconds: float = 120.0
    """How long a summary waits for a model that sees to read the slides; those that are left have no captions, and the
    page says so. 0 has none read."""
    live_minutes: float = 3.0
    """Time between two running summaries of a live meeting; 0 for none."""
