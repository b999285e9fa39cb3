"""Servers that are killed with -9: each meeting that was accepted comes to its end once, as if nothing had happened."""

from pathlib import Path

import pytest

from tests.pipeline.kills import kill_and_look, undisturbed

pytestmark = pytest.mark.anyio


async def test_killed_at_random_moments_every_meeting_is_complete_once(tmp_path: Path) -> None:
    expected = await undisturbed(tmp_path / "undisturbed")
    found = await kill_and_look(tmp_path / "killed", rounds=3, meetings=3, seed=5)
    assert found.kills >= 2, "the machine is too slow to kill anything in time"
    assert found.accepted <= set(found.states), "nothing that was accepted is lost"
    assert set(found.states.values()) == {"done"}
    assert set(found.ends.values()) == {1}
    assert set(found.utterances.values()) == {40}
    assert all(made == expected for made in found.prints.values())
    assert found.left == []
