"""Partners, resources, network, profiles, data and trials, by hand."""

from __future__ import annotations

import csv
import io
import re
from importlib.resources import files
from typing import Any

import probes
import pytest
import synthetic
from playwright.sync_api import expect
from synthetic_more import CRITERIA, need
from waiting import arrived, drawn, left

VIEWS = ("overview", "chain", "gaps", "partners", "resources", "network", "profiles", "sources")
ADDRESSES = {
    "overview": "#view=overview&city=city-3", "chain": "#view=chain&chain=chain-0&place=city-3&sel=link-14",
    "gaps": "#view=gaps&chain=chain-0&place=city-3&sel=link-1", "partners": "#view=partners&place=city-3&sel=link-14",
    "resources": "#view=resources&chain=chain-0&place=city-3&sel=link-14&cell=0",
    "network": "#view=network&sel=link-14", "profiles": "#view=profiles&kind=Enterprise&q=firm-17",
    "sources": "#view=sources", "facts": "#view=sources&tab=facts&chain=chain-0&place=sd",
}  # fmt: skip
# Where the words' contrast is measured, and what axe cannot tell: the ground under a hatch.
SERIOUS = ("serious", "critical")


def _order(page: Any) -> list[str]:
    return list(page.locator("[data-candidate] .name").all_inner_texts())


def _weigh(page: Any, key: str, value: float, event: str = "input") -> None:
    page.locator(f"[data-weight={key}]").evaluate(
        "(e, [value, event]) => { e.value = value; e.dispatchEvent(new Event(event, { bubbles: true })); }",
        [value, event],
    )


def test_weights_rank_again_at_once_within_the_tiers(open_page: Any) -> None:
    page = open_page(ADDRESSES["partners"])
    before, score = _order(page), page.locator(".candidate .score").all_inner_texts()
    tiers = page.locator(".tier").evaluate_all(
        "(all) => all.map((e) => [...e.querySelectorAll('.candidate-row .name')].map((n) => n.textContent))"
    )
    assert [len(some) for some in tiers] == [4, 5, 2]
    _weigh(page, "geography", 1)
    assert page.locator(".candidate .score").all_inner_texts() != score
    _weigh(page, "geography", 1, "change")
    arrived(page, r"[#&]w=")
    for key, *_ in CRITERIA:
        if key != "geography":
            _weigh(page, key, 0)
    # Distance alone: within each tier by kilometres, who is in the place first; the tiers hold.
    for tier, names in zip(page.locator(".tier").all(), tiers, strict=True):
        assert sorted(tier.locator(".candidate-row .name").all_inner_texts()) == sorted(names)
        found = [re.findall(r"(\d+) km", text) for text in tier.locator(".where").all_inner_texts()]
        far = [int(km[0]) if km else 0 for km in found]
        assert far == sorted(far)
    page.click("[data-act=reset]")
    page.wait_for_selector("[data-act=reset]", state="detached")
    assert _order(page) == before


def test_learned_and_stated_weights_both_rank_and_say_where_they_come_from(open_page: Any) -> None:
    page = open_page(ADDRESSES["partners"])
    assert page.inner_text(".weight-note") == "示例说明一"
    assert page.locator("[data-weight=capability]").input_value() == "0.1"
    page.click("[data-weights=stated]")
    arrived(page, r"[#&]ws=stated")
    assert page.inner_text(".weight-note") == "示例说明二"
    assert page.locator("[data-weight=capability]").input_value() == "0.3"


def test_what_is_unknown_counts_at_the_neutral_value(open_page: Any) -> None:
    data = synthetic.payload(chains=1)
    entity = next(i for i, e in enumerate(data["entities"]) if e["key"] == "institute-0")
    data["entities"][entity].update(home=None, place=None, place_name="")
    data["partners"]["needs"][0] = need([(entity, 1, 0)], [800])
    page = open_page("#view=partners&sel=link-0&place=city-9&ws=stated", payload=data)
    # .3·1 + .15·.8 + .1·.3, then neutral values: .1·0 + .12·.25 + .05·.2 + .05·.5 + .05·.1 + .04·.4 + .04·.6
    assert page.inner_text(".candidate .score") == f"{(4 - 1 + 0.56) / 4:.2f}"
    assert page.inner_text(".candidate .where") == "地点不详"


def test_a_tier_is_listed_while_fewer_than_enough_stand_above_it(open_page: Any) -> None:
    data = synthetic.payload(chains=1)
    data["produces"] = [{**fact, "link": 1} if fact["link"] == 0 else fact for fact in data["produces"]]
    firms = [i for i, e in enumerate(data["entities"]) if e["type"] == "Enterprise"][:4]
    data["partners"]["needs"][0] = need([(f, way, 0) for f, way in zip(firms, (0, 2, 3, 6), strict=True)], [0] * 4)
    data["partners"]["enough"] = 2
    page = open_page("#view=partners&sel=link-0&place=sd", payload=data)
    # One makes it, one may: two stand above the third tier.
    assert _order(page) == [data["entities"][f]["name"] for f in firms[:2]]


