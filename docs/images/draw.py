"""Draw the README's pictures from the page that the current code writes: ``make pictures``.

Needs Chromium (``CHAINATLAS_CHROMIUM``, else ``chromium`` or ``google-chrome`` on the path), playwright
and a CJK font.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import chainatlas

CHAIN = quote("Chain:name:工程机械", safe="")
PICTURES = {
    "atlas-overview.png": "#view=overview",
    "atlas-chain.png": f"#view=chain&chain={CHAIN}",
}
SIZE = {"width": 1280, "height": 800}


def draw(folder: Path) -> list[Path]:
    """Write the pictures into a folder and return them."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CHAINATLAS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        sys.exit("no Chromium: set CHAINATLAS_CHROMIUM or install chromium")
    made = []
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        page_file = chainatlas.demo(Path(home) / "workspace", lang="zh").page
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, address in PICTURES.items():
            page = browser.new_page(viewport=SIZE)
            page.goto(page_file.as_uri() + address)
            page.wait_for_selector("#app main > *")
            page.wait_for_timeout(500)
            page.screenshot(path=str(folder / name))
            _shrink(folder / name)
            made.append(folder / name)
        browser.close()
    return made


def _shrink(path: Path) -> None:
    """Keep 96 colours, a quarter of the bytes; without Pillow the picture stays as it is."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(96, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    for path in draw(Path(__file__).parent):
        print(path.name, path.stat().st_size)  # noqa: T201
