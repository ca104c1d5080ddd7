"""Channels of evidence for a link (h, r, ?): each a matrix queries × entities of scores ≥ 0.

Links of a typed graph are triples. A *direction* is a relation read forward (number r) or
backward (r + number of relations), so that heads and tails are asked for in the same way.
Every channel is a sum over things that can be named (a similar entity that has the link, a
path, a part of the name), so that each score lists its reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, hstack

from ...graph.columns.arrays import Bools, Ints, as_flags, incidence, positions
from .names import inverse_frequency, nearest_rows, unit_rows
from .rules import Rule, rule_scores, rules
from .triples import Triples

Floats = npt.NDArray[np.float32]
HUB = 3_000  # a feature that more entities share tells nothing of their likeness
Asker = Callable[[int, Ints], dict[str, Floats]]  # (direction, entities) → channels
Latent = Callable[["Evidence"], Asker]
RIDGE = 2_500  # largest number of known heads for which the kernel system is solved


class Evidence:
    """What a set of known links says about links that are not in it."""

    def __init__(self, known: Triples, longest: int = 2, latent: Latent | Literal[False] = False,
                 columns: Ints | None = None) -> None:  # fmt: skip
        self.columns = np.arange(known.n) if columns is None else np.sort(columns)
        self.known, self.longest = known, longest
        self._near: dict[tuple[str, int], csr_array] = {}
        self._answers: dict[int, Ints] = {}
        self._rules: dict[int, list[Rule]] = {}
        self._ridge: dict[int, tuple[Ints, Ints, Floats, Floats]] = {}
        self._latent = latent

    # the graph -----------------------------------------------------------------------------------

    @cached_property
    def links(self) -> list[csr_array]:
        """Adjacency of each direction, 0/1."""
        n, made = self.known.n, []
        for direction in range(2 * len(self.known.relations)):
            a, b = self.known.asked(direction)
            made.append(incidence(a, b, (n, n), np.float32))
        return made

    @cached_property
    def profile(self) -> csr_array:
        """(direction, neighbour) of each entity, 0/1."""
        return csr_array(hstack(self.links, format="csr"))

    @cached_property
    def untyped(self) -> csr_array:
        """Neighbours by any relation, 0/1."""
        total = self.links[0]
        for one in self.links[1:]:
            total = total + one
        return as_flags(csr_array(total))

    @cached_property
    def degree(self) -> Floats:
        """Number of neighbours."""
        return np.diff(self.untyped.indptr).astype(np.float32)

    @cached_property
    def profile_rows(self) -> csr_array:
        """Unit rows of IDF-weighted profiles, hubs left out."""
        return unit_rows(self.profile, _without_hubs(self.profile))

    @cached_property
    def untyped_rows(self) -> csr_array:
        """Unit rows of IDF-weighted neighbours, hubs left out."""
        return unit_rows(self.untyped, _without_hubs(self.untyped))

    def onto(self, matrix: csr_array) -> csr_array:
        """Return the columns of the candidates."""
        return matrix if len(self.columns) == self.known.n else csr_array(matrix[:, self.columns])

    @cached_property
    def targets(self) -> list[csr_array]:
        """Adjacency of each direction, columns of the candidates."""
        return [self.onto(matrix) for matrix in self.links]

    def near_heads(self, kind: str, direction: int, rows: Ints, k: int) -> csr_array:
        """Return cos² of entities with the k nearest that have the link, by ``name``, ``profile`` or ``neighbours``."""
        features = self._rows(kind)
        has = np.diff(self.links[direction].indptr) > 0
        return nearest_rows(features[rows], rows, _only(features, has), k)

    def near_tails(self, kind: str, direction: int) -> csr_array:
        """Return cos² of each known answer with its 50 nearest entities, shape (answers, candidates)."""
        key = (kind, direction)
        if key not in self._near:
            features, rows = self._rows(kind), self.answers(direction)
            fine = np.zeros(self.known.n, bool)
            fine[self.columns] = True
            self._near[key] = self.onto(nearest_rows(features[rows], rows, _only(features, fine), 50))
        return self._near[key]

    def answers(self, direction: int) -> Ints:
        """Entities that are an answer of some known link."""
        if direction not in self._answers:
            self._answers[direction] = np.unique(self.links[direction].indices).astype(np.int64)
        return self._answers[direction]

    def _rows(self, kind: str) -> csr_array:
        if kind == "name":
            return self.known.names.weighted
        return self.profile_rows if kind == "profile" else self.untyped_rows

    def rules_of(self, direction: int) -> list[Rule]:
        """Return the rules for a direction."""
        if direction not in self._rules:
            self._rules[direction] = rules(self.links, direction, self.longest)
        return self._rules[direction]

    def kernel(self, rows: Ints, cols: Ints) -> Floats:
        """Likeness of entities by profile and name, 1 with themselves and half again."""
        p, w = self.profile_rows, self.known.names.weighted
        return _dense(p[rows] @ p[cols].T) * np.float32(0.5) + _dense(w[rows] @ w[cols].T) * np.float32(0.5)

    @cached_property
    def latent(self) -> Asker:
        """Channels learned from all links together, which no single fact gives; none unless asked for."""
        return self._latent(self) if self._latent else lambda direction, rows: {}

    def ridge(self, direction: int) -> tuple[Ints, Ints, Floats, Floats] | None:
        """Solve the kernel systems of a direction; None where there are too many heads."""
        links = self.links[direction]
        heads, tails = np.flatnonzero(np.diff(links.indptr)), self.answers(direction)
        if max(len(heads), len(tails)) > RIDGE:
            return None
        if direction not in self._ridge:
            y = _dense(links[heads])
            one = np.linalg.solve(self.kernel(heads, heads) + np.eye(len(heads), dtype=np.float32), y)
            two = np.linalg.solve(self.kernel(tails, tails) + np.eye(len(tails), dtype=np.float32), one[:, tails].T)
            self._ridge[direction] = (heads, tails, one.astype(np.float32), two.T.astype(np.float32))
        return self._ridge[direction]


def _only(features: csr_array, keep: Bools) -> csr_array:
    made: csr_array = csr_array(diags_array(keep.astype(np.float32)) @ features)
    made.eliminate_zeros()
    return made


def _without_hubs(features: csr_array) -> Floats:
    df = np.bincount(features.indices, minlength=features.shape[1])
    return np.where(df > HUB, 0, inverse_frequency(features)).astype(np.float32)


# channels ----------------------------------------------------------------------------------------

LEVELS = ("popularity", "known_answer", "degree", "another")  # what does not depend on who asks


def channels(evidence: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """Return all channels for the entities ``rows`` in one direction, each (len(rows), candidates), ≥ 0."""
    found: dict[str, Floats] = {}
    for part in (_similar_heads, _similar_tails, _features, _paths, _ridge):
        found |= part(evidence, direction, rows)
    place = positions(evidence.columns, evidence.known.n)[rows]
    asked, own = np.flatnonzero(place >= 0), place[place >= 0]
    for value in found.values():
        value[asked, own] = 0  # being like oneself is no evidence: links of an entity with itself are rare
    found |= _levels(evidence, direction, rows) | evidence.latent(direction, rows)
    found["another"][asked, own] = 0
    return found


def _dense(matrix: csr_array) -> Floats:
    made: Floats = np.asarray(csr_array(matrix).toarray(), np.float32)
    return made


def _similar_heads(e: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """Entities like the one asked about have the link: Σ cos², and the share of the k nearest that do."""
    links, target = e.links[direction], e.targets[direction]
    has = (np.diff(links.indptr) > 0).astype(np.float32)
    found: dict[str, Floats] = {}
    for kind, k in (("name", 50), ("name", 300), ("profile", 50), ("profile", 300), ("neighbours", 50)):
        near = e.near_heads(kind, direction, rows, k)
        total = _dense(near @ target)
        found[f"like_{kind}_{k}"] = total
        if k == 50:
            near_all = np.asarray(near @ has, np.float32)[:, None] + np.float32(0.05)
            found[f"share_{kind}"] = np.asarray(total / near_all, np.float32)
            found[f"two_sided_{kind}"] = _dense((near @ links)[:, e.answers(direction)] @ e.near_tails(kind, direction))
    both = e.near_heads("name", direction, rows, 300)
    other = e.near_heads("profile", direction, rows, 300)
    found["like_both"] = _dense(both.multiply(other).tocsr().sqrt() @ target)
    return found


def _similar_tails(e: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """Candidates are like answers already known, or like the asked entity itself."""
    links = e.links[direction]
    mine = links[rows][:, e.answers(direction)]
    known = np.maximum(np.diff(links[rows].indptr), 1)[:, None].astype(np.float32)
    found: dict[str, Floats] = {}
    for kind in ("name", "profile", "neighbours"):
        total = _dense(mine @ e.near_tails(kind, direction))
        found[f"tail_{kind}"] = total
        found[f"tail_mean_{kind}"] = total / known
    found["name_alike"] = _dense((e.known.names.weighted[rows] @ e.known.names.weighted[e.columns].T).tocsr())
    found["profile_alike"] = _dense((e.profile_rows[rows] @ e.profile_rows[e.columns].T).tocsr())
    found["name_begins"] = _dense(e.onto(e.known.names.contained(rows, start=True)))
    found["name_inside"] = _dense(e.onto(e.known.names.contained(rows)))
    shared = unit_rows(links, inverse_frequency(links))
    found["shared_answers"] = _dense((shared[rows] @ shared.T).tocsr() @ e.targets[direction])
    return found


def _features(e: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """A part of the name, or a link to a certain entity, goes with the answer: hits/(df + shrink)."""
    links = e.links[direction]
    has = diags_array((np.diff(links.indptr) > 0).astype(np.float32))
    found: dict[str, Floats] = {}
    for name, features, shrink in (("word", e.known.names.grams, 2.0), ("ending", e.known.names.ends, 2.0),
                                   ("constant", e.profile, 3.0)):  # fmt: skip
        mine = features[rows].tocsr()
        used = np.unique(mine.indices)
        column = features[:, used].tocsr()
        df = np.asarray((has @ column).sum(axis=0)).reshape(-1)
        confidence = csr_array(diags_array((1 / (df + shrink)).astype(np.float32)) @ (column.T @ e.targets[direction]))
        mine = mine[:, used]
        found[f"{name}_sum"] = _dense(mine @ confidence)
        odds = confidence.copy()
        odds.data = -np.log1p(-np.minimum(odds.data, np.float32(0.95)))
        found[f"{name}_any"] = -np.expm1(-_dense(mine @ odds))
    return found


def _paths(e: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """Rules, and the classical link scores over all relations."""
    any_rule, best = rule_scores(e.links, e.rules_of(direction), rows, e.onto)
    u, degree = e.untyped, np.maximum(e.degree, 1)
    log = np.where(e.degree > 1, 1 / np.log(np.maximum(e.degree, 2)), 0).astype(np.float32)
    root = diags_array((1 / np.sqrt(degree)).astype(np.float32))
    return {
        "rules": any_rule, "rule_best": best,
        "adamic_adar": _dense(u[rows] @ diags_array(log) @ e.onto(u)),
        "l3": _dense(u[rows] @ root @ u @ root @ e.onto(u)),
    }  # fmt: skip


def _levels(e: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """How often the candidate is an answer at all; needed beside the others, never a reason alone."""
    times = np.bincount(e.links[direction].indices, minlength=e.known.n)
    values = {"popularity": np.log1p(times), "known_answer": times > 0, "degree": np.log1p(e.degree)}
    shape = (len(rows), len(e.columns))
    found = {k: np.broadcast_to(v.astype(np.float32)[e.columns], shape) for k, v in values.items()}
    return found | {"another": np.ones(shape, np.float32)}  # everybody but the one who asks


def _ridge(e: Evidence, direction: int, rows: Ints) -> dict[str, Floats]:
    """Kernel ridge regression on profile and name, and its two-sided form; reasons are the weighted heads.

    f = k(x, ·)(K + λI)⁻¹ Y; two-sided: K_h (K_h + λ)⁻¹ Y (K_t + λ)⁻¹ K_t (Stock et al. 2018).
    """
    solved = e.ridge(direction)
    if solved is None:
        return {}
    heads, tails, one, two = solved
    kernel = e.kernel(rows, heads)
    return {"ridge": np.maximum(kernel @ one[:, e.columns], 0), "ridge_two_sided": np.maximum((kernel @ two) @ e.kernel(
        tails, e.columns), 0)}  # fmt: skip
