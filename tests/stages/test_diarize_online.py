from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.diarize_online import DiarizeOnline
from stages.engine import Card, EngineHost, Progress
from stages.speech import Diarized, SpeakerTurn, Voices
from tests.collect import collect
from tests.stages.made_up_talk import FRAMES, Talk, in_turn

pytestmark = pytest.mark.anyio


class Ledger:
    """Knows how the voices of each window sound."""

    card = Card(engine="ledger", model="none", revision="1", licence="none", attribution="nobody")
    window, hop = 160_000, 40_000
    grid = FRAMES

    def __init__(self, heard: Sequence[Voices], vectors: NDArray[np.float32]) -> None:
        self.known = {(window.track, window.start): rows for window, rows in zip(heard, vectors, strict=True)}

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        return

    def unload(self) -> None:
        return

    def vectors(self, window: Voices) -> NDArray[np.float32]:
        rows: NDArray[np.float32] = self.known[window.track, window.start]
        return rows


async def told(people: int, late_seconds: float) -> tuple[list[Voices], list[SpeakerTurn | Diarized]]:
    heard, vectors, _ = Talk(people).windows(in_turn(people, 1200))
    host = EngineHost(Ledger(heard, vectors))
    stage = DiarizeOnline(host, SpeakerCount(), late_seconds=late_seconds)  # type: ignore[arg-type]
    made = [item for item in await collect(stage, heard) if isinstance(item, SpeakerTurn | Diarized)]
    await host.close()
    return heard, made


@pytest.mark.parametrize("late_seconds", [0.0, 1.25])
async def test_the_frontier_follows_the_windows_and_no_turn_crosses_it_twice(late_seconds: float) -> None:
    heard, made = await told(3, late_seconds)
    frontiers = [item for item in made if isinstance(item, Diarized)]
    assert [item.end for item in frontiers[: len(heard)]] == pytest.approx([one.end - late_seconds for one in heard])
    assert frontiers[-1].end == heard[-1].end
    assert [item.start for item in frontiers[1:]] == [item.end for item in frontiers[:-1]]
    before = 0.0
    for item in made:
        if isinstance(item, Diarized):
            before = item.end
        else:
            assert item.start >= before


async def test_labels_are_given_in_order_of_appearance() -> None:
    _, made = await told(3, 1.25)
    labels = [item.speaker for item in made if isinstance(item, SpeakerTurn)]
    assert list(dict.fromkeys(labels)) == ["S1", "S2", "S3"]
