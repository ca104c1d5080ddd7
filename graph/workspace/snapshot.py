"""Snapshot: the graph as memory-mapped columns and CSR arrays; everything in queries/ takes one.

Node ids are global: types follow the schema's order, inside a type entities follow their
keys, so an id is ``offsets[T]`` + row. The arrays are cached by the graph's hash.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Ints, offsets
from ..columns.canonical import flat
from ..columns.tables import PARTS, Graph
from ..columns.text import LIST_SEPARATOR, name_key, name_keys
from ..identity.hosts import PREFIX, shown
from ..identity.seats import is_division
from ..identity.terms import WordBook
from ..schema.errors import QueryError
from ..schema.integrity import assert_sum, read_arrow, sealed, sum_of, unsealed
from ..schema.types import Schema
from .atomic import aside, write_text
from .generations import Held
from .journal import Workspace

_MANIFEST = {"hash": str, "tables": {part: [str] for part in PARTS}, "sums": {str: str}}


@dataclass(frozen=True)
class Csr:
    """Edges of one relation sorted by one end.

    ``indptr`` has one entry a node and one more; ``indices`` the other ends; ``row`` the
    rows in the relation's table.
    """

    indptr: Ints
    indices: Ints
    row: Ints

    def of(self, node: int) -> Ints:
        """Return the neighbours of a node."""
        return self.indices[self.indptr[node] : self.indptr[node + 1]]

    def rows_of(self, node: int) -> Ints:
        """Return the relation rows at a node."""
        return self.row[self.indptr[node] : self.indptr[node + 1]]


class Snapshot:
    """A read-only view of one graph.

    Parameters
    ----------
    graph
        Columns of the graph; memory-mapped when it comes from a workspace.
    schema
        The schema it was folded with.
    folder
        Where CSR arrays are cached; None keeps them in memory.
    words
        The user's own terms and decisions on terms, which stand beside the graph.
    held
        Keeps the graph on disk while this is open.
    """

    def __init__(
        self,
        graph: Graph,
        schema: Schema,
        folder: Path | None = None,
        known_hash: str | None = None,
        words: WordBook | None = None,
        held: Held | None = None,
    ) -> None:
        self._graph, self.schema, self.folder = graph, schema, folder
        self._hash, self._held = known_hash, held
        self.words = words or WordBook()
        self._csr: dict[tuple[str, bool], Csr] = {}

    @classmethod
    def of(cls, workspace: Workspace) -> Snapshot:
        """Open the snapshot of a workspace's current graph, making it when it is not there."""
        if not workspace.load_numbers():
            from ..schema.errors import StoreError

            raise StoreError("workspace_empty", folder=workspace.folder)
        digest, _, held = workspace.held()
        folder, words = workspace.folder / "snapshots" / digest, workspace.words()
        mapped = _mapped(folder)
        if mapped is not None:
            return cls(mapped, workspace.schema, folder, digest, words, held)
        digest, graph, held = workspace.graph_held()  # not made yet, or damaged: only derived from the tables
        folder = workspace.folder / "snapshots" / digest
        with suppress(OSError):  # a workspace one may only read
            _write(graph, folder, digest)
        mapped = _mapped(folder)
        if mapped is not None:
            return cls(mapped, workspace.schema, folder, digest, words, held)
        return cls(graph, workspace.schema, None, digest, words, held)

    @property
    def hash(self) -> str:
        """Canonical hash of the graph."""
        return self._hash or self._graph.hash

    @property
    def graph(self) -> Graph:
        """The graph's columns."""
        return self._graph

    # nodes -----------------------------------------------------------------------------------

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Node types in the order of their ids."""
        return tuple(self._graph.nodes)

    @cached_property
    def starts(self) -> Ints:
        """First id of each type, and the number of nodes at the end."""
        return offsets([len(t) for t in self._graph.nodes.values()])

    @cached_property
    def _firsts(self) -> list[int]:
        return [int(at) for at in self.starts[:-1]]

    @cached_property
    def _columns(self) -> dict[tuple[str, str], pa.Array]:
        return {}

    @property
    def n(self) -> int:
        """Number of nodes."""
        return int(self.starts[-1])

    def ids(self, kind: str) -> range:
        """Return the ids of one node type."""
        at = self.types.index(kind)
        return range(int(self.starts[at]), int(self.starts[at + 1]))

    def type_of(self, node: int) -> str:
        """Return the type of a node."""
        return self.types[bisect_right(self._firsts, node) - 1]

    def column(self, kind: str, prop: str) -> pa.Array:
        """Return one property of all nodes of a type (nulls when nothing is loaded)."""
        table = self._graph.nodes[kind]
        if prop not in table.column_names:
            return pa.nulls(len(table), self.schema.nodes[kind].props[prop].arrow)
        return flat(table[prop])

    def value(self, node: int, prop: str) -> object:
        """Return one property of one node."""
        at = bisect_right(self._firsts, node) - 1
        kind = self.types[at]
        column = self._columns.get((kind, prop))
        if column is None:
            column = self._columns.setdefault((kind, prop), self.column(kind, prop))
        return column[node - self._firsts[at]].as_py()

    def name(self, node: int) -> str:
        """Return the display name of a node."""
        return str(self._all_names[node].as_py())

    def names(self, nodes: Ints) -> list[str]:
        """Return display names of many nodes."""
        if not len(nodes):  # what nothing serves is asked for once a link: looking nothing up is slow, too
            return []
        taken: list[str] = self._all_names.take(pa.array(np.asarray(nodes, np.int64))).to_pylist()
        return taken

    def key(self, node: int) -> str:
        """Return the public id of a node, ``Type:kind:value``."""
        return f"{self.type_of(node)}:{self.value(node, 'key')}"

    @cached_property
    def _all_names(self) -> pa.ChunkedArray:
        return pa.chunked_array([self._told_apart(kind, t) for kind, t in self._graph.nodes.items()], pa.string())

    @cached_property
    def _hosts(self) -> dict[str, str]:
        """Names by what keys say of hosts and places: match keys of names, codes of divisions."""
        made: dict[str, str] = {}
        for kind, table in self._graph.nodes.items():
            if "name" in table.column_names and not self.schema.nodes[kind].scoped_by:
                names = flat(table["name"]).cast(pa.string())
                made |= dict(zip(name_keys(names).to_pylist(), names.to_pylist(), strict=True))
        regions = self._graph.nodes["Region"]
        if "code" in regions.column_names:
            made |= dict(zip(regions["code"].to_pylist(), regions["name"].to_pylist(), strict=True))
        return made

    def _told_apart(self, kind: str, table: pa.Table) -> pa.Array:
        """Return the names of a type, with host or place where entities of one name are told apart by it."""
        names = flat(table["name"])
        if not self.schema.nodes[kind].scoped_by:
            return names
        keys = flat(table["key"])
        rows = np.flatnonzero(pc.starts_with(keys, PREFIX).to_numpy(zero_copy_only=False))
        if not len(rows):
            return names
        called = self._hosts
        made = names.to_pylist()
        for row in rows.tolist():
            made[row] = shown(made[row], keys[row].as_py(), lambda text: called.get(text) or text)
        return pa.array(made, pa.string())

    # relations -------------------------------------------------------------------------------

    def edges(self, relation: str) -> tuple[Ints, Ints]:
        """Return the ends of all relations of a type."""
        return self._graph.ends(relation)

    def edge_column(self, relation: str, prop: str) -> pa.Array:
        """Return one property of all relations of a type."""
        table = self._graph.relations.get(relation)
        arrow = self.schema.relations[relation].props[prop].arrow
        if table is None or prop not in table.column_names:
            return pa.nulls(0 if table is None else len(table), arrow)
        return flat(table[prop])

    def csr(self, relation: str, *, incoming: bool = False) -> Csr:
        """Return the edges of a relation by start (or by end with ``incoming``)."""
        key = (relation, incoming)
        if key not in self._csr:
            self._csr[key] = self._load_csr(relation, incoming)
        return self._csr[key]

    def _load_csr(self, relation: str, incoming: bool) -> Csr:
        stem = f"{relation}-{'in' if incoming else 'out'}"
        if self.folder is not None:
            files = [f"{stem}-{part}.npy" for part in ("indptr", "indices", "row")]
            with suppress(OSError, ValueError, KeyError):  # not kept, or damaged: made from the columns
                sums = _read_manifest(self.folder)["sums"]
                for file in files:
                    assert_sum(self.folder / file, sums[file])
                return Csr(*(np.load(self.folder / file, mmap_mode="r") for file in files))
        return make_csr(*self.edges(relation), self.n, incoming)

    # finding ---------------------------------------------------------------------------------

    def find(self, name: str, kinds: tuple[str, ...], error: str = "entity_unknown") -> int:
        """Return the node that a name, code, short name or id means.

        Raises
        ------
        QueryError
            Nothing fits (the nearest names are given), or several do (they are listed).
        """
        found = self.called(name, kinds)
        types = "/".join(self.schema.nodes[k].zh for k in kinds)
        if not found and "Region" in kinds and {"Region", "Cluster"}.issuperset(kinds) and is_division(name):
            error = "place_empty"
        if not found:
            raise QueryError(error, name=name, type=types, near=self.near(name, kinds))
        if len(found) > 1:
            listed = "、".join(f"{self.name(i)}（{self.key(i)}）" for i in found[:8])
            raise QueryError("entity_several", name=name, type=types, near=listed)
        return found[0]

    def subject(self, name: str | None, kinds: tuple[str, ...], **named: str | None) -> int:
        """Return the node that is asked about: by a name of any of ``kinds``, or by one of ``named`` (type=name).

        Raises
        ------
        QueryError
            None is given, or several are, or the name fits nothing or several.
        """
        given = [(name, kinds), *((text, (kind,)) for kind, text in named.items())]
        asked = [(text, types) for text, types in given if text is not None]
        if len(asked) != 1:
            raise QueryError("subject_one", known=tuple(self.schema.nodes[kind].label for kind in kinds))
        return self.find(*asked[0])

    def called(self, name: str, kinds: tuple[str, ...]) -> list[int]:
        """Return all nodes of these types that a name, code, short name or id may mean, exact ones before others."""
        wanted = name_key(name)
        exact: list[int] = []
        further: list[int] = []
        for kind in kinds:
            table, start = self._graph.nodes[kind], self.ids(kind).start
            keys = pc.binary_join_element_wise(kind, flat(table["key"]), ":")
            hits = [pc.equal(keys, name), pc.equal(flat(table["key"]), name)]
            for prop in self.schema.nodes[kind].code_props:
                if prop in table.column_names:
                    hits.append(pc.equal(flat(table[prop]), name.strip()))
            hits.append(pc.equal(name_keys(table["name"]), wanted))
            if self.schema.nodes[kind].scoped_by:
                hits.append(pc.equal(name_keys(self._told_apart(kind, table)), wanted))
            exact += [start + i for i in _true(hits)]
            alias = [name_keys(table[p]) for p in self.schema.nodes[kind].alias_props if p in table.column_names]
            pattern = LIST_SEPARATOR + wanted + LIST_SEPARATOR
            framed = [pc.binary_join_element_wise("", a, "", LIST_SEPARATOR) for a in alias]
            further += [start + i for i in _true([pc.match_substring(f, pattern) for f in framed])]
        return list(dict.fromkeys(exact)) or list(dict.fromkeys(further)) or self._claimed(wanted, kinds)

    def _claimed(self, wanted: str, kinds: tuple[str, ...]) -> list[int]:
        """Nodes that some source calls so, though another source's name is shown."""
        found: list[int] = []
        for kind in kinds:
            claims = self._graph.node_claims.get(kind)
            if claims is None or "name" not in claims.column_names:
                continue
            hits = _true([pc.equal(name_keys(claims["name"]), wanted)])
            found += (flat(claims["of"]).to_numpy()[hits] + self.ids(kind).start).tolist()
        return sorted(set(found))

    def writings(self, node: int) -> list[str]:
        """Return the names that sources write for a node, each different name once, in the order of their keys."""
        kind = self.type_of(node)
        claims = self._graph.node_claims.get(kind)
        if claims is None or "name" not in claims.column_names:
            return []
        mine = claims.filter(pc.equal(claims["of"], node - self.ids(kind).start))["name"].drop_null()
        names = dict(sorted(zip(name_keys(mine).to_pylist(), mine.to_pylist(), strict=True), reverse=True))
        return [names[key] for key in sorted(names)]

    def near(self, name: str, kinds: tuple[str, ...], limit: int = 4) -> str:
        """Return the nearest names of these types, joined, or a dash."""
        from rapidfuzz import fuzz, process

        pool: dict[str, None] = {}
        for kind in kinds:
            pool |= dict.fromkeys(n for n in self._graph.nodes[kind]["name"].to_pylist() if n)
        best = process.extract(name, list(pool), scorer=fuzz.WRatio, limit=limit, score_cutoff=30)
        return "、".join(b[0] for b in best) or "—"


