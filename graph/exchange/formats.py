"""Exchange: the graph in formats of other tools, and back where the format can hold everything.

RDF is in ``rdf``; here are networkx (through it GraphML and GEXF, as Gephi opens them), pandas,
Parquet, and the import folder of ``neo4j-admin``. A node or relation carries its merged
properties for people and tools, and its claims as JSON for the way back.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..columns.batch import Batch
from ..columns.canonical import flat
from ..columns.sinks import read_graph, write_graph
from ..columns.tables import Graph
from ..columns.text import LIST_SEPARATOR, name_key
from ..fold.rebatch import batch_of
from ..schema.errors import ChainAtlasError, LoadError, StoreError
from ..schema.leaving import from_xml_id, xml_id, xml_text
from ..schema.paths import replacing
from ..schema.types import PROVENANCE, Property, Schema
from ..schema.words import sentence
from ..stores.neo4j.wire import shown
from ..workspace.atomic import aside
from . import rdf
from .checking import claims_of, statements_of
from .markup import look_over
from .records import Record, batch, public_id, records, split_id

if TYPE_CHECKING:
    import networkx
    import pandas as pd

READ = (*rdf.FORMATS, ".graphml", ".gexf")
_CLAIMS, _STATEMENTS, _WHOLE = "claims", "statements", "ChainAtlasGraph"


def write(graph: Graph, schema: Schema, path: Path, *, kind: str | None = None) -> str:
    """Write a graph in the format that the path's ending names; return the message of what it lost.

    Parameters
    ----------
    kind
        ``neo4j-admin``: a folder for its import.

    Raises
    ------
    StoreError
        No such format, a library is not installed, the path exists or cannot be written.
    """
    suffix = path.suffix.lower()
    try:
        if path.exists():
            raise StoreError("exchange_exists", file=path)
        if kind == "neo4j-admin":
            from ..stores.neo4j.admin import write_folder

            write_folder(graph, schema, path)
            return "exchange_loses_admin"
        if kind is not None or suffix not in (*rdf.WRITTEN, ".graphml", ".gexf", ".parquet", ".xlsx"):
            raise StoreError("exchange_kind", file=path)
        if suffix == ".parquet":
            with aside(path) as folder:
                write_graph(graph, folder)
        elif suffix == ".xlsx":
            from .xlsx import write_workbook

            with replacing(path) as made:
                write_workbook(graph, schema, made)
            return "exchange_loses_xlsx"
        elif suffix in rdf.WRITTEN:
            with replacing(path) as made:
                rdf.write(graph, schema, made)
        else:
            with replacing(path) as made:
                _write_xml(graph, schema, made)
    except ChainAtlasError:
        raise
    except (OSError, UnicodeEncodeError) as bad:  # Arrow takes no name that is not UTF-8
        reason = bad.strerror or bad if isinstance(bad, OSError) else bad.reason
        raise StoreError("output_unwritable", file=path, reason=reason) from bad
    return "exchange_whole"


def is_ours(path: Path) -> bool:
    """Tell whether a path is a file of an exchange format, or a Parquet folder that we wrote."""
    return path.suffix.lower() in READ or (path.is_dir() and (path / "manifest.json").is_file()
                                           and (path / "nodes").is_dir())  # fmt: skip


def read(path: Path, schema: Schema) -> Batch:
    """Return the records of a file or folder that ``write`` made; they fold to the same hash.

    Raises
    ------
    LoadError
        The file cannot be read, may do harm, was not written by us, or holds unknown types.
    """
    if not path.exists():
        raise LoadError("file_missing", file=path)
    try:
        if path.is_dir():
            return batch_of(read_graph(path), schema, path.name)
        if path.suffix.lower() in rdf.FORMATS:
            return batch(rdf.read(path, schema), schema, path.name)
        return batch(_records_of(_read_xml(path), path.name), schema, path.name)
    except (ChainAtlasError, MemoryError):
        raise
    except Exception as bad:  # libraries raise whatever comes where a file is not as they expect
        reason = " ".join(f"{type(bad).__name__}: {bad}".split())[:200]
        raise LoadError("file_unreadable", file=path.name, reason=reason) from bad


# networkx -----------------------------------------------------------------------------------------


def to_networkx(graph: Graph, schema: Schema, *, lang: str | None = None) -> networkx.MultiDiGraph[str]:
    """Return a networkx graph: nodes by public id, relations with type and number as key.

    Parameters
    ----------
    lang
        ``zh`` or ``en``: attributes under their labels, texts instead of lists (for Gephi); their own
        names and values when not given.
    """
    made = _networkx().MultiDiGraph()
    keys = [public_id(n, k) for n, t in graph.nodes.items() for k in flat(t["key"]).to_pylist()]
    said, statements = _claims_by_subject(graph, schema)
    for group, name, columns in shown(graph, schema):
        if group == "statement":
            continue
        kind = schema.nodes[name] if group == "node" else schema.relations[name]
        title = name if lang is None else str(getattr(kind, lang))
        size = len(graph.nodes[name] if group == "node" else graph.relations[name])
        rows = list(_attributes(columns, size, {**kind.props, **schema.provenance}, lang))
        if group == "node":
            names = columns["name"].to_pylist() if "name" in columns else columns["key"].to_pylist()
            for key, shown_name, row in zip(columns["key"].to_pylist(), names, rows, strict=True):
                node = public_id(name, key)
                told = {"label": _clean(shown_name or key), "type": title, **said.get((node,), {})}
                made.add_node(node, **{**row, **told})
            continue
        table = graph.relations[name]
        ends = table["src"].to_pylist(), table["dst"].to_pylist()
        for number, (a, b, row) in enumerate(zip(*ends, rows, strict=True)):
            # All claims between two nodes stand at their first relation of a type.
            told = {"label": title, "type": title, **said.pop((keys[a], keys[b], name), {})}
            made.add_edge(keys[a], keys[b], key=f"{name}:{number}", **{**row, **told})
    made.graph.update({"hash": graph.hash, _STATEMENTS: json.dumps(statements, ensure_ascii=True)})
    return made


def from_networkx(found: networkx.Graph[str], schema: Schema) -> Batch:
    """Return the records of a networkx graph.

    One that ``to_networkx`` made folds to the same hash. Of any other each node needs ``type`` (a
    node type) and ``name`` or ``label``, each edge ``type`` (a relation type); attributes named as properties
    of the schema are taken, others are left.

    Raises
    ------
    LoadError
        A type is unknown, or a value is not what its property holds.
    """
    return batch(_records_of(found, "networkx", schema), schema, "networkx")


def to_pandas(graph: Graph, schema: Schema) -> dict[str, pd.DataFrame]:
    """Return a pandas table a type; relations have the public ids of their ends as ``from`` and ``to``."""
    import pandas as pd

    keys = [public_id(n, k) for n, t in graph.nodes.items() for k in flat(t["key"]).to_pylist()]
    made = {}
    for group, name, columns in shown(graph, schema):
        ends: dict[str, list[str]] = {}
        if group == "relation":
            table = graph.relations[name]
            ends = {end: [keys[i] for i in table[side].to_pylist()] for end, side in (("from", "src"), ("to", "dst"))}
        made[name] = pd.DataFrame({**ends, **{c: v.to_pandas() for c, v in columns.items()}})
    return made


def _networkx() -> Any:
    try:
        import networkx
    except ImportError as bad:
        raise StoreError("exchange_library", library="networkx", extra="exchange") from bad
    return networkx


def _claims_by_subject(graph: Graph, schema: Schema) -> tuple[dict[tuple[str, ...], dict[str, str]], list[Any]]:
    """Return the claims of each node or pair of nodes as an attribute, and those of statements."""
    found: dict[tuple[str, ...], list[Any]] = {}
    statements: list[Any] = []
    for record in records(graph, schema):
        if record.group == "statement":
            statements.append([record.type, dict(record.said)])
            continue
        subject = tuple(public_id(*end) for end in record.ends)
        subject = subject if record.group == "node" else (*subject, record.type)
        found.setdefault(subject, []).append([dict(record.said), record.stub])
    # Escaped, so that no character is one that XML cannot hold.
    return {s: {_CLAIMS: json.dumps(c, ensure_ascii=True)} for s, c in found.items()}, statements


def _attributes(
    columns: dict[str, Any], size: int, props: dict[str, Property], lang: str | None
) -> Iterator[dict[str, Any]]:
    names = {c: c if lang is None or c not in props else str(getattr(props[c], lang)) for c in columns if c != "key"}
    values = [columns[c].to_pylist() for c in names]
    for row in zip(*values, strict=True) if values else ((),) * size:
        yield {n: _flat(v) if lang else v for n, v in zip(names.values(), row, strict=True) if v is not None}


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return _clean("、".join(str(v) for v in value if v not in ("", None) and v == v))
    return _clean(value)


def _clean(value: Any) -> Any:
    return xml_text(value) if isinstance(value, str) else value


def _records_of(found: Any, file: str, schema: Schema | None = None) -> Iterator[Record]:
    for node, said in found.nodes(data=True):
        kind, key = split_id(str(node))
        if _CLAIMS in said:
            where = sentence("exchange_at_node", name=str(node)[:80])
            for row, stub in claims_of(said[_CLAIMS], file, where):
                yield Record("node", kind, ((kind, key),), row, stub, where)
        elif schema is not None:
            yield _plain_node(str(node), said, schema)
    plain = {str(n): _plain_end(str(n), d) for n, d in found.nodes(data=True)}
    for a, b, said in found.edges(data=True):
        ends = (plain[str(a)], plain[str(b)])
        where = sentence("exchange_at_edge", a=str(a)[:80], b=str(b)[:80])
        name = str(said.get("type", ""))
        if _CLAIMS in said:
            # The type is that of the edge's claims; the label may be in any language.
            for row, _ in claims_of(said[_CLAIMS], file, where):
                yield Record("relation", str(said.get("relation", name)), ends, row, where=where)
        elif schema is not None and _CLAIMS not in found.nodes[a]:
            props = schema.relations[name].props if name in schema.relations else {}
            yield Record("relation", name, ends, _known(said, props), where=where)
    where = sentence("exchange_at_graph", name=_STATEMENTS)
    for name, row in statements_of(found.graph.get(_STATEMENTS, "[]"), file, where):
        yield Record("statement", name, (), row, where=where)
    if not found.graph.get("hash") and schema is None:
        raise LoadError("exchange_foreign", file=file)


def _plain_end(node: str, said: dict[str, Any]) -> tuple[str, str]:
    if _CLAIMS in said:
        return split_id(node)
    return str(said.get("type", "")), f"name:{name_key(str(said.get('name', said.get('label', node))))}"


def _plain_node(node: str, said: dict[str, Any], schema: Schema) -> Record:
    kind = str(said.get("type", ""))
    props = schema.nodes[kind].props if kind in schema.nodes else {}
    name = str(said.get("name", said.get("label", node)))
    where = sentence("exchange_at_node", name=node[:80])
    return Record("node", kind, (_plain_end(node, said),), {**_known(said, props), "name": name}, where=where)


def _known(said: dict[str, Any], props: dict[str, Property]) -> dict[str, Any]:
    kept = {k: v for k, v in said.items() if (k in props or k in PROVENANCE) and v is not None}
    return {k: LIST_SEPARATOR.join(v) if isinstance(v, list) else v for k, v in kept.items()}


# GraphML, GEXF ------------------------------------------------------------------------------------


def _write_xml(graph: Graph, schema: Schema, path: Path) -> None:
    lib = _networkx()
    made = to_networkx(graph, schema, lang="zh")
    made = _renamed(made, xml_id)
    for _, _, key, said in made.edges(keys=True, data=True):
        # GEXF means "directed" by an edge's type.
        said["关系"], said["relation"] = said.pop("type"), key.partition(":")[0]
    if path.suffix.lower() == ".graphml":
        lib.write_graphml(made, path, encoding="utf-8", named_key_ids=False)
        return
    # GEXF has no attributes of the whole graph: they stand at a node of their own.
    whole = {"hash": made.graph.pop("hash"), _STATEMENTS: made.graph.pop(_STATEMENTS)}
    made.add_node(_WHOLE, label=_WHOLE, type=_WHOLE, **whole)
    lib.write_gexf(made, path, encoding="utf-8")


def _renamed(graph: Any, change: Callable[[str], str]) -> Any:
    """Return the graph with other ids, where that makes a difference."""
    names = {node: new for node in graph if (new := change(str(node))) != node}
    return _networkx().relabel_nodes(graph, names) if names else graph


def _read_xml(path: Path) -> Any:
    lib = _networkx()
    data, suffix = path.read_bytes(), path.suffix.lower()
    look_over(data, path.name, suffix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an attribute without a type is text, as GraphML says
        found = (lib.read_graphml if suffix == ".graphml" else lib.read_gexf)(io.BytesIO(data))
    if _WHOLE in found:
        whole = dict(found.nodes[_WHOLE])
        found.graph.update({"hash": whole.get("hash"), _STATEMENTS: whole.get("statements", "[]")})
        found.remove_node(_WHOLE)
    return _renamed(found, from_xml_id)
