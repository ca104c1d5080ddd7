"""Weights of the criteria: stated, learned on hidden links, by entropy, or from comparisons (AHP)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....graph.columns.arrays import Floats
from ....graph.schema.integrity import sealed, unsealed
from ....graph.schema.words import read_toml
from ....graph.workspace.atomic import write_text
from ...atlas.atlas import Atlas, once_an_atlas
from ...atlas.scopes import WHOLE
from ..gate import gate
from ..holdings import Holdings, holdings
from ..needs import link_need
from .decision import filled
from .features import CRITERIA, criteria, links_asked

# What a hidden link without a place can speak of; the others keep their stated share.
VERSION = 3  # of the criteria: weights learned on others are learned again
LEARNED = ("capability", "link_score", "proximity", "complementarity", "social", "absorptive", "organisational")
_STORED = {"weights": {str: (int, float)}, "stated": [(int, float)], "version": int, "source": str, "links": int}


@dataclass(frozen=True)
class Weights:
    """Weights that sum to 1, where they come from, and on how many links they were learned."""

    value: Floats
    source: str
    links: int = 0


def neutral() -> Floats:
    """Return what each criterion counts where nothing is known (``vocabulary.toml``)."""
    book = read_toml("vocabulary.toml")["partner"]["neutral"]
    return np.array([float(book[c]) for c in CRITERIA])


def stated(kind: str) -> Floats:
    """Return the published weights for links, enterprises or groups (``vocabulary.toml``)."""
    book = read_toml("vocabulary.toml")["partner"]["weights"][kind]
    made = np.array([float(book[c]) for c in CRITERIA])
    out: Floats = made / made.sum()
    return out


def learned(h: Holdings) -> Weights:
    """Return weights learned on hidden product facts; the stated ones where there are too few.

    A known maker of a link is taken not to make it, all criteria are computed without that fact, and
    weights ≥ 0 are chosen that make it likely among the firms of its tier: those as able as the data
    then tell it to be. They share what the stated weights give to these criteria; place and evidence
    keep theirs. Kept beside the snapshot.
    """
    return _learned(h.atlas)


@once_an_atlas
def _learned(atlas: Atlas) -> Weights:
    h = holdings(atlas)
    return _stored(h) or _store(h, _learn(h))


def _learn(h: Holdings) -> Weights:
    book = read_toml("vocabulary.toml")["partner"]
    base = stated("link")
    examples = _examples(h, int(book["hidden"]))
    if len(examples) < int(book["learn_from"]):
        return Weights(base, "stated")
    free = [CRITERIA.index(c) for c in LEARNED]
    fitted = _fit([e[:, free] for e in examples], base[free])
    out = base.copy()
    out[free] = fitted / fitted.sum() * base[free].sum()
    return Weights(out, "learned", len(examples))


def _examples(h: Holdings, many: int) -> list[Floats]:
    """Criteria of a hidden maker (first row) and of its rivals, a table a hidden fact."""
    rng = np.random.default_rng(0)
    made = h.atlas.makers
    total = made.total
    firms = np.flatnonzero((h.kind == 0) & h.active)
    cells = h.holds[firms].tocoo()
    # At least one other maker, else only names could tell; firms of one product have nothing else to go by.
    fine = (total[cells.col] >= 2) & (total[cells.col] <= 50) & (h.many[firms[cells.row]] > 1)
    pairs = np.stack([firms[cells.row[fine]], cells.col[fine]], axis=1)
    found: list[Floats] = []
    for row, item in pairs[rng.permutation(len(pairs))].tolist():
        if len(found) == many:
            break
        able = gate(h, link_need(h, int(item), WHOLE, hidden=int(row)), ("enterprise",), hidden=int(row)).able
        mine = able.tier[able.row == row]
        rivals = able.kept((able.tier == mine[0]) & (able.row != row)) if len(mine) else able.kept(able.row < 0)
        if not len(rivals.row):
            continue  # nobody stands beside it: nothing to learn from
        both = np.r_[np.flatnonzero(able.row == row), np.flatnonzero(np.isin(able.row, rivals.row))]
        asked = links_asked(h, np.array([item]), hidden=int(row))
        found.append(criteria(h, asked, np.zeros(len(both), np.int64), able.row[both], able.through[both],
                              able.strength[both]))  # fmt: skip
    return found


def _fit(examples: list[Floats], base: Floats) -> Floats:
    """Conditional logit with weights ≥ 0, pulled towards the stated ones by one hundredth of a nat."""
    from scipy.optimize import minimize

    free = [CRITERIA.index(c) for c in LEARNED]
    tables = [filled(e, neutral()[free]) for e in examples]

    def loss(weight: Floats) -> tuple[float, Floats]:
        value, slope = 0.0, np.zeros(len(weight))
        for table in tables:
            score = table @ weight
            odds = np.exp(score - score.max())
            odds /= odds.sum()
            value -= float(np.log(max(odds[0], 1e-300)))
            slope += odds @ table - table[0]
        away = weight - 20 * base
        return value / len(tables) + 1e-3 * float(away @ away), slope / len(tables) + 2e-3 * away

    done = minimize(loss, 20 * base, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(base))
    return np.maximum(done.x, 1e-6)


def _stored(h: Holdings) -> Weights | None:
    folder = h.atlas.snapshot.folder
    path = None if folder is None else folder / "partner-weights.json"
    if path is None or not path.is_file():
        return None
    try:
        row = unsealed(path.read_bytes(), _STORED)
        value = np.array([float(row["weights"][c]) for c in CRITERIA])
        fits = row["stated"] == stated("link").tolist() and row["version"] == VERSION
        return Weights(value, str(row["source"]), int(row["links"])) if fits else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # derived from the graph: made again


def _store(h: Holdings, made: Weights) -> Weights:
    folder = h.atlas.snapshot.folder
    if folder is not None and folder.is_dir():
        row = {"weights": dict(zip(CRITERIA, made.value.tolist(), strict=True)), "source": made.source,
               "links": made.links, "version": VERSION, "stated": stated("link").tolist()}  # fmt: skip
        try:
            write_text(folder / "partner-weights.json", sealed(row))
        except OSError:
            return made  # a workspace one may only read
    return made
