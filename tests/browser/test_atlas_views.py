"""The page by hand: views, address, search, filters, panel, keyboard, language."""

from __future__ import annotations

import csv
import io
import re
from itertools import product
from typing import Any

import probes
import pytest
import synthetic
from playwright.sync_api import expect
from synthetic_facts import CITIES
from waiting import arrived, drawn, left

from chainatlas.views import atlas

VIEWS = ("overview", "chain", "gaps", "partners", "resources", "network", "profiles", "sources")


def _numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", text.replace(",", ""))]


def test_each_view_opens_by_clicking(open_page: Any, picture: Any) -> None:
    page = open_page()
    for view in VIEWS:
        page.click(f".nav a[data-view={view}]")
        page.wait_for_selector(f"main.view-{view}")
        assert page.locator(".nav a[aria-current=page]").get_attribute("data-view") == view
        picture(page, f"{view}_1440")


def test_every_tab_is_a_view(open_page: Any) -> None:
    page = open_page()
    assert page.locator(".nav a").all_inner_texts() == ["总览", "链图", "缺口", "伙伴", "资源", "网络", "档案", "数据"]


def test_headline_is_computed(open_page: Any) -> None:
    data = synthetic.payload()
    page = open_page(payload=data)
    products = [i for i, link in enumerate(data["links"]) if link["type"] == "product"]
    status = [data["verdicts"][0]["status"][i] for i in products]
    made = sum(data["verdicts"][0]["producers"][i] > 0 for i in products)
    firm = sum(data["verdicts"][0]["status"][i] == "m" and data["verdicts"][0]["firm"][i] for i in products)
    assert 0 < firm < status.count("m")
    told = _numbers(page.inner_text("h1"))
    assert told[:3] == [len(products), made, status.count("s")]
    # What is not found among a few is never added to what is missing.
    assert firm in told[3:]
    assert status.count("m") not in told


def test_first_picture_is_the_whole_first_view(open_page: Any) -> None:
    """Nothing is fetched, built or waited for after it: benchmarks/page.py tells how soon it comes."""
    page = open_page()
    page.reload()
    page.wait_for_selector("main.view-overview .kpis")
    before = page.locator("#app").evaluate("(e) => e.outerHTML")
    page.evaluate(
        "() => new Promise((done) => new PerformanceObserver(done).observe({ type: 'paint', buffered: true }))"
    )
    drawn(page)
    assert page.locator("#app").evaluate("(e) => e.outerHTML") == before


