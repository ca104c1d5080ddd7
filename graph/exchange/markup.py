"""Markup: GraphML, GEXF and RDF/XML looked over once before a library reads them.

The libraries take what they find: an entity may read a local file, an element given twice replaces the
first, and what is not as they expect ends in any exception. So one pass of expat refuses a DOCTYPE, tells
by line what is not well-formed or lacks what it needs, and what would be lost without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

from ..schema.errors import LoadError
from ..schema.words import Sentence, sentence

_DEEPEST = 64
# What each element needs to be read at all, by format and element.
_NEEDED: dict[str, dict[str, tuple[str, ...]]] = {
    ".graphml": {"key": ("id", "attr.name"), "node": ("id",), "edge": ("source", "target"), "data": ("key",)},
    ".gexf": {
        "attribute": ("id", "title", "type"),
        "node": ("id",),
        "edge": ("source", "target"),
        "attvalue": ("value",),
    },
}
_NUMBERS = {"int": int, "integer": int, "long": int, "float": float, "double": float}


def look_over(data: bytes, file: str, suffix: str) -> None:
    """Refuse a file that its reader would stumble over, or of which it would lose a part.

    Raises
    ------
    LoadError
        A DOCTYPE, not well-formed, too deep, an element without what it needs, or one given twice.
    """
    seen = _Seen(file, suffix)
    try:
        seen.parser.Parse(data, True)
    except expat.ExpatError as bad:
        reason = expat.ErrorString(bad.code)
        raise LoadError("exchange_broken", file=file, where=_line(bad.lineno, bad.offset), reason=reason) from bad
    except (ValueError, LookupError) as bad:  # an encoding that Python does not know, or does not decode
        raise LoadError("exchange_broken", file=file, where=seen.where(), reason=str(bad)[:200]) from bad


def _line(line: int, column: int) -> Sentence:
    return sentence("exchange_at_line", line=line, column=column + 1)


class _Seen:
    """What a pass has seen so far: the elements around, ids, types of attributes."""

    def __init__(self, file: str, suffix: str) -> None:
        self.file, self.suffix = file, suffix
        self.needed: Mapping[str, tuple[str, ...]] = _NEEDED.get(suffix, {})
        self.above: list[str] = []
        self.given: set[tuple[str, ...]] = set()
        self.types: dict[tuple[str, str], str] = {}
        self.of = ""  # whose attributes are declared: GEXF numbers those of nodes and edges apart
        self.subject = 0
        self.kind, self.text = "", ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        if self.needed:
            self.parser.CharacterDataHandler = self._held

    def where(self) -> Sentence:
        return _line(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber)

    def refuse(self, code: str, **values: object) -> LoadError:
        return LoadError("exchange_broken", file=self.file, where=self.where(), reason=sentence(code, **values))

    def _doctype(self, *_: object) -> None:
        raise LoadError("exchange_doctype", file=self.file)

    def _start(self, name: str, said: dict[str, str]) -> None:
        element = name.rpartition(" ")[2]
        self.above.append(element)
        if len(self.above) > _DEEPEST:
            raise self.refuse("exchange_deep", n=_DEEPEST)
        for attribute in self.needed.get(element, ()):
            if not said.get(attribute) and not (attribute == "value" or said.get("yfiles.type")):
                raise self.refuse("exchange_lacks", element=element, name=attribute)
        if element == "graph" and self.needed:
            self._once("graph", *([] if len(self.above) == 2 else ["inside", "inside"]))
        if element in ("node", "edge"):
            self.subject += 1
        if element == "node" and self.needed:
            self._once("node", said["id"])
        elif element == "edge" and said.get("id") and self.needed:
            self._once("edge", said["source"], said["target"], said["id"])
        self._attribute(element, said)

    def _attribute(self, element: str, said: dict[str, str]) -> None:
        """Remember the type of a declared attribute; look at the value of one that is given."""
        if self.suffix == ".graphml":
            if element == "key" and "id" in said:
                self.types["", said["id"]] = said.get("attr.type", "string")
            elif element == "data":
                self._once("data", str(self.subject), "/".join(self.above[:-1]), said["key"])
                self.kind, self.text = self._declared("", said["key"]), ""
        elif self.suffix == ".gexf":
            if element == "attributes":
                self.of = said.get("class", "")
            elif element == "attribute":
                self.types[self.of, said["id"]] = said["type"]
            elif element == "attvalue":
                name = said.get("for") or said.get("id") or ""
                self._once("attvalue", str(self.subject), name)
                of = next((e for e in reversed(self.above) if e in ("node", "edge")), "")
                self._number(self._declared(of, name), said.get("value", ""))

    def _declared(self, of: str, name: str) -> str:
        if (of, name) not in self.types:
            raise self.refuse("exchange_undeclared", name=name[:80])
        return self.types[of, name]

    def _held(self, text: str) -> None:
        if self.kind in _NUMBERS:
            self.text += text

    def _end(self, name: str) -> None:
        self.above.pop()
        if name.rpartition(" ")[2] == "data":
            self._number(self.kind, self.text)
            self.kind = ""

    def _number(self, kind: str, text: str) -> None:
        if kind in _NUMBERS:
            try:
                _NUMBERS[kind](text)
            except ValueError as bad:
                raise self.refuse("exchange_no_number", value=text[:60]) from bad

    def _once(self, *what: str) -> None:
        if what in self.given or what.count("inside") > 1:
            raise self.refuse("exchange_twice", name=" ".join(part for part in (what[0], what[-1]) if part)[:80])
        self.given.add(what)
