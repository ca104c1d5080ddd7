"""RDF: the graph in the words of W3C ORG, SKOS, PROV-O, schema.org and GeoSPARQL, and back.

A node has its schema's class and ours, a label, its properties and its relations as plain
triples: what people query. Beside it stands every claim (``ca:NodeClaim``, ``rdf:Statement``)
with its source, date and confidence: what is needed to read the graph back with its hash.
Page: docs/reference/rdf.md.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from ..columns.canonical import flat
from ..columns.tables import Graph
from ..columns.text import LIST_SEPARATOR
from ..schema.errors import LoadError, StoreError
from ..schema.types import Property, Schema
from ..schema.words import Said, sentence
from .checking import broken
from .markup import look_over
from .records import Record, public_id, records, split_id

if TYPE_CHECKING:
    import rdflib

OWN, IDS = "urn:chainatlas:ns:", "urn:chainatlas:id:"
PREFIXES = {
    "ca": OWN, "org": "http://www.w3.org/ns/org#", "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#", "schema": "https://schema.org/", "dcterms": "http://purl.org/dc/terms/",
    "geo": "http://www.opengis.net/ont/geosparql#", "sf": "http://www.opengis.net/ont/sf#",
    "owl": "http://www.w3.org/2002/07/owl#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip
FORMATS = {".ttl": "turtle", ".jsonld": "json-ld", ".nq": "nquads", ".rdf": "xml", ".owl": "xml"}
WRITTEN = (".ttl", ".jsonld", ".nq")
_INVERSE = frozenset(("skos:member",))  # a collection has members, we say "in chain"
_PROVENANCE = {"source_ref": "ca:sourceRef", "as_of": "ca:asOf", "confidence": "ca:confidence"}


def iri(text: str) -> str:
    """Return the full IRI of a prefixed name of the schema.

    Examples
    --------
    >>> iri("org:memberOf")
    'http://www.w3.org/ns/org#memberOf'
    """
    prefix, _, name = text.partition(":")
    return PREFIXES[prefix] + name if prefix in PREFIXES else text


def node_iri(kind: str, key: str) -> str:
    """Return the IRI of a node: its public id, percent-encoded."""
    return IDS + quote(public_id(kind, key), safe=":")


def property_iri(prop: Property) -> str:
    """Return the IRI of a node's property: the schema's, that of a label, or our own term."""
    if prop.name == "name":
        return iri("rdfs:label")
    if prop.role == "alias":
        return iri("skos:altLabel")
    return iri(prop.iri) if prop.iri else OWN + prop.name


def to_rdflib(graph: Graph, schema: Schema, *, claims: bool = True) -> rdflib.Graph:
    """Return a graph as triples.

    Parameters
    ----------
    claims
        Give every claim with its source as well; without them the graph cannot be read back.

    Raises
    ------
    StoreError
        rdflib is not installed.
    """
    made: rdflib.Graph = library().Graph()
    for prefix, name in PREFIXES.items():
        made.bind(prefix, name, override=True, replace=True)
    made.addN((s, p, o, made) for s, p, o in _view(graph, schema))
    if claims:
        made.addN((s, p, o, made) for s, p, o in _claims(graph, schema))
    return made


def library() -> Any:
    """Return rdflib, or say how to get it."""
    try:
        import rdflib
    except ImportError as bad:
        raise StoreError("exchange_library", library="rdflib", extra="rdf") from bad
    return rdflib


Triple = tuple[Any, Any, Any]


def _view(graph: Graph, schema: Schema) -> Iterator[Triple]:
    """What people query: types, labels, properties, places and relations."""
    lib = library()
    ref, literal, kind_of = lib.URIRef, lib.Literal, lib.RDF.type
    every: list[Any] = []
    for name, table in graph.nodes.items():
        kind = schema.nodes[name]
        nodes = [ref(node_iri(name, key)) for key in flat(table["key"]).to_pylist()]
        every += nodes
        for node in nodes:
            yield node, kind_of, ref(OWN + name)
            if kind.iri:
                yield node, kind_of, ref(iri(kind.iri))
        for prop in kind.props.values():
            if prop.name not in table.column_names:
                continue
            predicate = ref(property_iri(prop))
            for node, value in zip(nodes, flat(table[prop.name]).to_pylist(), strict=True):
                for one in _values(value, prop):
                    yield node, predicate, literal(one)
        yield from _points(table, nodes)
    for name, table in graph.relations.items():
        predicate = schema.relations[name].iri or f"ca:{name}"
        ends = zip(flat(table["src"]).to_pylist(), flat(table["dst"]).to_pylist(), strict=True)
        for a, b in ends:
            a, b = (b, a) if predicate in _INVERSE else (a, b)
            yield every[a], ref(iri(predicate)), every[b]
            yield every[a] if predicate not in _INVERSE else every[b], ref(OWN + name), \
                every[b] if predicate not in _INVERSE else every[a]  # fmt: skip


def _values(value: Any, prop: Property) -> Iterable[Any]:
    if value is None:
        return ()
    if isinstance(value, float):
        return (Decimal(format(Decimal(repr(value)), "f")),)  # a double would be shortened in Turtle
    return str(value).split(LIST_SEPARATOR) if prop.type == "list" else (value,)


def _points(table: Any, nodes: list[Any]) -> Iterator[Triple]:
    if not {"lon", "lat"} <= set(table.column_names):
        return
    lib = library()
    ref = lib.URIRef
    for node, lon, lat in zip(nodes, table["lon"].to_pylist(), table["lat"].to_pylist(), strict=True):
        if lon is not None and lat is not None:
            place = ref(f"{node}#point")
            yield node, ref(iri("geo:hasGeometry")), place
            yield place, lib.RDF.type, ref(iri("sf:Point"))
            yield place, ref(iri("geo:asWKT")), lib.Literal(f"POINT({lon} {lat})", datatype=ref(iri("geo:wktLiteral")))


def _claims(graph: Graph, schema: Schema) -> Iterator[Triple]:
    """Every claim: who says what of which node or relation, as of when, how surely."""
    lib = library()
    ref, literal = lib.URIRef, lib.Literal
    whole = ref("urn:chainatlas:graph")
    yield whole, lib.RDF.type, ref(iri("prov:Collection"))
    yield whole, ref(OWN + "hash"), literal(graph.hash)
    known: dict[str, Mapping[str, Any]] = {
        "node": schema.nodes, "relation": schema.relations, "statement": schema.statements}  # fmt: skip
    sources: set[str] = set()
    for number, record in enumerate(records(graph, schema)):
        claim = ref(f"urn:chainatlas:claim:{number}")
        yield claim, lib.RDF.type, ref(iri("prov:Entity"))
        yield from _about(record, claim, lib)
        source = record.said.get("source")
        if source is not None and record.group != "statement":
            origin = ref(IDS + "source:" + quote(source, safe=""))
            yield claim, ref(iri("prov:hadPrimarySource")), origin
            if source not in sources:
                sources.add(source)
                yield origin, ref(iri("schema:name")), literal(source)
        props = known[record.group][record.type].props
        for name, value in record.said.items():
            yield claim, ref(OWN + "said-" + name), _literal(value, props.get(name), lib)
            if name in _PROVENANCE and name not in props:
                yield claim, ref(iri(_PROVENANCE[name])), literal(value)


def _about(record: Record, claim: Any, lib: Any) -> Iterator[Triple]:
    ref = lib.URIRef
    if record.group == "node":
        yield claim, lib.RDF.type, ref(OWN + "NodeClaim")
        yield claim, ref(iri("prov:specializationOf")), ref(node_iri(*record.ends[0]))
        if record.stub:
            yield claim, ref(OWN + "mentionsOnly"), lib.Literal(True)
    elif record.group == "relation":
        yield claim, lib.RDF.type, lib.RDF.Statement
        yield claim, lib.RDF.subject, ref(node_iri(*record.ends[0]))
        yield claim, lib.RDF.predicate, ref(OWN + record.type)
        yield claim, lib.RDF.object, ref(node_iri(*record.ends[1]))
    else:
        yield claim, lib.RDF.type, ref(OWN + record.type)


def _literal(value: Any, prop: Property | None, lib: Any) -> Any:
    if prop is not None and prop.type == "list":
        text = json.dumps(str(value).split(LIST_SEPARATOR), ensure_ascii=False)
        return lib.Literal(text, datatype=lib.URIRef(OWN + "list"))
    # Turtle's serializer shortens doubles: a claim's number is kept as text.
    return lib.Literal(repr(value) if isinstance(value, float) else value)


# writing, reading ---------------------------------------------------------------------------------


def write(graph: Graph, schema: Schema, path: Path) -> None:
    """Write Turtle, JSON-LD or N-Quads, by the ending of the file's name."""
    lib = library()
    kind = FORMATS[path.suffix.lower()]
    made = to_rdflib(graph, schema)
    if kind == "nquads":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib's own use of what it deprecates
            several = lib.Dataset()
            named = several.graph(lib.URIRef("urn:chainatlas:graph"))
            several.addN((s, p, o, named) for s, p, o in made)
            text = several.serialize(format="nquads", encoding="utf-8")
    elif kind == "json-ld":
        text = made.serialize(format="json-ld", encoding="utf-8", context=PREFIXES, ensure_ascii=False)
    else:
        text = made.serialize(format=kind, encoding="utf-8")
    path.write_bytes(text)


