"""Relatedness of products and places: LQ, proximity, density, opportunity gain, complexity.

``x`` and ``m`` are matrices places × products. LQ_rp = (X_rp/X_r·)/(X_·p/X_··), M = [LQ ≥ 1]
(Balassa 1965). Proximity φ_pq = Σ_r M_rp M_rq / max(k_p, k_q) and density ω_rp = Σ_q M_rq φ_qp
/ Σ_q φ_qp (Hidalgo, Klinger, Barabási & Hausmann 2007). Economic complexity by the
eigenvector of M̃ (Hidalgo & Hausmann 2009), opportunity gain COG_rp = (1−M_rp) Σ_q (1−M_rq)
φ_pq PCI_q / Σ_q φ_pq. For a candidate product the self term φ_pp is left out of sums:
with it a product would be related to itself, and rare products more than others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.columns.walks import components
from ...graph.schema.words import read_toml
from .atlas import Atlas, once_an_atlas
from .facts import outputs


def location_quotient(x: csr_array) -> csr_array:
    """Return LQ, places × products; 0 where a place makes nothing of a product.

    Examples
    --------
    >>> location_quotient(csr_array(np.array([[100.0, 0], [0, 50], [0, 50]]))).toarray().tolist()
    [[2.0, 0.0], [0.0, 2.0], [0.0, 2.0]]
    """
    whole = coo_array(x)
    row, col = (np.asarray(x.sum(axis=a), float).reshape(-1) for a in (1, 0))
    value = whole.data / row[whole.row] / col[whole.col] * row.sum()
    return coo_array((value, (whole.row, whole.col)), shape=x.shape).tocsr()


def specialised(x: csr_array) -> csr_array:
    """Return M = [LQ ≥ 1], with a tolerance for rounding."""
    quotient = coo_array(location_quotient(x))
    keep = quotient.data >= 1 - 1e-12
    ones = np.ones(int(keep.sum()))
    return coo_array((ones, (quotient.row[keep], quotient.col[keep])), shape=x.shape).tocsr()


def proximity(m: csr_array, products: Ints | None = None) -> csr_array:
    """Return φ of some products (all when not given) with all, shape (len(products), products).

    A product that no place is specialised in has proximity 0 to all, itself included.
    """
    k = np.asarray(m.sum(axis=0)).reshape(-1)
    rows = np.arange(m.shape[1]) if products is None else products
    shared = coo_array((m[:, rows].T @ m).tocsr())
    value = shared.data / np.maximum(k[rows[shared.row]], k[shared.col])
    return coo_array((value, (shared.row, shared.col)), shape=shared.shape).tocsr()


def _without_self(phi: csr_array, products: Ints) -> csr_array:
    whole = coo_array(phi)
    keep = whole.col != products[whole.row]
    return coo_array((whole.data[keep], (whole.row[keep], whole.col[keep])), shape=phi.shape).tocsr()


def density(m: csr_array, products: Ints | None = None, *, self_term: bool = False) -> Floats:
    """Return ω of all places for some products, shape (places, len(products)); NaN where Σφ = 0.

    Parameters
    ----------
    self_term
        Count φ_pp = 1, as Hidalgo and Hausmann do over all products; not for candidates.
    """
    rows = np.arange(m.shape[1]) if products is None else np.asarray(products, np.int64)
    phi = proximity(m, rows)
    phi = phi if self_term else _without_self(phi, rows)
    total = np.asarray(phi.sum(axis=1)).reshape(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Floats = np.where(total > 0, (m @ phi.T).toarray() / total, np.nan)
    return out


def complexity(m: csr_array) -> tuple[Floats, Floats] | None:
    """Return ECI of places and PCI of products, standardised, or None where they mean nothing.

    They are the second eigenvector of M̃ = D_c⁻¹ M D_p⁻¹ Mᵀ, over the largest connected part
    of places and products (NaN outside it): between parts the eigenvector is not determined.
    None below the size stated in ``vocabulary.toml`` ([complexity] places, products).
    """
    least = read_toml("vocabulary.toml")["complexity"]
    places, products = _largest_part(m)
    if len(places) < least["places"] or len(products) < least["products"]:
        return None
    part = m[places][:, products]
    kc, kp = (np.asarray(part.sum(axis=a)).reshape(-1) for a in (1, 0))
    tilde = (part / kc[:, None]) @ (part / kp[None, :]).T
    values, vectors = np.linalg.eig(np.asarray(tilde.toarray()))
    second = np.real(vectors[:, np.argsort(-np.real(values), kind="stable")[1]])
    eci = _standard(second * np.sign(np.corrcoef(second, kc)[0, 1] or 1.0))
    pci = _standard(np.asarray(part.T @ eci).reshape(-1) / kp)
    out = np.full(m.shape[0], np.nan), np.full(m.shape[1], np.nan)
    out[0][places], out[1][products] = eci, pci
    return out


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    made: Floats = (values - values.mean()) / (spread or 1.0)
    return made


def _largest_part(m: csr_array) -> tuple[Ints, Ints]:
    """Return the places and products of the largest connected part of M."""
    n, whole = m.shape[0], coo_array(m)
    part = components(whole.row, whole.col + n, n + m.shape[1])
    biggest = int(np.bincount(part[:n]).argmax()) if n else 0
    inside = np.flatnonzero(part == biggest)
    return inside[inside < n].astype(np.int64), (inside[inside >= n] - n).astype(np.int64)


def opportunity_gain(m: csr_array, pci: Floats, products: Ints) -> Floats:
    """Return COG of all places for some products, shape (places, len(products)), self term left out.

    A product of which PCI is not known weighs nothing; 0 where the place is specialised already.
    """
    phi = _without_self(proximity(m, products), products)
    total = np.asarray(phi.sum(axis=1)).reshape(-1)
    weight = np.nan_to_num(pci)
    every = np.asarray(phi @ weight).reshape(-1)
    held = (m.multiply(weight[None, :]).tocsr() @ phi.T).toarray()
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.where(total > 0, (every[None, :] - held) / total, np.nan)
    out: Floats = gain * (1 - m[:, products].toarray())
    return out


@dataclass(frozen=True)
class Space:
    """The product space of one level of places: M over ``scopes`` × ``items`` of the atlas.

    ``basis`` is ``output`` where the outputs of all makers are known, else ``count``.
    """

    scopes: Ints
    items: Ints
    x: csr_array
    m: csr_array
    basis: str

    @cached_property
    def evident(self) -> Bools:
        """Tell which products enough places are specialised in for their proximity to mean something."""
        least = read_toml("vocabulary.toml")["relatedness"]["ubiquity"]
        known: Bools = np.asarray(self.m.sum(axis=0)).reshape(-1) >= least
        return known


def space(atlas: Atlas, kind: str) -> Space | None:
    """Return the product space over all places of a level (``city``, ``county`` …), None where it is too small.

    Products only, those that somebody makes in such a place; where there are chains only
    their links, because what lists disclose beside them (rents, scrap, materials) is shared by
    places for no reason of production. At least the number of places stated in
    ``vocabulary.toml`` ([relatedness] places) must make something.
    """
    where, made = atlas.scopes, atlas.makers
    scopes = np.array([s for s in range(1, where.n) if where.kind(s) == kind], np.int64)
    n = len(made.base[0])
    if not len(scopes) or not n:
        return None
    table = made.counts[:n][:, scopes].T.tocsr().astype(float)
    basis = "count"
    amount = outputs(made)
    if amount is not None:
        members = where.members[:, scopes].astype(float)
        known = (amount.known[:n] @ members).T.tocsr()
        if (known != table).nnz == 0:
            table, basis = (amount.value[:n] @ members).T.tocsr(), "output"
    places = np.arange(len(scopes))
    made_somewhere = np.asarray(table.sum(axis=0)).reshape(-1) > 0
    held = np.array([bool(c) for c in atlas.chains_of[:n]], bool)
    items = np.flatnonzero(made_somewhere & held if held.any() else made_somewhere)
    x = table[places][:, items]
    some = np.asarray(x.sum(axis=1)).reshape(-1) > 0
    places, x = places[some], x[some]
    if len(places) < read_toml("vocabulary.toml")["relatedness"]["places"]:
        return None
    return Space(scopes[places], items, x, specialised(x), basis)


@once_an_atlas
def spaces(atlas: Atlas) -> dict[str, Space | None]:
    """Return the product space of every level of places."""
    return {kind: space(atlas, kind) for kind in ("county", "city", "province", "cluster")}


def densities(atlas: Atlas, items: Ints, scopes: Ints) -> Floats:
    """Return the relatedness density of items in scopes, shape (items, scopes), self term left out.

    Each scope is compared with all places of its level; NaN where the level is too small,
    the place makes nothing, or fewer places than ``vocabulary.toml`` states ([relatedness]
    ubiquity) are specialised in the item: what one place makes is next to all that it makes.
    """
    out = np.full((len(items), len(scopes)), np.nan)
    kinds = [atlas.scopes.kind(int(s)) for s in scopes]
    for kind, made in spaces(atlas).items():
        mine = [at for at, k in enumerate(kinds) if k == kind]
        if made is None or not mine:
            continue
        row = {int(s): r for r, s in enumerate(made.scopes)}
        column = {int(i): c for c, i in enumerate(made.items) if made.evident[c]}
        known = np.array([at for at, item in enumerate(items.tolist()) if item in column], np.int64)
        here = np.array([at for at in mine if int(scopes[at]) in row], np.int64)
        if not len(known) or not len(here):
            continue
        found = density(made.m, np.array([column[int(items[at])] for at in known], np.int64))
        out[np.ix_(known, here)] = found[[row[int(scopes[at])] for at in here]].T
    return out
