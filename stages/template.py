"""How a summary is to be written: what a language model is told for a kind of meeting."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stages.summary import Length

Section = Literal["topics", "decisions", "actions", "questions"]
"""A part of a summary that a template may leave out."""
SECTIONS: tuple[Section, ...] = ("topics", "decisions", "actions", "questions")

Name = Annotated[str, Meta(max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$")]
Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Words = Annotated[str, Meta(max_length=20_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a summary is to be written."""

    name: Name
    """Names it in requests."""
    title: Title
    """Names it to people."""
    instructions: Words
    """What a language model is told about this kind of meeting."""
    sections: Annotated[tuple[Section, ...], Meta(min_length=1)] = SECTIONS
    """Parts that the summary has, beside title and overview."""
    length: Length = "medium"
    """How much it says where the user does not choose."""


GENERAL = Template(
    name="general",
    title="General",
    instructions="Any kind of meeting. Say what was talked about, what came out of it, and what is still open.",
)
"""What is followed where nothing else is chosen."""
