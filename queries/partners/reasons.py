"""Reasons: what a candidate's ability rests on in one sentence that can be checked, and all that stands behind it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Ints, rounded, row_of
from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.facts import Fact, claims_of, fact
from ..atlas.makers import Makers
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..verdicts.backing import Backing, making_backing, serving_backing, words_backing
from ..verdicts.explanation import maker_facts
from ..verdicts.hints import firm_hints
from .able.table import INPUT, MAKES, PARENT, SERVES, SIBLING, TECHNOLOGY, TIERS, USE, WORDS
from .fits import patent_facts, said_by_patents
from .gate import INSIDE
from .holdings import Holdings
from .needs import MOST
from .ranking import Ranking
from .scoring.features import CRITERIA

COLUMNS = ("fact", "weight", "value", "part", "rank_without", "source", "source_ref", "as_of", "confidence")
PATHS = 3
FACTS = 3
NAMES = 3
_COMPLEMENT = CRITERIA.index("complementarity")


def why(found: Ranking, at: int) -> Said:
    """Return one sentence: what makes the candidate able, in whose words and by which source, and where it is."""
    backing = backing_of(found, at)
    parts = [relation(found, at, backing), *_source(backing), *_brings(found, at, backing), *_where(found, at)]
    return Joined((Joined(tuple(parts), sentence("why_partner_join")), sentence("why_partner_end")))


# what it is able to do --------------------------------------------------------------------------------


def backing_of(found: Ranking, at: int) -> Backing | None:
    """Return the statement that a candidate's ability rests on."""
    h, item = found.holdings, int(found.through[at])
    if item < 0:  # by patents: no product or technology stands behind it
        return None
    node = int(h.node[found.row[at]])
    if found.way[at] == SERVES:
        return serving_backing(h.atlas, node, frozenset({h.atlas.makers.node(item)}))
    if found.way[at] == WORDS:
        return words_backing(h.atlas, node, item)
    served = frozenset({h.atlas.makers.node(item)})
    return (making_backing(h.atlas, node, item) or words_backing(h.atlas, node, item)
            or serving_backing(h.atlas, node, served))  # fmt: skip


def relation(found: Ranking, at: int, backing: Backing | None) -> Said:
    """Return how a candidate stands to the link asked for: what it makes, and what that is to the link."""
    h, way, item = found.holdings, int(found.way[at]), int(found.through[at])
    if item < 0:
        return said_by_patents(h, int(found.need.anchors[0]), int(found.row[at]))
    made = h.atlas.makers
    wanted = _wanted(found, item)
    link, product = item_name(h, wanted), item_name(h, item)
    if way == WORDS:
        if backing is None or backing.word is None:
            return sentence("why_partner_may_make", product=link)
        return sentence("why_partner_words", word=backing.word, link=link)
    if way == SERVES:
        return sentence("why_partner_serves", product=product)
    does = _does(h, int(found.row[at]), item, backing)
    if way == MAKES:
        kind = backing is not None and backing.end != made.node(wanted)
        return _lacking(found, sentence("why_partner_kind", does=does, link=link) if kind else does)
    if way == TECHNOLOGY:
        return _by_technology(made, wanted, item, does)
    if way == SIBLING:
        return _by_recipe(made, wanted, item, does)
    codes = {PARENT: "why_partner_parent", INPUT: "why_partner_input", USE: "why_partner_use"}
    return sentence(codes[way], does=does, link=link)


def _lacking(found: Ranking, does: Said) -> Said:
    """Say for whom it is of use, where more than one thing is looked for."""
    codes = {"enterprise": "why_partner_needed", "group": "why_partner_lacking"}
    name = found.holdings.atlas.snapshot.name(found.need.node)
    return sentence(codes[found.need.kind], does=does, need=name) if found.need.kind in codes else does


def _wanted(found: Ranking, item: int) -> int:
    """Return which of the items looked for an ability is about: the link, or the missing class."""
    need, made = found.need, found.holdings.atlas.makers
    if need.kind == "link" or item in need.wanted:
        return int(need.wanted[0]) if need.kind == "link" else item
    about = (
        w
        for w in need.wanted[:MOST].tolist()
        if item in required(made, w) or required(made, w) & required(made, item) or w in required(made, item)
    )
    return next(about, item)


def _does(h: Holdings, row: int, item: int, backing: Backing | None) -> Said:
    """What it makes or masters, by the name of the link or kind, with its own words where these are others."""
    made = h.atlas.makers
    end = backing.end if backing is not None else made.node(item)
    name = h.atlas.snapshot.name(end)
    word = backing.word if backing is not None else None
    product = name if word in (None, name) else sentence("why_partner_called", name=name, word=word)
    if not makes(made, int(h.node[row]), item):
        served = h.kind[row] > 0 and (row_of(h.held, item) == row).any()
        return sentence("why_partner_serves" if served else "why_partner_may_make", product=product)
    return sentence("why_partner_masters" if made.is_technology(item) else "why_partner_makes", product=product)