def _true(hits: list[pa.Array]) -> list[int]:
    found: list[int] = []
    for hit in hits:
        found += np.flatnonzero(hit.fill_null(False).to_numpy(zero_copy_only=False)).tolist()
    return sorted(set(found))


def make_csr(src: Ints, dst: Ints, n: int, incoming: bool) -> Csr:
    """Sort edges by one end."""
    key, other = (dst, src) if incoming else (src, dst)
    order = np.argsort(key, kind="stable")
    return Csr(offsets(np.bincount(key, minlength=n)), other[order], order)


def _write(graph: Graph, folder: Path, digest: str) -> None:
    """Write columns as Arrow files that can be mapped, and CSR arrays of the recipe relations."""
    with aside(folder, lambda made: _mapped(made) is not None) as target:
        names: dict[str, list[str]] = {}
        for part in ("nodes", "relations", "node_claims", "relation_claims", "statements"):
            tables: dict[str, pa.Table] = getattr(graph, part)
            names[part] = list(tables)
            for name, table in tables.items():
                with pa.OSFile(str(target / f"{part}-{name}.arrow"), "wb") as file, \
                        pa.ipc.new_file(file, table.schema) as writer:  # fmt: skip
                    writer.write_table(table.combine_chunks())
        for relation in ("INPUT_OF", "PRODUCES"):
            if relation not in graph.relations:
                continue
            for incoming in (False, True):
                made = make_csr(*graph.ends(relation), graph.n_nodes, incoming)
                for part in ("indptr", "indices", "row"):
                    stem = f"{relation}-{'in' if incoming else 'out'}-{part}"
                    np.save(target / f"{stem}.npy", getattr(made, part))
        sums = {path.name: sum_of(path) for path in sorted(target.iterdir())}
        write_text(target / "manifest.json", sealed({"hash": digest, "tables": names, "sums": sums}))


def _mapped(folder: Path) -> Graph | None:
    """Map the columns of a snapshot, None when it is not there, is damaged, or does not tell whether it is."""
    try:
        return _map(folder)
    except (OSError, ValueError, KeyError, pa.ArrowException):  # Damaged is an OSError
        return None


def _map(folder: Path) -> Graph:
    manifest = _read_manifest(folder)
    parts = {
        part: {name: read_arrow(folder / f"{part}-{name}.arrow", manifest["sums"][f"{part}-{name}.arrow"])
               for name in names}
        for part, names in manifest["tables"].items()
    }  # fmt: skip
    return Graph(**parts)


def _read_manifest(folder: Path) -> dict[str, Any]:
    return unsealed((folder / "manifest.json").read_bytes(), _MANIFEST)
