"""Equal data, equal bytes: neither the clock nor the order of files shows in the page."""

from __future__ import annotations

from pathlib import Path

from building import write

import chainatlas
from chainatlas.pictures import write_atlas

FIRMS = """
    企业名称,所在省,所在市,产业链,产业链环节,环节位置,来源,出处
    示例甲公司,山东省,济南市,示例链,示例环节一,上游,示例名录,第1页
    示例乙公司,山东省,青岛市,示例链,示例环节二,下游,示例名录,第1页
"""
INPUTS = """
    投入品,产品,组,必需,来源
    示例环节一,示例环节二,,是,示例模板
"""


def _page(folder: Path, files: list[Path], time: str) -> bytes:
    home = folder / "workspace"
    chainatlas.load(home, files, time=time, max_rejects="100%")
    write_atlas(chainatlas.open(home), folder / "atlas.html", lang="zh", workspace=home)
    return (folder / "atlas.html").read_bytes()


def test_equal_data_loaded_at_other_times_give_equal_pages(tmp_path: Path) -> None:
    firms, inputs = write(tmp_path, "企业.csv", FIRMS), write(tmp_path, "投入关系.csv", INPUTS)
    first = _page(tmp_path / "a", [firms, inputs], "2026-01-01T00:00:00")
    second = _page(tmp_path / "b", [firms, inputs], "2027-12-31T23:59:59")
    assert first == second
    assert b"2027-12-31T23" not in second
    assert "企业.csv".encode() in first
