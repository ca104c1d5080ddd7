"""Mangling: files of ours changed in their structure, not only their bytes, by a seed."""

from __future__ import annotations

import copy
import json
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shaped.trees import json_places

ODD: tuple[Any, ...] = (
    "",
    " ",
    "x",
    "[",
    "{",
    "[]",
    "{}",
    "null",
    "true",
    "-1",
    "1e999",
    "NaN",
    "9" * 40,
    "0x1F",
    "\u202e",
    "[[1]]",
    "[[{}, false]]",
    '[[{"name": 1}, 2]]',
    '[[{"confidence": "a"}, false]]',
    '[["Coverage", 5]]',
    "Enterprise",
    "Enterprise:",
    ":x",
    "urn:chainatlas:id:Planet:name:x",
    "a\nb",
    "长" * 300,
    "[" * 4000,
    '{"@context": "x"}',
    "1.5",
)
JSON_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    [],
    {},
    [[]],
    {"@value": 1},
    {"@id": 5},
    {"@list": [1]},
    {"@value": "x", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
    ["a", "a"],
    {"@set": [None]},
    {"@value": "x", "@language": 5},
    {"@id": "_:b"},
    {"@reverse": {"x": "y"}},
    {"@graph": 3},
)


def xml(text: str, chance: random.Random) -> bytes:
    """Change elements, attributes and texts."""
    root = ET.fromstring(text)
    for _ in range(chance.randint(1, 3)):
        every = list(root.iter())
        parents = {child: parent for parent in every for child in parent}
        one = chance.choice(every)
        what = chance.randrange(7)
        if what == 0 and one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        elif what == 1 and one.attrib:
            one.attrib[chance.choice(list(one.attrib))] = _held(chance)
        elif what == 2:
            one.text = _held(chance)
        elif what == 3 and one in parents:
            parents[one].remove(one)
        elif what == 4 and one in parents:
            parents[one].append(copy.deepcopy(one))
        elif what == 5:
            one.tag = chance.choice([other.tag for other in every])
        elif one in parents:
            chance.choice(every).append(copy.deepcopy(one))
    return ET.tostring(root, encoding="utf-8")


def _held(chance: random.Random) -> str:
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "", str(chance.choice(ODD)))


def lines(text: str, chance: random.Random) -> bytes:
    """Change statements of Turtle or N-Quads: literals, names, whole lines."""
    rows = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(rows))
        what = chance.randrange(6)
        if what == 0:
            del rows[at]
        elif what == 1:
            rows.insert(chance.randrange(len(rows)), rows[at])
        elif what == 2:
            rows[at] = re.sub(r'"[^"]*"', lambda _: json.dumps(str(chance.choice(ODD))), rows[at], count=1)
        elif what == 3:
            rows[at] = re.sub(r"<[^>]*>|\w+:[\w-]+", lambda _: "<urn:chainatlas:id:Product:name:x>", rows[at], count=1)
        elif what == 4:
            rows[at] = rows[at][: chance.randrange(len(rows[at]) + 1)]
        else:
            rows[at] = rows[at].replace(chance.choice('<>".;@^'), chance.choice(["", "[", "(", "\\", "^^"]), 1)
        if not rows:
            break
    return "\n".join(rows).encode("utf-8", "replace")


def document(text: str, chance: random.Random) -> bytes:
    """Change values, keys and shapes of JSON."""
    found = json.loads(text)
    for _ in range(chance.randint(1, 3)):
        places = json_places(found)
        if not places:
            break
        held, key = chance.choice(places)
        what = chance.randrange(3)
        if what == 0:
            del held[key]
        elif what == 1:
            held[key] = chance.choice(JSON_ODD)
        elif isinstance(held, dict):
            held[chance.choice(["@type", "@id", "@graph", "@value", "@list", "x", "", "@nest"])] = held.pop(key)
    return json.dumps(found, ensure_ascii=False).encode()


def workbook(path: Path, chance: random.Random, target: Path) -> None:
    """Change cells, rows, columns and sheets of a workbook."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    for _ in range(chance.randint(1, 3)):
        sheet = chance.choice(book.worksheets)
        row, column = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
        what = chance.randrange(6)
        if what == 0:
            sheet.delete_rows(row)
        elif what == 1:
            sheet.delete_cols(column)
        elif what == 2:
            sheet.title = _held(chance)[:20].translate({ord(c): "_" for c in "[]:*?/\\\n"}) or "x"
        elif what == 3:
            sheet.insert_rows(row)
        else:
            sheet.cell(row, column).value = chance.choice([_held(chance), True, 1.5, -1, 10**20, None])
    book.save(target)


KINDS: dict[str, Callable[[str, random.Random], bytes]] = {
    "graphml": xml,
    "gexf": xml,
    "rdf": xml,
    "ttl": lines,
    "nq": lines,
    "jsonld": document,
}
