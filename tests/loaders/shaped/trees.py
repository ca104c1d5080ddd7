"""Damage by structure: trees of JSON and XML, and lines, of which parts are changed, doubled, dropped or moved."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any
from xml.etree import ElementTree

from .words import NUMBERS, ODD, leaf


def json_places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every place in a tree: the list or object, and the index or key."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        keys: Any = one if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


def json_damaged(tree: Any, chance: random.Random) -> Any:
    """Change some places of a tree: another value, another type, gone, doubled, nested, exchanged."""
    tree = copy.deepcopy(tree)
    for _ in range(chance.choice([1, 1, 2, 4])):
        places = json_places(tree)
        if not places:
            return leaf(chance)
        holder, key = chance.choice(places)
        match chance.randrange(8):
            case 0 | 1:
                holder[key] = leaf(chance)
            case 2:
                del holder[key]
            case 3:
                holder[key] = [holder[key]]
            case 4:
                holder[key] = {chance.choice(ODD): holder[key]}
            case 5:
                other, name = chance.choice(places)
                holder[key] = copy.deepcopy(other[name]) if name in other or isinstance(other, list) else None
            case 6 if isinstance(holder, dict):
                holder[chance.choice(["@id", "@type", "@value", "@list", "@graph", "name", "data"])] = holder.pop(key)
            case _:
                holder[key] = str(holder[key]) if chance.random() < 0.5 else chance.choice(NUMBERS)
    return tree


def json_written(tree: Any, chance: random.Random) -> bytes:
    """Write a tree; half characters are escaped."""
    text = json.dumps(tree, ensure_ascii=False, indent=chance.choice([None, 1]))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(tree).encode()


def xml_damaged(data: bytes, chance: random.Random) -> bytes:
    """Change some elements of an XML document: attributes, texts, order, depth; it stays XML."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return data
    for space, name in re.findall(rb'xmlns(?::(\w+))?="([^"]*)"', data[:4000]):
        if not re.fullmatch(rb"ns\d+", space):
            ElementTree.register_namespace(space.decode(), name.decode())
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        every = list(root.iter())
        _element_damaged(chance.choice(every), every, chance)
    try:
        return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    except (RecursionError, ValueError, TypeError):
        return data


def _element_damaged(one: Any, every: list[Any], chance: random.Random) -> None:
    word = _xml_text(chance)
    match chance.randrange(9):
        case 0 | 1 if one.attrib:
            one.attrib[chance.choice(list(one.attrib))] = word
        case 2 if one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        case 3:
            one.text = word
        case 4 if len(one):
            del one[chance.randrange(len(one))]
        case 5 if len(one):
            one.insert(0, copy.deepcopy(one[chance.randrange(len(one))]))
        case 6:
            other = chance.choice(every)
            if len(list(other.iter())) < 50:
                one.append(copy.deepcopy(other))
        case 7:
            one.tag = chance.choice(every).tag
        case _:
            one.attrib[chance.choice(["r", "t", "s", "id", "key", "for", "source", "type", "value"])] = word


def _xml_text(chance: random.Random) -> str:
    text = chance.choice(
        (
            *NUMBERS,
            *ODD,
            "A0",
            "0",
            "-1",
            "4294967296",
            "99999999999",
            "18446744073709551616",
            "XFE1",
            "AAAA1",
            "A1048577",
        )
    )
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"(?:@[a-z]+|\^\^[^\s;,.]+)?|<[^>\s]*>|\b\d[\d.eE+-]*')


def lines_damaged(data: bytes, chance: random.Random) -> bytes:
    """Change statements of a text of triples: literals, names, types of literals, lines."""
    lines = data.decode("utf-8", "replace").split("\n")
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(lines))
        match chance.randrange(8):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines[at] = _LITERAL.sub(
                    lambda hit: _literal(hit[0], chance), lines[at], count=chance.choice([1, 2, 0])
                )
    return "\n".join(lines).encode("utf-8", "replace")


def _literal(text: str, chance: random.Random) -> str:
    if chance.random() < 0.4:
        return text
    word = json.dumps(chance.choice(ODD), ensure_ascii=False)
    kind = chance.choice(
        ["integer", "decimal", "double", "boolean", "dateTime", "date", "gYear", "base64Binary", "duration", "string"]
    )
    return chance.choice(
        [
            word,
            f"{word}^^<http://www.w3.org/2001/XMLSchema#{kind}>",
            f"{word}@zh",
            "<urn:x>",
            "<>",
            "_:b",
            "[]",
            "()",
            "(1 2)",
            "<urn:chainatlas:id:Enterprise>",
            "<urn:chainatlas:id:%FF%ZZ>",
            "<http://[>",
            "true",
            "1e999",
            "NaN",
            "[ a <urn:y> ]",
            "<urn:chainatlas:id:Enterprise:name:示例>",
            '"""x\ny"""',
            "<a b>",
            "''",
            f"{word}^^<urn:none>",
        ]
    )
