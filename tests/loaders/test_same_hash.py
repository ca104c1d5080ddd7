"""Same content, same graph: whatever the order, the format, the batches, the language or the hash seed."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

import chainatlas as ca

HEADERS = ["企业名称", "统一社会信用代码", "股票代码", "所在省", "所在市", "产业链", "产业链环节", "环节位置",
           "主营产品", "掌握技术"]  # fmt: skip
CODES = ["914403001922038216", "9144030071526726XG", "91330100799655058B"]


def rows() -> list[list[str]]:
    """Sixty firms: some with codes, some twice, some known by name only."""
    made = []
    for i in range(60):
        code = CODES[i] if i < len(CODES) else ""
        stock = f"{600000 + i:06d}" if i % 4 == 0 else ""
        city = ("枣庄市", "烟台市", "青岛")[i % 3]
        link = ("隔膜", "电解液（含添加剂、溶剂）", "铜箔", "")[i % 4]
        made.append([f"示例{i % 50}有限公司", code, stock, "山东省", city, "锂电" if link else "", link,
                     "中游" if link else "", f"产品{i % 7}、产品{i % 5}",
                     "湿法双向拉伸" if i % 9 == 0 else ""])  # fmt: skip
    return made


def write_csv(path: Path, table: list[list[str]], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADERS, *table])


def write_xlsx(path: Path, table: list[list[str]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("企业")
        for at, row in enumerate([HEADERS, *table]):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)


def hash_of(workspace: Path) -> str:
    return str(ca.status(workspace).rows[0]["value"])


@pytest.fixture
def plain(tmp_path: Path) -> str:
    write_csv(tmp_path / "a.csv", rows())
    ca.load(tmp_path / "plain", tmp_path / "a.csv")
    return hash_of(tmp_path / "plain")


def test_shuffled_rows(tmp_path: Path, plain: str) -> None:
    for seed in range(3):
        table = rows()
        random.Random(seed).shuffle(table)
        write_csv(tmp_path / f"b{seed}.csv", table)
        ca.load(tmp_path / f"w{seed}", tmp_path / f"b{seed}.csv")
        assert hash_of(tmp_path / f"w{seed}") == plain


@pytest.mark.parametrize("size", [7, 25])
def test_other_batches_in_any_order(tmp_path: Path, plain: str, size: int) -> None:
    table = rows()
    parts = [table[i : i + size] for i in range(0, len(table), size)]
    for at, part in enumerate(reversed(parts)):
        write_csv(tmp_path / f"part{at}.csv", part)
        ca.load(tmp_path / "w", tmp_path / f"part{at}.csv")
    assert len(ca.loads(tmp_path / "w")) == len(parts)
    assert hash_of(tmp_path / "w") == plain


def test_other_formats_and_encodings(tmp_path: Path, plain: str) -> None:
    write_xlsx(tmp_path / "名录.xlsx", rows())
    write_csv(tmp_path / "gbk.csv", rows(), "gb18030")
    write_csv(tmp_path / "bom.csv", rows(), "utf-8-sig")
    write_csv(tmp_path / "wide.csv", rows(), "utf-16")
    records = [dict(zip(HEADERS, row, strict=True)) for row in rows()]
    (tmp_path / "r.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    lines = "\n".join(json.dumps(r, ensure_ascii=False) for r in records)
    (tmp_path / "l.jsonl").write_text(lines, encoding="utf-8")
    for name in ("名录.xlsx", "gbk.csv", "bom.csv", "wide.csv", "r.json", "l.jsonl"):
        ca.load(tmp_path / f"w-{name}", tmp_path / name)
        assert hash_of(tmp_path / f"w-{name}") == plain, name


def test_a_changed_cell_changes_the_hash(tmp_path: Path, plain: str) -> None:
    table = rows()
    table[5][8] = "产品6"
    write_csv(tmp_path / "c.csv", table)
    ca.load(tmp_path / "w", tmp_path / "c.csv")
    assert hash_of(tmp_path / "w") != plain


def test_a_source_changes_the_hash(tmp_path: Path, plain: str) -> None:
    ca.load(tmp_path / "w", tmp_path / "a.csv", source="名录甲")
    assert hash_of(tmp_path / "w") != plain


@pytest.mark.parametrize("environment", [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "77", "LC_ALL": "C"}])
def test_hash_seed_and_locale(tmp_path: Path, plain: str, environment: dict[str, str]) -> None:
    script = ("import sys, chainatlas as ca; ca.load(sys.argv[2], sys.argv[1])\n"
              "print(ca.status(sys.argv[2]).rows[0]['value'])")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "a.csv"), str(tmp_path / "w")],
                          env={**os.environ, **environment}, capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == plain


def test_loading_twice_writes_nothing(tmp_path: Path, plain: str) -> None:
    def tree() -> dict[str, tuple[int, bytes]]:
        files = [p for p in (tmp_path / "plain").rglob("*") if p.is_file() and p.name != "writer.lock"]
        return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in files}

    ca.status(tmp_path / "plain")
    before = tree()
    again = ca.load(tmp_path / "plain", tmp_path / "a.csv")
    assert again.load is None
    assert [(s.new, s.merged, s.rejected) for s in again.sheets] == [(0, 0, 0)]
    assert again.sheets[0].unchanged == again.sheets[0].read == 60
    assert tree() == before