def _by_technology(made: Makers, link: int, item: int, does: Said) -> Said:
    if made.is_technology(item) and item in required(made, link):
        return sentence("why_partner_required", does=does, link=name_of(made, link))
    if link in required(made, item):
        return sentence("why_partner_requires", does=does, link=name_of(made, link))
    shared = sorted(required(made, link) & required(made, item))
    names = [name_of(made, i) for i in shared[:NAMES]]
    return sentence("why_partner_shares", does=does, link=name_of(made, link), technology=names)


def _by_recipe(made: Makers, link: int, item: int, does: Said) -> Said:
    """Tell what makes two products alike: the parent, the inputs that both have, or the head of their names."""
    common = sorted((inputs_of(made, link) & inputs_of(made, item)) | (required(made, link) & required(made, item)))
    names, name = [name_of(made, i) for i in common if not made.primary[i]][:NAMES], name_of(made, link)
    parents = set(row_of(made.kinds_up, link).tolist()) & set(row_of(made.kinds_up, item).tolist())
    head = _common_end(name, name_of(made, item))
    if parents and names:
        return sentence("why_partner_sibling", does=does, link=name, parent=name_of(made, min(parents)), inputs=names)
    if len(names) > 1 or (names and len(head) < 2):
        return sentence("why_partner_alike", does=does, link=name, inputs=names)
    return sentence("why_partner_kin", does=does, link=name, parent=name_of(made, min(parents)) if parents else head)


def _common_end(a: str, b: str) -> str:
    size = 0
    while size < min(len(a), len(b)) and a[-1 - size] == b[-1 - size]:
        size += 1
    return a[len(a) - size :]


def makes(made: Makers, node: int, item: int) -> bool:
    """Tell whether a node is known to make or master an item, or a kind of it."""
    return bool((row_of(made.makes, item) == node).any())


def inputs_of(made: Makers, item: int) -> set[int]:
    """Return what goes directly into an item."""
    ends = made.snapshot.csr("INPUT_OF", incoming=True).of(made.node(item)).astype(np.int64)
    return {int(i) for i in made.items(ends) if i >= 0}


def required(made: Makers, item: int) -> set[int]:
    """Return the technologies that an item requires."""
    return {int(i) for i in made.items(made.snapshot.csr("REQUIRES").of(made.node(item)).astype(np.int64)) if i >= 0}


def _source(backing: Backing | None) -> Iterator[Said]:
    if backing is None or backing.source is None:
        return
    if backing.field in (None, "product"):
        yield sentence("why_partner_source", source=backing.source)
    else:
        yield sentence("why_partner_field", source=backing.source, field=Word("attach_field", backing.field or ""))


def _brings(found: Ranking, at: int, backing: Backing | None) -> Iterator[Said]:
    """What else it makes that is missing: in the place for a link, among the members for a group."""
    value, need = found.value[at, _COMPLEMENT], found.need
    if np.isnan(value) or value <= 0:
        return
    held = np.intersect1d(_items(found.holdings, int(found.row[at])), need.missing)
    told = -1 if backing is None else found.holdings.atlas.makers.item(backing.end)
    held = held[~np.isin(held, (int(found.through[at]), told))]
    if len(held):
        names = [item_name(found.holdings, int(i)) for i in held[:NAMES]] + ["…"] * (len(held) > NAMES)
        code = "why_partner_inputs" if need.kind == "link" else "why_partner_classes"
        yield sentence(code, n=len(held), names=names)


def _where(found: Ranking, at: int) -> Iterator[Said]:
    """Where it is: inside the place, or how far from it when that is known and more than nothing."""
    h, km = found.holdings, float(found.km[at])
    region = int(h.region[found.row[at]])
    if region < 0 or (found.need.scope == WHOLE and np.isnan(km)):
        return
    place = h.atlas.scopes.name(region)
    if found.reach[at] == INSIDE or np.isnan(km) or km < 0.5:
        yield sentence("why_partner_place", place=place)
    else:
        yield sentence("why_partner_distance", place=place, km=f"{km:.0f}")


# all that stands behind it ----------------------------------------------------------------------------


def evidence(found: Ranking, at: int) -> Result:
    """Return criteria with their parts and the rank without them, then facts and paths, then what would change."""
    facts = (_told(f) for f in _facts(found, at))
    rows = [*_criteria(found, at), *facts, *_changes(found, at)]
    return Result(COLUMNS, rows)


