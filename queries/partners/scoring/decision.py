"""Decision rules over criteria in [0, 1]: weighted sum, TOPSIS, and weights by entropy or AHP."""

from __future__ import annotations

import numpy as np

from ....graph.columns.arrays import Bools, Floats, Ints

# Random index of Saaty (1980) for comparison matrices of 1 … 10 criteria.
_RANDOM = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


def filled(values: Floats, neutral: Floats) -> Floats:
    """Fill what is not known with the stated neutral value of its criterion.

    A stated value, not one of the candidates at hand: who else is a candidate changes nobody's score,
    and a page that carries some of them computes the same.
    """
    out: Floats = np.where(np.isnan(values), neutral, values)
    return out


def contributions(values: Floats, weights: Floats, neutral: Floats) -> Floats:
    """Return w·f of each criterion, weights brought to sum 1.

    Parameters
    ----------
    values : float array, shape (candidates, criteria)
        In [0, 1], NaN where not known.
    weights, neutral : float arrays, shape (criteria,)
    """
    total = weights.sum()
    return filled(values, neutral) * (weights / total if total > 0 else weights)


def in_tiers(within: Floats, tier: Ints, tiers: int) -> Floats:
    """Return scores of which each tier fills a band: (tiers − tier + within)/tiers.

    So ability decides and all else orders those of equal ability: the best of a tier stands below the
    least of the tier above.

    Examples
    --------
    >>> in_tiers(np.array([0.2, 1.0]), np.array([1, 2]), 4).tolist()
    [0.8, 0.75]
    """
    out: Floats = (tiers - tier + within) / tiers
    return out


def topsis(values: Floats, weights: Floats, cost: Bools | None = None) -> Floats:
    """Closeness to the ideal, with vector normalisation (Hwang & Yoon 1981).

    Parameters
    ----------
    values : float array, shape (alternatives, criteria)
    weights : float array, shape (criteria,)
    cost
        Criteria of which less is better.

    Returns
    -------
    float array, shape (alternatives,)
        d⁻/(d⁺ + d⁻) in [0, 1].
    """
    length = np.sqrt((values**2).sum(axis=0))
    scaled = values / np.where(length > 0, length, 1) * (weights / weights.sum())
    best, worst = scaled.max(axis=0), scaled.min(axis=0)
    if cost is not None:
        best, worst = np.where(cost, worst, best), np.where(cost, best, worst)
    far, near = (np.sqrt(((scaled - ideal) ** 2).sum(axis=1)) for ideal in (best, worst))
    total = far + near
    closeness: Floats = np.where(total > 0, near / np.where(total > 0, total, 1), 0.5)
    return closeness


def entropy_weights(values: Floats) -> Floats:
    """Weights by Shannon's entropy: criteria that tell candidates apart weigh more.

    w_j ∝ 1 − e_j, e_j = −Σ p_ij ln p_ij / ln m, p_ij = x_ij/Σ_i x_ij (Hwang & Yoon 1981).
    """
    m, total = len(values), values.sum(axis=0)
    p = values / np.where(total > 0, total, 1)
    e = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=0) / np.log(m) if m > 1 else np.zeros(values.shape[1])
    spread = np.where(total > 0, 1 - e, 0.0)
    if spread.sum() <= 1e-12:
        return np.full(values.shape[1], 1 / values.shape[1])
    made: Floats = spread / spread.sum()
    return made


def ahp(comparisons: Floats) -> tuple[Floats, float]:
    """Weights from pairwise comparisons by the principal eigenvector, and the consistency ratio (Saaty 1980).

    Parameters
    ----------
    comparisons : float array, shape (criteria, criteria)
        Positive and reciprocal: a_ji = 1/a_ij.

    Returns
    -------
    weights, ratio
        A ratio above .1 means that the comparisons contradict each other.
    """
    n = len(comparisons)
    values, vectors = np.linalg.eig(comparisons)
    first = int(np.argmax(values.real))
    weights = np.abs(vectors[:, first].real)
    index = (float(values[first].real) - n) / (n - 1) if n > 1 else 0.0
    random = _RANDOM[min(n, len(_RANDOM)) - 1]
    return weights / weights.sum(), index / random if random > 0 else 0.0
