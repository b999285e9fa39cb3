"""OpenAI's settings of voice activity detection -> ours."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pipeline.gateway.errors import BadBody
from stages.stretches import Detection

NAME = "chunking_strategy"
AFTER_SECONDS = 0.3
"""Sound after the last likely frame that is transcribed with it, as far as the silence reaches."""
BELOW = 0.15
"""So much below the threshold a frame is quiet. Source: the detector's own recipe (silero-vad)."""


class ServerVad(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When speech begins and ends."""

    type: Literal["server_vad"] = "server_vad"
    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """Probability of speech from which on it begins."""
    prefix_padding_ms: Annotated[int, Meta(ge=0, le=5000)] = 300
    """Sound before it that belongs to it."""
    silence_duration_ms: Annotated[int, Meta(ge=100, le=8000)] = 200
    """Quiet that ends it."""

    @property
    def detection(self) -> Detection:
        """The same as our detector takes it."""
        opens = max(0.02, self.threshold)
        silence = self.silence_duration_ms / 1000
        return Detection(
            open_probability=opens,
            close_probability=max(0.01, opens - BELOW, opens / 4),
            min_silence_seconds=silence,
            pad_seconds=self.prefix_padding_ms / 1000,
            tail_seconds=min(AFTER_SECONDS, silence),
        )


def vad_of(fields: Mapping[str, Sequence[str]]) -> ServerVad | None:
    """Read the chunking strategy of a form: `auto`, JSON, or one field for each setting.

    Raises:
        BadBody: it makes no sense.
    """
    settings = {
        name.removeprefix(f"{NAME}[").removesuffix("]"): texts[-1]
        for name, texts in fields.items()
        if name.startswith(f"{NAME}[")
    }
    said = next((text.strip() for text in fields.get(NAME, ()) if text.strip()), "")
    if not settings and said in ("", "auto", '"auto"'):
        return None
    try:
        found = msgspec.convert(settings, ServerVad, strict=False) if settings else _decoded(said)
    except msgspec.DecodeError as error:
        raise BadBody(f"chunking_strategy is auto, or {{type: server_vad, ...}}: {error}.", NAME) from error
    return found


def _decoded(said: str) -> ServerVad:
    return msgspec.json.decode(said, type=ServerVad)
