"""The page of a full workspace: 5,000 enterprises and 500 links, built from rows like any other."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from building import atlas_of, batch, edges, end, named
from synthetic_chains import STAGES
from synthetic_facts import CITIES

from chainatlas.views import atlas
from chainatlas.views.atlas.payload import payload

ENTERPRISES, LINKS, CHAINS = 5000, 500, 10
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def large_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page from 5,000 synthetic enterprises that make 500 synthetic links in 10 chains."""
    pick = random.Random(1)
    per = LINKS // CHAINS
    products = [f"示例环节{i:03d}" for i in range(LINKS)]
    firms = [f"示例企业{i:04d}有限公司" for i in range(ENTERPRISES)]
    cities = [name + "市" for name, _, _ in CITIES]
    regions = [{"name": "示例省", "level": "省"}]
    regions += [{"name": n + "市", "level": "市", "lon": lon, "lat": lat} for n, lon, lat in CITIES]
    in_chain = [{**end("src", "Product", p), **end("dst", "Chain", f"示例链{i // per}"),
                 "stage": STAGES[i % per * 3 // per], "order": i % per} for i, p in enumerate(products)]  # fmt: skip
    inputs = {(i - i % per + pick.randrange(i % per), i) for i in range(LINKS) for _ in range(2) if i % per}
    makes = {(firm, p) for firm in firms for p in pick.sample(products, pick.choice((1, 1, 2, 3)))}
    rows = batch(
        {"Region": regions, "Chain": named(*(f"示例链{c}" for c in range(CHAINS))), "Product": named(*products),
         "Enterprise": named(*firms)},
        {**edges("PART_OF", "Region", "Region", *((c, "示例省") for c in cities)),
         **edges("LOCATED_IN", "Enterprise", "Region", *((f, pick.choice(cities)) for f in firms)),
         **edges("PRODUCES", "Enterprise", "Product", *sorted(makes)),
         **edges("INPUT_OF", "Product", "Product", *((products[a], products[b]) for a, b in sorted(inputs))),
         "IN_CHAIN": in_chain},
        {"Coverage": [{"source": "示例声明", "relation": "PRODUCES", "place": "示例省", "share": 0.9}]},
    )  # fmt: skip
    return atlas.write(payload(atlas_of(rows)), tmp_path_factory.mktemp("large") / "atlas.html")


def test_page_of_a_full_workspace_fits_a_mail(large_page: Path) -> None:
    assert large_page.stat().st_size <= 15_000_000


def test_page_of_a_full_workspace_is_usable_as_it_opens(open_file: Any, large_page: Path) -> None:
    """The first view stands when the document does, and the others answer; benchmarks/page.py tells how soon."""
    page = open_file(large_page, fresh=True)
    page.reload()
    assert page.locator("#app main .kpis").is_visible()
    page.click(".nav a[data-view=profiles]")
    page.wait_for_selector(".profile-item")
    page.fill(".search input", "企业0017")
    page.wait_for_selector(".found button")


def test_a_chain_of_ten_thousand_links(open_file: Any, tmp_path: Path) -> None:
    """Its end products are offered one at a time; the table of resources tells that it shows the first links only."""
    links = [f"示例环节{i:05d}" for i in range(10_000)]
    rows = batch(
        {"Product": named(*links), "Chain": named("示例长链")},
        {
            **edges("INPUT_OF", "Product", "Product", *((links[i], links[(i - 1) // 3]) for i in range(1, len(links)))),
            **edges("IN_CHAIN", "Product", "Chain", *((link, "示例长链") for link in links)),
        },
    )
    page = open_file(atlas.write(payload(atlas_of(rows)), tmp_path / "atlas.html"), fresh=True)
    page.click(".nav a[data-view=chain]")
    page.wait_for_selector("main .card, main .block")
    page.click(".nav a[data-view=resources]")
    page.wait_for_selector(".matrix")
    assert page.locator(".matrix tbody tr").count() == 1000
    assert re.search(r"1,000.*10,000", page.inner_text(".matrix-foot"))
