"""Resources of the page: which platforms, alliances, funds … serve which link, and by what way.

The page asks for any chain and place, so what travels is who serves what (the closest way of
``queries.resources``) and κ of "nobody does" by place; counting is left to the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...graph.columns.arrays import Ints
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.words import pairs
from ...queries.atlas.atlas import Atlas
from ...queries.resources.serving import KINDS, WAYS, Serving, serving

# Sub-kinds of one type that get a column of their own; the rest share one.
_MOST = 4
_GROUPS = {"platforms": "platforms", "alliances": "bodies", "services": "bodies", "funds": "funds",
           "teams": "people", "patents": "people", "projects": "people"}  # fmt: skip
_ORDER = ("platforms", "alliances", "services", "funds", "teams", "patents", "projects")
_GROUP_WORDS = {
    "platforms": {"zh": "平台", "en": "Platforms"}, "bodies": {"zh": "组织", "en": "Bodies"},
    "funds": {"zh": "资金", "en": "Funds"}, "people": {"zh": "人才、专利与项目", "en": "Teams, patents, projects"},
}  # fmt: skip
_REST = {"zh": "其他", "en": "Other"}
_UNSTAGED = {"zh": "未注阶段", "en": "no stage stated"}
FUND_STAGES = ("研发", "转化孵化", "市场应用")
_STAGE_WORDS = {"研发": {"zh": "研发资金", "en": "R&D funds"}, "转化孵化": {"zh": "转化资金", "en": "Incubation funds"},
                "市场应用": {"zh": "市场资金", "en": "Market funds"}}  # fmt: skip


def resources(atlas: Atlas, items: Ints, scopes: Ints, place: Any, source: Any) -> dict[str, Any]:
    """Return the payload's ``resources`` (see ``contract.Resources``).

    Parameters
    ----------
    place
        Function from a node to where it stands on the page (``entities.Standing.of``).
    source
        Function that numbers the source of a claim.
    """
    columns: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    serves: list[dict[str, Any]] = []
    kappa: dict[str, Any] = {}
    classes = list(dict.fromkeys(atlas.chains_of[i] for i in items.tolist()))
    for of in _ORDER:
        found = serving(atlas, of)
        first = len(columns)
        mine, where = _columns(atlas, of, found)
        columns += [{**column, "kind": of, "group": _GROUP_WORDS[_GROUPS[of]]} for column in mine]
        known = np.vstack([found.kappa(c)[scopes] for c in classes]) if classes else np.zeros((0, len(scopes)))
        if known.any():
            kappa[of] = [[round(float(k), 4) for k in row] for row in known]
        way = found.best(items)
        held = found.placed[:, scopes].toarray() > 0
        start = len(things)
        for at, node in enumerate(found.ids):
            claims = _serves_claims(atlas, node, source)
            things.append({"key": atlas.snapshot.key(node), "name": atlas.snapshot.name(node),
                           "columns": [first + c for c in where[at]], "places": np.flatnonzero(held[at]).tolist(),
                           **place(node), **claims})  # fmt: skip
            for number, name in enumerate(WAYS):
                links = np.flatnonzero(way[:, at] == number).tolist()
                if links:
                    serves.append({"thing": start + at, "way": name, "links": links})
    return {"columns": columns, "things": things, "serves": serves, "kappa": kappa,
            "classes": [classes.index(atlas.chains_of[i]) for i in items.tolist()]}  # fmt: skip


def _columns(atlas: Atlas, of: str, found: Serving) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """Return the columns of a kind of resource, and for each resource those it counts in."""
    kind = KINDS[of]
    node = atlas.snapshot.schema.nodes[kind]
    base = {"loaded": len(found.ids), "sheet": node.zh}
    words = pairs("resource")[of]
    if of == "funds":
        told = [(t or "").split(LIST_SEPARATOR) for t in atlas.snapshot.column(kind, "stage").to_pylist()]
        where = [[FUND_STAGES.index(s) for s in stages if s in FUND_STAGES] for stages in told]
        columns = [{"label": _STAGE_WORDS[s], **base, "loaded": sum(at in w for w in where)}
                   for at, s in enumerate(FUND_STAGES)]  # fmt: skip
        bare = [at for at, w in enumerate(where) if not w]
        if bare:
            label = {"zh": f"{words['zh']}（{_UNSTAGED['zh']}）", "en": f"{words['en']}, {_UNSTAGED['en']}"}
            columns.append({"label": label, **base, "loaded": len(bare)})
            for at in bare:
                where[at] = [len(FUND_STAGES)]
        return columns, where
    if of != "platforms" or not len(found.ids):
        return [{"label": words, **base}], [[0] for _ in found.ids]
    return _by_kind(atlas.snapshot.column(kind, "kind").to_pylist(), words, base)


def _by_kind(
    told: Sequence[str | None], words: Mapping[str, str], base: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """Return a column for each of the commonest sub-kinds and one for the rest."""
    names = sorted({t for t in told if t}, key=lambda t: (-told.count(t), t))
    shown = names if len(names) <= _MOST else names[: _MOST - 1]
    columns = [{"label": {"zh": n, "en": n}, **base, "loaded": told.count(n)} for n in shown]
    rest = sum(t not in shown for t in told)
    if rest:
        columns.append({"label": {"zh": f"{_REST['zh']}{words['zh']}", "en": f"{_REST['en']} {words['en'].lower()}"},
                        **base, "loaded": rest})  # fmt: skip
    return columns, [[shown.index(t) if t in shown else len(shown)] for t in told]


def _serves_claims(atlas: Atlas, node: int, source: Any) -> dict[str, Any]:
    """Return the first claim that a resource serves anything: source, reference, date."""
    from ...queries.atlas.facts import claims_of, where_it_stands

    rows = atlas.snapshot.csr("SERVES").rows_of(node).tolist()
    for claims in claims_of(atlas.snapshot, "SERVES", rows[:1]).values():
        for claim in claims:
            return {"source": source(claim), "ref": where_it_stands(claim), "as_of": claim.get("as_of")}
    return {"source": None, "ref": "", "as_of": None}
