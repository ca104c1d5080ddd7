"""Precision of attach: a sample of certain attachments of this graph for a person to judge, and what it tells.

The sample is drawn by a hash of word and link, so that it is the same each time and a judgement is
never asked twice. Of n judged of which k are right the precision is k/n with Wilson's interval
(Wilson 1927), z = 1.96.
"""

from __future__ import annotations

import hashlib
from math import sqrt

import numpy as np

from ...graph.columns.text import name_key
from ...graph.schema.words import Said, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..attach.attached import decisions, relater

COLUMNS = ("term", "link", "chain", "relation", "score", "firms", "reason", "decision")
RIGHT, WRONG = ("makes", "same", "narrower"), ("broader", "none")


def wilson(right: int, judged: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(95, 100)]
    [0.888, 0.978]
    """
    share, n = right / judged, judged
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def precision(atlas: Atlas, *, size: int = 100) -> Result:
    """Return a sample of certain attachments to judge, and the precision of those judged.

    Parameters
    ----------
    size
        Attachments in the sample.

    Returns
    -------
    Result
        ``term link chain relation score firms reason decision``; ``decision`` is what a person said, empty
        until then.
    """
    words = atlas.makers.attached
    relate = relater(atlas.snapshot)
    sentences = sorted(set(words.words["word"].to_pylist()))
    drawn = [(word, one) for word in sentences for one in relate(word) if one.tier == "certain"]
    drawn = [d for d in drawn if name_key(d[0]) != name_key(atlas.snapshot.name(d[1].link))]
    drawn.sort(key=lambda d: hashlib.sha256(f"{d[0]}\0{atlas.snapshot.name(d[1].link)}".encode()).digest())
    users, counts = np.unique(words.words["word"].to_numpy(zero_copy_only=False).astype(str), return_counts=True)
    firms = dict(zip(users.tolist(), counts.tolist(), strict=True))
    decided = decisions(atlas.snapshot.words)
    shown = dict(zip(words.words["word"].to_pylist(), words.words["said"].to_pylist(), strict=True))
    rows: list[Row] = []
    for word, one in drawn[:size]:
        link = atlas.snapshot.name(one.link)
        chains = sorted(atlas.chains_of[atlas.makers.item(one.link)])
        rows.append({
            "term": shown[word], "link": link, "chain": atlas.snapshot.name(chains[0]) if chains else None,
            "relation": one.relation, "score": one.score, "firms": firms.get(word, 0),
            "reason": sentence(f"how_{one.how}", form=one.form, word=word),
            "decision": decided.get((word, name_key(link), "")),
        })  # fmt: skip
    return Result(COLUMNS, rows, (_note(rows, len(drawn)),))


def _note(rows: list[Row], total: int) -> Said:
    judged = [r["decision"] for r in rows if r["decision"] is not None]
    if not judged:
        return sentence("note_not_judged", n=len(rows), total=total)
    right = sum(d in RIGHT for d in judged)
    low, high = wilson(right, len(judged))
    return sentence("note_precision", n=len(judged), right=right, share=f"{right / len(judged):.2f}",
                    low=f"{low:.2f}", high=f"{high:.2f}", total=total)  # fmt: skip
