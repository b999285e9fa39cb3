"""The OpenAPI document holds: requests made from it get documented answers. `tests/bench/fuzz.py` sends more of them."""

from pathlib import Path

from tests.api.fuzz import fuzz, server


def test_every_answer_is_documented(tmp_path: Path) -> None:
    with server(tmp_path) as (address, ids):
        seen = fuzz(address, ids, 200)
    assert seen.total() >= 150
    assert not [found for found in seen if found[1] >= 500]
    assert len({status for _, status in seen}) >= 5
