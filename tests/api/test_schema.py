"""The OpenAPI document holds: requests made from it get documented answers. tests/bench/fuzz.py sends more."""

from pathlib import Path

import pytest

from tests.api.fuzz import fuzz, server


# The server runs in a thread beside the requests, and has reasons of its own to throw dice.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_every_answer_is_documented(tmp_path: Path) -> None:
    with server(tmp_path) as (address, key, ids):
        seen = fuzz(address, key, ids, 200)
    assert seen.wrong == []
    assert seen.answers.total() >= 150
    assert len({status for _, status in seen.answers}) >= 5
