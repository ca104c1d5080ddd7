"""The page of the stores says what each declares."""

from __future__ import annotations

import re
from pathlib import Path

from places import STORES

from chainatlas.graph.schema.words import word
from chainatlas.graph.stores.store import Capability


def declared() -> list[str]:
    """The table of stores and capabilities, as declared."""
    lines = [
        f"| 能力 / capability | {' | '.join(store.name for store in STORES.values())} |",
        f"|---|{'---|' * len(STORES)}",
    ]
    for capability in Capability:
        zh, en = (word("capability", capability.value, lang) for lang in ("zh", "en"))
        marks = " | ".join("✓" if capability in store.capabilities else "" for store in STORES.values())
        lines.append(f"| `{capability.name}` {zh} / {en} | {marks} |")
    return lines


def test_the_table_is_what_the_stores_declare(root: Path) -> None:
    text = (root / "docs" / "reference" / "stores.md").read_text(encoding="utf-8")
    table = re.search(r"(?ms)^\| 能力 / capability .*?(?=^$)", text)
    assert table is not None
    assert table[0].splitlines() == declared()


def test_the_page_names_every_store(root: Path) -> None:
    text = (root / "docs" / "reference" / "stores.md").read_text(encoding="utf-8")
    assert [store.__name__ for store in STORES.values() if f"`{store.__name__}`" not in text] == []