def read(path: Path, schema: Schema) -> list[Record]:
    """Return the claims of an RDF file that we wrote; nothing is fetched while reading.

    Raises
    ------
    LoadError
        The file is RDF/XML with a DOCTYPE, JSON-LD with a context elsewhere, no RDF, or not ours.
    """
    lib = library()
    data = path.read_bytes()
    kind = FORMATS[path.suffix.lower()]
    if kind == "xml":
        look_over(data, path.name, path.suffix.lower())
    try:
        if kind == "json-ld":
            # What was looked at is what is parsed: another reader of JSON might see another document.
            data = json.dumps(_without_remote(json.loads(data), path.name)).encode()
        found = _parsed(data, kind, lib)
    except (LoadError, MemoryError):
        raise
    except Exception as bad:  # rdflib's parsers raise whatever comes: each is an unreadable file
        where = sentence("exchange_at_whole")
        if kind == "nquads":
            where = sentence("exchange_at_line", line=_first_bad_line(data, lib), column=1)
        reason = " ".join(str(bad).split())[:200] or type(bad).__name__
        raise LoadError("exchange_broken", file=path.name, where=where, reason=reason) from bad
    made = list(_read(found, schema, lib, path.name))
    if not made:
        raise LoadError("exchange_foreign", file=path.name)
    return made


