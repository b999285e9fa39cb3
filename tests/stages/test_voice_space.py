import numpy as np
import pytest

from stages.voice_space import VoiceSpace, unit

RAW, REDUCED = 12, 6


@pytest.fixture
def space() -> VoiceSpace:
    random = np.random.default_rng(0)
    plda = random.normal(size=(REDUCED, REDUCED))
    spread = np.sort(random.uniform(0.5, 20, REDUCED))[::-1].copy()
    lda = random.normal(size=(RAW, REDUCED))
    return VoiceSpace.of(
        random.normal(size=RAW), lda, random.normal(size=REDUCED), random.normal(size=REDUCED), plda, spread
    )


def test_vectors_have_length_one_and_unknown_ones_stay_unknown(space: VoiceSpace) -> None:
    raw = np.random.default_rng(1).normal(size=(5, RAW)).astype(np.float32)
    raw[2] = np.nan
    vectors = space.project(raw)
    assert vectors.shape == (5, REDUCED)
    assert np.isnan(vectors[2]).all()
    assert np.linalg.norm(vectors[[0, 1, 3, 4]], axis=1) == pytest.approx(1)


def test_loudness_of_an_embedding_around_its_mean_does_not_matter(space: VoiceSpace) -> None:
    raw = np.random.default_rng(2).normal(size=(3, RAW)).astype(np.float32)
    louder = (space.mean + 3 * (raw - space.mean)).astype(np.float32)
    assert space.project(louder) == pytest.approx(space.project(raw), abs=1e-5)


def test_the_spread_within_speakers_becomes_one() -> None:
    random = np.random.default_rng(3)
    plda, spread = random.normal(size=(4, 4)), np.array([9.0, 4.0, 1.0, 0.25])
    nothing = np.zeros(4)
    space = VoiceSpace.of(nothing, np.eye(4), nothing, nothing, plda, spread)
    within = np.linalg.inv(plda.T @ plda)
    assert space.whiten.T @ within @ space.whiten == pytest.approx(np.eye(4), abs=1e-8)
    assert space.weight == pytest.approx(np.sqrt(spread / (1 + spread)))


def test_a_row_of_zeros_has_no_direction() -> None:
    assert unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[0.6, 0.8], [0.0, 0.0]]
