"""Delimited text in blocks: the rows of a file do not depend on where its blocks are cut."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.graph.schema.errors import LoadError
from chainatlas.loaders.files import delimited
from chainatlas.loaders.files.files import read_sheets
from chainatlas.loaders.files.raw import RawSheet

CELLS = ["", " ", "a", "锂电", 'say "x"', "two\nlines", "p,q", "crlf\r\nin", '"', "　", "合计", "0610", "\u00a0b"]


def whole(path: Path) -> tuple[list[tuple[int, ...]], list[list[str]], tuple[object, ...]]:
    """All pieces of a file put together: row numbers, cells, and what was kept apart."""
    pieces = [p for raw in read_sheets(path) for p in raw.pieces()]
    rows = [int(r) for p in pieces for r in p.rows]
    cells = [list(row) for p in pieces for row in zip(*(c.to_pylist() for c in p.columns), strict=True)]
    apart = tuple((*p.broken, *p.passed) for p in pieces if p.broken or p.passed)
    return rows, cells, tuple(sorted((one for part in apart for one in part), key=str))  # type: ignore[return-value]


@settings(max_examples=examples(40))
@given(
    table=st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4), min_size=1, max_size=12),
    block=st.integers(8, 200), end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)  # fmt: skip
def test_blocks_of_any_size_give_the_same_rows(
    tmp_path: Path, table: list[list[str]], block: int, end: str, quoting: int, encoding: str
) -> None:
    path = tmp_path / "x.csv"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=quoting).writerows([["h1", "h2", "h3"], *table])  # type: ignore[arg-type]
    path.write_bytes(text.getvalue().encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        at_once = whole(path)
        patch.setattr(delimited, "BLOCK", block)
        patch.setattr(delimited, "ROWS", 3)
        cut = whole(path)
    assert cut == at_once
    expected = [(n, row) for n, row in enumerate(csv.reader(io.StringIO(text.getvalue(), newline="")), 1)
                if n > 1 and any(c.strip() for c in row)]  # fmt: skip
    told = dict(zip(at_once[0], at_once[1], strict=True))
    apart = {one[0] for one in at_once[2]}  # type: ignore[index]
    assert set(told) | apart == {n for n, _ in expected}
    for n, row in expected:
        if n in told:
            assert told[n] == [*row, "", "", ""][:3]


def test_quotes_where_they_may_not_stand_are_read_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["名称,规格"] + [f'管{i},{i}" 管' if i % 3 == 0 else f'"管{i}","长\n{i}"' for i in range(60)]
    path = tmp_path / "管.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    expected = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))[1:]
    monkeypatch.setattr(delimited, "BLOCK", 64)
    monkeypatch.setattr(delimited, "ROWS", 7)
    rows, cells, _ = whole(path)
    assert cells == expected
    assert rows == list(range(2, 62))


def test_a_block_with_odd_rows_leaves_the_others_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    lines = ["a,b"] + [f"{i},{i}" for i in range(100)]
    lines[40:40] = ["only", "", "1,2,3"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(delimited, "BLOCK", 50)
    rows, cells, apart = whole(path)
    assert len(cells) == 101
    assert cells[39] == ["only", ""]
    assert apart == ((43, "1,2,3", 3),)
    assert rows == [*range(2, 42), *range(44, 105)]


def test_the_row_that_is_no_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("名称,类别\n".encode() + b"a,b\n" * 100 + b"\xff\xfe\xfd,x\n")
    monkeypatch.setattr(delimited, "BLOCK", 64)
    with pytest.raises(LoadError) as refused:
        list(read_sheets(path))
    assert refused.value.values["row"] == 102


def test_pieces_are_read_again_when_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 50, encoding="utf-8")
    monkeypatch.setattr(delimited, "BLOCK", 40)
    (raw,) = read_sheets(path)
    assert isinstance(raw, RawSheet)
    for _ in range(2):
        assert np.concatenate([p.rows for p in raw.pieces()]).tolist() == list(range(2, 52))
