"""Reasons: a verdict in words, and for whom verdicts hold."""

from __future__ import annotations

import numpy as np

from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import local_makers, producer_names
from .hints import possible_makers
from .judge import ASSUMED, AT_LEAST_ONE, HHI, LQ, MISSING, POSSIBLE, SINGLE, SUBKIND, UNKNOWN, WEAK
from .verdicts import Verdicts


def reason(atlas: Atlas, found: Verdicts, at: int, column: int) -> Said:
    """Say in a sentence why a link has its status."""
    status, sub = int(found.status[at, column]), int(found.subkind[at, column])
    n = int(found.producers[at, column])
    if status == ASSUMED:
        return sentence("why_assumed")
    if status == UNKNOWN:
        return _unknown(atlas, found, at, column)
    if status == POSSIBLE:
        return _possible(atlas, found, at, column)
    if status == MISSING:
        return _missing(atlas, found, at, column)
    if status == SINGLE:
        return _single(atlas, found, at, column)
    if status == WEAK:
        code, value = ("why_hhi", found.hhi) if sub == HHI else ("why_lq", found.lq)
        assert sub in (HHI, LQ)
        return sentence(code, n=n, value=f"{value[at, column]:.2f}", limit=".25")
    return sentence("why_adequate", n=n)


def _unknown(atlas: Atlas, found: Verdicts, at: int, column: int) -> Said:
    """Say what is not known: whether anybody makes it, or whether more than one does."""
    item, scope = int(found.items[at]), int(found.scopes[column])
    kappa, floor = f"{found.coverage[at, column]:.2f}", f"{atlas.floor:.2f}"
    if int(found.subkind[at, column]) != AT_LEAST_ONE:
        code = (
            "why_captive"
            if atlas.makers.captive[item]
            else "why_low"
            if found.coverage[at, column] > 0
            else "why_no_ground"
        )
        said = sentence(code, kappa=kappa, floor=floor)
        hints = _hints(atlas, found, at, column)
        return (
            said
            if hints is None
            else Joined((said, sentence("why_hinted", n=int(found.hints[at, column]), words=hints)))
        )
    names = "、".join(producer_names(atlas, item, scope))
    if found.coverage[at, column] < atlas.floor:
        return sentence("why_at_least_one", kappa=kappa, floor=floor, names=names)
    if found.hints[at, column]:
        return sentence("why_one_and_hinted", names=names, n=int(found.hints[at, column]),
                        words=_hints(atlas, found, at, column) or "")  # fmt: skip
    return sentence("why_not_counted", names=names, kappa=f"{found.named[at, column]:.2f}", floor=floor)


def _possible(atlas: Atlas, found: Verdicts, at: int, column: int) -> Said:
    return sentence("why_possible", n=int(found.hints[at, column]), words=_hints(atlas, found, at, column) or "")


def _missing(atlas: Atlas, found: Verdicts, at: int, column: int) -> Said:
    """Say that nobody is known, for whom that holds, and where it is made instead."""
    total = int(atlas.makers.total[found.items[at]])
    where = sentence(f"else_{SUBKIND[int(found.subkind[at, column])]}", n=total)
    code = "why_missing" if found.firm[at, column] else "why_missing_narrow"
    return sentence(code, population=_population(found, at, column), kappa=f"{found.coverage[at, column]:.2f}",
                    elsewhere=where)  # fmt: skip


def _single(atlas: Atlas, found: Verdicts, at: int, column: int) -> Said:
    """Name the sole maker; a population is named only for its members."""
    item, scope = int(found.items[at]), int(found.scopes[column])
    makers = local_makers(atlas, item, scope)
    speaker = int(found.population[at, column])
    name = found.populations[speaker] if speaker >= 0 else _ALL
    # A population of which nobody is loaded has no members.
    member = name == _ALL or bool(np.isin(makers, atlas.coverage.population.get(name, ())).all())
    code = "why_single" if member else "why_single_outside"
    return sentence(code, population=Word("population", name), names="、".join(atlas.snapshot.names(makers[:5])))


_ALL = "全部"


def _population(found: Verdicts, at: int, column: int) -> Word:
    speaker = int(found.population[at, column])
    return Word("population", found.populations[speaker] if speaker >= 0 else _ALL)


def _hints(atlas: Atlas, found: Verdicts, at: int, column: int, limit: int = 3) -> Said | None:
    """Name the first possible makers with their words, None where there is none."""
    if not found.hints[at, column]:
        return None
    hinted = possible_makers(atlas, int(found.items[at]), int(found.scopes[column]))
    named = [sentence("hint", firm=atlas.snapshot.name(h.firm), word=h.word) for h in hinted[:limit]]
    return Joined(tuple(named), "、")


def scope_notes(atlas: Atlas, found: Verdicts) -> tuple[Said, ...]:
    """Say for whom verdicts hold when it is not everybody, and what was left out."""
    speakers = {int(s) for s in np.unique(found.population[(found.status == MISSING) | (found.status == SINGLE)])}
    names = [found.populations[s] for s in sorted(speakers) if s >= 0 and found.populations[s] != "全部"]
    notes: list[Said] = []
    if names:
        notes.append(sentence("note_population", population=tuple(Word("population", name) for name in names)))
    if atlas.makers.excluded:
        notes.append(sentence("note_excluded", n=atlas.makers.excluded))
    return tuple(notes)
