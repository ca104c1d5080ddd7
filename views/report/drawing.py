"""Drawing: a chain as a picture — stages from left to right, a card a link, inputs as curves between columns.

The rules are those of the page (shape, word and colour for each status; no line under a card), in SVG that
resvg turns to PNG, so that a document needs no browser. All columns share one grid of rows: an input that passes
over a column runs between two rows of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ...graph.columns.arrays import Ints, positions
from ...graph.schema.leaving import xml_text
from ...graph.schema.words import message, word
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.chain_links import find_chain
from ...queries.atlas.result import Row
from ...queries.gaps.shape import inner_inputs
from ..tables import READ_STATUS, read_status

_STAGES = ("upstream", "midstream", "downstream", None)
_CARD, _GAP, _ROWS = 138, 46, 18  # px: card, space between columns; most rows a column
_LANE, _TOP, _SIDE = 16, 64, 16  # px between rows, above and beside the cards
_ENTRY = 120  # px an entry of the legend
_LINE = 8  # Chinese characters a line of a name
_FONT = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, SimHei, WenQuanYi Zen Hei, sans-serif"
_TEXT = {"adequate": "#14665f", "weak": "#7a5800", "single_source": "#a5480d", "possible": "#633a92",
         "missing": "#a31b27", "missing_narrow": "#8c4a52", "assumed": "#5c6670", "unknown": "#5c636c"}  # fmt: skip
_EDGE = {"missing": "#b3202c", "possible": "#b79bd6", "missing_narrow": "#e6c6c9", "assumed": "#e3e7eb",
         "unknown": "#8a8f98"}  # fmt: skip
_GROUND = {"missing": "#fdf5f5", "possible": "#f7f3fb", "unknown": "#f7f8fa"}
_SIGN = {
    "adequate": '<circle cx="8" cy="8" r="7.5" fill="#1b7f79"/><path d="M4.8 8.3l2.2 2.2 4.2-4.6"/>',
    "weak": '<path d="M8 1.6L15 14H1z" fill="#e0a100" stroke="#8f6700"/>',
    "single_source": '<circle cx="8" cy="8" r="7.5" fill="#d8641c"/><path d="M6.3 5.9L8.4 4.4V11.8"/>',
    "missing": '<rect x="1" y="1" width="14" height="14" rx="2" fill="#b3202c"/>'
               '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"/>',
    "possible": '<path d="M2.5 1.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H8.2L4.6 14.8v-3.3H2.5A1.5 1.5 0 0 '
                '1 1 10V3a1.5 1.5 0 0 1 1.5-1.5z" fill="#7446a6"/><g fill="#ffffff" stroke="none">'
                '<circle cx="4.7" cy="6.5" r="1.1"/><circle cx="8" cy="6.5" r="1.1"/>'
                '<circle cx="11.3" cy="6.5" r="1.1"/></g>',
    "missing_narrow": '<g stroke="#c07a82"><rect x="1.6" y="1.6" width="12.8" height="12.8" rx="2" stroke-width="1.2"/>'
                      '<path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/></g>',
    "assumed": '<g stroke="#7d8791" stroke-width="1.3"><circle cx="8" cy="8" r="7"/>'
               '<path d="M4.6 8h6.4M8.6 5.4L11.2 8l-2.6 2.6"/></g>',
    "unknown": '<g stroke="#5c636c" stroke-width="1.3"><circle cx="8" cy="8" r="7.2" stroke-dasharray="1.4 2.1"/>'
               '<path d="M6.1 6.3a1.9 1.9 0 1 1 2.9 1.7c-.7.4-1 .7-1 1.4"/></g>'
               '<circle cx="8" cy="11.6" r=".9" fill="#5c636c"/>',
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A drawn chain: SVG, its size in px, and how many inputs lead backwards and are not drawn."""

    svg: str
    width: int
    height: int
    backward: int


@dataclass(frozen=True)
class Grid:
    """Column and row of each card, and the columns that each stage takes."""

    column: Ints
    row: Ints
    stages: tuple[tuple[str | None, int, int], ...]
    high: int = 46

    @property
    def x(self) -> Ints:
        """Left sides of the cards."""
        return _SIDE + self.column * (_CARD + _GAP)

    @property
    def y(self) -> Ints:
        """Upper sides of the cards."""
        return _TOP + self.row * (self.high + _LANE)


