"""Files of exchange that are not as we write them: one sentence with file and place, nothing fetched, nothing lost."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import mangling
import pytest
from building import atlas_of, batch, edges, write
from faults.matrix import record
from scheduling import nightly

import chainatlas as ca
from chainatlas import api
from chainatlas.graph.exchange import formats as exchange
from chainatlas.graph.exchange import rdf
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.errors import ChainAtlasError, LoadError
from chainatlas.graph.schema.types import load_schema

SCHEMA = load_schema()


def refused(path: Path) -> LoadError:
    with pytest.raises(LoadError) as bad:
        exchange.read(path, SCHEMA)
    for lang in ("zh", "en"):
        assert path.name in bad.value.text(lang)
        assert "\n" not in bad.value.text(lang)
        assert len(bad.value.text(lang)) < 700
    return bad.value


ATTACKS = {
    "g_claims_notjson.graphml": "对象“Enterprise:name:x”读不懂",
    "g_st_bad.graphml": "整张图的属性“statements”读不懂",
    "gx_6.gexf": "整张图的属性“statements”读不懂",
    "ld_listlist.jsonld": "@context（/）在别处",
    "t_conf.ttl": "事实“urn:c1”读不懂，没有读这个文件：“confidence”不能是“abc”",
    "t_rev.ttl": "事实“urn:c1”读不懂",
    "t_stmt2.ttl": "事实“",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_public_cases(shared: Path, name: str) -> None:
    assert ATTACKS[name] in refused(shared / "cases" / "attacks" / "exchange" / name).text("zh")


def test_each_public_case_is_tried(shared: Path) -> None:
    assert {path.name for path in (shared / "cases" / "attacks" / "exchange").iterdir()} == set(ATTACKS)


# GraphML, GEXF ------------------------------------------------------------------------------------

KEYS = (
    '<key id="c" for="node" attr.name="claims" attr.type="string"/>'
    '<key id="n" for="node" attr.name="n" attr.type="int"/>'
)
CLAIM = '[[{"name": "甲公司", "source": "x"}, false]]'
NODE = f'<node id="Enterprise:name:甲公司"><data key="c">{CLAIM.replace(chr(34), "&quot;")}</data></node>'


def graphml(inside: str, keys: str = KEYS) -> str:
    head = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="h" for="graph" attr.name="hash"/>'
    return f'{head}{keys}\n<graph edgedefault="directed"><data key="h">abc</data>\n{inside}</graph></graphml>'


GRAPHML = {
    "an element lacks its id": (graphml("<node/>"), "<node> 缺少 id"),
    "an edge lacks an end": (graphml(NODE + '<edge source="Enterprise:name:甲公司"/>'), "<edge> 缺少 target"),
    "an attribute nobody declared": (graphml('<node id="a"><data key="zz">1</data></node>'), "“zz”没有声明"),
    "a number that is none": (graphml('<node id="a"><data key="n">x</data></node>'), "“x”不是数"),
    "a node twice": (graphml(NODE + NODE), "出现了两次"),
    "an attribute twice": (graphml(NODE.replace("</node>", '<data key="c">[]</data></node>')), "出现了两次"),
    "two graphs": (graphml("</graph><graph>"), "graph 出现了两次"),
    "a graph in a node": (graphml(f'<node id="a"><graph>{NODE}</graph></node>'), "graph"),
    "nested too deep": (graphml("<desc>" * 70 + "</desc>" * 70), "嵌套超过 64 层"),
    "not closed": (graphml(NODE)[:-12], "第 3 行"),
    "an entity": (graphml(NODE).replace("甲公司", "&x;", 1), "undefined entity"),
    "an unknown encoding": ('<?xml version="1.0" encoding="x-y"?>' + graphml(NODE), "unknown encoding"),
    "another shape": (graphml(NODE.replace("[[", "[").replace("]]", "]")), "不是链图写出的形状"),
    "deep JSON": (graphml(NODE.replace("[[", "[" * 100_000)), "不是 JSON"),
    "a type that is no type": (
        graphml(NODE.replace("Enterprise:", "Planet:")),
        "类型“Planet”",
    ),
    "an id without a key": (graphml(NODE.replace(":name:甲公司", "")), "不是“类型:标识”"),
    "a number for a name": (graphml(NODE.replace("&quot;甲公司&quot;", "5")), "“name”不能是“5”"),
    "a share that is not finite": (
        graphml(NODE.replace("{&quot;name", "{&quot;revenue&quot;: 1e999, &quot;name")),
        "“revenue”不能是“inf”",
    ),
    "more than sure": (graphml(NODE.replace("&quot;x&quot;", "null, &quot;confidence&quot;: 2")), "“confidence”"),
    "a number too large": (
        graphml(NODE.replace("&quot;x&quot;", f"null, &quot;employees&quot;: {10**30}")),
        "“employees”",
    ),
    "half a character": (graphml(NODE.replace("x&quot;", "\\ud83d&quot;")), "“source”不能是"),
    "nobody": (graphml(NODE.replace("&quot;name&quot;: &quot;甲公司&quot;, ", "")), "不知道是谁"),
    "an unknown property": (graphml(NODE.replace("&quot;source", "&quot;Source")), "没有属性“Source”"),
    "a word that is none": (
        graphml(NODE.replace("Enterprise:", "Patent:").replace("{", "{&quot;kind&quot;: &quot;发现&quot;, ")),
        "“kind”不能是“发现”",
    ),
}


@pytest.mark.parametrize("case", GRAPHML)
def test_graphml(tmp_path: Path, case: str) -> None:
    text, told = GRAPHML[case]
    (tmp_path / "x.graphml").write_text(text, encoding="utf-8")
    assert told in refused(tmp_path / "x.graphml").text("zh")


def test_the_graphml_of_these_cases_is_read_when_nothing_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "x.graphml").write_text(graphml(NODE), encoding="utf-8")
    found = exchange.read(tmp_path / "x.graphml", SCHEMA)
    assert found.nodes["Enterprise"]["name"].to_pylist() == ["甲公司"]


def test_gephi_numbers_attributes_of_nodes_and_edges_apart(tmp_path: Path) -> None:
    """Saved by Gephi, node and edge attributes begin at 0 each: the type of one is not that of the other."""
    firms = [{"name": "子厂", "revenue": 1.5e7}]
    atlas = atlas_of(
        batch(
            {"Enterprise": firms, "Product": [{"name": "轴"}]},
            edges("PRODUCES", "Enterprise", "Product", ("子厂", "轴", {"share": 0.5})),
        )
    )
    path = tmp_path / "x.gexf"
    exchange.write(atlas.snapshot.graph, SCHEMA, path)
    text = path.read_text(encoding="utf-8")
    start = text.index("<attributes", text.index("</attributes>"))  # the second table: numbered from 0, as Gephi does
    end = text.index("</attributes>", start)
    numbers = [part.split('"')[0] for part in text[start:end].split('attribute id="')[1:]]
    middle, edges_at = text[start:end], text.index("<edges")
    tail = text[edges_at:]
    assert start < text.index("<nodes") < edges_at
    for new, old in enumerate(numbers):
        middle = middle.replace(f'attribute id="{old}"', f'attribute id="{new}"')
        tail = tail.replace(f'for="{old}"', f'for="{new}"')
    path.write_text(text[:start] + middle + text[end:edges_at] + tail, encoding="utf-8")
    assert fold([Loaded(1, exchange.read(path, SCHEMA))], SCHEMA).graph.hash == atlas.snapshot.graph.hash


# RDF ----------------------------------------------------------------------------------------------

HEAD = (
    "@prefix ca: <urn:chainatlas:ns:> . @prefix prov: <http://www.w3.org/ns/prov#> .\n"
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
)
FIRM = '<urn:c1> a ca:NodeClaim ; prov:specializationOf <urn:chainatlas:id:Enterprise:name:x> ; ca:said-name "x" '
MAKES = "<urn:c2> a rdf:Statement ; rdf:subject <urn:chainatlas:id:Enterprise:name:x> ; rdf:predicate ca:PRODUCES "
TURTLE = {
    "of nothing": ('<urn:c1> a ca:NodeClaim ; ca:said-name "x" .', "prov:specializationOf，有 0 个"),
    "of two": (FIRM + "; prov:specializationOf <urn:chainatlas:id:Enterprise:name:y> .", "有 2 个"),
    "a name twice": (FIRM + '; ca:said-name "y" .', "said-name"),
    "a list that is none": (FIRM + '; ca:said-titles "小巨人" .', "“titles”不能是“小巨人”"),
    "a list of numbers": (FIRM + '; ca:said-titles "[1]" .', "“titles”不能是“[1]”"),
    "employees in words": (FIRM + '; ca:said-employees "x" .', "“employees”不能是“x”"),
    "yes or no in words": (FIRM + '; ca:said-revenue_approx "maybe" .', "“revenue_approx”不能是“maybe”"),
    "no end": (FIRM + ". " + MAKES + ".", "rdf:object，有 0 个"),
    "an end without claims": (
        FIRM + ". " + MAKES + "; rdf:object <urn:chainatlas:id:Product:name:y> .",
        "没有“Product:name:y”的事实",
    ),
    "a relation between others": (
        FIRM + ". " + MAKES + "; rdf:object <urn:chainatlas:id:Enterprise:name:x> .",
        "“PRODUCES”不能在“Enterprise”和“Enterprise”之间",
    ),
    "a literal for an end": (FIRM + ". " + MAKES + '; rdf:object "x" .', "类型“x”"),
    "deep lists": (FIRM + "; ca:said-titles " + "(" * 5_000 + ")" * 5_000 + " .", "内容读不懂"),
    "cut": (FIRM, "at line"),
}


@pytest.mark.parametrize("case", TURTLE)
def test_turtle(tmp_path: Path, case: str) -> None:
    text, told = TURTLE[case]
    (tmp_path / "x.ttl").write_text(HEAD + text, encoding="utf-8")
    assert told in refused(tmp_path / "x.ttl").text("zh")


def test_the_line_of_n_quads_is_told(tmp_path: Path) -> None:
    good = [f"<urn:a{n}> <urn:b> <urn:c> <urn:g> ." for n in range(40)]
    (tmp_path / "x.nq").write_text("\n".join([*good[:29], "<urn:a> <urn:b .", *good[29:]]), encoding="utf-8")
    assert "第 30 行" in refused(tmp_path / "x.nq").text("zh")


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"[" * 100_000, b'{"@graph": [{"@type": 5}]}', b"null", b"\x00"]
)
@pytest.mark.parametrize("suffix", ["ttl", "nq", "jsonld", "rdf", "owl", "graphml", "gexf"])
def test_no_file_of_its_kind_at_all(tmp_path: Path, suffix: str, data: bytes) -> None:
    (tmp_path / f"x.{suffix}").write_bytes(data)
    refused(tmp_path / f"x.{suffix}")


# Contexts elsewhere -------------------------------------------------------------------------------


@pytest.fixture
def asked() -> Iterator[tuple[str, list[object]]]:
    """An address on this machine, and who asked it for something: nobody may."""
    heard: list[object] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, address = listener.accept()
            except OSError:
                return
            heard.append(address)
            client.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/c.jsonld", heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


CONTEXTS = {
    "a string": {"@context": "URL"},
    "in a list": {"@context": [{}, "URL"]},
    "in lists of lists": {"@context": [[["URL"]]]},
    "deep lists": {"@context": [[{}, [None, [{}, ["URL"]]]]]},
    "imported": {"@context": {"@import": "URL"}},
    "imported in a list": {"@context": [{"@version": 1.1, "@import": "URL", "@propagate": False}]},
    "of a term": {"@context": {"a": {"@id": "urn:a", "@context": "URL"}}, "a": {"b": 1}},
    "of a term, in lists": {"@context": {"a": {"@id": "urn:a", "@context": [[{}], ["URL"]]}}, "a": {"b": 1}},
    "of a term of a term": {
        "@context": {"a": {"@id": "urn:a", "@context": {"b": {"@id": "urn:b", "@context": "URL"}}}},
        "a": {"b": {"c": 1}},
    },
    "of a type": {"@context": {"T": {"@id": "urn:T", "@context": ["URL"]}}, "@type": "T"},
    "not propagated": {"@context": [{"@propagate": False}, ["URL"]]},
    "of a node": {"@graph": [{"@id": "urn:x", "urn:p": [{"@context": ["URL"], "@id": "urn:y"}]}]},
    "included": {"@included": [{"@context": "URL"}]},
    "reversed": {"@reverse": {"urn:p": {"@context": "URL"}}},
    "in a list of values": {"urn:p": {"@list": [{"@context": "URL"}]}},
    "in JSON": {"urn:p": {"@type": "@json", "@value": {"@context": "URL"}}},
    "nested": {"@context": {"n": "@nest"}, "n": {"@context": "URL"}},
    "a relative one": {"@context": "c.jsonld"},
    "of a file": {"@context": ["file:///etc/hostname"]},
    "a context in a context": {"@context": {"@context": "URL"}},
    "a number": {"@context": 5},
    "an object with an id": {"@context": {"@id": "URL", "@import": "URL"}},
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_no_context_elsewhere_is_fetched(tmp_path: Path, asked: tuple[str, list[object]], case: str) -> None:
    url, heard = asked
    text = json.dumps(CONTEXTS[case]).replace("URL", url)
    for document in (text, f"[{text}]", f'{{"@graph": [[{text}]]}}'):
        (tmp_path / "x.jsonld").write_text(document, encoding="utf-8")
        assert refused(tmp_path / "x.jsonld").code == "exchange_remote"
    assert heard == []


def test_the_nested_context_of_the_public_cases(shared: Path) -> None:
    assert refused(shared / "cases" / "attacks" / "jsonld_nested_context.jsonld").code == "exchange_remote"


def test_what_is_looked_at_is_what_is_parsed(tmp_path: Path, asked: tuple[str, list[object]]) -> None:
    """Of a key given twice readers of JSON take one or the other; in UTF-16 some see nothing."""
    url, heard = asked
    for text in (f'{{"@context": "{url}", "@context": {{}}}}', f'{{"@context": {{}}, "@context": "{url}"}}'):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32-le"):
            (tmp_path / "x.jsonld").write_bytes(text.encode(encoding))
            refused(tmp_path / "x.jsonld")
    assert heard == []


def test_a_context_inside_is_read(tmp_path: Path) -> None:
    graph = atlas_of(batch({"Enterprise": [{"name": "子厂"}]})).snapshot.graph
    rdf.write(graph, SCHEMA, tmp_path / "x.jsonld")
    made = json.loads((tmp_path / "x.jsonld").read_text(encoding="utf-8"))
    made["@context"] = [[made["@context"]], None, {**made["@context"]}]
    (tmp_path / "x.jsonld").write_text(json.dumps(made), encoding="utf-8")
    assert fold([Loaded(1, exchange.read(tmp_path / "x.jsonld", SCHEMA))], SCHEMA).graph.hash == graph.hash


# Structure changed by chance ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one graph in each format."""
    import rdflib

    folder = tmp_path_factory.mktemp("ours")
    write(
        folder,
        "企业.csv",
        "企业名称,统一社会信用代码,主营产品,所在市,营业收入（万元）,员工人数,称号,成立日期\n"
        "子厂,91330100799655058B,轴、泵,枣庄市,1200,35,小巨人、单项冠军,2015-01-02\n丑厂,,轴,济南市,,,,",
    )
    write(folder, "产品环节.csv", "产品名称,产业链,环节位置,终端产品\nT,小链,下游,是\n轴,小链,上游,\n泵,小链,上游,")
    write(folder, "投入关系.csv", "投入品,产品,必需\n轴,T,是\n泵,T,是")
    api.load(folder / "w", [folder / name for name in ("企业.csv", "产品环节.csv", "投入关系.csv")])
    for kind in ("graphml", "gexf", "ttl", "nq", "jsonld", "xlsx"):
        api.export(folder / "w", folder / f"x.{kind}")
    rdflib.Graph().parse(folder / "x.ttl").serialize(folder / "x.rdf", format="xml")
    return folder


