"""The Cypher text link_status is a translation of judge() and κ: it says all that it can, and the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from building import atlas_of
from worlds import CHAINS, PLACES, book, world

from chainatlas.graph.schema.words import read_toml
from chainatlas.graph.stores.kglite import Engine
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.cypher.texts import attached_values, texts
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.verdicts.judge import STATUS, SUBKIND, Known, Limits, judge

Row = dict[str, Any]


class Asked:
    """A random world with both ways of asking it."""

    def __init__(self, seed: int, shares: Sequence[float] = ()) -> None:
        self.atlas: Atlas = atlas_of(world(seed, shares), words=book(seed))
        self.engine = Engine(self.atlas.snapshot.graph, self.atlas.snapshot.schema)
        self.attached = attached_values(self.atlas)

    def text(self, name: str, **values: Any) -> list[Row]:
        found = texts()[name]
        answer = self.engine.run(found.statement, {**found.parameters, **self.attached, **values})
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def compared(asked: Asked, name: str, place: str | None) -> Iterator[tuple[tuple[str, str | None, str | None], float]]:
    """Hold the text's rows against κ, judge() and the rows of ``chain``; yield what each row says, and κ."""
    atlas = asked.atlas
    scope, floor = atlas.scopes.find(place), atlas.floor
    rows = {r["link"]: r for r in chain(atlas, name, place=place).rows}
    for row in asked.text("link_status", chain=name, place=place):
        item = atlas.makers.item(atlas.snapshot.find(row["link"], ("Product",)))
        known = atlas.kappa(np.array([item]), None)
        kappa, counted = float(known.included[0, scope]), float(known.named[0, scope])
        assert (row["coverage"], row["named"]) == pytest.approx((kappa, counted), abs=6e-5), (row, place)
        makers, may = (m[[item]][:, [scope]].toarray()[0, 0] for m in (atlas.makers.counts, atlas.makers.hints))
        assert (row["producers"], row["possible"]) == (makers, may), (row, place)
        primary = np.array([bool(atlas.makers.primary[item])])
        facts = Known(np.array([makers]), np.array([kappa >= floor]), np.array([counted >= floor]), np.array([may > 0]),
                      primary)  # fmt: skip
        status, subkind = judge(facts, Limits.stated())
        # The text shows the number of producers: of a link that is unknown it says "at least one" by that.
        by_number = "at_least_one" if (row["status"], row["producers"]) == ("unknown", 1) else None
        assert (row["status"], by_number) == (STATUS[status[0]], SUBKIND[subkind[0]]), (row, place, kappa)
        wanted = rows[row["link"]]
        assert (row["ground"], row["population"]) == (wanted["ground"], wanted["population"]), (row, place)
        yield (row["status"], by_number, row["ground"] if row["status"] == "missing" else None), kappa


SAID = {
    ("adequate", None, None), ("single_source", None, None), ("missing", None, "firm"), ("missing", None, "narrow"),
    ("unknown", None, None), ("unknown", "at_least_one", None), ("possible", None, None), ("assumed", None, None),
}  # fmt: skip


@pytest.mark.parametrize("shares", [(), (0.5, 1.0)], ids=["any", "at the floor"])
def test_status_is_that_of_the_rule_and_every_status_occurs(shares: tuple[float, ...]) -> None:
    seen: Counter[tuple[str, str | None, str | None]] = Counter()
    kappas: set[float] = set()
    for seed in range(100, 112):
        asked = Asked(seed, shares)
        for name in CHAINS:
            for place in PLACES:
                for said, kappa in compared(asked, name, place):
                    seen[said] += 1
                    kappas.add(kappa)
    assert set(seen) == SAID
    assert len([k for k in kappas if 0 < k < 1]) > 3, "statements are thinned"
    assert not shares or 0.5 in kappas, "κ stands at the floor exactly"


def test_without_what_words_attach_only_equal_names_count() -> None:
    asked = Asked(100)
    bare = {r["link"]: r["producers"] for r in asked.text("link_status", chain=CHAINS[0], place=None, attached=[])}
    for row in asked.text("link_status", chain=CHAINS[0], place=None):
        assert bare[row["link"]] <= row["producers"]


def test_the_limits_of_the_text_are_those_of_the_vocabulary() -> None:
    given, words = texts()["link_status"].parameters, read_toml("vocabulary.toml")
    assert given["floor"] == words["default"]["floor"]
    assert {k: given[k] for k in ("firm", "named", "included", "facts")} == {
        k: words["coverage"][k] for k in ("firm", "named", "included", "facts")
    }
    assert given["attached"] == given["speaking"] == []
