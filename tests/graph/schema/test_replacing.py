"""What is written for people takes the place of what was there when it is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chainatlas.graph.schema.paths import replacing


def test_what_was_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "报告.xlsx"
    path.write_text("old")

    def interrupted() -> None:
        with replacing(path) as made:
            made.write_text("hal")
            assert path.read_text() == "old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("报告.xlsx", "old")]
    with replacing(path) as made:
        made.write_text("new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("报告.xlsx", "new")]


def test_a_killed_writer_leaves_what_the_next_writes_again(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    child = os.fork()
    if not child:
        with replacing(path) as made:
            made.write_text("half")
            os._exit(9)
    os.waitpid(child, 0)
    assert not path.exists()
    with replacing(path) as made:
        made.write_text("whole")
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_a_link_stays_a_link_and_a_mode_its_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    with replacing(link) as made:
        made.write_text("new")
    assert (link.is_symlink(), real.read_text(), real.stat().st_mode & 0o777) == (True, "new", 0o640)


def test_what_is_no_file_is_written_to_directly(tmp_path: Path) -> None:
    with replacing(Path("/dev/null")) as made:
        assert made == Path("/dev/null")
    with replacing(tmp_path / "none" / "a.csv") as made:
        assert made == tmp_path / "none" / "a.csv"


def test_a_file_that_may_not_be_written_to_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda file, mode: False)  # as for anybody but root
    with replacing(path) as made:
        assert made == path, "writing to it is refused by the system, as it should"
