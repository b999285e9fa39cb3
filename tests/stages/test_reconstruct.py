import numpy as np
import pytest

from stages.reconstruct import SILENT, Frames, Tidy, reconstruct
from stages.speech import SpeakerTurn, Voices

FRAMES = Frames(step=0.1, middle=0.05)
RAW = Tidy(shortest=0)


def window(start: float, *activity: str, end: float | None = None) -> Voices:
    """Return a window in which each string is one local speaker: "x" speaks, anything else does not."""
    active = np.array([[mark == "x" for mark in line] for line in activity]).T
    return Voices(
        start=start,
        end=start + len(active) * FRAMES.step if end is None else end,
        track="t",
        speakers=len(activity),
        active=np.packbits(active).tobytes(),
        frames=len(active),
        embeddings=b"",
        solo=(0.0,) * len(activity),
    )


def turns(heard: list[Voices], labels: list[list[int]], tidy: Tidy = RAW) -> list[tuple[str, float, float]]:
    made = reconstruct(heard, np.array(labels, np.int64), FRAMES, tidy)
    assert all(isinstance(turn, SpeakerTurn) and turn.track == "t" for turn in made)
    return [(turn.speaker, round(turn.start, 3), round(turn.end, 3)) for turn in made]


def test_frames_become_seconds() -> None:
    assert turns([window(2, "..xxx.....")], [[0]]) == [("0", 2.2, 2.5)]


def test_nobody_speaks() -> None:
    assert turns([], np.zeros((0, 1), int).tolist()) == []
    assert turns([window(0, "..........")], [[SILENT]]) == []


def test_the_same_person_may_be_another_column_of_the_next_window() -> None:
    heard = [window(0, "xxxx......", "....xxxxxx"), window(0.5, "xxxxx.....", "......xxx.")]
    assert turns(heard, [[0, 1], [1, 0]]) == [("0", 0, 0.4), ("1", 0.4, 1.0), ("0", 1.1, 1.4)]


def test_people_who_talk_at_once_both_hold_the_floor() -> None:
    heard = [window(0, "xxxxxx....", "...xxxxxxx")]
    assert turns(heard, [[0, 1]]) == [("0", 0, 0.6), ("1", 0.3, 1.0)]


def test_as_many_speak_as_the_windows_hear_on_average() -> None:
    heard = [
        window(0, "xxxxxxxxxx", "..xxxx...."),
        window(0, "xxxxxxxxxx", "...xxxxx.."),
        window(0, "xxxxxxxxxx", ".........."),
    ]
    assert turns(heard, [[0, 1]] * 3) == [("0", 0, 1.0), ("1", 0.3, 0.6)]


def test_nothing_lies_beyond_the_end_of_the_track() -> None:
    assert turns([window(0, "xxxxxxxxxx", end=0.73)], [[0]]) == [("0", 0, 0.73)]


def test_windows_far_apart_leave_silence_between_them() -> None:
    heard = [window(0, "xxxxxxxxxx"), window(100, "xxxxxxxxxx")]
    assert turns(heard, [[0], [0]]) == [("0", 0, 1), ("0", 100, 101)]


def test_tidying_joins_and_drops() -> None:
    heard = [window(0, "xxx.xxx..x")]
    assert turns(heard, [[0]], Tidy(pause=0.11, shortest=0.2)) == [("0", 0, 0.7)]


@pytest.mark.parametrize("start", [0, 2.5, 600, 10_797.5])
def test_the_grid_of_a_real_network_stays_within_a_frame(start: float) -> None:
    frames = Frames(step=0.016875, middle=0.031)
    assert frames.edge(frames.index(start)) == pytest.approx(start + 0.031 - 0.016875 / 2, abs=0.0085)
