"""Verdicts: the status of links in scopes, with coverage, population and confidence, all at once.

The rule itself is ``judge``; here stands what it is given: producers, κ, HHI and LQ of each link in
each scope, and where a missing link is made instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Bools, Floats, Ints
from ..atlas.atlas import Atlas
from ..atlas.availability import unpack_bits
from ..atlas.facts import best_confidence, concentration
from ..atlas.scopes import WHOLE, foreign_countries, home_country, provinces_of
from .judge import MISSING, Codes, Known, Limits, judge, made_elsewhere


@dataclass(frozen=True)
class Verdicts:
    """Verdicts of links × scopes; every array has shape (links, scopes).

    ``population`` indexes ``populations`` (−1 none); ``ground`` indexes coverage.GROUNDS; ``hints``
    counts possible makers; ``coverage`` is κ with the grain included, ``named`` with the grain named;
    ``firm`` tells where the verdict speaks of all firms or those of designated size, and κ is high (else the
    ground is narrow);
    ``possible``/``certain`` say whether the whole recipe is to be had when unknown links are
    taken as present/absent.
    """

    items: Ints
    scopes: Ints
    status: npt.NDArray[np.int8]
    subkind: npt.NDArray[np.int8]
    producers: Ints
    hints: Ints
    coverage: Floats
    named: Floats
    firm: Bools
    ground: npt.NDArray[np.int8]
    population: npt.NDArray[np.int8]
    confidence: Floats
    hhi: Floats
    lq: Floats
    certain: Bools
    possible: Bools
    populations: tuple[str, ...]


def ground_of(found: Verdicts, at: int, column: int) -> str | None:
    """Return the ground of a verdict, firm or narrow; None without coverage."""
    if found.firm[at, column]:
        return "firm"
    return "narrow" if found.coverage[at, column] > 0 else None


def population_of(found: Verdicts, at: int, column: int) -> str | None:
    """Return the population that a verdict speaks of; None where none does."""
    speaker = int(found.population[at, column])
    return found.populations[speaker] if speaker >= 0 else None


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
    hints = atlas.makers.hints[items][:, scopes].toarray().astype(np.int64)
    known_kappa = atlas.kappa(items, among)
    kappa, named = known_kappa.included[:, scopes], known_kappa.named[:, scopes]
    ground, speaker = known_kappa.ground[:, scopes], known_kappa.population[:, scopes]
    certain, possible = atlas.availability(external=external, among=among)
    hhi, lq = concentration(atlas.makers, items, scopes)
    primary = np.broadcast_to(atlas.makers.primary[items][:, None], count.shape)
    known = Known(
        count, kappa >= atlas.floor, named >= atlas.floor, hints > 0, primary, hhi, lq,
        _elsewhere(atlas, items, scopes, among),
    )  # fmt: skip
    status, subkind = judge(known, Limits.stated())
    present = best_confidence(atlas.makers, items, scopes)
    confidence = np.where(count == 0, np.where(status == MISSING, kappa, np.nan), present)
    return Verdicts(
        items, scopes, status, subkind, count, hints, kappa, named, known_kappa.firm[:, scopes],
        ground.astype(np.int8), speaker.astype(np.int8),
        confidence, hhi, lq, unpack_bits(certain[items], atlas.scopes.n)[:, scopes],
        unpack_bits(possible[items], atlas.scopes.n)[:, scopes], atlas.population(among),
    )  # fmt: skip


def _elsewhere(atlas: Atlas, items: Ints, scopes: Ints, among: str | None) -> Codes:
    """Where each link is made besides each scope, shape (links, scopes)."""
    counts, where = atlas.makers.counts[items], atlas.scopes
    nation, abroad = home_country(where), foreign_countries(where)
    kappa = atlas.kappa(items, among).included
    wide = [WHOLE] if nation is None else [WHOLE, nation]
    shown: Bools = np.asarray((kappa[:, wide] >= atlas.floor).any(axis=1))
    foreign = counts[:, abroad].toarray().sum(axis=1) if len(abroad) else np.zeros(len(items))
    near = np.zeros((len(items), len(scopes)), bool)
    for at, scope in enumerate(scopes.tolist()):
        provinces = provinces_of(where, scope)
        if len(provinces):
            near[:, at] = counts[:, provinces].toarray().sum(axis=1) > 0
    total = atlas.makers.total[items]
    return made_elsewhere(near, total[:, None], foreign[:, None], shown[:, None])
