"""One place for each word: what a code of the data is called on the page is what ``graph/schema`` calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import synthetic

from chainatlas.graph.schema.words import read_toml
from chainatlas.views import atlas

VIEWS = ("overview", "chain", "gaps", "partners", "resources", "network", "profiles", "sources")
GROUPS = ("status", "subkind", "action", "stage", "state", "service", "tier", "tier_of_bodies")
Open = Callable[..., Any]


def _shown(open_file: Open, path: Path, lang: str, city: str) -> str:
    texts = []
    # Only a city can be helped by others of its province.
    for view in (*VIEWS, f"gaps&place={city}"):
        page = open_file(path, f"#view={view}&lang={lang}&st=missing,single_source,weak,unknown")
        texts.append(page.inner_text("body"))
        texts += page.locator("[aria-label]").evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    return "\n".join(texts)


@pytest.fixture
def renamed() -> Iterator[dict[str, str]]:
    """Every word of these groups under another name, as if the toml had been edited: old name by new."""
    words, changed = read_toml("words.toml"), {}
    kept = {group: dict(words[group]) for group in GROUPS}
    for group in GROUPS:
        for code, pair in kept[group].items():
            new = {"zh": f"〔{group}·{code}〕", "en": f"[{group} {code}]"}
            words[group][code] = new
            changed |= {new["zh"]: pair["zh"], new["en"]: pair["en"]}
    yield changed
    for group, pairs in kept.items():
        words[group].update(pairs)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_of_the_schema_are_those_of_the_page(
    open_file: Open, tmp_path: Path, renamed: dict[str, str], lang: str
) -> None:
    payload = synthetic.payload(28, 3)
    # Sentences of the data would say the old words.
    payload["verdicts"] = [{**of, "reason": [None] * len(of["reason"])} for of in payload["verdicts"]]
    city = next(place["key"] for place in payload["places"] if place["level"] == "city")
    shown = _shown(open_file, atlas.write(payload, tmp_path / "renamed.html", lang=lang), lang, city)
    mark = "〔{}·{}〕" if lang == "zh" else "[{} {}]"
    for group, codes in {
        "status": ("adequate", "weak", "single_source", "missing", "unknown"),
        "subkind": ("nearby", "domestic", "at_least_one"),
        "action": ("fill", "strengthen"),
        "stage": ("upstream", "midstream", "downstream"),
        "state": ("met", "on_the_way", "behind", "unknown"),
        "tier": ("4",),
        "tier_of_bodies": ("1",),
    }.items():
        assert [code for code in codes if mark.format(group, code).lower() not in shown.lower()] == [], group
    if lang == "zh":
        # A single character would be met by chance; 对接 names a view, and 没有 (of services) is a plain word.
        old = {word for new, word in renamed.items() if new.startswith("〔") and len(word) > 1} - {"对接", "没有"}
        assert sorted(word for word in old if word in shown) == []


def test_limits_of_the_page_are_those_of_the_schema(
    open_file: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from building import atlas_of
    from test_trials import rows, world

    from chainatlas.views.atlas.payload import payload

    limits = read_toml("vocabulary.toml")
    monkeypatch.setitem(limits["default"], "floor", 0.61)
    made = payload(atlas_of(rows(world(1))))
    assert made["floor"] == 0.61
    assert made["partners"]["d0"] == limits["partner"]["decay_km"]
    page = open_file(atlas.write(made, tmp_path / "limits.html"), "#view=sources")
    assert "下限0.61" in page.inner_text("body")
