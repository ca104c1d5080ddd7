"""Shapes: SHACL from the schema, so that anyone can check RDF of ours without our software."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..schema.types import NodeType, Property, RelationType, Schema
from .rdf import OWN, PREFIXES, Triple, iri, library, property_iri

if TYPE_CHECKING:
    import rdflib

SH = "http://www.w3.org/ns/shacl#"
_DATATYPES = {"number": ("decimal",), "share": ("decimal",), "money": ("decimal",), "integer": ("integer",),
              "bool": ("boolean",)}  # fmt: skip


def to_shapes(schema: Schema) -> rdflib.Graph:
    """Return one node shape a type: a label, datatypes, closed lists of values, classes of relation ends."""
    lib = library()
    made: rdflib.Graph = lib.Graph()
    for prefix, name in {**PREFIXES, "sh": SH}.items():
        made.bind(prefix, name, override=True, replace=True)
    made.addN((s, p, o, made) for s, p, o in _shapes(schema, lib))
    return made


def _shapes(schema: Schema, lib: Any) -> Iterator[Triple]:
    ref = lib.URIRef
    for kind in schema.nodes.values():
        shape = ref(f"{OWN}shape-{kind.name}")
        yield shape, lib.RDF.type, ref(SH + "NodeShape")
        yield shape, ref(SH + "targetClass"), ref(OWN + kind.name)
        yield from _labels(shape, kind, lib)
        for prop in kind.props.values():
            yield from _property(shape, prop, lib)
        for relation in schema.relations.values():
            if kind.name in relation.sources:
                yield from _relation(shape, kind, relation, lib)


def _labels(shape: Any, kind: NodeType, lib: Any) -> Iterator[Triple]:
    for lang, text in (("zh", kind.zh), ("en", kind.en)):
        yield shape, lib.URIRef(SH + "name"), lib.Literal(text, lang=lang)


def _property(shape: Any, prop: Property, lib: Any) -> Iterator[Triple]:
    ref, here = lib.URIRef, lib.URIRef(f"{shape}.{prop.name}")
    yield shape, ref(SH + "property"), here
    yield here, ref(SH + "path"), ref(property_iri(prop))
    for lang, text in (("zh", prop.zh), ("en", prop.en)):
        yield here, ref(SH + "name"), lib.Literal(text, lang=lang)
    for name in _DATATYPES.get(prop.type, ("string",)):
        yield here, ref(SH + "datatype"), ref(iri(f"xsd:{name}"))
    if prop.type != "list" and prop.role != "alias":
        yield here, ref(SH + "maxCount"), lib.Literal(1)
    if prop.values and not prop.open and prop.type != "list":
        head = lib.BNode()
        yield here, ref(SH + "in"), head
        yield from _list(head, [lib.Literal(v) for v in prop.values], lib)


def _relation(shape: Any, kind: NodeType, relation: RelationType, lib: Any) -> Iterator[Triple]:
    ref, here = lib.URIRef, lib.URIRef(f"{shape}.{relation.name}")
    ends = [b for a, b in relation.pairs if a == kind.name]
    yield shape, ref(SH + "property"), here
    yield here, ref(SH + "path"), ref(OWN + relation.name)
    for lang, text in (("zh", relation.zh), ("en", relation.en)):
        yield here, ref(SH + "name"), lib.Literal(text, lang=lang)
    if len(ends) == 1:
        yield here, ref(SH + "class"), ref(OWN + ends[0])
        return
    choices = [lib.BNode() for _ in ends]
    for choice, end in zip(choices, ends, strict=True):
        yield choice, ref(SH + "class"), ref(OWN + end)
    head = lib.BNode()
    yield here, ref(SH + "or"), head
    yield from _list(head, choices, lib)


def _list(head: Any, values: list[Any], lib: Any) -> Iterator[Triple]:
    for at, value in enumerate(values):
        rest = lib.BNode() if at + 1 < len(values) else lib.RDF.nil
        yield head, lib.RDF.first, value
        yield head, lib.RDF.rest, rest
        head = rest
