"""Chokepoints: the score by hand, published concentrations, and the ETO data where they are at hand."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.losses.bottlenecks import bottlenecks
from chainatlas.queries.losses.market_shares import Market, market_shares

COUNTRIES = {"中国": "CHN", "荷兰": "NLD", "日本": "JPN", "美国": "USA"}


@pytest.mark.parametrize(
    ("shares", "hhi", "effective"), [((0.6, 0.4), 0.52, 1.923), ((0.53, 0.4, 0.07), 0.4458, 2.243), ((1.0,), 1.0, 1.0)]
)
def test_hhi_and_effective_number(shares: tuple[float, ...], hhi: float, effective: float) -> None:
    market = Market(dict(enumerate(shares)), "stated")
    assert market.hhi == pytest.approx(hhi, abs=5e-5)
    assert 1 / market.hhi == pytest.approx(effective, abs=5e-4)


def shares(*rows: tuple[str, str, float], unit: str = "%", as_of: str = "2024") -> list[dict[str, Any]]:
    common = {"source": "年报", "measure": "市场份额", "unit": unit, "as_of": as_of}
    return [{**common, "subject": s, "place": p, "value": v} for s, p, v in rows]


def chips(statistics: list[dict[str, Any]], more: Rows | None = None) -> Atlas:
    """Chip needs tools and resist A or B; EUV and DUV are kinds of tools; a second end product needs resist A only."""
    nodes: Rows = {"Region": [{"name": n, "code": c, "level": "国家"} for n, c in COUNTRIES.items()],
                   "Chain": named("芯片链"),
                   "Product": named("芯片", "工具", "EUV", "DUV", "胶A", "胶B", "器件")}  # fmt: skip
    relations: Rows = {
        **edges("INPUT_OF", "Product", "Product", ("工具", "芯片"), ("胶A", "芯片", {"group": "胶"}),
                ("胶B", "芯片", {"group": "胶"}), ("胶A", "器件")),
        **edges("KIND_OF", "Product", "Product", ("EUV", "工具"), ("DUV", "工具")),
        **edges("IN_CHAIN", "Product", "Chain", *((p["name"], "芯片链") for p in nodes["Product"])),
        **(more or {}),
    }  # fmt: skip
    return atlas_of(batch(nodes, relations, {"Statistic": statistics}))


def asked(atlas: Atlas, **more: Any) -> dict[str, dict[str, Any]]:
    return {r["link"]: r for r in bottlenecks(atlas, kind="chokepoint", chain="芯片链", **more).rows}


def test_the_score_is_the_product_of_its_factors() -> None:
    found = asked(chips(shares(("EUV", "荷兰", 100), ("胶B", "日本", 60), ("胶B", "美国", 20), ("胶B", "中国", 20))))
    euv, resist = found["EUV"], found["胶B"]
    # EUV goes, as a kind of 工具, into one of two end products; nobody else makes it.
    assert (euv["importance"], euv["domestic_share"], euv["foreign_hhi"], euv["substitutability"]) == (0.5, 0, 1, 0)
    assert euv["chokepoint"] == 0.5
    # 胶B: one of two end products, 1 − .2, foreign (.75² + .25²) = .625, one alternative: 1 − 1/2.
    assert resist["foreign_hhi"] == pytest.approx(0.625)
    assert (resist["substitutes"], resist["substitutability"]) == (["胶A"], 0.5)
    assert resist["chokepoint"] == pytest.approx(0.5 * 0.8 * 0.625 * 0.5)
    assert list(found) == ["EUV", "胶B"], "ranked"
    assert resist["largest"] == "日本 60.0%"


def test_what_stands_alone_somewhere_is_not_substitutable() -> None:
    """胶A has an alternative in 芯片 and none in 器件: the hardest use counts, and it goes into both ends."""
    row = asked(chips(shares(("胶A", "日本", 100))))["胶A"]
    assert (row["importance"], row["substitutes"], row["chokepoint"]) == (1, [], 1)


def test_kinds_are_no_end_products() -> None:
    from chainatlas.queries.atlas.chain_links import find_chain

    atlas = chips([])
    ends = find_chain(atlas, "芯片链").ends
    assert sorted(atlas.snapshot.name(atlas.makers.node(int(i))) for i in ends) == ["器件", "芯片"]


def test_the_part_without_a_country_counts_as_dispersed() -> None:
    row = asked(chips(shares(("EUV", "荷兰", 50))))["EUV"]
    assert (row["coverage"], row["foreign_hhi"]) == (0.5, 0.25)


def test_the_newest_date_counts_and_shares_may_be_fractions() -> None:
    old = shares(("EUV", "日本", 100), as_of="2019")
    row = asked(chips([*old, *shares(("EUV", "荷兰", 0.9), ("EUV", "中国", 0.1), unit="")]))["EUV"]
    assert (row["domestic_share"], row["largest"], row["as_of"]) == (0.1, "荷兰 90.0%", "2024")


def test_links_without_shares_are_counted_not_scored() -> None:
    result = bottlenecks(chips(shares(("EUV", "荷兰", 100))), kind="chokepoint", chain="芯片链")
    assert [r["link"] for r in result.rows] == ["EUV"]
    assert "6 个环节没有份额数据" in result.notes_in("zh")[0]


def test_another_country_may_be_the_domestic_one() -> None:
    given = shares(("EUV", "荷兰", 100))
    assert asked(chips(given), place="荷兰")["EUV"]["chokepoint"] is None, "nothing comes from abroad"
    assert asked(chips(given), place="日本")["EUV"]["chokepoint"] == 0.5
    nowhere = atlas_of(batch({"Chain": named("芯片链"), "Product": named("a")},
                             edges("IN_CHAIN", "Product", "Chain", ("a", "芯片链"))))  # fmt: skip
    with pytest.raises(QueryError, match="国内"):
        asked(nowhere)


def test_outputs_of_makers_stand_in_where_all_are_known() -> None:
    more: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", ("asml", "EUV", {"capacity": 30.0, "capacity_unit": "台"}),
                ("国产", "EUV", {"capacity": 10.0, "capacity_unit": "台"})),
        **edges("LOCATED_IN", "Enterprise", "Region", ("asml", "荷兰"), ("国产", "中国")),
    }  # fmt: skip
    nodes: Rows = {"Region": [{"name": n, "code": c, "level": "国家"} for n, c in COUNTRIES.items()],
                   "Chain": named("芯片链"), "Product": named("EUV"), "Enterprise": named("asml", "国产")}  # fmt: skip
    atlas = atlas_of(batch(nodes, {**more, **edges("IN_CHAIN", "Product", "Chain", ("EUV", "芯片链"))}))
    row = asked(atlas)["EUV"]
    assert (row["domestic_share"], row["ground"], row["foreign_hhi"]) == (0.25, "outputs", 1.0)


def test_every_row_leads_to_the_rows_of_the_statistic() -> None:
    result = bottlenecks(chips(shares(("EUV", "荷兰", 100))), kind="chokepoint", chain="芯片链")
    facts = result.explain(0).in_language("zh").rows
    assert facts[0]["fact"] == "荷兰 占 EUV 的市场份额 100%"
    assert (facts[0]["source"], facts[0]["as_of"]) == ("年报", "2024")
    assert "行" in facts[0]["source_ref"]


# ETO's chip explorer -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eto(shared: Path) -> Atlas:
    """The tables as rows: inputs, what goes into what, kinds, countries' shares ("Various countries" is nobody)."""
    folder = shared / "data" / "eto"
    name = {r["input_id"]: r["input_name"] for r in rows(folder / "inputs.csv")}
    country = {r["provider_id"]: r for r in rows(folder / "providers.csv")
               if r["provider_type"] == "country" and r["provider_name"] != "Various countries"}  # fmt: skip
    pairs = {relation: {(name[r["input_id"]], name[r[column]]) for r in rows(folder / "sequence.csv") if r[column]}
             for relation, column in (("INPUT_OF", "goes_into_id"), ("KIND_OF", "is_type_of_id"))}  # fmt: skip
    nodes: Rows = {
        "Region": [{"name": r["alias"], "code": r["provider_name"], "level": "国家"} for r in country.values()],
        "Chain": named("先进半导体"), "Product": named(*name.values()),
    }  # fmt: skip
    relations: Rows = {
        **edges("INPUT_OF", "Product", "Product", *sorted(pairs["INPUT_OF"])),
        **edges("KIND_OF", "Product", "Product", *sorted(pairs["KIND_OF"])),
        **edges("IN_CHAIN", "Product", "Chain", *((p, "先进半导体") for p in name.values())),
    }  # fmt: skip
    statistic = [{"source": r["source"] or "ETO", "measure": "市场份额", "subject": name[r["provided_id"]],
                  "place": country[r["provider_id"]]["alias"], "value": float(r["share_provided"]), "unit": "%",
                  "as_of": r["year"]}
                 for r in rows(folder / "provision.csv")
                 if r["provider_id"] in country and r["provided_id"] in name and r["share_provided"]]  # fmt: skip
    return atlas_of(batch(nodes, relations, {"Statistic": statistic}))


