"""The page of `network` until it can be used, against what pyvis writes by default.

    python benchmarks/network.py

Synthetic graphs of 2,000 and 20,000 nodes with half as many relations again. Both pages are opened
in the same headless Chromium from disk; "usable" is the first drawing after which the page answers.
pyvis' own page (physics on, its layout in the browser) is usable when its physics has settled; it is
given 30 seconds. It is written "in line", and what it asks of a network is refused at once, which is
kinder to it than a machine without one.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measuring import CannotRun, Row, script, turns

SIZES = {2000: 1.0, 20_000: 5.0}  # seconds promised
BASELINE, PATIENCE = 2000, 30.0
ROUNDS = 1  # pyvis' own page is waited for in vain


def graph(n: int) -> tuple[np.ndarray, np.ndarray]:
    """A growing network: each node is tied to one or two before it, the well connected more often."""
    chance = np.random.default_rng(n)
    src = np.r_[np.arange(1, n), chance.integers(1, n, n // 2)]
    dst = (src * chance.random(len(src)) ** 2).astype(np.int64)
    return src, dst


def write_ours(path: Path, n: int) -> float:
    """Lay out and write the page; return the seconds."""
    from chainatlas.views.network.layout import parts
    from chainatlas.views.network.page import Drawing, page
    from chainatlas.views.network.telling import Kind

    src, dst = graph(n)
    start = time.perf_counter()
    drawing = Drawing("合成", "", [f"合成企业{i}" for i in range(n)], [("Enterprise", "#14665f", "square", 8.0)] * n,
                      parts(n, src, dst), [["企业", "关系"]] * n, src, dst, ["关系"] * len(src),
                      [Kind("Enterprise", "企业", "#14665f", "square", n)], "0" * 12)  # fmt: skip
    path.write_text(page(drawing, "zh"), encoding="utf-8")
    return time.perf_counter() - start


def write_pyvis(path: Path, n: int) -> None:
    """What `add_node`, `add_edge` and the defaults give; the lists are set at once, since adding is quadratic."""
    from pyvis.network import Network

    src, dst = graph(n)
    net = Network(cdn_resources="in_line")
    net.nodes = [{"id": i, "label": f"合成企业{i}", "shape": "dot", "color": "#97c2fc"} for i in range(n)]
    net.edges = [{"from": a, "to": b} for a, b in zip(src.tolist(), dst.tolist(), strict=True)]
    path.write_text(net.generate_html(notebook=False), encoding="utf-8")


def usable(path: Path, settled: str | None = None) -> float:
    """Open a page; return the seconds until it says that it is ready, or ``settled`` holds, or the patience."""
    from playwright.sync_api import Error, sync_playwright

    found = os.environ.get("CHAINATLAS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        tab.route("**/*", lambda r: r.continue_() if r.request.url.startswith("file:") else r.abort())
        start = time.perf_counter()
        try:
            tab.goto(path.as_uri(), timeout=PATIENCE * 1000, wait_until="commit")
            if settled is None:
                tab.wait_for_selector("body[data-ready=yes]", timeout=PATIENCE * 1000)
            else:
                tab.wait_for_function(settled, timeout=PATIENCE * 1000)
            tab.evaluate("new Promise(done => setTimeout(done))")
            seconds = time.perf_counter() - start
        except Error:
            seconds = PATIENCE
        browser.close()
    return seconds


def ours(n: int, work: Path) -> dict[str, Any]:
    """Seconds to write, and until usable."""
    path = work / f"ours{n}.html"
    written = write_ours(path, n)
    return {"usable": usable(path), "written": written,
            "bytes": path.stat().st_size}  # fmt: skip


def pyvis(n: int, work: Path) -> dict[str, Any]:
    """Seconds until pyvis' own page has settled."""
    path = work / f"pyvis{n}.html"
    write_pyvis(path, n)
    settled = "typeof network === 'object' && network && network.physics.stabilized"
    return {"usable": usable(path, settled)}


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table.

    Raises
    ------
    CannotRun
        No Chromium, playwright or pyvis.
    """
    if not any(map(shutil.which, ("chromium", "google-chrome"))) and not os.environ.get("CHAINATLAS_CHROMIUM"):
        raise CannotRun("needs Chromium")
    try:
        import playwright  # noqa: F401
        import pyvis  # noqa: F401
    except ImportError as bad:
        raise CannotRun(f"needs: pip install {bad.name}") from bad
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        found = turns("network.py", tuple(PARTS), Path(folder), rounds)
    rows = []
    for n, promised in SIZES.items():
        mine, base = found[f"ours{n}"], found[f"pyvis{BASELINE}"]
        gave_up = f", {BASELINE:,} nodes{' (given up)' if base['usable'] >= PATIENCE else ''}"
        note = f"{mine['bytes'] / 1e6:.1f} MB, laid out and written in {mine['written']:.1f} s"
        rows.append(Row(f"network page, {n:,} nodes, until usable", f"pyvis by default{gave_up}", base["usable"],
                        mine["usable"], limit=promised, note=note))  # fmt: skip
    return rows


# At 20,000 nodes pyvis' own page holds the browser itself up; it does not finish at 2,000.
PARTS = {**{f"ours{n}": partial(ours, n) for n in SIZES}, f"pyvis{BASELINE}": partial(pyvis, BASELINE)}

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    script(PARTS, compare)
