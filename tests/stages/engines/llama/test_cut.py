"""Text ends at a stop, however it is cut into pieces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.engines.llama.cut import Cut


@settings(deadline=None)
@given(st.text("abX", max_size=30), st.lists(st.text("abX", min_size=1, max_size=3), max_size=2), st.integers(1, 5))
def test_pieces_make_no_difference(text: str, stops: list[str], size: int) -> None:
    cut, said = Cut(stops), ""
    for first in range(0, len(text), size):
        said += cut.feed(text[first : first + size])
    said += "" if cut.is_reached else cut.rest()
    assert text.startswith(said)
    assert cut.is_reached == any(stop in text for stop in stops)
    if not cut.is_reached:
        assert said == text


@pytest.mark.parametrize(("pieces", "said"), [(["a", "E", "N", "D", "b"], "a"), (["aEN", "x"], "aENx"), (["END"], "")])
def test_what_may_begin_a_stop_is_held_back(pieces: list[str], said: str) -> None:
    cut = Cut(["END"])
    found = "".join(cut.feed(piece) for piece in pieces)
    assert found + cut.rest() == said
