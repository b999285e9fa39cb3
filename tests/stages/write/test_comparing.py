"""Languages -> how points are compared with what they cite."""

from collections.abc import Sequence

import pytest

from stages.summary import Comparison
from stages.write.comparing import comparison, worst


@pytest.mark.parametrize(
    ("spoken", "written", "known", "how"),
    [
        ("en", "en", ("en",), "meaning"),
        ("de", "de", ("en",), "words"),
        ("de", "de", ("en", "de"), "meaning"),
        ("de", "en", ("en", "de"), "meaning"),
        ("de", "en", ("en",), None),
        ("en", "de", ("en",), None),
        (None, None, ("en",), None),
        (None, "pl", (), "meaning"),
    ],
)
def test_vectors_judge_what_they_know_and_words_one_language(
    spoken: str | None, written: str | None, known: Sequence[str], how: Comparison | None
) -> None:
    assert comparison(spoken, written, known) == how


def test_the_worst_is_told() -> None:
    assert worst({"meaning"}) == "meaning"
    assert worst({"meaning", "words"}) == "words"
    assert worst({"meaning", None, "words"}) is None