def held(path: Path, workspace: Path) -> bool:
    """Read a file; tell whether it was refused in a sentence. What is read can be asked."""
    try:
        if path.suffix == ".xlsx":
            api.load(workspace, path)
            atlas = ca.open(workspace)
        else:
            graph = fold([Loaded(1, exchange.read(path, SCHEMA))], SCHEMA).graph
            from chainatlas.graph.workspace.snapshot import Snapshot

            atlas = ca.Atlas(Snapshot(graph, SCHEMA))
        ca.gaps(atlas).in_language("zh")
    except ChainAtlasError as bad:
        return bool(bad.text("zh"))
    return False


def tried(ours: Path, folder: Path, kind: str, seeds: range) -> int:
    """Change a file by each seed; return how many were refused. Anything but a sentence fails."""
    count = 0
    for seed in seeds:
        chance, path = random.Random(f"{kind} {seed}"), folder / f"{seed}.{kind}"
        if kind == "xlsx":
            mangling.workbook(ours / "x.xlsx", chance, path)
        else:
            text = (ours / f"x.{kind}").read_text(encoding="utf-8")
            path.write_bytes(mangling.KINDS[kind](text, chance))
        try:
            count += held(path, folder / f"w{seed}")
        except Exception as bad:  # noqa: BLE001 - whatever it is, the seed is told
            pytest.fail(f"{kind}, seed {seed}: {bad!r}")
    return count


@pytest.mark.parametrize("kind", mangling.KINDS)
def test_a_changed_file_is_read_or_refused_in_a_sentence(ours: Path, tmp_path: Path, kind: str) -> None:
    assert 1 <= tried(ours, tmp_path, kind, range(8)) < 9


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*mangling.KINDS, "xlsx"])
def test_many_changed_files(ours: Path, tmp_path: Path, kind: str) -> None:
    assert nightly()
    count = 60 if kind == "xlsx" else 400
    assert tried(ours, tmp_path, kind, range(100, 100 + count)) > (0 if kind == "xlsx" else count / 5)
    record(f"exchange file changed in its structure ({kind})", count, count)
