"""Leontief: the formulas of input–output position, pure functions on arrays.

A flow stands in the row of its supplier and the column of its user. Symbols: Z flows, x gross
output, f final use, A = Z x̂⁻¹ input coefficients, B = x̂⁻¹ Z allocation coefficients,
L = (I−A)⁻¹ (Leontief), G = (I−B)⁻¹ (Ghosh).
"""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import Floats


def calc_A(Z: Floats, x: Floats) -> Floats:
    """Return input coefficients A_ij = Z_ij / x_j, shape (n, n); columns without output are 0."""
    return Z * _inverse(x)


def calc_B(Z: Floats, x: Floats) -> Floats:
    """Return allocation coefficients B_ij = Z_ij / x_i, shape (n, n); rows without output are 0."""
    return Z * _inverse(x)[:, None]


def calc_L(A: Floats) -> Floats:
    """Return the Leontief inverse L = (I − A)⁻¹, shape (n, n).

    Raises
    ------
    numpy.linalg.LinAlgError
        I − A is singular.
    """
    return np.asarray(np.linalg.inv(np.eye(len(A)) - A), np.float64)


def calc_G(B: Floats) -> Floats:
    """Return the Ghosh inverse G = (I − B)⁻¹, shape (n, n); raises as ``calc_L`` does."""
    return calc_L(B)


def calc_G_from_L(L: Floats, x: Floats) -> Floats:
    """Return the Ghosh inverse of the same flows, G = x̂⁻¹ L x̂, shape (n, n), without inverting again.

    Holds where A and B are of one table with row sums x; rows without output are 0.
    """
    made: Floats = L * x * _inverse(x)[:, None]
    return made


def calc_upstreamness(G: Floats) -> Floats:
    """Return upstreamness U = G·1, shape (n,): stages until final use, at least 1.

    Antràs, Chor, Fally & Hillberry (2012), AER P&P 102(3), 412–416.
    """
    made: Floats = G.sum(axis=1)
    return made


def calc_downstreamness(L: Floats) -> Floats:
    """Return downstreamness D = 1ᵀL, shape (n,): stages since primary inputs, at least 1.

    Antràs & Chor (2018), "On the measurement of upstreamness and downstreamness in global
    value chains", with Fally (2012).
    """
    made: Floats = L.sum(axis=0)
    return made


def calc_power(L: Floats) -> Floats:
    """Return 影响力系数 (power of dispersion) n·Σᵢ l_ij / Σᵢⱼ l_ij, shape (n,); its mean is 1.

    Rasmussen (1956); the National Bureau of Statistics of China uses the same formula.
    """
    made: Floats = len(L) * L.sum(axis=0) / L.sum()
    return made


def calc_sensitivity(L: Floats) -> Floats:
    """Return 感应度系数 (sensitivity of dispersion) n·Σⱼ l_ij / Σᵢⱼ l_ij, shape (n,); mean 1.

    Rows of the *Leontief* inverse (Rasmussen 1956); Eurostat takes rows of the Ghosh inverse.
    """
    made: Floats = len(L) * L.sum(axis=1) / L.sum()
    return made


def calc_backward(A: Floats) -> Floats:
    """Return direct backward linkage Σᵢ a_ij, shape (n,) (Chenery & Watanabe 1958)."""
    made: Floats = A.sum(axis=0)
    return made


def calc_forward(B: Floats) -> Floats:
    """Return direct forward linkage Σⱼ b_ij, shape (n,) (Jones 1976)."""
    made: Floats = B.sum(axis=1)
    return made


def calc_apl(L: Floats) -> Floats:
    """Return average propagation lengths, shape (n, n): rounds from the row's sector to the column's.

    H = L(L − I); h_ij / l_ij, on the diagonal h_ii / (l_ii − 1); NaN where nothing propagates.
    Dietzenbacher & Romero (2007), International Regional Science Review 30(4), 362–383.
    """
    H = L @ (L - np.eye(len(L)))
    reach = L - np.eye(len(L))
    made: Floats = np.full(L.shape, np.nan)
    np.divide(H, reach, out=made, where=reach > 1e-12)
    return made


def calc_extraction(L: Floats, x: Floats) -> Floats:
    """Return the drop of Σx when sector j is extracted (row, column and f_j set to 0), shape (n,).

    By the inverse of a partitioned matrix the drop is x_j · Σᵢ l_ij / l_jj: nothing is inverted
    again. Dietzenbacher & van der Linden (1997), Journal of Regional Science 37(2), 235–257.
    """
    made: Floats = x * L.sum(axis=0) / np.diag(L)
    return made


def without_inventories(Z: Floats, f: Floats, N: Floats) -> tuple[Floats, Floats, Floats]:
    """Return Z, f and x with changes in inventories spread over all uses in proportion.

    Row i of Z and f is scaled by x_i / (x_i − N_i), x_i = Σⱼ Z_ij + f_i + N_i; the new x are the
    new row sums (Antràs & Chor 2018). Rows whose other uses sum to nothing stay as they are.

    Parameters
    ----------
    f
        Final use without changes in inventories, shape (n,).
    N
        Changes in inventories, shape (n,).
    """
    used = Z.sum(axis=1) + f
    scale = np.ones(len(f))
    np.divide(used + N, used, out=scale, where=(used > 0) & (used + N > 0))
    Z, f = Z * scale[:, None], f * scale
    return Z, f, Z.sum(axis=1) + f


def _inverse(x: Floats) -> Floats:
    out = np.zeros(len(x))
    np.divide(1.0, x, out=out, where=x > 0)
    return out
