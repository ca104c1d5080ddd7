"""The page of `network` in a real Chromium without a network."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from building import Rows, atlas_of, batch, edges
from playwright.sync_api import expect
from waiting import PATIENCE, drawn

import chainatlas
from chainatlas.queries.atlas.atlas import Atlas

HOSTILE = ("<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "javascript:alert(3)",
           "\" onmouseover=\"alert(4)", "<a href='https://example.org'>甲</a>", "=HYPERLINK(1)",
           "src=https://example.org")  # fmt: skip


class Shown:
    """An open page and what it should not have done."""

    def __init__(self, page: Any, path: Path) -> None:
        self.page, self.faults = page, list[str]()
        page.on("console", lambda said: self.faults.append(said.text))
        page.on("pageerror", lambda bad: self.faults.append(str(bad)))
        page.on("dialog", lambda asked: (self.faults.append(asked.message), asked.dismiss()))
        page.on("request", lambda one: one.url == path.as_uri() or self.faults.append(one.url))
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-ready]")

    def value(self, script: str) -> Any:
        return self.page.evaluate(script)


@pytest.fixture
def show(chromium: Any, tmp_path: Path) -> Any:
    pages = []

    def draw(atlas: Atlas, size: tuple[int, int] = (1280, 800), **asked: Any) -> Shown:
        path = tmp_path / f"network{len(pages)}.html"
        said = chainatlas.network(atlas, path, **asked)
        page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(PATIENCE)
        pages.append(page)
        made = Shown(page, path)
        assert made.page.inner_text("#told") == said
        if folder := os.environ.get("CHAINATLAS_SCREENSHOTS"):
            words = re.sub(r"\W+", "-", "-".join(map(str, asked.values())))
            page.screenshot(path=f"{folder}/network-{words}-{size[0]}.png")
        return made

    yield draw
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def demo(demo_folder: Path) -> Atlas:
    return chainatlas.open(demo_folder)


def test_a_chain_stands_in_its_columns(show: Any, demo: Atlas) -> None:
    shown = show(demo, chain="锂电", lang="zh")
    titles = shown.value("nodes.get().filter(n => n.kind === '').map(n => n.label)")
    assert titles == ["技术", "上游", "中游", "下游", "生产者"]
    assert shown.value("nodes.get().filter(n => n.kind === 'Technology').length") == 17
    assert shown.faults == []


def test_a_node_tells_what_it_is_and_leads_to_others(show: Any, demo: Atlas) -> None:
    shown = show(demo, around="万华化学集团股份有限公司", hops=1, lang="zh")
    shown.page.fill("#search", "异氰酸酯")
    shown.page.locator("#found").get_by_text("异氰酸酯", exact=True).click()
    assert shown.page.inner_text("#about h2") == "异氰酸酯"
    told = shown.page.inner_text("#about")
    assert "产品/环节" in told
    assert "来源：" in told
    shown.page.click("#about li button >> text=万华化学")
    assert shown.page.inner_text("#about h2") == "万华化学集团股份有限公司"
    shown.page.fill("#search", "没有这个")
    assert shown.page.inner_text("#found") == "图中没有这个名称"
    assert shown.faults == []


def test_a_type_is_hidden_and_shown_again(show: Any, demo: Atlas) -> None:
    shown = show(demo, around="万华化学集团股份有限公司", hops=1, lang="en")
    count = "nodes.get().filter(n => n.hidden).length"
    shown.page.click("#types label >> text=Product")
    products = shown.value("nodes.get().filter(n => n.kind === 'Product').length")
    assert shown.value(count) == products > 10
    shown.page.click("#types label >> text=Product")
    assert shown.value(count) == 0


def test_a_font_keeps_the_spaces_in_its_name(show: Any, demo: Atlas) -> None:
    shown = show(demo, around="万华化学集团股份有限公司", lang="zh")
    assert "Microsoft YaHei" in shown.value("network.body.nodes[0].labelModule.fontOptions.face")
    assert shown.faults == []


def test_what_is_left_out_is_said(show: Any, demo: Atlas) -> None:
    shown = show(demo, limit=50, lang="zh")
    assert shown.value("nodes.length") == 50
    assert re.search(r"共 \d{4} 个节点，只画了 50 个", shown.page.inner_text("#told"))


def test_hostile_names_are_text(show: Any) -> None:
    firms = [{"name": name} for name in HOSTILE]
    nodes: Rows = {"Enterprise": firms, "Product": [{"name": HOSTILE[0]}]}
    relations: Rows = edges("PRODUCES", "Enterprise", "Product", *((name, HOSTILE[0]) for name in HOSTILE))
    atlas = atlas_of(batch(nodes, relations))
    assert show(atlas, around="src=https://example.org").faults == []
    shown = show(atlas)
    labels = shown.value("nodes.get().map(n => n.label)")
    assert sorted(labels) == sorted([*HOSTILE, HOSTILE[0]])
    for name in HOSTILE:
        shown.page.fill("#search", name[:12])
        shown.page.click("#found li button >> nth=0") if shown.page.is_visible("#found") else None
    shown.value("network.unselectAll()")
    shown.page.click("#fit")
    _point(shown, 0)
    expect(shown.page.locator("#about h2")).to_have_text(labels[0])
    assert shown.faults == []
    assert shown.value("document.querySelectorAll('img, a').length") == 0


def _point(shown: Shown, node: int) -> None:
    """Move the pointer to the middle of a node."""
    box = shown.page.locator("#mynetwork canvas").bounding_box()
    at = shown.value(f"network.canvasToDOM(network.getPosition({node}))")
    shown.page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])


def _written(shown: Shown, *names: str) -> None:
    """Wait until these names have been written on the picture."""
    for name in names:
        expect(shown.page.locator("body")).to_have_attribute("data-written", re.compile(rf"(^|\|){name}(\||$)"))


def test_equal_data_gives_equal_bytes_and_no_address(demo: Atlas, tmp_path: Path) -> None:
    for name in ("a", "b"):
        chainatlas.network(demo, tmp_path / name, chain="锂电", lang="zh")
    text = (tmp_path / "a").read_text("utf-8")
    assert text == (tmp_path / "b").read_text("utf-8")
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", text)
    assert "Content-Security-Policy" in text


def test_a_large_picture_is_searched_switched_and_told(show: Any) -> None:
    """600 firms that make one product: over 400 nodes the page draws lines and names itself."""
    firms = [*HOSTILE, *(f"企业{n}" for n in range(600 - len(HOSTILE)))]
    nodes: Rows = {"Enterprise": [{"name": name} for name in firms], "Product": [{"name": "件"}]}
    shown = show(atlas_of(batch(nodes, edges("PRODUCES", "Enterprise", "Product", *((f, "件") for f in firms)))),
                 limit=1000, lang="zh")  # fmt: skip
    # What is painted leaves nothing to look for in the page: each name that is written is noted there.
    shown.value("""() => { window.written = new Set(); window.strokes = 0;
        const pen = CanvasRenderingContext2D.prototype, write = pen.fillText, line = pen.lineTo;
        pen.fillText = function (text, ...at) {
          document.body.dataset.written = [...written.add(text)].join("|");
          return write.call(this, text, ...at);
        };
        pen.lineTo = function (...at) { strokes += 1; return line.apply(this, at); }; }""")
    shown.page.fill("#search", "企业123")
    _written(shown, "企业123", "件")
    assert shown.value("strokes") > 0
    assert shown.page.inner_text("#about h2") == "企业123"
    assert "→ 生产" in shown.page.inner_text("#about")
    assert shown.value("written.size") <= 80, "no more names than have room"
    shown.page.click("#types label >> text=企业")
    drawn(shown.page)
    shown.value("() => { written.clear(); delete document.body.dataset.written; }")
    shown.page.click("#fit")
    _written(shown, "件")
    assert shown.value("[...written]") == ["件"]
    assert shown.faults == []


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_nothing_is_clipped(show: Any, demo: Atlas, size: tuple[int, int]) -> None:
    shown = show(demo, size, chain="高端聚氨酯", lang="zh")
    assert shown.value("document.documentElement.scrollWidth") <= size[0]
    box = shown.page.query_selector("#mynetwork canvas").bounding_box()
    assert box["width"] > 200
    assert box["height"] > 200
    assert box["x"] + box["width"] <= size[0]
