"""Ability: what a holder is able to do for a link, by which way, resting on which item.

All links at once, as one sparse table (link, holder, way): a question about one link reads its rows.
Nobody is made able by distance, by evidence or by letters that look alike: words count where the
attachments say so (``queries/attach``), else only facts do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import (
    Bools,
    Floats,
    Ints,
    as_flags,
    at_pairs,
    cells_of,
    incidence,
    offsets,
    run_numbers,
    run_starts,
)
from ...graph.columns.canonical import flat
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.makers import Makers
from ..attach.attached import SCOPE
from ..attach.family import families
from ..verdicts.trades import trades
from .holdings import Holdings, holdings

WAYS = ("makes", "serves", "words", "technology", "parent", "sibling", "input", "use", "circle", "kindred", "field")
MAKES, SERVES, WORDS, TECHNOLOGY, PARENT, SIBLING, INPUT, USE, CIRCLE, KINDRED, FIELD = range(len(WAYS))
TIERS = 4
TIER = np.array([1, 1, 2, 3, 3, 3, 4, 4, 1, 1, 1])  # the last three: of an enterprise's partners by patents (fits)
_LATIN = re.compile("[A-Za-z0-9]{2}")
_ABBREVIATION = "^[A-Za-z0-9.+-]{1,5}(系列|类|产品)?$"  # PC is many things: a person has to say which
_WIDEST = 60  # users of an input beyond which likeness of recipes does not ask for it


@dataclass(frozen=True)
class Ability:
    """Ways in which holders are able, sorted by link, then holder, then way.

    Attributes
    ----------
    start : int array, shape (items + 1,)
        Where the rows of each link begin.
    row, way, through : int arrays
        Holder, index of ``WAYS``, and the item that the ability rests on (the link itself, the input, …).
    strength : float array
        In (0, 1]: for who makes it ½ + ½√(share of its revenue), .75 where that is not known; for words the
        same times the certainty of the attachment; for what stands next to
        the link 1 − Π(1 − w) over what is made of its inputs, w = 1/√(products the input goes into) ·
        min(1, 2/√(inputs of the link));
        the largest 1/√n of its uses, n being how many inputs the use has, alternatives counted once.
    """

    start: Ints
    row: Ints
    way: Ints
    through: Ints
    strength: Floats

    def of(self, item: int) -> slice:
        """Return where the rows of a link stand."""
        return slice(int(self.start[item]), int(self.start[item + 1]))


@dataclass(frozen=True)
class _Entries:
    item: Ints
    row: Ints
    way: Ints
    through: Ints
    strength: Floats


@once_an_atlas
def abilities(atlas: Atlas) -> Ability:
    """Return who is able to do what for which link, of all links of a graph."""
    h, made = holdings(atlas), atlas.makers
    if not made.n:  # nothing but patents or people's lists: no link to be able for
        none = np.zeros(0, np.int64)
        return Ability(np.zeros(1, np.int64), none, none, none, np.zeros(0))
    makes, words = _by_holder(h, made.makes), worded(h)
    # Who most likely makes what stands next to the link counts there, too, with the certainty of the words.
    likely = words.copy()
    likely.data[likely.data < float(read_toml("vocabulary.toml")["partner"]["likely"])] = 0
    likely.eliminate_zeros()
    share = _shares(h)
    makes_much, either = (_main(m, share) for m in (makes, _larger(makes, likely)))
    serving = _by_holder_serving(h, makes)
    parts = [
        _whole(makes, MAKES, share), _whole(serving, SERVES), _whole(words, WORDS, share),
        *_technologies(made, makes, serving), *_kin(h, makes), *_beside(made, makes_much, either),
    ]  # fmt: skip
    table = _Entries(*(np.concatenate([getattr(p, c) for p in parts]) for c in _Entries.__dataclass_fields__))
    return _best(table, made.n)


def _main(makes: csr_array, share: csr_array) -> csr_array:
    """Leave out who is known to have less than a tenth of its revenue from an item: a side line leads nowhere."""
    cells = makes.tocoo()
    part = at_pairs(share, cells.row, cells.col)
    keep = (part == 0) | (part >= float(read_toml("vocabulary.toml")["partner"]["side"]))
    return coo_array((cells.data[keep], (cells.row[keep], cells.col[keep])), shape=makes.shape).tocsr()


def _best(table: _Entries, n: int) -> Ability:
    """Join several grounds of one way: neighbours add up, of the others the strongest holds; below the floor none."""
    order = np.lexsort((table.through, -table.strength, table.way, table.row, table.item))
    item, row, way, through, strength = (getattr(table, c)[order] for c in _Entries.__dataclass_fields__)
    starts = run_starts(item, row, way)
    first, run = np.flatnonzero(starts), run_numbers(starts)
    missed = np.bincount(run, np.log1p(-np.minimum(strength, 1 - 1e-12)), minlength=len(first))
    joined = np.where(way[first] == INPUT, -np.expm1(missed), strength[first])
    keep = joined.round(9) >= floor()
    at = first[keep]
    return Ability(offsets(np.bincount(item[at], minlength=n)), row[at], way[at], through[at], joined[keep])


def floor() -> float:
    """Return the strength below which an ability is none (``vocabulary.toml``)."""
    return float(read_toml("vocabulary.toml")["partner"]["floor"])


# who makes, serves, may make ------------------------------------------------------------------------


def _by_holder(h: Holdings, by_node: csr_array) -> csr_array:
    """Turn items × nodes into items × holders."""
    made: csr_array = by_node[:, h.node].tocsr().astype(float)
    return made


def _by_holder_serving(h: Holdings, makes: csr_array) -> csr_array:
    """Bodies that serve an item itself and do not master it, items × holders."""
    cells = h.held.tocoo()
    bodies = (h.kind[cells.col] > 0) & (at_pairs(makes, cells.row, cells.col) == 0)
    return coo_array((np.ones(int(bodies.sum())), (cells.row[bodies], cells.col[bodies])), shape=h.held.shape).tocsr()


def worded(h: Holdings) -> csr_array:
    """Best certainty with which the words of a firm include an item, or a kind of it, items × holders."""
    made, words = h.atlas.makers, h.atlas.makers.attached
    book = read_toml("vocabulary.toml")["partner"]
    rows = words.facts.filter(words.hinting)
    use, attachment = rows["use"].to_numpy(), rows["attachment"].to_numpy()
    field = words.words["field"].to_numpy()[use]
    value = words.links["score"].to_numpy()[attachment] * np.where(field == SCOPE, float(book["scope"]), 1.0)
    row = h.row[words.words["firm"].to_numpy()[use]]
    item = made.items(words.links["link"].to_numpy()[attachment])
    broader = pc.equal(words.links["relation"], "broader").to_numpy(zero_copy_only=False)[attachment]
    short = pc.less_equal(pc.utf8_length(words.words["word"]), 2).to_numpy(zero_copy_only=False)[use]
    foreign = broader & (short & _elsewhere(h, item, row) | _other_metal(h, item, row))
    letters = pc.match_substring_regex(words.words["word"], _ABBREVIATION).to_numpy(zero_copy_only=False)[use]
    # A word for many links tells of those who live of it: a side line of 新能源汽车 is no car of any kind.
    links = words.links.group_by("word").aggregate([("link", "count")])
    breadth = np.asarray(links["link_count"])[pc.index_in(words.links["word"], links["word"]).to_numpy()][attachment]
    share = at_pairs(
        _stated_shares(h), np.maximum(made.items(words.words["product"].to_numpy()[use]), 0), np.maximum(row, 0)
    )
    share *= words.words["product"].to_numpy()[use] >= 0
    aside = broader & (breadth >= int(book["many"])) & (share > 0) & (share < float(book["main"]))
    # What a scope of business lets a firm do (经营范围) is wide already: a wide word in it tells nothing.
    row = np.where(foreign | letters | aside | (value < floor()), -1, row)
    named, name, certainty = _called(h)
    shape = (made.n, len(h.node))
    return _largest_up(_largest(np.r_[item, named], np.r_[row, name], np.r_[value, certainty], shape), made)


def _called(h: Holdings) -> tuple[Ints, Ints, Floats]:
    """Items that the names of firms without any product tell of, with those firms and the certainty."""
    book = read_toml("vocabulary.toml")["partner"]["called"]
    told = [(item, int(h.row[firm]), float(book[how])) for (firm, item), (_, how) in trades(h.atlas).items()]
    table = np.array(sorted(told), float).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]


def _stated_shares(h: Holdings) -> csr_array:
    """Share of revenue that a source says a firm has from a product, items × holders; 0 where none does."""
    made = h.atlas.makers
    table = made.snapshot.graph.relations.get("PRODUCES")
    shape = (made.n, len(h.node))
    if table is None or "share" not in table.column_names:
        return csr_array(shape, dtype=float)
    share = np.clip(np.nan_to_num(flat(table["share"]).to_numpy(zero_copy_only=False).astype(float)), 0, 1)
    firm, product = made.snapshot.edges("PRODUCES")
    return _largest(made.items(product), h.row[firm], share, shape)


def _shares(h: Holdings) -> csr_array:
    """Largest share of revenue that a firm has from an item, or from what attaches to it, items × holders."""
    made, own = h.atlas.makers, _stated_shares(h)
    words = made.attached
    rows = words.facts
    use, attachment = rows["use"].to_numpy(), rows["attachment"].to_numpy()
    row = h.row[words.words["firm"].to_numpy()[use]]
    item, said = (made.items(t) for t in (words.links["link"].to_numpy()[attachment],
                                          words.words["product"].to_numpy()[use]))  # fmt: skip
    known = (said >= 0) & (row >= 0)
    value = np.zeros(len(row))
    value[known] = at_pairs(own, said[known], row[known])
    return _largest_up(_larger(own, _largest(item, row, value, own.shape)), made)


def _elsewhere(h: Holdings, item: Ints, row: Ints) -> Bools:
    """Tell where a firm makes links of chains, and none of a chain that the item stands on.

    A short word means what its own trade means by it: 轮毂 of who makes wind turbine shafts is no car wheel.
    """
    made = h.atlas.makers
    on = _chains(made)
    trade = (_by_holder(h, made.makes).T @ on).tocsr()
    shared = np.asarray(trade[row].multiply(on[item]).sum(axis=1)).reshape(-1) > 0
    out: Bools = (np.diff(trade.indptr)[row] > 0) & ~shared
    return out


def _other_metal(h: Holdings, item: Ints, row: Ints) -> Bools:
    """Tell where the name of a firm and that of an item speak of different metals (铝业, 钢板)."""
    out, made = np.zeros(len(row), bool), h.atlas.makers
    known = np.flatnonzero((item >= 0) & (row >= 0))
    theirs = _speaks(h, np.r_[np.asarray(made.base[0]), np.asarray(made.base[1])].astype(np.int64), item[known])
    own = _speaks(h, h.node, row[known])
    out[known] = np.any(own, axis=1) & np.any(theirs, axis=1) & ~np.any(own & theirs, axis=1)
    return out


def _speaks(h: Holdings, nodes: Ints, at: Ints) -> Bools:
    """Tell which metals the names of nodes speak of, shape (at, metals); each name is read once."""
    metals = read_toml("vocabulary.toml")["partner"]["metals"]
    some, back = np.unique(at, return_inverse=True)
    names = h.atlas.snapshot.names(nodes[some])
    told = [[any(c in name for c in metal) for metal in metals] for name in names]
    out: Bools = np.array(told, bool).reshape(-1, len(metals))[back]
    return out


def _largest_up(value: csr_array, made: Makers) -> csr_array:
    """Give what is a kind of something to that something, the larger value holding."""
    while made.kinds_down.nnz:
        child, parent = made.kinds
        lifted, whole = value[child].tocoo(), value.tocoo()
        wider = _largest(np.r_[whole.row, parent[lifted.row]], np.r_[whole.col, lifted.col],
                         np.r_[whole.data, lifted.data], value.shape)  # fmt: skip
        if wider.nnz == value.nnz and np.array_equal(wider.data, value.data):
            break
        value = wider
    return value


def _larger(a: csr_array, b: csr_array) -> csr_array:
    both, other = a.tocoo(), b.tocoo()
    return _largest(np.r_[both.row, other.row], np.r_[both.col, other.col], np.r_[both.data, other.data], a.shape)


def _largest(item: Ints, row: Ints, value: Floats, shape: tuple[int, ...]) -> csr_array:
    known = (item >= 0) & (row >= 0)
    item, row, value = item[known], row[known], value[known]
    order = np.lexsort((-value, row, item))
    item, row, value = item[order], row[order], value[order]
    first = run_starts(item, row)
    return coo_array((value[first], (item[first], row[first])), shape=shape).tocsr()


def _whole(matrix: csr_array, way: int, share: csr_array | None = None) -> _Entries:
    """Give each cell to the item itself; a firm that lives of it is stronger than one that sells some on the side."""
    cells = matrix.tocoo()
    item, row = cells.row.astype(np.int64), cells.col.astype(np.int64)
    value = cells.data
    if share is not None:
        part = at_pairs(share, item, row)
        value = np.maximum(value * np.where(part > 0, 0.5 + 0.5 * np.sqrt(part), 0.75), floor())
    return _Entries(item, row, np.full(len(item), way), item, value)


# who stands next to it ------------------------------------------------------------------------------


def _joined(item: Ints, through: Ints, weight: Floats, makers: csr_array, way: int) -> _Entries:
    """Give each pair (item, what the ability rests on) the holders of the second."""
    cells, size = cells_of(makers, through), np.diff(makers.indptr)[through]
    return _Entries(np.repeat(item, size), makers.indices[cells].astype(np.int64), np.full(len(cells), way),
                    np.repeat(through, size), np.repeat(weight, size) * makers.data[cells])  # fmt: skip


def _specific(ends: Ints, n: int) -> Floats:
    """1/√n of how many pairs each item stands in: what goes into everything says little of any."""
    return 1 / np.sqrt(np.maximum(np.bincount(ends, minlength=n), 1))


def _beside(made: Makers, makes: csr_array, either: csr_array) -> list[_Entries]:
    """Makers of what goes directly into the link, and of what it goes directly into.

    Raw materials and commodities tell nothing. Of a link or use of more than six inputs no single part
    tells anything, and who makes a material does not assemble with it, nor the reverse.
    """
    book = read_toml("vocabulary.toml")["partner"]
    part, whole = materials(made)
    raw, material, assembled = (_of_kind(made, book[name]) for name in ("raw", "materials", "assembled"))
    groups, choice = _groups(made), _alternative(made, part, whole)
    needs = 1 / np.sqrt(np.maximum(groups, 1))
    few = needs[whole] >= float(book["use"])
    crosses = material[part] & assembled[whole]
    into = few & ~made.primary[part] & ~raw[whole] & ~_commodity(made, part, whole)[part]
    from_ = few & ~raw[part] & ~crosses & ~choice & ~_of_kind(made, book["services"])[whole]
    weight = _specific(part, made.n)[part] * np.minimum(1, 2 * needs[whole])
    weight = np.where(crosses, float(book["crossing"]) * weight, weight)
    return [_joined(whole[into], part[into], weight[into], either, INPUT),
            _joined(part[from_], whole[from_], needs[whole[from_]], makes, USE)]  # fmt: skip


def _alternative(made: Makers, part: Ints, whole: Ints) -> Bools:
    """Tell which inputs are one of several that would do: who uses another needs this one not."""
    recipe = made.recipe
    several = (np.bincount(recipe.group, minlength=len(recipe.owner)) > 1)[recipe.group]
    key = recipe.user * np.int64(made.n) + recipe.member
    return np.isin(whole * np.int64(made.n) + part, key[several])


def _commodity(made: Makers, part: Ints, whole: Ints) -> Bools:
    """Tell which items go into products of three chains or more: who sells them is of no trade in particular."""
    chains = np.diff((incidence(part, whole, (made.n, made.n), np.float64) @ _chains(made)).tocsr().indptr)
    trades = np.minimum(chains, np.bincount(part, minlength=made.n))  # one use on three chains is one trade
    return np.asarray(trades >= int(read_toml("vocabulary.toml")["partner"]["trades"]))


def _chains(made: Makers) -> csr_array:
    """Chains that items stand on, items × nodes."""
    src, chain = made.snapshot.edges("IN_CHAIN")
    return incidence(made.items(src), chain, (made.n, made.snapshot.n), np.float64)


def _of_kind(made: Makers, kinds: list[str]) -> Bools:
    """Tell which items are of some kinds."""
    column = made.snapshot.column("Product", "kind")
    out = np.zeros(made.n, bool)
    out[: len(column)] = pc.is_in(column, value_set=pa.array(kinds, pa.string())).to_numpy(zero_copy_only=False)
    return out


def materials(made: Makers) -> tuple[Ints, Ints]:
    """Return distinct pairs (input, product); a tool, package or feed is no part of what is made with it."""
    book = read_toml("vocabulary.toml")["partner"]
    part, whole = made.pairs("INPUT_OF")
    tool = _of_kind(made, book["tools"])
    names = flat(made.snapshot.column("Product", "name"))
    used_up = pc.match_substring_regex(names, book["consumed"]).fill_null(False).to_numpy(zero_copy_only=False)
    tool[: len(names)] |= used_up
    return _distinct(part, whole, (part != whole) & ~(tool[part] & ~tool[whole]))


def _groups(made: Makers) -> Ints:
    """Number of inputs of each item, alternatives counted once."""
    part, whole = materials(made)
    recipe = made.recipe
    edge = np.isin(recipe.user * np.int64(made.n) + recipe.member, whole * np.int64(made.n) + part)
    owner = recipe.owner[np.unique(recipe.group[edge])]
    return np.bincount(owner, minlength=made.n).astype(np.int64)


def _distinct(a: Ints, b: Ints, keep: Bools) -> tuple[Ints, Ints]:
    pairs = np.unique(np.stack([a[keep], b[keep]]), axis=1)
    return pairs[0], pairs[1]


def _technologies(made: Makers, makes: csr_array, serving: csr_array) -> list[_Entries]:
    """Who masters or serves a technology that the link requires; who makes what requires the one asked for."""
    user, technology = made.pairs("REQUIRES")
    user, technology = _distinct(user, technology, user != technology)
    users, needs = _specific(technology, made.n), _specific(user, made.n)
    alike = _together(user, technology, users)
    return [_joined(user, technology, users[technology], _larger(makes, serving), TECHNOLOGY),
            _joined(technology, user, needs[user], makes, TECHNOLOGY),
            _joined(*alike, makes, TECHNOLOGY)]  # fmt: skip


def _together(user: Ints, shared: Ints, weight: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of items that share something, with the weight of the most telling thing they share."""
    order = np.argsort(shared, kind="stable")
    user, shared = user[order], shared[order]
    sizes = np.bincount(shared, minlength=len(weight))
    few = (sizes > 1) & (sizes <= _WIDEST)
    keep = few[shared]
    user, shared = user[keep], shared[keep]
    start = np.searchsorted(shared, shared)
    size = sizes[shared]
    first = np.repeat(np.arange(len(user)), size)
    other = np.repeat(start, size) + np.arange(len(first)) - np.repeat(offsets(size)[:-1], size)
    differs = user[first] != user[other]
    return user[first][differs], user[other][differs], weight[shared[first]][differs]