def _criteria(found: Ranking, at: int) -> Iterator[Row]:
    total = max(float(found.part[at].sum()), 1e-12)
    weight = found.weights.value / max(float(found.weights.value.sum()), 1e-12)
    for number, name in enumerate(CRITERIA):
        value = found.value[at, number]
        code = "reason_neutral" if np.isnan(value) else "reason_share"
        text = sentence(code, criterion=Word("column", name), share=f"{found.part[at, number] / total:.0%}")
        yield {**dict.fromkeys(COLUMNS), "fact": text, "weight": round(float(weight[number]), 4),
               "value": rounded(value),
               "part": round(float(found.part[at, number]), 4),
               "rank_without": rank_without(found, at, number)}  # fmt: skip


def rank_without(found: Ranking, at: int, criterion: int) -> int:
    """Rank within the list by the weighted sum when one criterion counts for nothing: tiers stay as they are."""
    same = np.flatnonzero(found.listed == found.listed[at])
    score = (found.part[same].sum(axis=1) - found.part[same, criterion]).round(9)
    tier, row = found.tier[same], found.row[same]
    mine = int(np.flatnonzero(same == at)[0])
    better = (score > score[mine]) | ((score == score[mine]) & (row < row[mine]))
    return int(((tier < tier[mine]) | ((tier == tier[mine]) & better)).sum()) + 1


def _told(one: Fact) -> Row:
    return {**dict.fromkeys(COLUMNS), "fact": one.fact, "source": one.source, "source_ref": one.source_ref,
            "as_of": one.as_of, "confidence": one.confidence}  # fmt: skip


def _facts(found: Ranking, at: int) -> Iterator[Fact]:
    """Facts behind the ability, what ties it to the link, and the strongest paths, each step with its source."""
    h, row, item = found.holdings, int(found.row[at]), int(found.through[at])
    node = int(h.node[row])
    yield Fact(relation(found, at, backing_of(found, at)), None, None, None, None, None)
    if item < 0:
        yield from patent_facts(h, int(found.need.anchors[0]), row, FACTS)
        return
    yield from list(maker_facts(h.atlas, node, item))[:FACTS]
    if not makes(h.atlas.makers, node, item):
        yield from list(firm_hints(h.atlas, item, node))[:FACTS]
    yield from _served(h, node, item)
    if found.need.kind == "link":
        yield from _recipe(h, item, h.atlas.makers.item(found.need.node))
    for through, maker, wanted in _paths(found, row):
        other = int(h.node[maker])
        a, b = h.atlas.snapshot.name(node), h.atlas.snapshot.name(other)
        text = sentence("reason_path", a=a, product=item_name(h, through), b=b, link=item_name(h, wanted))
        yield Fact(text, None, None, None, None, None)
        for who, what in ((node, through), (other, through), (other, wanted)):
            yield from list(maker_facts(h.atlas, who, what))[:1]
    yield from _ties(found, row)


def _served(h: Holdings, node: int, item: int) -> Iterator[Fact]:
    csr, end = h.atlas.snapshot.csr("SERVES"), h.atlas.makers.node(item)
    for edge, other in zip(csr.rows_of(node).tolist(), csr.of(node).tolist(), strict=True):
        if other == end:
            for claim in claims_of(h.atlas.snapshot, "SERVES", [edge]).get(edge, [])[:1]:
                text = sentence("reason_serves", a=h.atlas.snapshot.name(node), b=h.atlas.snapshot.name(end))
                yield fact(text, claim)


def _recipe(h: Holdings, item: int, link: int) -> Iterator[Fact]:
    """Facts that tie what a candidate makes to the link: input, kind, or required technology."""
    made, snapshot = h.atlas.makers, h.atlas.snapshot
    for relation, code, names in (("INPUT_OF", "fact_input", ("input", "product")),
                                  ("REQUIRES", "fact_requires", ("product", "technology")),
                                  ("KIND_OF", "reason_kind", ("kind", "link"))):  # fmt: skip
        csr = snapshot.csr(relation)
        for a, b in ((item, link), (link, item)):
            start, end = made.node(a), made.node(b)
            rows = [int(r) for r, e in zip(csr.rows_of(start), csr.of(start), strict=True) if int(e) == end]
            values = {names[0]: snapshot.name(start), names[1]: snapshot.name(end)}
            values |= {"how": ""} if relation == "INPUT_OF" else {}  # alternatives are told by ``explain``
            for claims in claims_of(snapshot, relation, rows).values():
                yield from (fact(sentence(code, **values), claim) for claim in claims[:1])


