"""Holdings: who makes, masters or serves what, where they stand and whom they are tied to, as arrays.

Built once a graph; a question about partners reads rows and columns of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Floats, Ints, incidence, positions, row_of, run_starts, within
from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR, name_keys
from ...graph.columns.walks import components, reached_from
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.facts import fact_confidence
from ..atlas.makers import inactive
from ..recovery.names import inverse_frequency, n_grams, unit_rows

HOLDERS = ("Enterprise", "Institute", "Platform", "Team", "Alliance")
_LETTERS = (1, 2, 3)


@dataclass(frozen=True)
class Holdings:
    """All possible partners of one graph; row i is node ``node[i]``.

    Attributes
    ----------
    holds, held : csr, shapes (holders, items) and (items, holders)
        1 where a holder makes, masters or serves an item by name.
    serves : csr, shape (holders, nodes)
        Chains and clusters that a holder serves.
    """

    atlas: Atlas
    node: Ints
    kind: Ints
    holds: csr_array
    held: csr_array
    serves: csr_array

    @cached_property
    def row(self) -> Ints:
        """Row of each node, −1 for nodes that are no holders."""
        return positions(self.node, self.atlas.snapshot.n)

    @cached_property
    def many(self) -> Floats:
        """Number of items of each holder."""
        return np.diff(self.holds.indptr).astype(float)

    @cached_property
    def _letters(self) -> tuple[csr_array, csr_array]:
        snapshot = self.atlas.snapshot
        items = np.r_[np.asarray(self.atlas.makers.base[0]), np.asarray(self.atlas.makers.base[1])].astype(np.int64)
        keys = name_keys(_column(snapshot.names(items))).to_pylist()
        texts = name_keys(_column(self._texts())).to_pylist()
        grams = n_grams([k or "" for k in [*keys, *texts]], _LETTERS)
        weight = inverse_frequency(grams[: max(1, len(keys))].tocsr())
        rows = unit_rows(grams, weight)
        return rows[: len(keys)].tocsr(), rows[len(keys) :].tocsr()

    @property
    def item_names(self) -> csr_array:
        """Unit rows of the items' n-grams."""
        return self._letters[0]

    @cached_property
    def names_across(self) -> csr_array:
        """The items' n-grams by n-gram."""
        made: csr_array = self.item_names.T.tocsr()
        return made

    @property
    def own_text(self) -> csr_array:
        """Unit rows of the n-grams of what holders say of themselves (name, fields)."""
        return self._letters[1]

    def _texts(self) -> list[str]:
        """Name and fields of institutes, platforms and so on; firms are told by their products, not by 股份有限公司."""
        snapshot, out = self.atlas.snapshot, []
        for number, kind in enumerate(HOLDERS):
            names = flat(snapshot.column(kind, "name")).to_pylist()
            if number == 0:
                out += [""] * len(names)
                continue
            fields = snapshot.column(kind, "field").to_pylist()
            out += [f"{n or ''} {(f or '').replace(LIST_SEPARATOR, ' ')}" for n, f in zip(names, fields, strict=True)]
        return out

    @cached_property
    def portfolio(self) -> csr_array:
        """n-grams of all that a holder makes and is called, each name with length 1, (holders, n-grams)."""
        made: csr_array = (self.holds @ self.item_names + self.own_text).tocsr()
        return made

    @cached_property
    def width(self) -> Floats:
        """Length of each portfolio."""
        row = np.repeat(np.arange(len(self.node)), np.diff(self.portfolio.indptr))
        return np.sqrt(np.bincount(row, weights=self.portfolio.data.astype(float) ** 2, minlength=len(self.node)))

    # where they stand ----------------------------------------------------------------------------

    @cached_property
    def region(self) -> Ints:
        """Finest region scope of each holder, −1 when no place is known."""
        where = self.atlas.scopes
        cells = where.members[self.node].tocoo()
        plain = np.array([where.kind(s) in ("county", "city", "province", "country") for s in range(where.n)])
        keep = plain[cells.col]
        rows, cols = cells.row[keep], cells.col[keep]
        order = np.lexsort((cols, -where.rank[cols], rows))
        out = np.full(len(self.node), -1, np.int64)
        first = order[run_starts(rows[order])]
        out[rows[first]] = cols[first]
        return out

    @cached_property
    def point(self) -> Floats:
        """Longitude and latitude of each holder's region, NaN when unknown."""
        table = np.full((self.atlas.scopes.n + 1, 2), np.nan)
        for scope in np.unique(self.region[self.region >= 0]).tolist():
            found = self.atlas.point_of(int(self.atlas.scopes.node[scope]))
            if found is not None:
                table[scope] = found
        return table[self.region]

    def ancestor(self, level: str) -> Ints:
        """Province or country (省, 国家) that holds each holder's region, −1 when unknown."""
        table = np.full(self.atlas.scopes.n + 1, -1, np.int64)
        for scope in np.unique(self.region[self.region >= 0]).tolist():
            found = self.atlas.scopes.ancestor(scope, level)
            table[scope] = -1 if found is None else found
        return table[self.region]

    @cached_property
    def province(self) -> Ints:
        """Province scope of each holder."""
        return self.ancestor("省")

    @cached_property
    def country(self) -> Ints:
        """Country scope of each holder."""
        return self.ancestor("国家")

    # what they are tied to -----------------------------------------------------------------------

    @cached_property
    def active(self) -> Bools:
        """Holders that still exist under this name."""
        gone = inactive(self.atlas.snapshot)
        gone[self.atlas.snapshot.edges("SUCCEEDED_BY")[0]] = True
        return ~gone[self.node]

    @cached_property
    def other_trade(self) -> Bools:
        """Firms whose name or industry is of a trade that makes no things (传媒, 地产 …), by the vocabulary."""
        names = flat(self.atlas.snapshot.column("Enterprise", "name"))
        pattern = read_toml("vocabulary.toml")["partner"]["other_trade"]
        out = np.zeros(len(self.node), bool)
        out[: len(names)] = pc.match_substring_regex(names, pattern).fill_null(False).to_numpy(zero_copy_only=False)
        return out | self._of_industries(read_toml("vocabulary.toml")["partner"]["other_industry"])

    def _of_industries(self, names: list[str]) -> Bools:
        """Tell who stands in an industry of one of these names, or in a part of one."""
        snapshot = self.atlas.snapshot
        ids = snapshot.ids("Industry")
        called = pc.is_in(snapshot.column("Industry", "name"), value_set=pa.array(names, pa.string()))
        starts = ids.start + np.flatnonzero(called.to_numpy(zero_copy_only=False))
        part, whole = snapshot.edges("PART_OF")
        among = within(part, ids) & within(whole, ids)
        inside = reached_from(whole[among], part[among], starts, snapshot.n)
        firm, industry = snapshot.edges("IN_INDUSTRY")
        rows = self.row[firm[inside[industry]]]
        out = np.zeros(len(self.node), bool)
        out[rows[rows >= 0]] = True
        return out

    @cached_property
    def group(self) -> Ints:
        """Number of the group of companies that each holder belongs to: owners, and branches by name."""
        rows = self.row
        a, b = (rows[e] for e in self.atlas.snapshot.edges("OWNS"))
        keep = (a >= 0) & (b >= 0)
        branch, parent = self._branches()
        a, b = np.r_[a[keep], branch], np.r_[b[keep], parent]
        return components(a, b, len(self.node))

    def _branches(self) -> tuple[Ints, Ints]:
        names = flat(self.atlas.snapshot.column("Enterprise", "name"))
        marked = np.flatnonzero(pc.match_substring(names, "分公司").fill_null(False).to_numpy(zero_copy_only=False))
        if not len(marked):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        keys = name_keys(names).to_pylist()
        number = {key: at for at, key in enumerate(keys)}
        pairs = []
        for at in marked.tolist():
            found = [number[keys[at][:cut]] for cut in range(len(keys[at]) - 1, 1, -1) if keys[at][:cut] in number]
            pairs += [(at, found[0])] if found else []
        made = np.array(pairs, np.int64).reshape(-1, 2)
        return made[:, 0], made[:, 1]

    @cached_property
    def circles(self) -> csr_array:
        """Alliances, platforms, projects and partners that a holder is in contact with, (holders, nodes)."""
        return self._ties(("MEMBER_OF", "LEADS", "HOSTS", "COOPERATES", "SUPPLIES"))

    @cached_property
    def settings(self) -> csr_array:
        """Clusters, chains, industries and parks that a holder belongs to, (holders, nodes)."""
        return self._ties(("IN_CLUSTER", "IN_CHAIN", "IN_INDUSTRY"), park=True)

    def _ties(self, relations: tuple[str, ...], *, park: bool = False) -> csr_array:
        snapshot, rows, cols = self.atlas.snapshot, [], []
        for relation in relations:
            a, b = snapshot.edges(relation)
            rows += [a, b] if relation in ("COOPERATES", "SUPPLIES", "HOSTS") else [a]
            cols += [b, a] if relation in ("COOPERATES", "SUPPLIES", "HOSTS") else [b]
        if park:
            a, b = snapshot.edges("LOCATED_IN")
            parks = snapshot.ids("Park")
            inside = within(b, parks)
            rows.append(a[inside])
            cols.append(b[inside])
        holders = self.row[np.concatenate(rows)]
        return incidence(holders, np.concatenate(cols), (len(self.node), snapshot.n), np.float64)

    @cached_property
    def strength(self) -> Floats:
        """Platforms, teams, patents, projects and technologies of each holder: how much it can take up."""
        snapshot, out = self.atlas.snapshot, np.zeros(self.atlas.snapshot.n)
        for relation, kinds in (("HOSTS", ("Platform", "Team")), ("OWNS", ("Patent",)), ("LEADS", ("Project",)),
                                ("MASTERS", ("Technology",))):  # fmt: skip
            a, b = snapshot.edges(relation)
            for kind in kinds:
                out += np.bincount(a[within(b, snapshot.ids(kind))], minlength=snapshot.n)
        return out[self.node]

    @cached_property
    def confidence(self) -> csr_array:
        """Best stated confidence that a holder makes an item, (holders, items)."""
        made: csr_array = fact_confidence(self.atlas.makers)[:, self.node].T.tocsr()
        return made

    @cached_property
    def confidence_by_item(self) -> csr_array:
        """The same, (items, holders)."""
        made: csr_array = self.confidence.T.tocsr()
        return made

    def kin(self, item: int) -> tuple[Ints, Ints, Ints]:
        """Return (kinds of an item, what it is a kind of, sibling kinds), all levels down, one level up."""
        made = self.atlas.makers
        below = made.kinds_below(item)
        above = row_of(made.kinds_up, item).astype(np.int64)
        beside = np.unique(made.kinds_down[above].indices)
        kinds = np.array(sorted(below - {item}), np.int64)
        return kinds, above, np.setdiff1d(beside, [*below]).astype(np.int64)


@once_an_atlas
def holdings(atlas: Atlas) -> Holdings:
    """Return the holdings of a graph, built at the first question."""
    snapshot, made = atlas.snapshot, atlas.makers
    ids = [np.arange(snapshot.ids(k).start, snapshot.ids(k).stop) for k in HOLDERS]
    node = np.concatenate(ids).astype(np.int64)
    kind = np.repeat(np.arange(len(HOLDERS)), [len(i) for i in ids])
    row = positions(node, snapshot.n)
    a, b = snapshot.edges("SERVES")
    cells = made.direct.tocoo()
    item = made.items(b)
    known = (item >= 0) & (row[a] >= 0)
    rows = np.r_[row[cells.col], row[a[known]]]
    holds = incidence(rows, np.r_[cells.row.astype(np.int64), item[known]], (len(node), made.n), np.float64)
    far = (item < 0) & (row[a] >= 0)
    serves = incidence(row[a[far]], b[far], (len(node), snapshot.n), np.float64)
    return Holdings(atlas, node, kind, holds, holds.T.tocsr(), serves)


def _column(names: list[str]) -> object:
    import pyarrow as pa

    return pa.array(names, pa.string())