# kin ------------------------------------------------------------------------------------------------


def _kin(h: Holdings, makes: csr_array) -> list[_Entries]:
    """Makers of what the link is a kind of, and of sibling kinds or links of like recipe."""
    made = h.atlas.makers
    child, parent = _distinct(*made.kinds, _named_kinds(made))
    kinds = _specific(parent, made.n)
    open_ = _by_holder(h, made.unspecified)
    beside = _together(child, parent, np.ones(made.n))
    told = kinds[parent] >= float(read_toml("vocabulary.toml")["partner"]["kin"])
    siblings = [_joined(*pairs, makes, SIBLING) for pairs in (_alike(made, *beside[:2]), _family(made, makes))]
    return [_joined(child[told], parent[told], kinds[parent[told]], open_, PARENT), *siblings]


def _named_kinds(made: Makers) -> Bools:
    """Tell which pairs (kind, what it is a kind of) are no mere parts of a name.

    Lists of kinds made by letters hold 包装纸盖 as a kind of 包装纸, PCPMMA as one of PCP: who makes the
    second is not able to make the first. Where one name holds the other, it is a kind only by its head.
    """
    names = made.snapshot.column("Product", "name").to_pylist()
    fine = np.ones(len(made.kinds[0]), bool)
    for at, (kind, above) in enumerate(zip(*(k.tolist() for k in made.kinds), strict=True)):
        a, b = names[kind] or "", names[above] or ""
        cut = a[: -len(b)] if b and a.endswith(b) else ""
        fine[at] = a != b and (b not in a or bool(cut)) and not _LATIN.fullmatch(cut[-1:] + b[:1])
    return fine


