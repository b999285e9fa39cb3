"""Voice embeddings -> the space in which their cosine tells how likely they are of one person."""

import dataclasses
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 1_024
"""Embeddings that are projected at a time, to bound memory."""


@dataclasses.dataclass(frozen=True, eq=False)
class VoiceSpace:
    """A trained map of embeddings: centre, reduce, whiten within speakers, and weigh what tells speakers apart.

    Source: Ioffe, Probabilistic Linear Discriminant Analysis, 2006; Landini et al., Bayesian HMM clustering of x-vector
    sequences (VBx), 2022.
    """

    mean: Floats
    """Mean of raw embeddings. Shape (raw,)."""
    lda: Floats
    """Linear discriminant analysis. Shape (raw, reduced)."""
    reduced_mean: Floats
    """Mean after the reduction. Shape (reduced,)."""
    plda_mean: Floats
    """Mean of the PLDA model. Shape (reduced,)."""
    whiten: Floats
    """Takes a centred vector to coordinates in which each speaker's spread is 1. Shape (reduced, reduced)."""
    weight: Floats
    """What each coordinate counts for: root of the share of its spread that lies between speakers. Shape (reduced,)."""

    @classmethod
    def of(
        cls, mean: Floats, lda: Floats, reduced_mean: Floats, plda_mean: Floats, plda: Floats, spread: Floats
    ) -> Self:
        """Build the space from a stored PLDA model, `spread` being that between speakers along the rows of `plda`.

        It is solved again as a generalised eigenproblem: training leaves its rows only nearly orthogonal.
        """
        from scipy.linalg import eigh

        within = np.linalg.inv(plda.T @ plda)
        between = np.linalg.inv((plda.T / spread) @ plda)
        variance, directions = eigh(between, within)
        variance, directions = variance[::-1], directions[:, ::-1]
        return cls(mean, lda, reduced_mean, plda_mean, directions, np.sqrt(variance / (1.0 + variance)))

    def project(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return vectors of unit length; a row of NaN stays one. Shape (n, raw) -> (n, reduced)."""
        vectors = np.empty((len(embeddings), self.lda.shape[1]), np.float32)
        for first in range(0, len(embeddings), _BLOCK):
            vectors[first : first + _BLOCK] = self._project(embeddings[first : first + _BLOCK])
        return vectors

    def _project(self, embeddings: NDArray[np.float32]) -> Floats:
        raw, reduced = self.lda.shape
        centred = np.sqrt(raw) * unit(embeddings - self.mean)
        small = np.sqrt(reduced) * unit(centred @ self.lda - self.reduced_mean)
        return unit(((small - self.plda_mean) @ self.whiten) * self.weight)


def unit(rows: Floats) -> Floats:
    """Scale each row to length 1; a row of zeros stays one."""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0))
