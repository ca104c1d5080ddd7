"""Open pages in a real Chromium with every request blocked and counted.

Chromium is looked for at ``CHAINATLAS_CHROMIUM``, then as ``chromium`` or ``google-chrome`` on the
path. Without it the tests are skipped, unless ``CHAINATLAS_REQUIRE`` lists ``browser``: then a
missing Chromium fails. Pictures go where ``CHAINATLAS_SCREENSHOTS`` points, if it is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import synthetic
from playwright.sync_api import sync_playwright
from required import require
from waiting import PATIENCE

from chainatlas.views import atlas

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running browser for the session."""
    found = os.environ.get("CHAINATLAS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        require("browser", "no Chromium: set CHAINATLAS_CHROMIUM or install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS, timeout=3 * PATIENCE)
        yield browser
        browser.close()


class Opened:
    """A page, and what it did that it should not have done."""

    def __init__(self, page: Any, path: Path) -> None:
        self.page, self.path = page, path
        self.faults: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error.message}"))
        page.on("dialog", self._dialog)
        page.on("popup", lambda _: self.faults.append("popup"))
        page.route("**/*", self._request)

    def _console(self, message: Any) -> None:
        self.faults.append(f"console {message.type}: {message.text}")

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, route: Any) -> None:
        if route.request.url.split("#")[0] == self.path.as_uri():
            route.continue_()
            return
        self.faults.append(f"request: {route.request.url[:200]}")
        route.abort()

    def begin(self, address: str, size: tuple[int, int]) -> None:
        """Bring an open page to an address as if it had just been opened there.

        All that the page remembers is its address, and what a view holds until another is shown.
        """
        self.page.emulate_media(media="null")
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        # A view that no address names is the overview: leaving it mounts the view asked for anew.
        other = "#view=sources" if "view=sources" not in address else "#view=gaps"
        _visit(self.page, other)
        _visit(self.page, address or "#view=overview")


class Pages:
    """Pages kept open for the session, by file and kind of window: loading costs more than moving."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.kept: dict[tuple[Any, ...], Opened] = {}

    def open(self, path: Path, address: str, size: tuple[int, int], keep: bool, context: dict[str, Any]) -> Opened:
        """Return a page at an address: one that is open already where it may be shared."""
        key = (path, *sorted(context.items()))
        if keep and key in self.kept:
            self.kept[key].begin(address, size)
            return self.kept[key]
        page = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True, **context
        ).new_page()
        page.set_default_timeout(PATIENCE)
        opened = Opened(page, path)
        page.goto(path.as_uri() + address)
        page.wait_for_selector("#app main > *")
        if keep:
            self.kept[key] = opened
        return opened


Open = Callable[..., Any]


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write each synthetic page once a session."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def write(links: int, chains: int, hostile: bool, lang: str) -> Path:
        data = synthetic.payload(links, chains, hostile=hostile)
        return atlas.write(data, folder / f"atlas-{links}-{chains}-{hostile}-{lang}.html", lang=lang)

    return write


@pytest.fixture(scope="session")
def demo_page(demo_folder: Path) -> Path:
    """The page of the demonstration."""
    return demo_folder / "atlas.html"


@pytest.fixture(scope="session")
def pages(chromium: Any) -> Pages:
    """The pages of the session."""
    return Pages(chromium)


@pytest.fixture
def open_file(pages: Pages) -> Iterator[Open]:
    """Open a page from disk at an address; nothing forbidden may have happened by the end.

    ``fresh`` loads it anew; else a page of the same file and kind of window is moved there.
    """
    used: list[tuple[Opened, bool]] = []

    def open_(
        path: Path, address: str = "", *, size: tuple[int, int] = (1440, 900), fresh: bool = False, **context: Any
    ) -> Any:
        shared = not fresh and all(item.path != path or not kept for item, kept in used)
        opened = pages.open(path, address, size, shared, context)
        used.append((opened, shared))
        return opened.page

    yield open_
    found = [fault for item, _ in used for fault in item.faults]
    for item, kept in used:
        item.faults.clear()
        if not kept:
            item.page.context.close()
    assert found == []


@pytest.fixture
def open_page(open_file: Open, page_file: Callable[..., Path], tmp_path: Path) -> Open:
    """Open a synthetic page at an address."""

    def open_(
        address: str = "",
        *,
        links: int = 28,
        chains: int = 18,
        hostile: bool = False,
        lang: str = "zh",
        payload: dict[str, Any] | None = None,
        **how: Any,
    ) -> Any:
        if payload is None:
            return open_file(page_file(links, chains, hostile, lang), address, **how)
        return open_file(atlas.write(payload, tmp_path / "atlas.html", lang=lang), address, fresh=True, **how)

    return open_


def _visit(page: Any, address: str) -> None:
    """Go to another address of an open page, as a link inside it would."""
    page.evaluate(
        """(address) => new Promise((done) => {
          const drawn = () => requestAnimationFrame(() => requestAnimationFrame(done));
          if (location.hash === address) return drawn();
          // An address without a "#" is the page as it opens.
          addEventListener('hashchange', drawn, { once: true });
          location.hash = address;
        })""",
        address,
    )
    page.wait_for_selector("#app main > *")


@pytest.fixture(scope="session")
def visit() -> Callable[[Any, str], None]:
    """Go to another address of an open page."""
    return _visit


@pytest.fixture
def picture() -> Callable[[Any, str], None]:
    """Keep a screenshot if CHAINATLAS_SCREENSHOTS names a folder."""
    folder = os.environ.get("CHAINATLAS_SCREENSHOTS")

    def keep(page: Any, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))

    return keep
