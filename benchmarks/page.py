"""The atlas page from the call of its address to its first picture and to its first view, against an empty page.

    python benchmarks/page.py

The page of the bundled data, and one of 5,000 synthetic enterprises that make 500 synthetic links in 10 chains. Each
is opened from disk in a headless Chromium with the network refused, by turns with a page that holds a full stop.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from measuring import CannotRun, Row, script, turns

ENTERPRISES, LINKS, CHAINS = 5000, 500, 10
STAGES = ("上游", "中游", "下游")
ROUNDS = 5
LIMITS = {"demo": (1.0, 2.0), "full": (2.0, 2.0)}  # seconds promised: first picture, first view
PICTURE = """() => new Promise((done) => new PerformanceObserver((all) => {
  const first = all.getEntriesByName("first-contentful-paint")[0];
  if (first) done(first.startTime);
}).observe({ type: "paint", buffered: true }))"""
VIEW = "performance.getEntriesByType('navigation')[0].domComplete"


def sheets(folder: Path) -> Path:
    """Write the synthetic lists."""
    pick = random.Random(1)
    per = LINKS // CHAINS
    links = [f"示例环节{i:03d}" for i in range(LINKS)]
    made = [f"{name},示例链{i // per},{STAGES[i % per * 3 // per]}" for i, name in enumerate(links)]
    inputs = {(i - i % per + pick.randrange(i % per), i) for i in range(LINKS) for _ in range(2) if i % per}
    firms = [f"示例企业{i:04d}有限公司,山东省,{pick.choice(('济南市', '青岛市', '枣庄市'))},"
             f"{'、'.join(pick.sample(links, pick.choice((1, 1, 2, 3))))}" for i in range(ENTERPRISES)]  # fmt: skip
    tables = {
        "产品环节.csv": ["产品名称,产业链,环节位置", *made],
        "投入关系.csv": ["投入品,产品", *(f"{links[a]},{links[b]}" for a, b in sorted(inputs))],
        "企业.csv": ["企业名称,所在省,所在市,主营产品", *firms],
        "覆盖声明.csv": ["来源,关系,地区,完整度,依据", "示例名录,生产,山东省,0.9,示例"],
    }
    folder.mkdir()
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write(name: str, work: Path) -> Path:
    """Return the page of a name, written when it is first asked for."""
    path = work / f"{name}.html"
    if path.is_file():
        return path
    if name == "empty":
        path.write_text("<!doctype html><link rel=icon href=data:,><main><p>.</p></main>", encoding="utf-8")
        return path
    import chainatlas
    from chainatlas.pictures import write_atlas

    if name == "demo":
        shutil.copyfile(chainatlas.demo(work / "demo", lang="zh").page, path)
    else:
        chainatlas.load(work / "full", sheets(work / "sheets"))
        write_atlas(chainatlas.open(work / "full"), path, lang="zh", workspace=work / "full")
    return path


def opened(name: str, work: Path) -> dict[str, Any]:
    """Open a page in a browser of its own; return the seconds to its first picture and first view, and its size."""
    from playwright.sync_api import sync_playwright

    path = write(name, work)
    found = os.environ.get("CHAINATLAS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.route("**/*", lambda r: r.continue_() if r.request.url.startswith("file:") else r.abort())
        tab.goto(path.as_uri())
        tab.wait_for_selector("main > *")
        answer = {"picture": tab.evaluate(PICTURE) / 1000, "view": tab.evaluate(VIEW) / 1000}
        browser.close()
    return {**answer, "bytes": path.stat().st_size}


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table.

    Raises
    ------
    CannotRun
        No Chromium or playwright.
    """
    if not any(map(shutil.which, ("chromium", "google-chrome"))) and not os.environ.get("CHAINATLAS_CHROMIUM"):
        raise CannotRun("needs Chromium")
    try:
        import playwright  # noqa: F401
    except ImportError as bad:
        raise CannotRun(f"needs: pip install {bad.name}") from bad
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        found = turns("page.py", tuple(PARTS), Path(folder), rounds)
    rows = []
    titles = {"demo": "atlas page of the bundled data", "full": f"atlas page, {ENTERPRISES:,} enterprises"}
    for name, limits in LIMITS.items():
        note = f"{found[name]['bytes'] / 1e6:.1f} MB"
        for what, told, limit in zip(("picture", "view"), ("first picture", "first view"), limits, strict=True):
            rows.append(Row(f"{titles[name]}, {told}", "an empty page", found["empty"][what], found[name][what],
                            limit=limit, note=note))  # fmt: skip
    return rows


PARTS = {name: partial(opened, name) for name in ("empty", *LIMITS)}

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    script(PARTS, compare)
