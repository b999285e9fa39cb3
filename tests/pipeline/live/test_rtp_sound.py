"""Sound of one WebRTC sender finds its place in the meeting, whatever clock and network do to it."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.live.rtp_sound import Placed, RtpSound, SoundFrame

RATE, FRAME = 48_000, 960


def tone(seconds: float) -> NDArray[np.int16]:
    return (8000 * np.sin(2 * np.pi * 300 * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def frames(sound: NDArray[np.int16], late: "NDArray[np.floating] | None" = None) -> list[SoundFrame]:
    """Return frames as they are told and arrive; `late` is added to each arrival."""
    count = len(sound) // FRAME
    delays = np.zeros(count) if late is None else late
    return [
        SoundFrame(100 + at * 0.02, 7 + at * 0.02 + delays[at], RATE, sound[at * FRAME : (at + 1) * FRAME])
        for at in range(count)
    ]


def heard(sent: list[SoundFrame], first: int = 0) -> list[Placed]:
    sound = RtpSound(first)
    made = [placed for frame in sent for placed in sound.take(frame)]
    return [*made, *sound.finish()]


def laid_out(made: list[Placed]) -> NDArray[np.int16]:
    found = np.zeros(max(placed.place + len(placed.samples) for placed in made), np.int16)
    for placed in made:
        found[placed.place : placed.place + len(placed.samples)] = placed.samples
    return found


def test_what_arrives_in_time_is_put_end_to_end() -> None:
    made = heard(frames(tone(3)), first=1600)
    assert made[0].place == 1600
    assert all(one.place + len(one.samples) == two.place for one, two in itertools.pairwise(made))
    assert len(laid_out(made)) == pytest.approx(1600 + 48_000, abs=40)


def test_jitter_moves_nothing() -> None:
    late = np.random.default_rng(3).uniform(0, 0.08, 500)
    made = heard(frames(tone(10), late))
    assert len(laid_out(made)) == pytest.approx(160_000, abs=0.15 * 16_000)
    assert all(one.place + len(one.samples) == two.place for one, two in itertools.pairwise(made))


def test_lost_frames_leave_a_hole_of_their_length() -> None:
    sent = frames(tone(6))
    made = heard([*sent[:100], *sent[150:]])
    found = laid_out(made)
    assert len(found) == pytest.approx(96_000, abs=60)
    assert not found[32_600:47_400].any()
    assert np.abs(found[48_600:64_000]).max() > 7000


def test_ten_of_a_hundred_frames_lost_anywhere_shift_nothing() -> None:
    sent = frames(tone(20))
    kept = np.random.default_rng(5).uniform(size=len(sent)) > 0.1
    found = laid_out(heard([frame for frame, is_kept in zip(sent, kept, strict=True) if is_kept]))
    assert len(found) == pytest.approx(320_000, abs=800)


@pytest.mark.parametrize("drift", [0.01, -0.01])
def test_a_clock_that_drifts_by_a_hundredth_is_followed(drift: float) -> None:
    sent = frames(tone(60), drift * np.arange(3000) * 0.02)
    made = heard(sent)
    assert len(laid_out(made)) / 16_000 == pytest.approx(60 * (1 + drift), abs=0.25)
    assert all(one.place + len(one.samples) == two.place for one, two in itertools.pairwise(made))


def test_a_sender_that_was_silent_without_counting_leaves_a_hole() -> None:
    late = np.where(np.arange(1500) < 500, 0.0, 20.0)
    found = laid_out(heard(frames(tone(30), late)))
    assert len(found) / 16_000 == pytest.approx(50, abs=1.5)


def test_a_sender_that_counts_anew_goes_on_where_the_meeting_is() -> None:
    sent = frames(tone(10))
    jumped = [frame._replace(told=frame.told + 36_000) if at >= 250 else frame for at, frame in enumerate(sent)]
    assert len(laid_out(heard(jumped))) / 16_000 == pytest.approx(10, abs=0.3)


def test_frames_of_odd_rates_are_left_out() -> None:
    assert heard([SoundFrame(0, 0, 4000, np.zeros(80, np.int16))]) == []