def test_nobody_able_is_a_sentence_and_no_table(open_page: Any) -> None:
    data = synthetic.payload(chains=1)
    data["partners"]["needs"][0] = need([], [])
    page = open_page("#view=partners&sel=link-0&place=city-9", payload=data)
    assert page.inner_text(".nobody") == f"示例：没有谁有能力做{data['links'][0]['name']}"
    assert page.locator(".candidate, .part-legend").count() == 0


def test_one_of_a_group_stands_for_it_and_who_belongs_to_a_maker_is_out(open_page: Any, visit: Any) -> None:
    data = synthetic.payload(chains=1)
    data["produces"] = [{**fact, "link": 1} if fact["link"] == 0 else fact for fact in data["produces"]]
    firms = [i for i, e in enumerate(data["entities"]) if e["type"] == "Enterprise"]
    a, b, c, d = firms[:4]
    data["partners"]["needs"][0] = need([(f, 6, 1) for f in (a, b, c, d)], [100, 900, 500, 400])
    data["partners"]["groups"] = [[a, b], [c, d]]
    page = open_page("#view=partners&sel=link-0&place=sd", payload=data)
    names = [data["entities"][f]["name"] for f in (a, b, c, d)]
    assert _order(page) == [names[1], names[2]]
    # The first of the group makes it in the place itself: neither it nor its sister is asked.
    data["produces"].append({**data["produces"][0], "link": 0, "enterprise": firms.index(a)})
    page = open_page("#view=partners&sel=link-0&place=sd", payload=data)
    assert _order(page) == [names[2]]


def test_candidate_opens_to_path_parts_and_source_rows(open_page: Any, picture: Any) -> None:
    page = open_page(ADDRESSES["partners"])
    page.locator("[data-candidate]").first.click()
    page.wait_for_selector(".candidate-detail")
    assert page.locator(".path-box").count() >= 2
    assert "第" in page.inner_text(".candidate-detail .evidence")
    picture(page, "partners_1440")
    with page.expect_download() as download:
        page.click(".partner-head .csv")
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [row["候选"] for row in rows] == _order(page)
    assert [row["名次"] for row in rows] == page.locator(".candidate .rank").all_inner_texts()


def test_no_candidate_makes_it_there_already(open_page: Any, visit: Any) -> None:
    page = open_page()
    data = synthetic.payload()
    for place in (0, 4, 7):
        here = {
            data["enterprises"][f["enterprise"]]["name"] for f in data["produces"]
            if f["link"] == 14 and (place == 0 or data["enterprises"][f["enterprise"]]["place"] == place)
        }  # fmt: skip
        visit(page, f"#view=partners&sel=link-14&place={data['places'][place]['key']}")
        assert not here & set(_order(page))


def test_cells_of_the_matrix_never_look_alike(open_page: Any, picture: Any) -> None:
    page = open_page("#view=resources&chain=chain-0&place=city-3")
    look = {}
    for state in ("direct", "through", "none", "unknown", "absent"):
        cell = page.locator(f"button.c-{state}").first
        look[state] = cell.evaluate(
            """(e) => { const s = getComputedStyle(e);
            return [s.backgroundImage !== 'none', s.backgroundColor, s.borderTopStyle, s.borderTopColor].join(' '); }"""
        )
        words = cell.inner_text()
        assert {"none": words == "无", "unknown": words == "?", "absent": words == "未载入"}.get(state, words.isdigit())
    assert len(set(look.values())) == len(look)
    page.locator("button.c-none").first.click()
    page.wait_for_selector(".resources-panel")
    panel = page.inner_text(".resources-panel")
    assert "查过，没有" in panel
    assert "下限0.50" in panel.replace(" ", "")
    page.keyboard.press("ArrowDown")
    picture(page, "resources_1440")
    page.locator("button.c-absent").first.click()
    expect(page.locator(".resources-panel")).to_contain_text("chainatlas load")
    with page.expect_download() as download:
        page.click(".bar .csv")
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) == page.locator("button.cell").count()


def test_network_opens_expands_hides_and_says_its_limit(open_page: Any, picture: Any) -> None:
    page = open_page("#view=network&sel=link-14")
    chips = page.locator(".net-chip").count()
    assert chips > 4
    assert page.locator(".net-edges path").count() >= chips
    page.locator(".net-open").first.click()
    expect(page.locator(".net-chip").nth(chips)).to_be_attached()
    drawn(page)
    assert probes.unsound(page) == []
    picture(page, "network_1440")
    page.click(".chip[data-type=Enterprise]")
    arrived(page, r"[#&]hide=")
    assert page.locator(".net-block", has_text="企业").count() == 0
    page.click(".chip[data-type=Enterprise]")
    page.locator(".net-name").nth(2).click()
    page.wait_for_selector("[data-act=centre]")
    name = page.inner_text(".net-panel h2")
    page.click("[data-act=centre]")
    expect(page.locator(".net-centre")).to_contain_text(name)


