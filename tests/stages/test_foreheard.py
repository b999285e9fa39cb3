"""What was heard of an open stretch is what its closed one says, if it is the same sound."""

import anyio
import numpy as np
import pytest

from stages.foreheard import Foreheard
from stages.heard import Heard, HeardWord, Wish
from stages.stretch import Stretch

pytestmark = pytest.mark.anyio

SOUND = np.linspace(-1, 1, 16_000, dtype=np.float32)
ANSWER = Heard(words=(HeardWord(text="yes"),))
ENGLISH = Wish(language="en")


async def test_the_same_sound_is_known_and_no_other() -> None:
    foreheard, stretch = Foreheard(), Stretch("0", 100, SOUND)
    assert await foreheard.answer(stretch, ENGLISH) is None
    with foreheard.hearing(stretch, ENGLISH) as hearing:
        hearing.heard = ANSWER
    assert await foreheard.answer(Stretch("0", 100, SOUND.copy()), ENGLISH) is ANSWER
    for other in (
        Stretch("1", 100, SOUND),
        Stretch("0", 101, SOUND),
        Stretch("0", 100, SOUND[1:]),
        Stretch("0", 100, SOUND[::-1].copy()),
    ):
        assert await foreheard.answer(other, ENGLISH) is None


async def test_what_was_heard_in_another_language_is_heard_again() -> None:
    foreheard, stretch = Foreheard(), Stretch("0", 100, SOUND)
    with foreheard.hearing(stretch, ENGLISH) as hearing:
        hearing.heard = ANSWER
    assert await foreheard.answer(stretch, Wish(language="de")) is None
    assert foreheard.language("0") is None
    foreheard.speaks("0", "de")
    assert foreheard.language("0") == "de"


async def test_what_is_being_heard_is_waited_for() -> None:
    foreheard, stretch = Foreheard(), Stretch("0", 0, SOUND)
    answers: list[Heard | None] = []

    async def ask() -> None:
        answers.append(await foreheard.answer(stretch, ENGLISH))

    async with anyio.create_task_group() as tasks:
        with foreheard.hearing(stretch, ENGLISH) as hearing:
            tasks.start_soon(ask)
            await anyio.wait_all_tasks_blocked()
            assert answers == []
            hearing.heard = ANSWER
    assert answers == [ANSWER]


async def test_what_could_not_be_heard_is_heard_again() -> None:
    foreheard, stretch = Foreheard(), Stretch("0", 0, SOUND)
    with pytest.raises(RuntimeError, match="deaf"), foreheard.hearing(stretch, ENGLISH):
        raise RuntimeError("deaf")
    assert await foreheard.answer(stretch, ENGLISH) is None
