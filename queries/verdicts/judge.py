"""The rule of a verdict: what is known of a link in a place, and the status that follows (methods §1).

Arrays in, arrays out, of any one shape: a few links in a few places, or the sparse cells of a nation.
Two translations say the same elsewhere and are tested against it: the page's trial
(``views/atlas/page``) and the Cypher text ``link_status``. How κ of a statement on a place is
thinned for the places inside it is ``queries.atlas.kappa.thinned``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.schema.words import read_toml

Codes = npt.NDArray[np.int8]

STATUS = ("adequate", "weak", "single_source", "missing", "unknown", "possible", "assumed")
ADEQUATE, WEAK, SINGLE, MISSING, UNKNOWN, POSSIBLE, ASSUMED = range(7)
SUBKIND = (None, "nearby", "domestic", "foreign", "broken", "elsewhere_unknown", "at_least_one", "hhi", "lq")
NEARBY, DOMESTIC, FOREIGN, BROKEN, ELSEWHERE_UNKNOWN, AT_LEAST_ONE, HHI, LQ = range(1, 9)


@dataclass(frozen=True)
class Limits:
    """Where a link begins to be weak: HHI above ``hhi``, or LQ below ``lq``."""

    hhi: float
    lq: float = 1.0

    @classmethod
    def stated(cls) -> Limits:
        """Return the limits that the vocabulary states."""
        return cls(float(read_toml("vocabulary.toml")["default"]["hhi"]))


@dataclass(frozen=True)
class Known:
    """What is known of links in places, arrays of one shape.

    ``covered`` tells where κ reaches the floor with the grain *included*: a maker, if there were one,
    would stand in the data, at least by a broader word. ``countable`` tells the same with the grain
    *named*: how many makers there are can be counted (``covered`` where nobody tells them apart).
    ``hinted`` marks links that somebody's words may include, ``primary`` those that are to be had
    without a maker; none where not given. ``hhi`` and ``lq`` are NaN without the data; ``elsewhere`` is
    the sub-kind of a link that is missing (``made_elsewhere``), None where nobody asks for it.
    """

    producers: Ints
    covered: Bools
    countable: Bools | None = None
    hinted: Bools | None = None
    primary: Bools | None = None
    hhi: Floats | None = None
    lq: Floats | None = None
    elsewhere: Codes | None = None


def judge(known: Known, limits: Limits) -> tuple[Codes, Codes]:
    """Return status and sub-kind of links in places.

    With S producers known, the first that applies::

        assumed        primary, S = 0
        unknown        not covered, S < 2                  at_least_one where S = 1
        possible       S = 0, somebody possible
        missing        S = 0                               where it is made instead
        unknown        S = 1, not countable or somebody    at_least_one
                       possible beside the one
        single_source  S = 1
        weak           HHI > limit or LQ < limit           hhi, else lq
        adequate       otherwise

    Parameters
    ----------
    known
        Arrays of one shape.
    limits
        HHI above and LQ below which a link is weak.

    Returns
    -------
    status, subkind : int8 arrays of that shape
        Numbers of ``STATUS`` and ``SUBKIND``.
    """
    nobody, sole, unseen = known.producers == 0, known.producers == 1, ~known.covered
    never: Bools = np.zeros(nobody.shape, bool)
    hinted = never if known.hinted is None else known.hinted
    uncounted = unseen if known.countable is None else ~known.countable
    rules: tuple[tuple[Bools, int, Codes | int], ...] = (
        *(() if known.primary is None else ((nobody & known.primary, ASSUMED, 0),)),
        (unseen & nobody, UNKNOWN, 0),
        (sole & (unseen | uncounted | hinted), UNKNOWN, AT_LEAST_ONE),
        (nobody & hinted, POSSIBLE, 0),
        (nobody, MISSING, 0 if known.elsewhere is None else known.elsewhere),
        (sole, SINGLE, 0),
        *(() if known.hhi is None else ((known.hhi > limits.hhi, WEAK, HHI),)),
        *(() if known.lq is None else ((known.lq < limits.lq, WEAK, LQ),)),
    )
    status, subkind = np.full(nobody.shape, ADEQUATE, np.int8), np.zeros(nobody.shape, np.int8)
    waiting = np.ones(nobody.shape, bool)
    for applies, what, kind in rules:
        first = (applies & waiting).view(np.int8)
        status += first * np.int8(what)  # whole arrays of 0 and 1: many times faster than to pick cells
        subkind += first * np.asarray(kind, np.int8)
        waiting &= ~applies
    return status, subkind


def made_elsewhere(near: Bools, total: Ints, foreign: Ints | Floats, shown: Bools) -> Codes:
    """Return where a link that nobody makes here is made instead, as numbers of ``SUBKIND``.

    The first that applies: nearby (in the province), domestic (not all makers are foreign), foreign,
    broken (nobody, and the data would show a maker), else elsewhere unknown.

    Parameters
    ----------
    near
        Somebody makes it in the province of the place.
    total, foreign
        Number of makers anywhere, and in foreign countries. A maker whose country nobody states is
        taken as domestic: the lists are.
    shown
        The data cover the country, or all there is.
    """
    somewhere = np.where(total > foreign, DOMESTIC, FOREIGN)
    far = np.where(total > 0, somewhere, np.where(shown, BROKEN, ELSEWHERE_UNKNOWN))
    return np.where(near, NEARBY, far).astype(np.int8)
