"""The Cypher text link_status is a translation of judge() and thinned(): it says all that it can, and the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from building import atlas_of
from worlds import CHAINS, PLACES, world

from chainatlas.graph.stores.kglite import Engine
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.cypher.texts import texts
from chainatlas.queries.verdicts.judge import STATUS, SUBKIND, Known, Limits, judge

Row = dict[str, Any]


class Asked:
    """A random world with both ways of asking it."""

    def __init__(self, seed: int, shares: Sequence[float] = ()) -> None:
        self.atlas: Atlas = atlas_of(world(seed, shares))
        self.engine = Engine(self.atlas.snapshot.graph, self.atlas.snapshot.schema)

    def text(self, name: str, **values: Any) -> list[Row]:
        found = texts()[name]
        answer = self.engine.run(found.statement, {**found.parameters, **values})
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def ends(self, relation: str) -> list[tuple[str, str]]:
        """Ends of a relation as public ids."""
        a, b = self.atlas.snapshot.edges(relation)
        return [(self.atlas.snapshot.key(int(x)), self.atlas.snapshot.key(int(y))) for x, y in zip(a, b, strict=True)]


def coverage_of(atlas: Atlas, item: int) -> npt.NDArray[np.float64]:
    """κ of a product in every scope: the best that any population's statements give it, thinned."""
    if atlas.makers.captive[item]:
        return np.zeros(atlas.scopes.n)
    names = atlas.population(None)
    every = [atlas.coverage.kappa("PRODUCES", atlas.chains_of[item], name)[0] for name in names]
    return np.max(every, axis=0) if every else np.zeros(atlas.scopes.n)


def compared(asked: Asked, name: str, place: str | None) -> Iterator[tuple[tuple[str, str | None], float]]:
    """Hold the text's rows against judge() and thinned(); yield what each row says, and κ."""
    atlas = asked.atlas
    scope, floor = atlas.scopes.find(place), texts()["link_status"].parameters["floor"]
    for row in asked.text("link_status", chain=name, place=place):
        item = atlas.makers.item(atlas.snapshot.find(row["link"], ("Product",)))
        kappa = float(coverage_of(atlas, item)[scope])
        assert row["coverage"] == pytest.approx(kappa, abs=6e-5), (row, place)
        assert row["producers"] == atlas.makers.counts[[item]][:, [scope]].toarray()[0, 0], (row, place)
        status, subkind = judge(Known(np.array([row["producers"]]), np.array([kappa >= floor])), Limits.stated())
        # The text shows the number of producers: of a link that is unknown it says "at least one" by that.
        by_number = "at_least_one" if (row["status"], row["producers"]) == ("unknown", 1) else None
        said = row["status"], by_number
        assert said == (STATUS[status[0]], SUBKIND[subkind[0]]), (row, place, kappa)
        yield said, kappa


SAID = {("adequate", None), ("single_source", None), ("missing", None), ("unknown", None), ("unknown", "at_least_one")}


@pytest.mark.parametrize("shares", [(), (0.5, 1.0)], ids=["any", "at the floor"])
def test_status_is_that_of_the_rule_and_every_status_occurs(shares: tuple[float, ...]) -> None:
    """The text is a translation of judge() and thinned(): it says all that it can, and the same."""
    seen: Counter[tuple[str, str | None]] = Counter()
    kappas: set[float] = set()
    for seed in range(100, 108):
        asked = Asked(seed, shares)
        for name in CHAINS:
            for place in PLACES:
                for said, kappa in compared(asked, name, place):
                    seen[said] += 1
                    kappas.add(kappa)
    assert set(seen) == SAID
    assert len([k for k in kappas if 0 < k < 1]) > 3, "statements are thinned"
    assert not shares or 0.5 in kappas, "κ stands at the floor exactly"
