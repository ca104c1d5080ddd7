"""A list of the shape of Taiwan's industry chains: 5,856 rows, traditional characters, codes of four digits."""

from __future__ import annotations

import random

import pytest

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

ROWS, CHAINS, SEGMENTS, LISTED, OTHERS = 5856, 28, 320, 1480, 420
TRADES = ["電機", "電子", "鋼鐵", "塑膠", "紡織", "機械", "電線", "資訊", "網路", "軟體"]
TRADES += ["光電", "醫療", "運輸", "營建", "觀光", "貿易", "藥業", "車輛", "顯示", "儲能"]
LOADED = tuple[LoadReport, Graph, list[tuple[str, str, str, str]]]


def source() -> list[tuple[str, str, str, str]]:
    """Return (name, code, chain, segment) of each row; every firm, chain and segment stands in some row."""
    dice = random.Random(13)
    codes = dice.sample(range(1101, 9999), LISTED)
    firms = [(f"示例{TRADES[n % 20]}{n:04d}股份有限公司", str(code)) for n, code in enumerate(codes)]
    firms += [(f"示例外國{TRADES[n % 20]}{n:04d}公司", ("", "無", "-")[n % 3]) for n in range(OTHERS)]
    segments = [(f"示例產業鏈{n % CHAINS:02d}", f"{TRADES[n // CHAINS]}環節{n:03d}") for n in range(SEGMENTS)]
    pairs = [(n % len(firms), n % SEGMENTS) for n in range(len(firms))]
    seen = set(pairs)
    while len(pairs) < ROWS:
        pair = dice.randrange(len(firms)), dice.randrange(SEGMENTS)
        if pair not in seen:
            seen.add(pair)
            pairs.append(pair)
    dice.shuffle(pairs)
    return [(*firms[a], *segments[b]) for a, b in pairs]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LOADED:
    folder = tmp_path_factory.mktemp("list")
    rows = source()
    path = folder / "企业.csv"
    head = "企业名称,股票代码,产业链,产业链环节"
    path.write_text("\n".join([head, *map(",".join, rows)]), encoding="utf-8")
    return load(folder / "w", [path]), Workspace.open(folder / "w").graph(), rows


def test_every_row_loads(loaded: LOADED) -> None:
    report, _, _ = loaded
    (sheet,) = report.sheets
    assert (sheet.read, sheet.rejected, sheet.cells, report.rejects) == (ROWS, 0, 0, ())
    assert sheet.new + sheet.unchanged + sheet.merged == ROWS


def test_firms_have_the_codes_of_the_source(loaded: LOADED) -> None:
    _, graph, rows = loaded
    firms = graph.nodes["Enterprise"].to_pylist()
    assert len(firms) == LISTED + OTHERS
    assert {f["name"]: f["tw_code"] for f in firms} == {r[0]: r[1] if r[1].isdigit() else None for r in rows}
    assert not {"stock_code", "hk_code", "ticker"} & set(graph.nodes["Enterprise"].column_names)


def test_chains_segments_and_links_are_those_of_the_source(loaded: LOADED) -> None:
    _, graph, rows = loaded
    assert len(graph.nodes["Chain"]) == CHAINS
    assert len(graph.nodes["Product"]) == SEGMENTS
    firms, products = (graph.nodes[k]["name"].to_pylist() for k in ("Enterprise", "Product"))
    links = graph.relations["PRODUCES"]
    base = dict(zip(graph.nodes, _starts(graph), strict=True))
    made = {
        (firms[a - base["Enterprise"]], products[b - base["Product"]])
        for a, b in zip(links["src"].to_pylist(), links["dst"].to_pylist(), strict=True)
    }
    assert made == {(r[0], r[3]) for r in rows}
    assert len(links) == len(made) == ROWS


def _starts(graph: Graph) -> list[int]:
    starts, at = [], 0
    for table in graph.nodes.values():
        starts.append(at)
        at += len(table)
    return starts


def test_marks_for_no_code_are_told(loaded: LOADED) -> None:
    report, _, rows = loaded
    assert report.read_as == {"marks": {"無": sum(r[1] == "無" for r in rows), "-": sum(r[1] == "-" for r in rows)}}
