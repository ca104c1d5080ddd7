"""The page as seen: nothing cut, small, faint or crossed, at every size, scheme and on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import probes
import pytest

ADDRESSES = {
    "overview": "#view=overview&city=city-3",
    "chain": "#view=chain&chain=chain-0&place=city-3&sel=link-14",
    "chain_plain": "#view=chain&chain=chain-3&place=sd",
    "gaps": "#view=gaps&chain=chain-0&place=city-3&sel=link-1",
    "sources": "#view=sources",
}
SIZES = {"1440": (1440, 900), "1280": (1280, 800), "phone": (390, 844)}


def _sound(page: Any) -> None:
    assert page.evaluate(probes.on(probes.SMALL)) == []
    assert page.evaluate(probes.on(probes.CLIPPED)) == []
    assert page.evaluate(probes.on(probes.OVERLAPPING)) == []
    assert page.evaluate(probes.on(probes.FAINT)) == []
    assert page.evaluate(probes.SIDEWAYS) <= 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", ADDRESSES)
def test_text_is_whole_and_legible(open_page: Any, picture: Any, view: str, size: str) -> None:
    page = open_page(ADDRESSES[view], size=SIZES[size])
    picture(page, f"{view}_{size}")
    _sound(page)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", ADDRESSES)
def test_english_fits_too(open_page: Any, picture: Any, view: str, size: str) -> None:
    page = open_page(ADDRESSES[view], size=SIZES[size], lang="en")
    picture(page, f"{view}_{size}_en")
    _sound(page)


@pytest.mark.parametrize("view", ADDRESSES)
def test_dark_scheme_is_legible(open_page: Any, picture: Any, view: str) -> None:
    page = open_page(ADDRESSES[view], color_scheme="dark")
    picture(page, f"{view}_dark_1440")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    _sound(page)


@pytest.mark.parametrize("links", [12, 20, 28, 40, 62, 80])
@pytest.mark.parametrize("size", ["1440", "1280"])
def test_no_line_under_a_card_or_label(open_page: Any, picture: Any, links: int, size: str) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd", links=links, chains=2, size=SIZES[size])
    picture(page, f"chain{links}_{size}")
    assert page.locator(".plane .lines path.edge").count() >= links // 2
    assert page.evaluate(probes.EDGES_UNDER) == []
    _sound(page)


@pytest.mark.parametrize("chain", range(1, 18))
def test_no_line_under_a_card_in_many_chains(open_page: Any, chain: int) -> None:
    page = open_page(f"#view=chain&chain=chain-{chain}&place=city-{chain % 16}")
    assert page.evaluate(probes.EDGES_UNDER) == []


def test_blocks_are_legible(open_page: Any, picture: Any) -> None:
    page = open_page("#view=chain&chain=chain-0&place=sd&sel=link-60", links=150, chains=2)
    picture(page, "chain150_1440")
    _sound(page)


@pytest.mark.parametrize("view", ["overview", "chain", "gaps"])
@pytest.mark.parametrize("size", ["1440", "phone"])
def test_hostile_names_are_only_text(open_page: Any, picture: Any, view: str, size: str) -> None:
    page = open_page(f"#view={view}", hostile=True, size=SIZES[size])
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


@pytest.mark.parametrize("view", ADDRESSES)
def test_paper(open_page: Any, picture: Any, tmp_path: Path, view: str) -> None:
    page = open_page(ADDRESSES[view], color_scheme="dark")
    raw = page.pdf(prefer_css_page_size=True, print_background=True)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", raw))
    assert re.search(rb"/MediaBox\s*\[0 0 84[12]", raw)
    page.emulate_media(media="print", color_scheme="light")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".sheet").count() == pages
    last = page.locator(".sheet-foot").last.inner_text()
    assert f"第{pages}页，共{pages}页" in last.replace(" ", "")
    assert page.evaluate(probes.on(probes.SMALL, "#print")) == []
    assert page.evaluate(probes.on(probes.CLIPPED, "#print")) == []
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.sheet-body')].filter((e) => e.scrollHeight > e.clientHeight + 1).length"
        )
        == 0
    )
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(255, 255, 255)"
    page.set_viewport_size({"width": 1122, "height": 793})
    picture(page, f"print_{view}")


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


def test_touch_targets_on_the_phone(open_page: Any) -> None:
    for view in ("overview", "chain", "gaps"):
        page = open_page(ADDRESSES[view], size=SIZES["phone"], has_touch=True, is_mobile=True)
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