def test_back_returns_to_place_and_selection(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=city-3")
    page.click(".card[data-link='14']")
    page.wait_for_selector(".panel .panel-title")
    assert "sel=link-14" in page.url
    page.click(".card[data-link='0']")
    arrived(page, r"[#&]sel=link-0(&|$)")
    page.go_back()
    expect(page.locator(".card.chosen")).to_have_attribute("data-link", "14")
    page.go_back()
    expect(page.locator(".card.chosen")).to_have_count(0)
    assert page.locator("[data-pick=place]").input_value() == "city-3"


def test_address_opens_the_same_picture(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-2&place=city-5&off=missing")
    assert page.locator("[data-pick=chain]").input_value() == "chain-2"
    assert page.locator(".card.off").count() == page.locator(".card[data-status=missing]").count()
    assert page.locator(".chip[data-status=missing]").get_attribute("aria-pressed") == "false"


def test_broken_addresses_open_something(open_page: Any) -> None:
    for address in (
        "#view=nothing&chain=x",
        "#%E0%A4%A",
        "#view=chain&sel=%zz&place=nowhere",
        "#__proto__=1&view=gaps&sort=constructor&st=__proto__",
    ):
        assert open_page(address).locator("main > *").count() > 0


def test_language_switch_keeps_the_state(open_page: Any, picture: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=city-3&sel=link-14")
    page.click("[data-lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.locator(".nav a").first.inner_text() == "Overview"
    assert page.inner_text(".panel-title h2") == "示例隔膜"
    picture(page, "chain_en_1440")
    page.click("[data-lang=zh]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_page_can_open_in_english(open_page: Any) -> None:
    page = open_page(lang="en")
    chrome = page.inner_text(".head .nav") + page.inner_text(".kpis dt >> nth=0")
    assert not re.search(r"[\u4e00-\u9fff]", chrome)


def test_search_finds_links_enterprises_clusters(open_page: Any, visit: Any) -> None:
    page = open_page()
    for text, view in (("隔膜", "chain"), ("示例企业017", "profiles"), ("示例链05", "profiles")):
        visit(page, "#view=overview")
        page.keyboard.press("/")
        page.keyboard.type(text)
        page.wait_for_selector(".found button")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"main.view-{view}")
        assert text in page.inner_text("main")
        assert page.locator(".found").is_hidden()


def test_search_says_when_nothing_is_found(open_page: Any) -> None:
    page = open_page()
    page.fill(".search input", "没有这个名字")
    assert "没有找到" in page.inner_text(".found")


def test_panel_says_why_how_sure_and_where_from(open_page: Any) -> None:
    data = synthetic.payload()
    verdict = data["verdicts"][4]
    link = next(i for i, s in enumerate(verdict["status"][:28]) if s == "m")
    page = open_page(f"#view=chain&chain=chain-0&place=city-3&sel=link-{link}", payload=data)
    panel = page.inner_text(".panel")
    assert "缺环（示例企业范围）" in panel
    assert "没有查到" in panel
    assert f"{verdict['coverage'][link]:.2f}" in panel
    assert "下限0.50" in panel.replace(" ", "")
    order = [panel.index(word) for word in ("为什么", "判定把握", "最近的生产者", "证据")]
    assert order == sorted(order)


def test_panel_lists_all_evidence_and_exports_it(open_page: Any) -> None:
    data = synthetic.payload()
    link = max(range(28), key=lambda i: sum(f["link"] == i for f in data["produces"]))
    page = open_page(f"#view=chain&chain=chain-0&place=sd&sel=link-{link}", payload=data)
    page.click("[data-evidence=all]")
    facts = sum(f["link"] == link for f in data["produces"])
    assert page.locator(".evidence li").count() >= facts
    with page.expect_download() as download:
        page.click(".panel-actions button")
    text = download.value.path().read_text("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == facts + 1


def test_selection_moves_nothing_and_dims_only_lines(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd")
    where = (
        "[...document.querySelectorAll('.card')].map((e) => [e.offsetParent.offsetLeft, e.getBoundingClientRect().top])"
    )
    before = page.evaluate(where)
    page.click(".card[data-link='14']")
    page.wait_for_selector(".card.chosen")
    assert page.evaluate(where) == before
    assert page.locator(".edge.lit").count() > 0
    assert page.evaluate("[...document.querySelectorAll('.card')].every((e) => getComputedStyle(e).opacity === '1')")


def test_keyboard_walks_along_lines(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd&sel=link-6")
    page.focus(".card.chosen")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.link") == "14"
    page.keyboard.press("Enter")
    expect(page.locator(".card.chosen")).to_have_attribute("data-link", "14")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.link") != "14"
    page.keyboard.press("Escape")
    expect(page.locator(".card.chosen")).to_have_count(0)


def test_recycling_is_a_note_that_jumps(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd")
    note = page.locator(".note")
    assert note.inner_text().replace("\n", "").startswith("回到")
    note.click()
    page.wait_for_selector(".card.chosen[data-link='1']")


def test_alternatives_share_a_bracket(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd")
    assert page.locator(".or-disc").count() == 3
    assert page.locator(".bracket").count() >= 3


def test_technology_layer_switches_off(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd")
    assert page.locator(".card .tech").count() > 0
    page.click("[data-act=tech]")
    expect(page.locator(".card .tech")).to_have_count(0)
    assert "tech=0" in page.url


@pytest.mark.parametrize(
    ("links", "mark"), [(12, ".card"), (28, ".card .second-line"), (62, ".card.compact"), (150, ".block")]
)
def test_form_follows_the_number_of_links(open_page: Any, links: int, mark: str) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd", links=links, chains=2)
    assert page.locator(mark).count() > 0


def test_blocks_unfold(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd", links=150, chains=2)
    before = page.locator(".block .card").count()
    page.click("[data-fold=upstream]")
    page.wait_for_selector("[data-fold=upstream][aria-expanded=true]")
    assert page.locator(".block .card").count() > before


def test_more_than_two_hundred_start_from_one_end_product(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd", links=240, chains=2)
    assert page.locator("[data-pick=end]").count() == 1
    assert "不在其上游" in page.inner_text(".figures")


def test_gap_filters_narrow_table_and_quadrant(open_page: Any) -> None:
    page = open_page("#view=gaps&place=city-3")
    rows = "tr.gap"
    first = page.locator(rows).count()
    page.click(".chip[data-status=missing]")
    arrived(page, r"[#&]st=")
    assert 0 < page.locator(rows).count() < first
    page.click("[data-action=strengthen]")
    arrived(page, r"[#&]act=strengthen")
    assert set(page.locator("tr.gap td:nth-child(3)").all_inner_texts()) == {"强链"}
    page.select_option("[data-pick=chain]", "chain-0")
    arrived(page, r"[#&]chain=chain-0")
    shown = page.locator("tr.gap .meta").all_inner_texts()
    assert all("示例锂电" in text for text in shown if text.startswith("示例"))


def test_table_and_quadrant_choose_each_other(open_page: Any) -> None:
    page = open_page("#view=gaps&chain=chain-0&place=city-3")
    page.locator("tr.gap").nth(1).click()
    page.wait_for_selector("tr.gap[aria-selected=true]")
    name = page.inner_text("tr.gap[aria-selected=true] .name")
    assert name in page.inner_text(".gap-note")
    assert name in page.inner_text(".quadrant")
    page.locator(".spot:not(.chosen)").first.click()
    expect(page.locator("tr.gap[aria-selected=true] .name")).not_to_have_text(name)
    assert page.locator("tr.gap[aria-selected=true]").count() == 1


def test_box_in_the_quadrant_narrows_the_table(open_page: Any) -> None:
    page = open_page("#view=gaps&chain=chain-0&place=city-3")
    before = page.locator("tr.gap").count()
    box = page.locator(".quadrant").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.52, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    arrived(page, r"[#&]multi=")
    assert 0 < page.locator("tr.gap").count() < before
    page.click("[data-focus=clear]")
    arrived(page, r"[#&]multi=", there=False)
    assert page.locator("tr.gap").count() == before


def test_equal_gaps_share_a_sign_and_uncomputable_ones_a_strip(open_page: Any, picture: Any) -> None:
    data = synthetic.payload()
    mine = [gap for gap in data["gaps"] if gap["chain"] == 0 and gap["place"] == 4]
    for i, gap in enumerate(mine):
        gap.update(criticality=[1.0, 0.5, 0.0][i % 3], feasibility=[0.0, 0.5, 1.0, None][i % 4])
    page = open_page("#view=gaps&chain=chain-0&place=city-3", payload=data)
    page.wait_for_selector(".spot")
    counts = [int(n) for n in page.locator(".spot").evaluate_all("(all) => all.map((e) => e.dataset.count)")]
    assert sum(counts) == len(mine) == page.locator("tr.gap").count()
    assert "不能算" in page.inner_text(".quadrant")
    assert page.evaluate(probes.QUADRANT) == []
    stack = page.locator(".spot").nth(counts.index(max(counts)))
    named = set()
    for _ in range(max(counts)):
        before = page.url
        stack.click()
        left(page, before)
        page.wait_for_selector(".stack button[aria-current=true]")
        named.add(page.inner_text(".stack button[aria-current=true]"))
    assert len(named) == max(counts) == page.locator(".stack li").count()
    signs = page.locator(".stack .glyph").evaluate_all("(all) => all.map((e) => e.classList[1])")
    assert signs == sorted(
        signs, key=["g-missing", "g-single_source", "g-weak", "g-missing_narrow", "g-possible"].index
    )
    assert page.evaluate(probes.QUADRANT) == []
    picture(page, "gaps_stacks")


def test_insufficient_data_can_be_shown_beside_the_gaps(open_page: Any) -> None:
    page = open_page("#view=gaps&chain=chain-0&place=city-3")
    before = page.locator("tr.gap").count()
    page.click(".show-unknown")
    arrived(page, "unknown")
    assert page.locator("tr.gap").count() > before


def test_csv_holds_the_rows_shown(open_page: Any) -> None:
    page = open_page("#view=gaps&chain=chain-0&place=city-3&st=missing")
    with page.expect_download() as download:
        page.click(".csv")
    raw = download.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == page.locator("tr.gap").count()
    assert {row["状态"] for row in rows} == {"缺环"}
    assert [row["环节"] for row in rows] == page.locator("tr.gap .name").all_inner_texts()


def test_cells_of_csv_are_never_live(open_page: Any) -> None:
    page = open_page("#view=gaps", hostile=True)
    with page.expect_download() as download:
        page.click(".csv")
    text = download.value.path().read_text("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    live = [c for c in cells if c.lstrip(" \ufeff")[:1] in tuple("=+-@\t\r")]
    assert live == []
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


def test_map_selects_a_city_and_leads_to_its_chain(open_page: Any) -> None:
    page = open_page()
    assert page.locator(".tile").count() == 16
    assert "不可相加" in page.inner_text(".map")
    page.click(".tile[data-place=city-3]")
    page.wait_for_selector(".selected-line")
    page.click(".selected-line a")
    page.wait_for_selector("main.view-chain")
    assert page.locator("[data-pick=place]").input_value() == "city-3"


def test_cities_lie_on_the_map_as_they_do_in_the_land(open_page: Any) -> None:
    """By longitude and latitude, whatever the province: no two share a square, far east is right, far north is up."""
    page = open_page()
    script = "[...document.querySelectorAll('.tile')].map((e) => [e.querySelector('.name').textContent,"
    tiles = page.evaluate(f"{script} +getComputedStyle(e).gridColumnStart, +getComputedStyle(e).gridRowStart])")
    spots = {name: (column, row) for name, column, row in tiles}
    assert len(set(spots.values())) == len(tiles) == len(CITIES)
    for (a, east, north), (b, further, higher) in product(CITIES, CITIES):
        if further - east > 1.5:
            assert spots[b][0] > spots[a][0], (a, b)
        if higher - north > 1.5:
            assert spots[b][1] < spots[a][1], (a, b)


def test_city_without_data_is_dotted_not_zero(open_page: Any) -> None:
    page = open_page()
    tile = page.locator(".tile[data-place=city-10]")
    assert "none" in tile.get_attribute("class")
    assert "?" in tile.inner_text()


def test_empty_payload_says_what_to_load(open_page: Any, visit: Any, picture: Any) -> None:
    data = synthetic.payload(chains=1)
    empty = {
        **data,
        "sources": [],
        "coverage": [],
        "targets": [],
        "clusters": [],
        "chains": [],
        "links": [],
        "inputs": [],
        "requires": [],
        "enterprises": [],
        "produces": [],
        "hints": [],
        "gaps": [],
        "entities": [],
        "relations": [],
        "partners": None,
        "resources": None,
        "counts": {"clusters": 0, "chains": 0, "links": 0, "technologies": 0, "enterprises": 0},
        "verdicts": [
            {
                **v,
                "status": "",
                "avail": "",
                "subkind": [],
                "producers": [],
                "hints": [],
                "coverage": [],
                "named": [],
                "firm": [],
                "population": [],
                "confidence": [],
                "reason": [],
                "ground": [],
            }
            for v in data["verdicts"]
        ],
    }
    page = open_page(payload=empty)
    for view in VIEWS:
        visit(page, f"#view={view}")
        assert "chainatlas load" in page.inner_text("main")
        picture(page, f"empty_{view}")


def test_no_place_at_all_still_opens(open_page: Any) -> None:
    data = {
        **synthetic.payload(chains=1),
        "places": [],
        "verdicts": [],
        "gaps": [],
        "enterprises": [],
        "produces": [],
        "hints": [],
        "clusters": [],
    }
    assert open_page(payload=data).locator("main > *").count() > 0


def test_demo_and_scope_are_said_in_every_view(open_page: Any) -> None:
    page = open_page()
    for view in ("overview", "chain", "gaps", "partners", "network"):
        page.click(f".nav a[data-view={view}]")
        page.wait_for_selector(f"main.view-{view}")
        assert "判定只对示例企业成立" in page.inner_text("main")


def test_equal_payloads_give_equal_pages() -> None:
    assert atlas.render(synthetic.payload()) == atlas.render(synthetic.payload())


def test_page_is_small_enough_for_mail() -> None:
    """18 chains as large as the demonstration's, in 40 places, with most links missing."""
    data = synthetic.large(chains=18, products=70, places=40)
    assert len(data["places"]) == 40
    assert len(data["links"]) > 1300
    assert len(data["gaps"]) > 30_000
    assert len(atlas.render(data).encode()) <= 3_000_000


def test_targets_show_goal_once_and_dates_as_given(open_page: Any, visit: Any) -> None:
    data = synthetic.payload(chains=1)
    base = {"goal": 5.0, "value": None, "unit": "个", "state": "unknown", "source": "示例文件"}
    cases = [
        ("示例集群达到5个", "2015-12-31", "示例集群达到5个", "2015年末", "end of 2015"),
        ("示例到15个集群的一批", "2020", "示例到15个集群的一批 5个", "2020年末", "end of 2020"),
        ("示例丙", "2026-06", "示例丙 5个", "2026年6月", "June 2026"),
        ("示例丁", "2026-06-30", "示例丁 5个", "2026-06-30", "2026-06-30"),
        ("示例戊", None, "示例戊 5个", "未写期限", "no date"),
    ]
    data["targets"] = [{**base, "name": name, "due": due} for name, due, *_ in cases]
    page = open_page(payload=data)
    assert page.locator(".target .name").all_inner_texts() == [shown for _, _, shown, _, _ in cases]
    assert page.locator(".target .name b").all_inner_texts() == ["5个"] * len(cases)
    assert page.locator(".target .due").all_inner_texts() == [due for *_, due, _ in cases]
    visit(page, "#view=overview&lang=en")
    assert page.locator(".target .due").all_inner_texts() == [due for *_, due in cases]


def test_what_is_to_be_had_without_a_maker_alarms_nobody(open_page: Any, picture: Any) -> None:
    data = synthetic.payload()
    verdicts = data["verdicts"][4]
    link = next(i for i, letter in enumerate(verdicts["status"][:28]) if letter == "m" and verdicts["firm"][i])
    verdicts["status"] = verdicts["status"][:link] + "t" + verdicts["status"][link + 1 :]
    verdicts["subkind"][link] = None
    data["links"][link].update(primary=True, captive=True)
    page = open_page(f"#view=chain&chain=chain-0&place=city-3&sel=link-{link}", payload=data)
    card = page.locator(f".card[data-link='{link}']")
    assert card.inner_text().endswith("视为可得")
    assert "gradient" not in card.evaluate("(e) => getComputedStyle(e).backgroundImage")
    panel = page.inner_text(".panel")
    assert "视为可得" in panel
    assert "自用中间体" in panel
    counted = page.inner_text(".chip[data-status=missing] b")
    missing = [i for i, letter in enumerate(verdicts["status"][:28]) if letter == "m" and verdicts["firm"][i]]
    assert int(counted) == len(missing)
    picture(page, "chain_primary")


def test_wrong_language_or_format_is_refused() -> None:
    with pytest.raises(ValueError, match="lang"):
        atlas.render(synthetic.payload(chains=1), lang="fr")
    with pytest.raises(ValueError, match="format"):
        atlas.render({"format": 99})