def test_eto_concentrations(eto: Atlas) -> None:
    market = {eto.snapshot.name(eto.makers.node(i)): m for i, m in market_shares(eto).items()}
    assert market["EUV lithography tools"].hhi == pytest.approx(1.0)
    assert market["Electronic design automation software"].hhi == pytest.approx(0.9228, abs=5e-5)
    assert market["Photomasks"].hhi == pytest.approx(0.4458, abs=5e-5)


def test_eto_chinas_share_is_below_a_tenth_nearly_everywhere(eto: Atlas, shared: Path) -> None:
    """76 of 96 in the raw rows: three of the 96 are whole stages (one of them below a tenth), and two
    inputs have no named country at all; 73 of 91 are left, and each is as in the raw rows."""
    folder = shared / "data" / "eto"
    countries = {r["provider_id"] for r in rows(folder / "providers.csv") if r["provider_type"] == "country"}
    raw: dict[str, float] = {}
    for row in rows(folder / "provision.csv"):
        if row["provider_id"] in countries and row["share_provided"]:
            china = float(row["share_provided"]) if row["provider_id"] == "P2" else 0.0
            raw[row["provided_id"]] = raw.get(row["provided_id"], 0.0) + china
    assert (sum(v < 10 for v in raw.values()), len(raw)) == (76, 96)
    name = {r["input_id"]: r["input_name"] for r in rows(folder / "inputs.csv")}
    found = {r["link"]: r["domestic_share"] for r in bottlenecks(eto, kind="chokepoint").rows}
    assert (sum(v < 0.1 for v in found.values()), len(found)) == (73, 91)
    assert found == {name[k]: pytest.approx(v / 100, abs=1e-4) for k, v in raw.items() if name.get(k) in found}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_eto_euv_lithography_is_among_the_first_five(eto: Atlas) -> None:
    found = bottlenecks(eto, kind="chokepoint").rows
    assert "EUV lithography tools" in [r["link"] for r in found[:5]]
    scores = [r["chokepoint"] for r in found if r["chokepoint"] is not None]
    assert scores == sorted(scores, reverse=True)
    assert all(r["chokepoint"] == pytest.approx(r["importance"] * (1 - r["domestic_share"]) * r["foreign_hhi"]
                                                * (1 - r["substitutability"]), abs=2e-4)
               for r in found if r["chokepoint"] is not None)  # fmt: skip
