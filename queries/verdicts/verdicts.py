"""Verdicts: the status of links in scopes, with coverage, population and confidence, all at once.

Rules, the first that applies (methods §1): unknown (κ below the floor and fewer than two
producers known), missing (nobody known), single source, weak (LQ < 1 or producer HHI > .25,
only with output data), adequate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas
from ..atlas.availability import unpack_bits
from ..atlas.facts import best_confidence, concentration
from ..atlas.scopes import WHOLE, foreign_countries, home_country, provinces_of

STATUS = ("adequate", "weak", "single_source", "missing", "unknown")
ADEQUATE, WEAK, SINGLE, MISSING, UNKNOWN = range(5)
SUBKIND = (None, "nearby", "domestic", "foreign", "broken", "elsewhere_unknown", "at_least_one", "hhi", "lq")
NEARBY, DOMESTIC, FOREIGN, BROKEN, ELSEWHERE_UNKNOWN, AT_LEAST_ONE, HHI, LQ = range(1, 9)


@dataclass(frozen=True)
class Verdicts:
    """Verdicts of links × scopes; every array has shape (links, scopes).

    ``population`` indexes ``populations`` (−1 none); ``ground`` indexes coverage.GROUNDS;
    ``possible``/``certain`` say whether the whole recipe is to be had when unknown links are
    taken as present/absent.
    """

    items: Ints
    scopes: Ints
    status: npt.NDArray[np.int8]
    subkind: npt.NDArray[np.int8]
    producers: Ints
    coverage: Floats
    ground: npt.NDArray[np.int8]
    population: npt.NDArray[np.int8]
    confidence: Floats
    hhi: Floats
    lq: Floats
    certain: Bools
    possible: Bools
    populations: tuple[str, ...]


def verdicts(atlas: Atlas, items: Ints, scopes: Ints, *, among: str | None = None, external: str = "none") -> Verdicts:
    """Judge links in scopes.

    Parameters
    ----------
    items
        Item numbers of the links (``Makers.item``).
    scopes
        Scope numbers.
    among
        Population that "missing" speaks of; by default the widest that the data cover.
    external
        Where inputs may come from besides the scope.
    """
    items, scopes = np.asarray(items, np.int64), np.asarray(scopes, np.int64)
    count = atlas.makers.counts[items][:, scopes].toarray().astype(np.int64)
    kappa, ground, speaker = atlas.kappa(items, among)
    kappa, ground, speaker = kappa[:, scopes], ground[:, scopes], speaker[:, scopes]
    low = kappa < atlas.floor
    certain, possible = atlas.availability(external=external, among=among)
    hhi, lq = concentration(atlas.makers, items, scopes)
    limit = float(read_toml("vocabulary.toml")["default"]["hhi"])
    status = np.full(count.shape, ADEQUATE, np.int8)
    status[(hhi > limit) | (lq < 1)] = WEAK
    status[count == 1] = SINGLE
    status[count == 0] = MISSING
    status[low & (count < 2)] = UNKNOWN
    subkind = np.zeros(count.shape, np.int8)
    subkind[(status == WEAK) & (lq < 1)] = LQ
    subkind[(status == WEAK) & (hhi > limit)] = HHI
    subkind[(status == UNKNOWN) & (count == 1)] = AT_LEAST_ONE
    absent = _elsewhere(atlas, items, scopes, among)
    subkind = np.where(status == MISSING, absent, subkind).astype(np.int8)
    present = best_confidence(atlas.makers, items, scopes)
    confidence = np.where(count == 0, np.where(status == MISSING, kappa, np.nan), present)
    return Verdicts(
        items, scopes, status, subkind, count, kappa, ground.astype(np.int8), speaker.astype(np.int8),
        confidence, hhi, lq, unpack_bits(certain[items], atlas.scopes.n)[:, scopes],
        unpack_bits(possible[items], atlas.scopes.n)[:, scopes], atlas.population(among),
    )  # fmt: skip


def _elsewhere(atlas: Atlas, items: Ints, scopes: Ints, among: str | None) -> npt.NDArray[np.int8]:
    """Where a missing link is made instead: in the province, in the country, abroad, nowhere.

    "Nowhere" (broken) is said only where the data cover the country or all there is; else what
    is made elsewhere is unknown.
    """
    counts, where = atlas.makers.counts[items], atlas.scopes
    total = atlas.makers.total[items]
    nation, abroad = home_country(where), foreign_countries(where)
    kappa = atlas.kappa(items, among)[0]
    wide = [WHOLE] if nation is None else [WHOLE, nation]
    seen = (kappa[:, wide] >= atlas.floor).any(axis=1)
    foreign = counts[:, abroad].toarray().sum(axis=1) if len(abroad) else np.zeros(len(items))
    # A maker whose country nobody states is taken as domestic: the lists are.
    home = total > foreign
    far = np.where(total > 0, np.where(home, DOMESTIC, FOREIGN), np.where(seen, BROKEN, ELSEWHERE_UNKNOWN))
    out = np.repeat(far.astype(np.int8)[:, None], len(scopes), axis=1)
    for at, scope in enumerate(scopes.tolist()):
        near = provinces_of(where, scope)
        if len(near):
            out[counts[:, near].toarray().sum(axis=1) > 0, at] = NEARBY
    return out
