"""Lacking inputs: every recorded input of links with at least three is hidden in turn and asked for.

    python benchmarks/lacking_inputs.py [--data FOLDER] [--least 3]

Prints one JSON object a line: {what, n, mrr, hits1, hits5, hits10}; ranks are filtered and
ties take their average, the candidates are all that ``inputs`` has. Inputs are hidden
a few at a time, at most one a product; links between the same ends leave with them. Weights are learned on
products of the other half. ``--data`` loads a product graph beside the bundled chains (../shared/data/chainkg).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import chainatlas
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.recipes.known import Known, known
from chainatlas.queries.recipes.weights import asked_for, hidden_inputs
from chainatlas.queries.recovery.additive import Asked, Floats, joined, learn, ranks

TOGETHER = 30  # hidden at a time


def opened(data: Path | None, work: Path) -> Atlas:
    """Return the bundled chains, with a product graph beside them when one is given."""
    chainatlas.demo(work)
    if data is not None:
        chainatlas.load(work, data)
    return chainatlas.open(work)


def asked(atlas: Atlas, least: int) -> tuple[Known, Asked]:
    """Hide each input of links of chains that have at least so many, and ask for it."""
    of = known(atlas)
    many = np.diff(of.needs.indptr)
    wanted = np.zeros(len(many), bool)
    wanted[: len(atlas.chains_of)] = [bool(c) for c in atlas.chains_of]
    wanted &= many >= least
    parts = []
    for hidden in hidden_inputs(of, wanted, 10_000, TOGETHER):
        mine = hidden[wanted[of.links.head[hidden]]]
        if not len(mine):
            break
        parts += asked_for(of, mine)
    return of, joined(parts)


def figures(questions: Asked) -> Iterator[dict[str, object]]:
    """Yield figures of popularity and of the additive ranking, learned on the products of the other half."""
    popular = questions.value[:, questions.names.index("popularity")].astype(float)
    yield {"what": "popularity", **_summary(ranks(questions, popular))}
    rank = np.zeros(len(questions))
    for half in (0, 1):
        mine = questions.entity % 2 == half
        model = learn(questions.take(np.flatnonzero(~mine)))
        part = questions.take(np.flatnonzero(mine))
        rank[mine] = ranks(part, model.score(part))
    yield {"what": "inputs", **_summary(rank)}


def _summary(rank: Floats) -> dict[str, float]:
    hits = {f"hits{k}": round(float((rank <= k).mean()), 4) for k in (1, 5, 10)}
    return {"n": len(rank), "mrr": round(float((1 / rank).mean()), 4), **hits}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, help="a product graph to load beside the bundled chains")
    parser.add_argument("--least", type=int, default=3, help="fewest inputs of a link")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        atlas = opened(given.data, Path(work) / "w")
        _, questions = asked(atlas, given.least)
        for line in figures(questions):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
