"""Text as models write it -> sentences and what they cite."""

from collections.abc import AsyncIterator

import pytest

from pipeline.asking.cited import Draft, sentences

pytestmark = pytest.mark.anyio


async def read(text: str, size: int) -> list[Draft]:
    async def pieces() -> AsyncIterator[str]:
        for first in range(0, len(text), size):
            yield text[first : first + size]

    return [draft async for draft in sentences(pieces())]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_citations_stand_before_or_behind_the_full_stop(size: int) -> None:
    told = "It is the second floor [3]. The rent is 4,200. [1][2] Dr. Baker asks the landlord [4, 5].\nNothing else"
    assert await read(told, size) == [
        Draft("It is the second floor.", (3,)),
        Draft("The rent is 4,200.", (1, 2)),
        Draft("Dr. Baker asks the landlord.", (4, 5)),
        Draft("Nothing else", ()),
    ]


async def test_a_sentence_is_told_as_soon_as_the_next_one_begins() -> None:
    sent: list[str] = []

    async def pieces() -> AsyncIterator[str]:
        for piece in ("They move in March", " [1].", " The", " chairs stay [2]."):
            sent.append(piece)
            yield piece

    drafts = sentences(pieces())
    assert (await anext(drafts)).text == "They move in March."
    assert len(sent) == 3


async def test_not_said_is_one_sentence() -> None:
    assert await read("NOT SAID", 3) == [Draft("NOT SAID", ())]
