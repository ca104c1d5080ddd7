"""Waiting for what a page shows: by locators and frames, never by a text that the page's policy would not let it run.

A wait ends when the thing is there. Its limit is generous, since a busy machine is slow, and nothing is said about
time where a test fails at it.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

PATIENCE = 60_000  # ms
expect.set_options(timeout=PATIENCE)


def drawn(page: Any) -> None:
    """Wait until what has been asked of the page is on the screen: two frames, and the tasks behind them."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )


def arrived(page: Any, pattern: str, *, there: bool = True) -> None:
    """Wait until the address holds a pattern, or no longer does, and its view is drawn."""
    if there:
        expect(page).to_have_url(re.compile(pattern))
    else:
        expect(page).not_to_have_url(re.compile(pattern))
    drawn(page)


def left(page: Any, address: str) -> None:
    """Wait until the page is at another address than this and is drawn there."""
    expect(page).not_to_have_url(address)
    drawn(page)
