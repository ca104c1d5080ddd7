"""Commands in this process, and two workspaces: the demo, and a small one with awkward names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from building import write

from chainatlas import api


@dataclass(frozen=True)
class Done:
    """What a command did: its exit code and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a command that was asked for JSON."""
        assert self.code == 0, self.err
        found = json.loads(self.out)
        assert isinstance(found, list)
        return found


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Run a command in this process, in an empty folder: quicker than a process of its own."""
    from chainatlas.commands import main

    def call_(*words: str | Path) -> Done:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["chainatlas", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return Done(int(end.value.code or 0), told.out, told.err)

    return call_


# T needs A and B.  丙 makes A, nobody makes B.  Three names begin as a formula would; two clusters
# are both called 双城 for short.
SHEETS = {
    "产品环节.csv": """
        产品名称,产业链,环节位置,终端产品
        T,小链,下游,是
        A,小链,上游,
        =B(1),小链,上游,
    """,
    "投入关系.csv": """
        投入品,产品,必需
        A,T,是
        =B(1),T,是
    """,
    "集群.csv": """
        集群名称,简称,所属区域
        双城甲集群,双城,山东省
        双城乙集群,双城,山东省
    """,
    "企业.csv": """
        企业名称,统一社会信用代码,股票代码,所在省,所在市,主营产品
        丙有限公司,91330100799655058B,600309,山东省,枣庄市,A
        "=HYPERLINK(""x"")",,,山东省,枣庄市,A
        +戊有限公司,,,山东省,济南市,T
        @己有限公司,,,山东省,枣庄市,A
    """,
    "区域.csv": """
        区域名称,级别,上级区域
        山东省,省,
        枣庄市,市,山东省
        济南市,市,山东省
    """,
    "覆盖声明.csv": """
        来源,关系,总体,地区,完整度,依据,截止日期
        小名录,PRODUCES,全部,山东省,0.9,按事实数过,2024-01-01
    """,
}


@pytest.fixture(scope="session")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small sheets as files."""
    folder = tmp_path_factory.mktemp("sheets")
    for name, text in SHEETS.items():
        write(folder, name, text)
    return folder


@pytest.fixture(scope="session")
def small_folder(sheets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the small sheets; only to be read."""
    folder = tmp_path_factory.mktemp("small") / "w"
    report = api.load(folder, sheets)
    assert report.rejects == ()
    return folder


@pytest.fixture
def small(small_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small workspace, to be changed."""
    return Path(shutil.copytree(small_folder, tmp_path / "small"))
