"""Re-ranking (recipe B): LightGBM's lambdarank over the best candidates of the additive ranking.

The additive ranking's parts stay the reasons; the trees only change the order. Evidence may only
raise a candidate (monotone constraints), so that trees cannot learn which candidates lack links.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainatlas.graph.columns.arrays import Bools, Floats, Ints, offsets
from chainatlas.queries.recovery.additive import Additive, Asked

BEST = 60
ROUNDS = 200


def rerank(model: Additive, learned: Asked, asked: Asked, *, best: int = BEST, seed: int = 0) -> Floats:
    """Return scores of the candidates of ``asked``: trees over the additive ranking's best, the rest behind.

    Parameters
    ----------
    learned
        Cross-fitted questions with known answers; those whose answer is not among the best are left out.
    """
    import lightgbm

    score = model.score(learned)
    score[learned.share > 1] = -np.inf
    rows, sizes = _best(learned, score, best)
    inside = np.isin(learned.answer, rows) & (learned.answer >= 0)
    rows, sizes = _kept(rows, sizes, inside)
    table = _table(learned, rows, sizes, score)
    truth = np.isin(rows, learned.answer[inside]).astype(int)
    data = lightgbm.Dataset(table, truth, group=sizes, categorical_feature=[table.shape[1] - 1])
    trees = lightgbm.train(_parameters(model.names, seed), data, ROUNDS)
    mine = model.score(asked)
    rows, sizes = _best(asked, mine, best)
    out = mine - 1e6
    # Half of the additive score stays in: it steadies the order where trees have seen little.
    out[rows] = np.asarray(trees.predict(_table(asked, rows, sizes, mine))) + 0.5 * mine[rows]
    return out


def _parameters(names: tuple[str, ...], seed: int) -> dict[str, Any]:
    # Everything may only raise, popularity too: where the candidates are the answers of all links, one
    # without a known link must be a hidden answer, and trees free to lower what is known learn just that.
    rising = [1] * (2 * len(names) + 3)
    return {"objective": "lambdarank", "num_leaves": 15, "learning_rate": 0.05, "min_data_in_leaf": 50,
            "lambda_l2": 5.0, "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": seed,
            "lambdarank_truncation_level": 10, "monotone_constraints": [*rising, 0],
            "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1}  # fmt: skip


def _best(asked: Asked, score: Floats, best: int) -> tuple[Ints, Ints]:
    """Rows of the best candidates of each question, in order, and how many."""
    question = np.repeat(np.arange(len(asked)), np.diff(asked.start))
    order = np.lexsort((asked.candidate, -score, question))
    order = order[np.isfinite(score[order])]
    first = offsets(np.bincount(question[order], minlength=len(asked)))
    place = np.arange(len(order)) - first[question[order]]
    rows = order[place < best]
    return rows, np.bincount(question[rows], minlength=len(asked))


def _kept(rows: Ints, sizes: Ints, keep: Bools) -> tuple[Ints, Ints]:
    return rows[np.repeat(keep, sizes)], sizes[keep]


def _table(asked: Asked, rows: Ints, sizes: Ints, score: Floats) -> Floats:
    """Channels, channels against the question's best, the additive score, its distance and share, the direction."""
    begin = offsets(sizes)[:-1]
    question = np.repeat(np.arange(len(sizes)), sizes)
    value, mine = asked.value[rows], score[rows]
    largest = np.maximum(np.maximum.reduceat(value, begin, axis=0)[question], 1e-9)
    top = np.maximum.reduceat(mine, begin)[question]
    odds = np.exp(mine - top)
    share = odds / np.add.reduceat(odds, begin)[question]
    direction = np.repeat(asked.direction, np.diff(asked.start))[rows]
    return np.column_stack([value, value / largest, mine, mine - top, share, direction]).astype(float)
