"""Graphs in exchange formats by grammar: what we write ourselves, then with other types, depths, numbers and dates."""

from __future__ import annotations

import json
import random
import tempfile
from functools import cache
from pathlib import Path

from chainatlas.graph.exchange.formats import write
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.gather import gather

from .trees import json_damaged, json_places, json_written, lines_damaged, xml_damaged
from .words import ODD, leaf

_FILES = {
    "企业.csv": "企业名称,所在市,主营产品,营业收入（万元）,成立日期\n"
    "示例甲,枣庄市,示例品1、示例品2,1.5亿,2015-01-23\n示例乙,济南市,示例品2,,\n",
    "产品环节.csv": "产品名称,产业链,环节位置\n示例品1,示例链,上游\n示例品2,示例链,下游\n",
    "投入关系.csv": "投入品,产品,占比\n示例品1,示例品2,30%\n",
    "覆盖声明.csv": "来源,关系,总体,地区,完整度,依据,截止日期\n示例名录,生产,,山东省,0.9,示例,2026-06-30\n",
}


@cache
def written(suffix: str) -> bytes:
    """Return a small graph as we write it."""
    schema = load_schema()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, text in _FILES.items():
            (home / name).write_text(text, encoding="utf-8")
        batch = gather([home], schema, known={}).batch()
        path = home / f"graph{suffix}"
        write(fold([Loaded(1, batch)], schema, 1).graph, schema, path)
        return path.read_bytes()


def graph_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a graph of ours that was changed by structure, or a small one of another make."""
    suffix = chance.choice([".graphml", ".graphml", ".gexf", ".gexf", ".ttl", ".jsonld", ".jsonld", ".nq", ".rdf"])
    path = folder / f"graph{suffix}"
    if suffix == ".rdf":
        path.write_bytes(_rdf_xml(chance))
    elif chance.random() < 0.15:
        path.write_bytes(_foreign(suffix, chance))
    elif suffix == ".jsonld":
        path.write_bytes(json_written(json_damaged(json.loads(written(suffix)), chance), chance))
    elif suffix in (".ttl", ".nq"):
        path.write_bytes(lines_damaged(written(suffix), chance))
    elif chance.random() < 0.5:
        path.write_bytes(_claims_damaged(written(suffix), chance))
    else:
        path.write_bytes(xml_damaged(written(suffix), chance))
    return [path]


def _claims_damaged(data: bytes, chance: random.Random) -> bytes:
    """Change the JSON that stands as text or attribute inside XML."""
    import re
    from html import unescape
    from xml.sax.saxutils import escape

    text = data.decode()
    hits = list(re.finditer(r"(?<=[>\"])\[[^<\"]*(?:&quot;[^<\"]*|\"[^<]*)?\](?=[<\"])", text))
    if not hits:
        return xml_damaged(data, chance)
    hit = chance.choice(hits)
    try:
        tree = json.loads(unescape(hit[0]))
    except ValueError:
        return xml_damaged(data, chance)
    if json_places(tree) and chance.random() < 0.85:
        made = json.dumps(json_damaged(tree, chance))
    else:
        made = chance.choice(
            [
                "",
                "{",
                "null",
                "1",
                '"x"',
                "[1]",
                "[[1]]",
                "[[1,2]]",
                '[["a","b","c"]]',
                "[[{},0,1]]",
                "NaN",
                "[" * 2000,
                '{"a":1}',
                "[[[], null]]",
            ]
        )
    return (text[: hit.start()] + escape(made, {'"': "&quot;"}) + text[hit.end() :]).encode()


def _foreign(suffix: str, chance: random.Random) -> bytes:
    """Return a small file of another make, or one that only looks like ours."""
    makers = {".graphml": _graphml, ".gexf": _gexf, ".ttl": _turtle, ".nq": _quads, ".jsonld": _json_ld}
    return chance.choice(makers[suffix](chance))


def _graphml(_: random.Random) -> list[bytes]:
    head = b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    key = b'<key id="d" for="node" attr.name="claims" attr.type="int"/>'
    node = b'<node id="a"><data key="d">x</data></node>'
    return [
        b"<graphml/>",
        head + b"<graph/></graphml>",
        head + b'<graph edgedefault="x"><node/></graph></graphml>',
        head + key + b'<graph edgedefault="directed">' + node + b"<hyperedge/></graph></graphml>",
    ]


def _gexf(_: random.Random) -> list[bytes]:
    head = b'<gexf xmlns="http://www.gexf.net/1.2draft" version="'
    spells = b'<graph mode="dynamic"><nodes><node id="a"><spells/></node></nodes></graph></gexf>'
    return [b"<gexf/>", head + b'1.2"><graph/></gexf>', head + b'9">' + spells]


def _turtle(chance: random.Random) -> list[bytes]:
    word = json.dumps(chance.choice(ODD)).encode()
    claim, said = b"<urn:a> a <urn:chainatlas:ns:NodeClaim>", b" <urn:chainatlas:ns:said-confidence> " + word + b" ."
    return [
        b"",
        b"@prefix : <x> .",
        claim + b" .",
        claim + b", <urn:chainatlas:ns:Coverage> ;" + said,
        b"<urn:a> a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Statement> ;" + said,
        b"@base <http://127.0.0.1:9/> . <a> <b> <c> .",
    ]


def _quads(chance: random.Random) -> list[bytes]:
    word = json.dumps(chance.choice(ODD)).encode()
    return [b"", b"<a> <b> <c> <d> .", b"<urn:a> <urn:chainatlas:ns:x> " + word + b" .", b"_:a _:b _:c _:d ."]


def _json_ld(chance: random.Random) -> list[bytes]:
    own = "urn:chainatlas:ns:"
    trees: list[object] = [
        {},
        [],
        [[]],
        1,
        "x",
        None,
        {"@graph": leaf(chance)},
        {"@context": {"a": leaf(chance)}, "a": leaf(chance)},
        [{"@id": "urn:a", "@type": [own + "NodeClaim"], own + "said-confidence": [leaf(chance)]}],
        {"@context": leaf(chance), "@id": leaf(chance)},
        [{"@id": "urn:a", "@type": own + "NodeClaim", own + "said-name": {"@list": [{"@list": [leaf(chance)]}]}}],
    ]
    return [*(json.dumps(tree).encode() for tree in trees), b"[" * 3000]


def _rdf_xml(chance: random.Random) -> bytes:
    kind = chance.choice(["NodeClaim", "Coverage", "Statistic", "x"])
    names = [chance.choice(["confidence", "name", "as_of", "source", "completeness"]) for _ in range(3)]
    values = ["1", "x", "1e999", "10000-01-01", "[]", "[1]", "{"]
    inner = "".join(f"<c:said-{n}>{chance.choice(values)}</c:said-{n}>" for n in names)
    about = chance.choice(["urn:chainatlas:id:Enterprise:name:x", "urn:x", ""])
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "c": "urn:chainatlas:ns:",
        "prov": "http://www.w3.org/ns/prov#",
    }
    head = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in spaces.items())
    inner += f'<prov:specializationOf rdf:resource="{about}"/>'
    data = f'<?xml version="1.0"?><rdf:RDF {head}><c:{kind} rdf:about="urn:a">{inner}</c:{kind}></rdf:RDF>'.encode()
    return xml_damaged(data, chance) if chance.random() < 0.5 else data