def _parsed(data: bytes, kind: str, lib: Any) -> Any:
    found = lib.Graph()
    log = logging.getLogger("rdflib.term")
    level = log.level
    log.setLevel(logging.CRITICAL)  # tells of addresses and values that look odd: what is wrong with them is told by us
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib's parsers use what rdflib deprecates
            held = lib.Dataset() if kind == "nquads" else found
            held.parse(data=data, format=kind)
            if kind == "nquads":
                found.addN((s, p, o, found) for s, p, o, _ in held.quads())
    finally:
        log.setLevel(level)
    return found


def _first_bad_line(data: bytes, lib: Any) -> int:
    """Return the number of the first line that is no statement, by halves: rdflib does not tell it."""
    lines = data.splitlines(keepends=True)
    first, end = 0, len(lines)
    while end - first > 1:
        middle = (first + end) // 2
        try:
            _parsed(b"".join(lines[first:middle]), "nquads", lib)
        except Exception:  # noqa: BLE001 - as in ``read``: the fault stands in this half
            end = middle
        else:
            first = middle
    return first + 1


def _without_remote(document: Any, name: str) -> Any:
    """Return a JSON-LD document; refuse it where a context stands elsewhere, at whatever depth.

    A context is an object, nothing, or a list of these; whatever else stands there would be fetched: an
    address in lists of lists, in a term's own context, in ``@import``.
    """
    todo: list[tuple[Any, tuple[Any, ...]]] = [(document, ())]
    while todo:
        value, at = todo.pop()
        if isinstance(value, list):
            todo += [(one, (at, number)) for number, one in enumerate(value)]
        elif isinstance(value, dict):
            if "@import" in value or not _stands_here(value.get("@context")):
                raise LoadError("exchange_remote", file=name, path=_path(at))
            todo += [(one, (at, key)) for key, one in value.items()]
    return document


