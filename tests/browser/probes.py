"""Questions asked inside the page: do lines pass under cards, is text cut, small or faint."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from waiting import drawn

# Each path every 3 px against the boxes of cards, notes and labels. A line may touch the box it
# starts or ends at, hence the margin.
EDGES_UNDER = """() => {
  const boxes = [...document.querySelectorAll('.card, .group-head > *, .note, .stage-title > *')]
    .filter((e) => e.offsetParent !== null)
    .map((e) => ({ e, r: e.getBoundingClientRect() }));
  const bad = [];
  for (const path of document.querySelectorAll('.plane .lines path.edge')) {
    const length = path.getTotalLength(), matrix = path.getScreenCTM();
    for (let at = 0; at <= length; at += 3) {
      const p = path.getPointAtLength(at).matrixTransform(matrix);
      const hit = boxes.find(({ r }) => p.x > r.left + 1.5 && p.x < r.right - 1.5
        && p.y > r.top + 1.5 && p.y < r.bottom - 1.5);
      if (hit) { bad.push(hit.e.textContent.slice(0, 40)); break; }
    }
  }
  return bad;
}"""

# Elements that hold text of their own and are shown.
_TEXTS = """
  const shown = (e) => {
    const s = getComputedStyle(e), r = e.getBoundingClientRect();
    return r.width > 0 && r.height > 0 && s.visibility !== 'hidden' && !e.closest('select, option, .offstage')
      && e.checkVisibility();
  };
  const own = (e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('').trim();
  const texts = [...document.querySelectorAll('ROOT *')].filter((e) => own(e) && shown(e));
"""

SMALL = (
    "(root) => {"
    + _TEXTS
    + """
  return texts.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 12)
    .map((e) => `${getComputedStyle(e).fontSize} ${own(e).slice(0, 30)}`);
}"""
)

# Text wider or higher than a box that cuts it off; boxes that scroll do not cut.
CLIPPED = (
    "() => {"
    + _TEXTS
    + """
  const bad = [];
  for (const e of texts) {
    const range = document.createRange();
    range.selectNodeContents(e);
    const r = range.getBoundingClientRect();
    for (let box = e; box && box !== document.body; box = box.parentElement) {
      const s = getComputedStyle(box);
      if (s.overflowX === 'auto' || s.overflowY === 'auto' || s.overflowX === 'scroll') break;
      if (s.overflowX !== 'hidden' && s.overflowX !== 'clip') continue;
      const b = box.getBoundingClientRect();
      if (r.left < b.left - 1.5 || r.right > b.right + 1.5 || r.top < b.top - 1.5 || r.bottom > b.bottom + 1.5) {
        bad.push(`${box.className}: ${own(e).slice(0, 40)}`);
        break;
      }
    }
  }
  return bad;
}"""
)

# Texts that lie on each other: no two texts' line boxes may share more than a sliver.
OVERLAPPING = (
    "() => {"
    + _TEXTS
    + """
  // What is scrolled out of sight lies on nothing.
  const seen = (e, r) => {
    let { left, right, top, bottom } = r;
    for (let box = e; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowY === 'visible') continue;
      const b = box.getBoundingClientRect();
      [left, right] = [Math.max(left, b.left), Math.min(right, b.right)];
      [top, bottom] = [Math.max(top, b.top), Math.min(bottom, b.bottom)];
    }
    return { left, right, top, bottom };
  };
  const lines = texts.flatMap((e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    const layer = e.closest('.panel, .head, .stage-titles, .rail, .found, .tip, thead, .bar, .more') || document.body;
    return [...range.getClientRects()].map((r) => ({ e, r: seen(e, r), layer }))
      .filter(({ r }) => r.right - r.left > 1);
  });
  const bad = [];
  for (let i = 0; i < lines.length; i += 1) for (let j = i + 1; j < lines.length; j += 1) {
    const a = lines[i], b = lines[j];
    if (a.layer !== b.layer || a.e.contains(b.e) || b.e.contains(a.e)) continue;
    const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
    const h = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
    if (w > 2 && h > 7) bad.push(`${own(a.e).slice(0, 24)} | ${own(b.e).slice(0, 24)}`);
  }
  return bad;
}"""
)

# Contrast of the words against the ground they stand on.
FAINT = (
    "() => {"
    + _TEXTS
    + """
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const f = (v) => { const c = v / 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b);
  };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const c = rgb(getComputedStyle(at).backgroundColor);
      if (c.length && (c.length < 4 || c[3] === 1)) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const e of texts) {
    if (e.closest('svg')) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} ${own(e).slice(0, 30)}`);
  }
  return bad;
}"""
)

# The page itself never scrolls sideways, and the views' own parts do not stick out.
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def on(script: str, root: str = "body") -> str:
    """Return a probe for the elements under a selector."""
    return script.replace("ROOT", root)


def unsound(page: Any) -> list[Any]:
    """Return what is wrong with the texts of the page as it stands."""
    found = [fault for probe in (SMALL, CLIPPED, OVERLAPPING, FAINT) for fault in page.evaluate(on(probe))]
    sideways = page.evaluate(SIDEWAYS)
    return [*found, *([f"{sideways} px wider than the window"] if sideways > 0 else [])]


# The signs, labels and corner words of the quadrant that lie on each other; signs only on texts.
QUADRANT = """() => {
  const boxes = [...document.querySelectorAll('.spot-label, .corner, .spot .glyph, .quadrant svg text')]
    .map((e) => ({ sign: e.matches('.glyph'), text: e.textContent, r: e.getBoundingClientRect() }));
  const bad = [];
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
    const h = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
    if (w > .5 && h > .5) bad.push(`${a.text || 'sign'} | ${b.text || 'sign'}`);
  }));
  return bad;
}"""


def paper(page: Any, keep: Callable[[], None] = lambda: None) -> list[str]:
    """Print the page as it stands and return what is wrong with its sheets."""
    raw = page.pdf(prefer_css_page_size=True, print_background=True)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", raw))
    size = page.viewport_size
    page.emulate_media(media="print", color_scheme="light")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    last = page.locator(".sheet-foot").last.inner_text().replace(" ", "")
    page.set_viewport_size({"width": 1122, "height": 793})
    keep()
    wrong = {
        "no A4 landscape": not re.search(rb"/MediaBox\s*\[0 0 84[12]", raw),
        f"{page.locator('.sheet').count()} sheets, {pages} pages": page.locator(".sheet").count() != pages,
        f"foot {last}": f"第{pages}页，共{pages}页" not in last,
        "dark paper": page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
        != "rgb(255, 255, 255)",
        # A foot that grows after its sheet is full would do this.
        "sheet overflows": page.evaluate(
            "[...document.querySelectorAll('.sheet-body')].some((e) => e.scrollHeight > e.clientHeight + 1)"
        ),
    }
    faults = [why for why, bad in wrong.items() if bad]
    faults += page.evaluate(on(SMALL, "#print")) + page.evaluate(on(CLIPPED, "#print"))
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    # Printing under an emulated screen would print the screen.
    page.emulate_media(media="null", color_scheme="null")
    page.set_viewport_size(size)
    drawn(page)
    return faults