def draw_chain(
    atlas: Atlas, name: str, states: Sequence[Row], lang: str, *, technologies: bool = False
) -> Picture | None:
    """Draw the product links of a chain, or its technologies in the stages that need them; None where it has none.

    Parameters
    ----------
    states
        Rows of ``chain``, those of this chain in the order of its links.
    """
    links = find_chain(atlas, name)
    kept = [at for at, item in enumerate(links.items) if atlas.makers.is_technology(int(item)) == technologies]
    if not kept:
        return None
    mine = [r for r in states if r["chain"] == links.name]
    rows = [mine[at] for at in kept]
    place = positions(np.array(kept), len(links.items))
    a, b, _ = inner_inputs(atlas, links)
    a, b = place[a], place[b]
    inside = (a >= 0) & (b >= 0) & (a != b)
    a, b = a[inside], b[inside]
    names = [_wrapped(clean(str(r["link"]))) for r in rows]
    high = 30 + 14 * max(map(len, names), default=1)
    grid = replace(lay(tuple(r["stage"] for r in rows), a, b), high=high)
    forward = grid.column[a] < grid.column[b]
    width = max(int(grid.x.max(initial=0)) + _CARD, len(READ_STATUS) * _ENTRY) + _SIDE
    height = int(grid.y.max(initial=0)) + high + 44
    parts = [_stage(stage, first, last, lang) for stage, first, last in grid.stages]
    parts += [_curve(grid, int(i), int(j)) for i, j in zip(a[forward], b[forward], strict=True)]
    parts += [_card(r, name, int(x), int(y), high, lang)
              for r, name, x, y in zip(rows, names, grid.x, grid.y, strict=True)]  # fmt: skip
    parts.append(_legend(height, lang))
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           f'font-family={quoteattr(_FONT)} font-size="13" fill="#18202a">'
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>')  # fmt: skip
    return Picture(svg, width, height, int((~forward).sum()))