def _stands_here(context: Any) -> bool:
    todo = [context]
    while todo:
        part = todo.pop()
        if isinstance(part, list):
            todo += part
        elif part is not None and not isinstance(part, dict):
            return False
    return True


def _path(at: tuple[Any, ...]) -> str:
    steps: list[str] = []
    while at:
        at, step = at
        steps.append(str(step))
    return "/" + "/".join(reversed(steps))[:80]


def _read(found: Any, schema: Schema, lib: Any, file: str) -> Iterator[Record]:
    ref = lib.URIRef
    for claim in sorted(found.subjects(lib.RDF.type, ref(OWN + "NodeClaim"), unique=True)):
        where = sentence("exchange_at_claim", name=str(claim)[:80])
        end = _end(_only(found, claim, "prov:specializationOf", file, where))
        props = schema.nodes[end[0]].props if end[0] in schema.nodes else {}
        stub = (claim, ref(OWN + "mentionsOnly"), None) in found
        yield Record("node", end[0], (end,), _read_said(found, claim, props, file, where), stub, where)
    for claim in sorted(found.subjects(lib.RDF.type, lib.RDF.Statement, unique=True)):
        where = sentence("exchange_at_claim", name=str(claim)[:80])
        parts = [_only(found, claim, f"rdf:{part}", file, where) for part in ("subject", "predicate", "object")]
        name = str(parts[1]).removeprefix(OWN)
        props = schema.relations[name].props if name in schema.relations else {}
        said = _read_said(found, claim, props, file, where)
        yield Record("relation", name, (_end(parts[0]), _end(parts[2])), said, where=where)
    for name, kind in schema.statements.items():
        for claim in sorted(found.subjects(lib.RDF.type, ref(OWN + name), unique=True)):
            where = sentence("exchange_at_claim", name=str(claim)[:80])
            yield Record("statement", name, (), _read_said(found, claim, kind.props, file, where), where=where)


def _only(found: Any, claim: Any, name: str, file: str, where: Said) -> Any:
    """Return the one thing that a claim names so; which of several is meant cannot be told."""
    values = list(found.objects(claim, library().URIRef(iri(name))))
    if len(values) != 1:
        raise broken(file, where, "exchange_number_of", name=name, n=len(values))
    return values[0]


def _end(node: Any) -> tuple[str, str]:
    return split_id(unquote(str(node).removeprefix(IDS)))


def _read_said(found: Any, claim: Any, props: Mapping[str, Property], file: str, where: Said) -> dict[str, Any]:
    said: dict[str, Any] = {}
    start = OWN + "said-"
    for predicate, value in found.predicate_objects(claim):
        name = str(predicate).removeprefix(start)
        if not str(predicate).startswith(start):
            continue
        if name in said:
            raise broken(file, where, "exchange_number_of", name=f"said-{name}"[:80], n="> 1")
        kind = "number" if name == "confidence" else props[name].type if name in props else "text"
        try:
            said[name] = _value(str(value), kind)
        except (ValueError, TypeError, RecursionError) as bad:
            raise broken(file, where, "exchange_wrong_value", name=name, value=str(value)[:60]) from bad
    return said


def _value(text: str, kind: str) -> Any:
    """Return what a claim's literal says, as its property holds it; ValueError or TypeError where it cannot."""
    if kind == "list":
        found = json.loads(text)
        if not isinstance(found, list):
            raise TypeError(text)
        return LIST_SEPARATOR.join(found)
    if kind in ("number", "share", "money"):
        return float(text)
    if kind == "integer":
        return int(text)
    if kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
    return text
