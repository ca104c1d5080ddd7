"""Called: what trade the name of a firm tells, where it tells one (山能重装泰安煤机: 煤机).

The longest end of the name, without place in brackets and legal form, that is a term or name of a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...graph.columns.text import name_key
from ...graph.identity.terms import Term
from .lexicon import lexicon

_BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
_FORM = re.compile(r"(?:股份|有限责任|有限|集团|控股)*(?:公司|集团|总厂|厂)$")
_SHORTEST, _LONGEST = 2, 8
_SAYING = ("same", "narrower", "broader")


def called(names: Iterable[str], links: Mapping[str, int], terms: Iterable[Term]) -> list[dict[int, tuple[str, str]]]:
    """Return for each name the links that its end means or includes, with the word and its relation.

    Parameters
    ----------
    links
        Number of each link by the key of its name (``name_key``).
    terms
        Terms of links; those given first stand before later ones.

    Examples
    --------
    >>> called(["示例泰安煤机有限公司"], {"采煤机": 7}, [Term("采煤机", "煤机", "broader")])
    [{7: ('煤机', 'broader')}]
    """
    ends = [_ends(name) for name in names]
    wanted = {end for one in ends for end in one}
    by_word: dict[str, dict[int, str]] = {}
    for term in terms:
        if term.term in wanted and (link := links.get(name_key(term.link))) is not None:
            by_word.setdefault(term.term, {}).setdefault(link, term.relation)
    for key, link in links.items():
        if key.upper() in wanted:
            by_word.setdefault(key.upper(), {}).setdefault(link, "same")
    first = [next((end for end in one if end in by_word), "") for one in ends]
    return [{link: (word, how) for link, how in by_word.get(word, {}).items() if how in _SAYING} for word in first]


def _ends(name: str) -> list[str]:
    """Ends of a name, the longest first; never the whole of it."""
    text, before = _BRACKETS.sub("", name), ""
    while text != before:
        before, text = text, _FORM.sub("", text)
    text = lexicon().normal(text)
    return [text[-size:] for size in range(min(_LONGEST, len(text) - 1), _SHORTEST - 1, -1)]
