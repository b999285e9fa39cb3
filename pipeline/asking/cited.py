"""Text as a language model writes it -> sentences with the lines that they cite; a citation is a number in brackets."""

import re
from collections.abc import AsyncIterator

import msgspec

MARK = re.compile(r"\s*\[\s*\d+(?:\s*[,;]\s*\d+)*\s*\]")
NUMBER = re.compile(r"\d+")
END = re.compile(
    r"""
    (?: [.!?…。！？]["”’»)]* (?:\s*\[[\d\s,;]+\])*      # an end, and what is cited behind it
      | (?:\s*\[[\d\s,;]+\])+ [.!?…。！？]["”’»)]*      # the same in the other order
      | (?:\s*\[[\d\s,;]+\])+ (?=\s+[^\s\[.!?…])        # cited, and no full stop
    )
    (?=\s+[^\s\[]|\n)                                   # the next sentence has begun
    """,
    re.VERBOSE,
)
SHORT = 3
"""Words; what is shorter and cites nothing is the beginning of a sentence, cut after `Mr.` or `3.`."""
NOT_SAID = "NOT SAID"
"""What the model writes where the passages do not answer."""


class Draft(msgspec.Struct, frozen=True):
    """A sentence as the model wrote it."""

    text: str
    """Without its citations."""
    cites: tuple[int, ...]
    """Numbers, real or not."""


async def sentences(pieces: AsyncIterator[str]) -> AsyncIterator[Draft]:
    """Yield sentences as soon as the next one has begun."""
    held = ""
    async for piece in pieces:
        held += piece
        cut = 0
        for found in END.finditer(held):
            draft = drafted(held[cut : found.end()])
            if not draft.cites and len(draft.text.split()) < SHORT:
                continue
            yield draft
            cut = found.end()
        held = held[cut:]
    if held.strip():
        yield drafted(held)


def drafted(text: str) -> Draft:
    """Take the citations out of a sentence."""
    cites = [int(number) for mark in MARK.findall(text) for number in NUMBER.findall(mark)]
    return Draft(" ".join(MARK.sub("", text).split()), tuple(dict.fromkeys(cites)))
