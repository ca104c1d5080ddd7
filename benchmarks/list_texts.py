"""Realistic texts of lists, made up on the spot: products with modifiers, enumerations, scopes of business.

The words are those of the bundled disclosures and of the product names of ChainKnowledgeGraph;
how they are put together is invented, and no text is said of any firm. Deterministic by seed.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measuring import HERE, SHARED, CannotRun

BUNDLED = HERE.parent / "data" / "shandong"
_BEFORE = ("", "", "", "高性能", "新型", "大功率", "车用", "特种", "精密", "智能", "工业用", "电子级", "高纯", "全自动",
           "环保型", "出口型", "10kV", "耐高温", "定制", "防爆")  # fmt: skip
_AFTER = (
    "",
    "",
    "",
    "系列",
    "系列产品",
    "及配件",
    "类产品",
    "（A型）",
    "等",
    "生产线",
    "设备",
    "生产",
    "研发",
    "的销售",
)
_SENTENCES = (
    "{0}、{1}的研发、生产和销售；{2}销售；货物进出口；技术进出口",
    "一般项目：{0}制造；{1}制造；{2}销售；技术服务、技术开发、技术咨询（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）",
    "许可项目：{0}生产。一般项目：{1}、{2}及{3}的生产与销售；非居住房地产租赁",
    "主要从事{0}、{1}、{2}的生产；兼营{3}的批发、零售",
    "{0}（{1}、{2}）、{3}",
    "生产、销售：{0}，{1}，{2}；机械设备租赁；{3}维修",
)
_LISTS = ("{0}、{1}", "{0}、{1}、{2}", "{0}和{1}", "{0}，{1}，{2}，{3}", "{0}；{1}")


def product_words() -> tuple[list[str], list[str]]:
    """Return the distinct product words of the bundled disclosures and links, and those of ChainKnowledgeGraph."""
    path = SHARED / "chainkg" / "product.json.gz"
    if not path.is_file():
        raise CannotRun("the product names of ChainKnowledgeGraph are not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        nation = {json.loads(line)["name"].strip() for line in lines if line.strip()}
    bundled = {
        (row.get("披露产品") or row["产品名称"]).strip()
        for name in ("生产_匹配.csv", "产品环节.csv") for row in read_rows(BUNDLED / name)
    }  # fmt: skip
    near, far = (sorted(w for w in words if 1 < len(w) <= 30) for words in (bundled, nation))
    return near, far


def list_texts(many: int, seed: int = 0) -> list[str]:
    """Return distinct texts: half single products with modifiers, a quarter enumerations, a quarter scopes.

    Half of the words are those of the bundled chains, so that many reach a link.
    """
    random = np.random.default_rng(seed)
    words = product_words()
    texts: dict[str, None] = {}
    while len(texts) < many:
        for text in _batch(words, random, 50_000):
            texts[text] = None
            if len(texts) == many:
                break
    return list(texts)


def _batch(words: tuple[list[str], list[str]], random: np.random.Generator, size: int) -> Iterator[str]:
    whose = random.integers(2, size=(size, 4))
    picked = random.integers(1 << 30, size=(size, 4))
    kind = random.random(size)
    ends = random.integers((len(_BEFORE), len(_AFTER)), size=(size, 2))
    pattern = random.integers(1 << 30, size=size)
    for at in range(size):
        four = [words[w][n % len(words[w])] for w, n in zip(whose[at], picked[at], strict=True)]
        if kind[at] < 0.5:
            yield _BEFORE[ends[at, 0]] + four[0] + _AFTER[ends[at, 1]]
        else:
            patterns = _LISTS if kind[at] < 0.75 else _SENTENCES
            yield patterns[pattern[at] % len(patterns)].format(*four)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
