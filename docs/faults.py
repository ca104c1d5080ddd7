"""The fault matrix: what the nightly tests tried and what held, from their lines of JSON to the page.

``python docs/faults.py NIGHT.jsonl`` takes the lines that ``tests/faults/matrix.py`` wrote in one night, or several
such files, into ``docs/benchmarks/faults.jsonl`` (one line a kind, that of its newest day) and writes
``docs/benchmarks/faults.md``; without a file it writes the page again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "benchmarks"
LINES, PAGE = FOLDER / "faults.jsonl", FOLDER / "faults.md"
Line = dict[str, Any]

# What kinds begin with, in the order of the page, and what they are called in Chinese.
GROUPS = {
    "one kill": "杀死一次",
    "two kills": "接连杀死两次",
    "two kills in a row": "两条命令先后被杀",
    "bit flip in any file of a workspace": "工作区任一文件翻转一位",
    "file emptied, removed, cut short or replaced": "工作区的文件被清空、删去、截短、换掉",
    "a reader beside loads": "载入时的读者",
    "files odd in structure": "结构古怪的文件",
    "exchange file changed in its structure": "改动结构的交换文件",
    "Cypher guard": "Cypher 护栏",
}
HEAD = """# 故障矩阵 / Fault matrix

由 `python docs/faults.py` 按夜间测试的结果写成，不手改。“守住”指该有的都在：图是前一张或后一张，同一命令再来一次与没有被打断一样；文件要么整个载入，要么一句话说明拒绝的原因，没有 traceback，没有崩溃，内存在限内。每类只留最近一天；同一天的几次相加。

Written by `python docs/faults.py` from the results of the nightly tests, never by hand. *Held* means that all was as promised: the graph is the one before or the one after, and the same command again gives what it gives undisturbed; a file is loaded whole or refused in one sentence, without a traceback or a crash and within its memory. Each kind shows its newest day; several runs of that day are added up.

| 类别 | kind | 次数 tries | 守住 held | 日期 date |
|---|---|---|---|---|
"""  # noqa: E501 - a paragraph of Markdown is one line


def read(path: Path) -> list[Line]:
    """Return the lines of a file of results."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def merged(lines: Iterable[Line]) -> list[Line]:
    """Return one line a kind: its newest day, the tries and what held of that day added up."""
    found: dict[str, Line] = {}
    for line in lines:
        before = found.get(line["kind"])
        if before is None or line["date"] > before["date"]:
            found[line["kind"]] = dict(line)
        elif line["date"] == before["date"]:
            before["tries"] += line["tries"]
            before["held"] += line["held"]
    return sorted(found.values(), key=lambda line: _order(line["kind"]))


def _group(kind: str) -> str:
    """Return what a kind begins with, the longest that fits, or nothing."""
    return max((g for g in GROUPS if kind == g or kind.startswith((f"{g}:", f"{g} ("))), key=len, default="")


def _order(kind: str) -> tuple[int, str]:
    group = _group(kind)
    return (list(GROUPS).index(group) if group else len(GROUPS)), kind


def in_chinese(kind: str) -> str:
    """Return the name of a kind's group in Chinese, with what the kind adds to it."""
    group = _group(kind)
    rest = kind.removeprefix(group).strip(": ()")
    return "：".join(filter(None, (GROUPS.get(group, ""), rest)))


def page(lines: Iterable[Line]) -> str:
    """Return the page of these lines, and the sum of each group."""
    rows = [f"| {in_chinese(x['kind'])} | {x['kind']} | {x['tries']:,} | {x['held']:,} | {x['date']} |" for x in lines]
    sums: dict[str, list[int]] = {}
    for line in lines:
        total = sums.setdefault(_group(line["kind"]) or line["kind"], [0, 0])
        total[0] += line["tries"]
        total[1] += line["held"]
    told = [f"| {GROUPS.get(g, g)} | {g} | {tries:,} | {held:,} |" for g, (tries, held) in sums.items()]
    head = "| 类别 | kind | 次数 tries | 守住 held |\n|---|---|---|---|\n"
    return HEAD + "\n".join(rows) + "\n\n## 合计 / Sums\n\n" + head + "\n".join(told) + "\n"


def main(files: list[Path]) -> None:
    """Take results in, and write the page."""
    before = read(LINES) if LINES.is_file() else []
    fresh = merged(line for file in files for line in read(file))
    kinds = {line["kind"]: line["date"] for line in fresh}
    # A day that is taken in again takes the place of what stands there.
    kept = [line for line in before if line["kind"] not in kinds or line["date"] > kinds[line["kind"]]]
    lines = merged([*kept, *(line for line in fresh if all(line["kind"] != k["kind"] for k in kept))])
    LINES.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), encoding="utf-8")
    PAGE.write_text(page(lines), encoding="utf-8")


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])