def lay(stages: Sequence[str | None], a: Ints, b: Ints) -> Grid:
    """Place cards: stages from the left, inside a stage what goes in before what comes out, neighbours near."""
    n = len(stages)
    rank = np.array([_STAGES.index(s) if s in _STAGES else 3 for s in stages], np.int64)
    depth = _depth(rank, a, b, n)
    key = rank * (n + 1) + depth
    column, row = np.zeros(n, np.int64), np.zeros(n, np.int64)
    spans: dict[int, tuple[int, int]] = {}
    at = 0
    height = np.zeros(n)
    for k in np.unique(key):
        here = np.flatnonzero(key == k)
        before = [height[a[b == i]][column[a[b == i]] < at] for i in here]
        wanted = np.array([x.mean() if len(x) else np.inf for x in before])
        here = here[np.lexsort((here, wanted))]
        columns = -(-len(here) // _ROWS)
        deep = -(-len(here) // columns)
        column[here], row[here] = at + np.arange(len(here)) // deep, np.arange(len(here)) % deep
        height[here] = row[here]
        stage = int(k) // (n + 1)
        spans[stage] = (spans.get(stage, (at, at))[0], at + columns - 1)
        at += columns
    row += (row.max(initial=0) - np.array([row[column == c].max(initial=0) for c in column], np.int64)) // 2
    return Grid(column, row, tuple((_STAGES[s], *span) for s, span in sorted(spans.items())))


def _depth(rank: Ints, a: Ints, b: Ints, n: int) -> Ints:
    """Longest way inside the stage that leads to each link; at most three, cycles included."""
    depth = np.zeros(n, np.int64)
    same = rank[a] == rank[b]
    for _ in range(2):
        deeper = depth.copy()
        np.maximum.at(deeper, b[same], np.minimum(depth[a[same]] + 1, 2))
        depth = deeper
    return depth


def path(grid: Grid, i: int, j: int) -> list[tuple[float, float]]:
    """Return the corners of an input's way: from card i between the rows of the columns that it passes to card j."""
    half = grid.high / 2
    start, end = (grid.x[i] + _CARD, grid.y[i] + half), (grid.x[j], grid.y[j] + half)
    if grid.column[j] - grid.column[i] <= 1:
        return [start, end]
    lane = grid.y[j] + (grid.high + _LANE / 2 if grid.y[j] > grid.y[i] else -_LANE / 2)
    lane += ((i % 5) - 2) * 2.0  # lines that share a lane stand side by side
    return [start, (start[0] + _GAP, lane), (end[0] - _GAP, lane), end]


def _curve(grid: Grid, i: int, j: int) -> str:
    corners = path(grid, i, j)
    drawn = [f"M{corners[0][0]:g} {corners[0][1]:g}"]
    for n, ((x0, y0), (x1, y1)) in enumerate(pairwise(corners)):
        if n == 1:
            drawn.append(f"L{x1:g} {y1:g}")
        else:
            bend = (x1 - x0) * 0.56
            drawn.append(f"C{x0 + bend:g} {y0:g} {x1 - bend:g} {y1:g} {x1:g} {y1:g}")
    return f'<path d="{"".join(drawn)}" fill="none" stroke="#7b8794" stroke-width="1.1" opacity=".75"/>'


def _stage(stage: str | None, first: int, last: int, lang: str) -> str:
    x0, x1 = _SIDE + first * (_CARD + _GAP), _SIDE + last * (_CARD + _GAP) + _CARD
    title = word("stage", stage, lang) if stage else "—"
    return (f'<text x="{x0}" y="28" font-size="15" font-weight="600">{escape(title)}</text>'
            f'<path d="M{x0} 40H{x1}" stroke="#c9d0d7"/>')  # fmt: skip


def _card(row: Row, names: list[str], x: int, y: int, high: int, lang: str) -> str:
    status = read_status(row)
    dotted = ' stroke-dasharray="2 3"' if status == "unknown" else ""
    edge, ground = _EDGE.get(status, "#c9d0d7"), _GROUND.get(status, "#ffffff")
    count = message("report_makers", lang, n=row["producers"]) if row["producers"] else ""
    if status == "possible":
        count = message("report_may", lang, n=row["possible"])
    lines = "".join(f'<text x="{x + 28}" y="{y + 17 + 14 * n}" font-size="12.5" '
                    f'font-weight="600">{escape(text)}</text>' for n, text in enumerate(names))  # fmt: skip
    below = y + high - 6
    return (
        f'<rect x="{x}" y="{y}" width="{_CARD}" height="{high}" rx="4" fill="{ground}" stroke="{edge}"{dotted}/>'
        f'<g transform="translate({x + 7},{y + 5})" fill="none" stroke="#ffffff" stroke-width="1.6">{_SIGN[status]}</g>'
        f"{lines}"
        f'<text x="{x + 28}" y="{below}" font-size="11" fill="{_TEXT[status]}">'
        f"{escape(word('status', status, lang))}</text>"
        f'<text x="{x + _CARD - 7}" y="{below}" font-size="11" fill="#47525e" text-anchor="end">{escape(count)}</text>'
    )


def clean(text: str) -> str:
    """Leave out characters that XML cannot hold."""
    return xml_text(text, "")


def _wrapped(text: str) -> list[str]:
    """Return a name in lines that fit a card."""
    lines, line, wide = [], "", 0.0
    for char in text:
        size = 1.0 if ord(char) > 0x2E7F else 0.58
        if wide + size > _LINE + 0.3:
            lines.append(line)
            line, wide = "", 0.0
        line, wide = line + char, wide + size
    return [*lines, line]


def _legend(height: int, lang: str) -> str:
    made = []
    for n, status in enumerate(READ_STATUS):
        x = _SIDE + n * _ENTRY
        made.append(f'<g transform="translate({x},{height - 28})" fill="none" stroke="#ffffff" stroke-width="1.6">'
                    f'{_SIGN[status]}</g><text x="{x + 22}" y="{height - 15}">'
                    f"{escape(word('status', status, lang))}</text>")  # fmt: skip
    return "".join(made)


def png(picture: Picture, zoom: int = 2) -> bytes:
    """Return a picture as PNG."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=picture.svg, zoom=zoom))


@cache
def draws_chinese() -> bool:
    """Tell whether this machine has a font with Chinese characters: two of them must come out differently."""
    import resvg_py

    def drawn(char: str) -> bytes:
        svg = (f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family={quoteattr(_FONT)}>'
               f'<text x="4" y="30" font-size="28">{char}</text></svg>')  # fmt: skip
        return bytes(resvg_py.svg_to_bytes(svg_string=svg))

    return drawn("链") != drawn("图")
