"""A client that says nothing: its line is given up, its meeting waits."""

from pathlib import Path

import pytest

from pipeline.live.limits import LiveLimits
from tests.api.live.talk import sound, talk
from tests.api.live.toys import toy_live_steps
from tests.api.served import served

pytestmark = pytest.mark.anyio


async def test_who_says_nothing_is_left_and_may_come_back(tmp_path: Path) -> None:
    async with served(tmp_path, live=LiveLimits(silent_seconds=1.0), live_steps_of=toy_live_steps) as s:
        async with talk(s.port) as t:
            await t.start()
            await t.socket.send(sound(1))
            assert (await t.over())[0] == 4408
            assert t.told("error")[0]["code"] == "silent"
        async with talk(s.port) as again:
            await again.start(meeting=t.meeting)
            await again.say("stop")
            await again.until("end")
