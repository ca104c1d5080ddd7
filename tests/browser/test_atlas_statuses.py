"""待核, 未查到 and the shares of κ on the page: whose words may include a link, who was asked, what an answer does."""

from __future__ import annotations

from typing import Any

import synthetic


def _first(data: dict[str, Any], wanted: Any) -> tuple[int, int, str]:
    """Return place and link of the first verdict of the first chain that is wanted, and the page's address for them."""
    place, link = next(
        (place, link)
        for place, verdicts in enumerate(data["verdicts"])
        for link in data["chains"][0]["links"]
        if data["links"][link]["type"] == "product" and wanted(verdicts, link)
    )
    where = f"#view=chain&chain={data['chains'][0]['key']}&place={data['places'][place]['key']}"
    return place, link, f"{where}&sel={data['links'][link]['key']}"


def test_panel_shows_whose_words_may_include_a_link_and_what_an_answer_changes(open_page: Any, picture: Any) -> None:
    data = synthetic.payload()
    place, link, address = _first(data, lambda v, i: v["status"][i] == "p")
    verdicts = data["verdicts"][place]
    hint = next(h for h in data["hints"] if h["link"] == link
                and data["enterprises"][h["enterprise"]]["place"] == place)  # fmt: skip
    page = open_page(address, payload=data)
    card = page.locator(f".card[data-link='{link}']")
    assert "待核" in card.inner_text()
    assert f"{verdicts['hints'][link]}家可能" in card.inner_text()
    panel = page.inner_text(".panel .possible")
    for text in (f"“示例词{link}”", data["enterprises"][hint["enterprise"]]["name"], "词义更宽", "0.40"):
        assert text in panel
    name = data["links"][link]["name"]
    command = f"chainatlas attach decide 示例词{link} {name} same|narrower|broader|no"
    assert page.inner_text(".panel .possible .command") == command
    yes, no = (page.inner_text(f"[data-answer={answer}]") for answer in ("yes", "no"))
    assert ("单点" if verdicts["hints"][link] == 1 else "完备") in yes
    assert ("缺环" if verdicts["firm"][link] else "未查到") in no
    picture(page, "chain_possible")


def test_a_possible_maker_that_leaves_is_asked_no_more(open_page: Any, visit: Any) -> None:
    data = synthetic.payload()
    place, link, address = _first(data, lambda v, i: v["status"][i] == "p" and v["hints"][i] == 1)
    hint = next(h for h in data["hints"] if h["link"] == link
                and data["enterprises"][h["enterprise"]]["place"] == place)  # fmt: skip
    page = open_page(address, payload=data)
    firm = data["enterprises"][hint["enterprise"]]["key"]
    visit(page, f"{address}&if=%5B%22-%22%2C%22{firm}%22%5D")
    assert page.locator(".panel .possible").count() == 0
    status = "缺环" if data["verdicts"][place]["firm"][link] else "未查到"
    assert status in page.inner_text(".panel-status")


def test_what_was_not_found_among_a_few_is_shown_apart(open_page: Any) -> None:
    data = synthetic.payload()
    place, link, address = _first(data, lambda v, i: v["status"][i] == "m" and not v["firm"][i])
    verdicts = data["verdicts"][place]
    products = [i for i in data["chains"][0]["links"] if data["links"][i]["type"] == "product"]
    missing = [i for i in products if verdicts["status"][i] == "m"]
    narrow = [i for i in missing if not verdicts["firm"][i]]
    assert 0 < len(narrow) < len(missing)
    page = open_page(address, payload=data)
    assert int(page.inner_text(".chip[data-status=missing_narrow] b")) == len(narrow)
    assert int(page.inner_text(".chip[data-status=missing] b")) == len(missing) - len(narrow)
    card = page.locator(f".card[data-link='{link}']")
    assert "未查到" in card.inner_text()
    assert "缺环" not in card.inner_text()
    assert "gradient" not in card.evaluate("(e) => getComputedStyle(e).backgroundImage")
    assert f"未查到（{verdicts['population'][link]}）" in page.inner_text(".panel-status")


def test_coverage_of_a_link_shows_its_three_shares(open_page: Any) -> None:
    data = synthetic.payload()
    data["coverage"][0]["parts"] = {
        "list": [0.9, "stated"], "told": [0.8, "counted"], "included": [0.75, "default"], "named": [0.5, "default"],
    }  # fmt: skip
    _, _, address = _first(data, lambda v, i: v["status"][i] == "m")
    page = open_page(address, payload=data)
    block = page.inner_text(".panel .asked")
    for text in ("示例企业", "90%", "80%", "75%", "统计对照", "默认值"):
        assert text in block
    sources = open_page("#view=sources&tab=coverage", payload=data).inner_text(".sources")
    assert "0.90 × 0.80 统计对照 × 0.75 默认值（点名 0.50 默认值）" in sources
