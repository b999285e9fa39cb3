"""Words for summaries that settings, stages and wire shapes share."""

from typing import Literal

Length = Literal["short", "medium", "long"]
"""How much a summary says."""
Comparison = Literal["meaning", "words"]
"""How a point is compared with what it cites: in meaning, or by the words that both have."""