def _paths(found: Ranking, row: int) -> list[tuple[int, int, int]]:
    """Strongest paths candidate → product ← maker → link, as (product, maker row, item), one a product."""
    h, need = found.holdings, found.need
    best: list[tuple[float, int, int, int]] = []
    for item in need.wanted[:MOST].tolist():
        makers = need.anchors if need.kind == "link" else row_of(h.held, item)
        makers = np.asarray(makers, np.int64)
        makers = makers[makers != row]
        blocked = need.blocked if need.kind == "link" else np.array([item])
        mine = np.setdiff1d(_items(h, row), blocked)
        if not len(makers) or not len(mine):
            continue
        shared = h.holds[makers][:, mine].tocoo()
        width = np.diff(h.holds.indptr)[makers[shared.row]] * np.diff(h.held.indptr)[mine[shared.col]]
        best += [(-1 / float(np.sqrt(w)), int(mine[c]), int(makers[r]), item)
                 for r, c, w in zip(shared.row, shared.col, width, strict=True)]  # fmt: skip
    chosen: dict[int, tuple[int, int, int]] = {}
    for _, product, maker, item in sorted(best):
        chosen.setdefault(product, (product, maker, item))
    return list(chosen.values())[:PATHS]


def _ties(found: Ranking, row: int) -> Iterator[Fact]:
    """Alliances, platforms, clusters, chains that the candidate shares with those it would work with."""
    h = found.holdings
    snapshot = h.atlas.snapshot
    for matrix in (h.circles, h.settings):
        mine = row_of(matrix, row)
        theirs = np.unique(matrix[found.need.neighbours].indices) if len(found.need.neighbours) else np.zeros(0, int)
        for node in np.intersect1d(mine, theirs)[:FACTS].tolist():
            text = sentence("reason_shared", a=snapshot.name(int(h.node[row])), b=snapshot.name(node))
            yield Fact(text, None, None, None, None, None)


# what would change the order --------------------------------------------------------------------------


def _changes(found: Ranking, at: int) -> Iterator[Row]:
    """What would lift the candidate: a fact for a better tier; within the tier the smallest rise of one criterion."""
    for text in (*_better_tier(found, at), *_rises(found, at)):
        yield {**dict.fromkeys(COLUMNS), "fact": text}


def _better_tier(found: Ranking, at: int) -> Iterator[Said]:
    if found.need.kind != "link" or found.tier[at] <= 1:
        return
    h = found.holdings
    link = h.atlas.snapshot.name(found.need.node)
    backing = backing_of(found, at)
    if found.way[at] == WORDS and backing is not None and backing.word is not None and backing.field != "name":
        yield sentence("reason_settle", word=backing.word, link=link)
    else:
        masters = h.atlas.makers.is_technology(h.atlas.makers.item(found.need.node))
        yield sentence("reason_source_masters" if masters else "reason_source_makes", link=link)
    if found.rank[at] > 1 and found.tier[at - 1] < found.tier[at]:
        ahead = h.atlas.snapshot.name(int(h.node[found.row[at - 1]]))
        yield sentence("reason_behind", ahead=ahead, tier=Word("tier", str(int(found.tier[at - 1]))))


def _rises(found: Ranking, at: int) -> Iterator[Said]:
    """The smallest rises of single criteria that would put the candidate before the one ahead, in the same tier."""
    if found.rank[at] <= 1 or found.method != "sum" or found.tier[at - 1] != found.tier[at]:
        return
    gap = float(found.score[at - 1] - found.score[at]) * TIERS  # a score holds the parts in the band of its tier
    ahead = found.holdings.atlas.snapshot.name(int(found.holdings.node[found.row[at - 1]]))
    weight = found.weights.value / max(float(found.weights.value.sum()), 1e-12)
    options = []
    for number, w in enumerate(weight.tolist()):
        now = found.part[at, number] / w if w > 0 else 1.0
        if w > 0 and now + gap / w < 1:
            options.append((gap / w, number, now))
    if not options:
        yield sentence("reason_change_none", ahead=ahead)
    for rise, number, now in sorted(options)[:2]:
        unknown = bool(np.isnan(found.value[at, number]))
        code = "reason_change_unknown" if unknown else "reason_change"
        criterion, then = Word("column", CRITERIA[number]), f"{now + rise:.2f}"
        yield sentence(code, criterion=criterion, now=f"{now:.2f}", then=then, ahead=ahead)


def _items(h: Holdings, row: int) -> Ints:
    return np.sort(row_of(h.holds, row)).astype(np.int64)


def name_of(made: Makers, item: int) -> str:
    """Return the name of an item."""
    return made.snapshot.name(made.node(item))


def item_name(h: Holdings, item: int) -> str:
    """Return the name of an item of some holdings."""
    return name_of(h.atlas.makers, item)


__all__ = ["COLUMNS", "backing_of", "evidence", "item_name", "rank_without", "relation", "why"]
