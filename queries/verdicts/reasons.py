"""Reasons: a verdict in words, and for whom verdicts hold."""

from __future__ import annotations

import numpy as np

from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import producer_names
from .judge import AT_LEAST_ONE, HHI, LQ, MISSING, SINGLE, SUBKIND, UNKNOWN, WEAK
from .verdicts import Verdicts


def reason(atlas: Atlas, found: Verdicts, at: int, column: int) -> Said:
    """Say in a sentence why a link has its status."""
    status, sub = int(found.status[at, column]), int(found.subkind[at, column])
    item, scope = int(found.items[at]), int(found.scopes[column])
    speaker, n = int(found.population[at, column]), int(found.producers[at, column])
    population = Word("population", found.populations[speaker] if speaker >= 0 else "全部")
    kappa = f"{found.coverage[at, column]:.2f}"
    shown = "、".join(producer_names(atlas, item, scope)) if n == 1 else ""
    if status == UNKNOWN:
        code = "why_low" if found.coverage[at, column] > 0 else "why_no_ground"
        if atlas.makers.captive[item]:
            code = "why_captive"
        if sub == AT_LEAST_ONE:
            code = "why_at_least_one"
        return sentence(code, kappa=kappa, floor=f"{atlas.floor:.2f}", names=shown)
    if status == MISSING:
        total = int(atlas.makers.total[item])
        where = sentence(f"else_{SUBKIND[sub]}", n=total)
        said = sentence("why_missing", population=population, kappa=kappa, elsewhere=where)
        return Joined((said, sentence("why_primary"))) if atlas.makers.primary[item] else said
    if status == SINGLE:
        return sentence("why_single", population=population, names=shown)
    if status == WEAK:
        code, value = ("why_hhi", found.hhi) if sub == HHI else ("why_lq", found.lq)
        assert sub in (HHI, LQ)
        return sentence(code, n=n, value=f"{value[at, column]:.2f}", limit=".25")
    return sentence("why_adequate", n=n)


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