def test_network_limit_is_said(open_page: Any, visit: Any) -> None:
    page = open_page("#view=network&chain=chain-0&rows=60")
    for n in range(24):
        if page.locator(".net-limit").count():
            break
        button = page.locator(".net-open[aria-expanded=false]").nth(n % 12)
        before = page.url
        button.click()
        left(page, before)
    assert "60" in page.inner_text(".net-limit")
    assert page.locator(".net-chip").count() <= 60


def test_lines_of_the_network_pass_under_nothing(open_page: Any) -> None:
    page = open_page("#view=network&sel=link-14")
    page.locator(".net-open").first.click()
    page.wait_for_selector(".net-open[aria-expanded=true]")
    drawn(page)
    under = page.evaluate(probes.EDGES_UNDER.replace(".plane .lines path.edge", ".net-edges path").replace(
        ".card, .group-head > *, .note, .stage-title > *", ".net-chip, .net-centre, .net-block h3"))  # fmt: skip
    assert under == []


def test_profiles_tell_what_is_known_with_its_sources(open_page: Any, picture: Any) -> None:
    data = synthetic.payload()
    page = open_page("#view=profiles&kind=Enterprise&q=firm-17")
    made = {f["link"] for f in data["produces"] if f["enterprise"] == 17}
    assert f"做{len(made)}个环节" in page.inner_text(".profile-main h1").replace(" ", "")
    assert page.locator(".profile-strip i").count() == len(made)
    assert "示例名录 第" in page.inner_text(".profile-main .evidence")
    picture(page, "profiles_1440")
    page.fill(".filter", "企业02")
    assert page.locator(".profile-item").count() == 10
    page.select_option("[data-pick=type]", "Platform")
    arrived(page, r"[#&]kind=Platform")
    assert "示例平台" in page.inner_text(".profile-main h1")


def test_data_lists_loads_rejects_and_facts(open_page: Any, visit: Any, picture: Any) -> None:
    page = open_page("#view=sources")
    page.click("[data-tab=loads]")
    arrived(page, r"[#&]tab=loads")
    assert "校验位不对" in page.inner_text(".sources")
    page.click("[data-tab=facts]")
    page.wait_for_selector(".chip[data-status=missing]")
    page.click(".chip[data-status=single_source]")
    arrived(page, r"[#&]fs=single_source")
    data = synthetic.payload()
    single = data["verdicts"][0]["status"].count("s")
    assert page.locator(".sources tbody tr").count() == single
    picture(page, "sources_facts_1440")


def test_trial_shows_what_changes_and_undoes_it(open_page: Any, picture: Any) -> None:
    data = synthetic.payload()
    status = data["verdicts"][4]["status"]
    link = next(i for i in range(28) if status[i] == "m")
    page = open_page(f"#view=chain&chain=chain-0&place=city-3&sel=link-{link}")
    assert page.locator(f".card[data-link='{link}']").get_attribute("data-status") == "missing"
    page.click("[data-act=try]")
    page.wait_for_selector(".trial")
    assert page.locator(f".card[data-link='{link}']").get_attribute("data-status") == "single_source"
    assert "→" in page.inner_text(".trial")
    assert probes.unsound(page) == []
    picture(page, "trial_1440")
    page.reload()
    page.wait_for_selector(".trial")
    page.click("[data-act=untry]")
    page.wait_for_selector(".trial", state="detached")
    assert page.locator(f".card[data-link='{link}']").get_attribute("data-status") == "missing"


def test_trial_of_a_leaver(open_page: Any) -> None:
    data = synthetic.payload()
    link = next(i for i in range(28) if data["verdicts"][0]["status"][i] == "s")
    page = open_page(f"#view=chain&chain=chain-0&place=sd&sel=link-{link}")
    page.locator(".leave").first.click()
    page.wait_for_selector(".trial")
    assert page.locator(f".card[data-link='{link}']").get_attribute("data-status") == "missing"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page: Any, visit: Any, scheme: str) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page = open_page(color_scheme=scheme)
    # The page's policy lets no script in: axe comes by the debugger.
    page.evaluate(axe)
    found = {}
    for view, address in ADDRESSES.items():
        visit(page, address)
        result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        bad = [
            (v["id"], v["nodes"][0]["html"][:160], len(v["nodes"]))
            for v in result["violations"]
            if v["impact"] in SERIOUS
        ]
        if bad:
            found[view] = bad
    assert found == {}