def _family(made: Makers, makes: csr_array) -> tuple[Ints, Ints, Floats]:
    """Links of chains, and what somebody makes that has the same head."""
    names = made.snapshot.column("Product", "name").to_pylist()
    links = np.unique(made.items(made.snapshot.edges("IN_CHAIN")[0]))
    wanted = {i: names[i] or "" for i in links.tolist() if 0 <= i < len(names)}
    others = {i: names[i] or "" for i in np.flatnonzero(np.diff(makes.indptr)[: len(names)]).tolist()}
    a, b = families(wanted, others if wanted else {})
    return a, b, np.full(len(a), float(read_toml("vocabulary.toml")["partner"]["family"]))


def _alike(made: Makers, a: Ints, b: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs of siblings that share an input or technology, and other pairs whose recipes are mostly the same.

    At least two common inputs or technologies, and a cosine of recipes (weighted by rarity) of ``alike`` or more;
    for siblings any common input that is not a raw material. Both stand on one chain, where there are chains.
    """
    part, whole = materials(made)
    user, technology = made.pairs("REQUIRES")
    told = ~made.primary[part]
    rows, cols = np.r_[whole[told], user], np.r_[part[told], technology]
    degree = np.bincount(cols, minlength=made.n)
    few = (degree[cols] > 0) & (degree[cols] <= _WIDEST)
    weight = np.log1p(max(1, len(np.unique(rows))) / np.maximum(degree, 1))
    recipe = coo_array((weight[cols[few]], (rows[few], cols[few])), shape=(made.n, made.n)).tocsr()
    # What is rare or a raw material still lengthens a recipe: two are alike only in all that they need.
    length = np.sqrt(np.bincount(np.r_[whole, user], weight[np.r_[part, technology]] ** 2, minlength=made.n))
    scale = 1 / np.maximum(length, 1e-9)
    unit = recipe.multiply(scale[:, None]).tocsr()
    like = (unit @ unit.T).tocoo()
    if not like.nnz:  # nothing has a recipe: indexing by no pair at all gives no array
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    family = coo_array((np.ones(len(a)), (a, b)), shape=(made.n, made.n)).tocsr()
    family.data[:] = 1
    kin = np.asarray(family[like.row, like.col]).reshape(-1) > 0
    least = float(read_toml("vocabulary.toml")["partner"]["alike"])
    flags = as_flags(recipe.copy())
    several = np.asarray((flags @ flags.T).tocsr()[like.row, like.col]).reshape(-1) > 1
    material = _of_kind(made, read_toml("vocabulary.toml")["partner"]["materials"])
    one_sort = (material[like.row] == material[like.col]) & _one_chain(made, like.row, like.col)
    made_alike = several & (like.data >= least) & one_sort
    keep = (like.row != like.col) & (kin | made_alike)
    keep &= like.data >= float(read_toml("vocabulary.toml")["partner"]["kin"])
    value = like.data[keep]
    return like.row[keep].astype(np.int64), like.col[keep].astype(np.int64), np.minimum(value, 1.0)


def _one_chain(made: Makers, a: Ints, b: Ints) -> Bools:
    """Tell which pairs stand on one chain."""
    on = _chains(made)
    return np.asarray(on[a].multiply(on[b]).sum(axis=1)).reshape(-1) > 0
