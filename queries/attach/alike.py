"""Alike: forms that look like a word, by characters; the weakest tier, to be reviewed.

TF-IDF over runs of one to three characters, compared by the cosine; an inverted index of the forms, so
that a word meets only the forms it shares runs with. A form counts only when its head agrees: the
last character, since the head of a Chinese compound is its end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt

import numpy as np

from ...graph.columns.arrays import Floats, Ints
from .forms import Form, Forms

LEAST, MOST = 0.42, 2


@dataclass(frozen=True, eq=False)
class Alike:
    """Forms by their runs of characters."""

    forms: Forms

    @cached_property
    def _listed(self) -> list[Form]:
        """Forms that name a link or a kind of it and are not ambiguous, in a fixed order."""
        every = (f for text in sorted(self.forms.exact) for f in self.forms.exact[text])
        return [f for f in every if f.relation in ("same", "narrower") and not f.unsure and len(f.text) > 2]

    @cached_property
    def _weights(self) -> dict[str, float]:
        """Inverse document frequency of each run among the forms."""
        counts = Counter(gram for f in self._listed for gram in set(_grams(f.text)))
        n = len(self._listed)
        return {gram: log((1 + n) / (1 + c)) + 1 for gram, c in counts.items()}

    @cached_property
    def _index(self) -> dict[str, tuple[Ints, Floats]]:
        """For each run the forms that hold it, with its share of the form's length."""
        lists: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for at, form in enumerate(self._listed):
            vector = self._vector(form.text)
            for gram, weight in vector.items():
                lists[gram][0].append(at)
                lists[gram][1].append(weight)
        return {g: (np.array(at, np.int64), np.array(w)) for g, (at, w) in lists.items()}

    def _vector(self, text: str) -> dict[str, float]:
        known, rarest = self._weights, 1.0 + log(1 + len(self._listed))
        vector = {g: c * known.get(g, rarest) for g, c in Counter(_grams(text)).items()}
        norm = sqrt(sum(w * w for w in vector.values()))
        return {g: w / norm for g, w in vector.items()} if norm else {}

    def __call__(self, text: str) -> list[tuple[Form, float]]:
        """Return the forms most alike a word whose head agrees, one a link, the likest first."""
        total = np.zeros(len(self._listed))
        for gram, weight in self._vector(text).items():
            held = self._index.get(gram)
            if held is not None:
                total[held[0]] += weight * held[1]
        best = np.flatnonzero(total >= LEAST)
        order = best[np.lexsort((best, -total[best]))]
        out: dict[int, tuple[Form, float]] = {}
        for at in order.tolist():
            form = self._listed[at]
            if form.text[-1] == text[-1] and form.link not in out:
                out[form.link] = (form, float(total[at]))
            if len(out) == MOST:
                break
        return list(out.values())


def _grams(text: str) -> list[str]:
    return [text[at : at + n] for n in (1, 2, 3) for at in range(len(text) - n + 1)]
