"""The page as seen: nothing cut, small, faint or crossed, at every size, scheme and on paper."""

from __future__ import annotations

import re
from typing import Any

import probes
import pytest
from waiting import drawn

ADDRESSES = {
    "overview": "#view=overview&city=city-3",
    "chain": "#view=chain&chain=chain-0&place=city-3&sel=link-14",
    "chain_plain": "#view=chain&chain=chain-3&place=sd",
    "gaps": "#view=gaps&chain=chain-0&place=city-3&sel=link-1",
    "partners": "#view=partners&place=city-3&sel=link-14",
    "resources": "#view=resources&chain=chain-0&place=city-3&sel=link-14&cell=0",
    "network": "#view=network&chain=chain-0&place=city-3&sel=link-14",
    "profiles": "#view=profiles&place=sd&kind=Enterprise&q=firm-17",
    "sources": "#view=sources",
    "facts": "#view=sources&tab=facts&chain=chain-0&place=sd",
    "loads": "#view=sources&tab=loads",
}
SIZES = {"1440": (1440, 900), "1280": (1280, 800), "phone": (390, 844)}


def _sound(page: Any) -> None:
    assert probes.unsound(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_text_is_whole_and_legible_in_both_languages(open_page: Any, visit: Any, picture: Any, size: str) -> None:
    page = open_page(size=SIZES[size])
    found = {}
    for lang in ("zh", "en"):
        for view, address in ADDRESSES.items():
            visit(page, f"{address}&lang={lang}")
            picture(page, f"{view}_{size}_{lang}")
            found[view, lang] = probes.unsound(page)
    assert {where: faults for where, faults in found.items() if faults} == {}


def test_dark_scheme_is_legible(open_page: Any, visit: Any, picture: Any) -> None:
    page = open_page(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    found = {}
    for view, address in ADDRESSES.items():
        visit(page, address)
        picture(page, f"{view}_dark_1440")
        found[view] = probes.unsound(page)
    assert {where: faults for where, faults in found.items() if faults} == {}


@pytest.mark.parametrize("links", [12, 20, 28, 40, 62, 80])
def test_no_line_under_a_card_or_label(open_page: Any, picture: Any, links: int) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd", links=links, chains=2)
    for size, (width, height) in SIZES.items():
        if size == "phone":
            continue
        page.set_viewport_size({"width": width, "height": height})
        drawn(page)
        picture(page, f"chain{links}_{size}")
        assert page.locator(".plane .lines path.edge").count() >= links // 2
        assert page.evaluate(probes.EDGES_UNDER) == []
        _sound(page)


def test_no_line_under_a_card_in_many_chains(open_page: Any, visit: Any) -> None:
    page = open_page()
    found = {}
    for chain in range(1, 18):
        visit(page, f"#view=chain&chain=chain-{chain}&place=city-{chain % 16}")
        found[chain] = page.evaluate(probes.EDGES_UNDER)
    assert {chain: under for chain, under in found.items() if under} == {}


def test_blocks_are_legible(open_page: Any, picture: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd&sel=link-60", links=150, chains=2)
    picture(page, "chain150_1440")
    _sound(page)


@pytest.mark.parametrize("size", ["1440", "phone"])
def test_hostile_names_are_only_text(open_page: Any, visit: Any, picture: Any, size: str) -> None:
    page = open_page(hostile=True, size=SIZES[size])
    for view in ("overview", "chain", "gaps", "partners", "resources", "network", "profiles", "sources"):
        visit(page, f"#view={view}")
        picture(page, f"hostile_{view}_{size}")
        assert page.locator("main img, main iframe, main a[href^='javascript']").count() == 0
        assert "<img src=x" in page.content().replace("&lt;", "<")
        if view == "chain":
            page.locator(".card").first.click()
            page.wait_for_selector(".panel .panel-title")
            assert page.evaluate(probes.EDGES_UNDER) == []
        if view == "gaps":
            page.locator("tr.gap").first.click()
        assert page.evaluate(probes.SIDEWAYS) <= 0
        assert page.evaluate(probes.on(probes.CLIPPED)) == []


def test_hostile_names_survive_search_and_address(open_page: Any) -> None:
    page = open_page(hostile=True)
    page.fill(".search input", "<img")
    page.wait_for_selector(".found button")
    page.keyboard.press("Enter")
    page.wait_for_selector("main.view-chain .card.chosen")
    page.reload()
    page.wait_for_selector("main.view-chain .card.chosen")


def test_paper(open_page: Any, visit: Any, picture: Any) -> None:
    page = open_page(color_scheme="dark")
    for view, address in ADDRESSES.items():
        visit(page, address)
        assert probes.paper(page, lambda view=view: picture(page, f"print_{view}")) == []


def test_long_chains_print_as_tables(open_page: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd", links=150, chains=2)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".sheet .listing tbody tr").count() >= 150


def test_phone_sheet_shows_the_way_through(open_page: Any, picture: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=city-3", size=SIZES["phone"], has_touch=True, is_mobile=True)
    assert page.locator(".rail button").count() == 3
    page.locator(".card[data-link='14']").tap()
    page.wait_for_selector(".panel .flow")
    card = page.locator(".card.chosen").bounding_box()
    sheet = page.locator(".panel").bounding_box()
    assert card["y"] + card["height"] <= sheet["y"] + 1
    assert page.locator(".flow-chip").count() >= 3
    picture(page, "chain_phone")


def test_touch_targets_on_the_phone(open_page: Any, visit: Any) -> None:
    page = open_page(size=SIZES["phone"], has_touch=True, is_mobile=True)
    for view in ADDRESSES:
        visit(page, ADDRESSES[view])
        small = page.evaluate("""() => [...document.querySelectorAll('main button, .pick, .head .icon')]
          .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43)
          .map((e) => e.className + ' ' + e.getBoundingClientRect().height)""")
        assert small == []


def test_reduced_motion_has_none(open_page: Any) -> None:
    page = open_page("#view=chain", reduced_motion="reduce")
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every((e) => parseFloat(getComputedStyle(e).transitionDuration) === 0)"
    )


def test_policy_forbids_everything_else(open_page: Any) -> None:
    page = open_page()
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    script = re.search(r"script-src ([^;]*)", policy).group(1)
    assert all(part.startswith("'sha256-") for part in script.split())
