"""The child process that reads files: what it hands over, and that nothing it does harms who started it."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter
from building import write

from chainatlas.graph.schema.errors import LoadError, StoreError
from chainatlas.graph.schema.words import Joined, Label, Word, sentence
from chainatlas.loaders.files import carried, child, limits
from chainatlas.loaders.files.files import read_sheets
from chainatlas.loaders.files.limits import MB, JobObject, Limits, job_limits, limits_of
from chainatlas.loaders.files.raw import RawSheet
from chainatlas.loaders.load import load


def ask(job: str, path: Path, **told: Any) -> list[pa.Table]:
    return child.ask(f"child_jobs:{job}", path, told)


def process(path: Path) -> int:
    """Return the number of the process that reads."""
    (table,) = ask("process", path)
    return int(table["process"][0].as_py())


def refused(job: str, path: Path, **told: Any) -> LoadError:
    """Return why a file was refused; the next one is read."""
    with pytest.raises(LoadError) as bad:
        ask(job, path, **told)
    assert process(path) != os.getpid()
    for lang in ("zh", "en"):
        assert "\n" not in bad.value.text(lang)
    return bad.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, "示例.xlsx", "x" * 999)


# one process for all files ----------------------------------------------------------------------------


def test_one_process_serves_all_files(tmp_path: Path, file: Path) -> None:
    books = [tmp_path / f"企业{n}.xlsx" for n in range(10)]
    for path in books:
        with xlsxwriter.Workbook(str(path)) as book:
            book.add_worksheet("企业").write_column(0, 0, ["企业名称", path.stem])
    first = process(file)
    for path in books:
        (sheet,) = read_sheets(path)
        assert sheet.columns[0].to_pylist() == [path.stem]
    assert process(file) == first
    assert not (child._ready().room / "tables.arrow").exists()


def test_what_is_mapped_outlives_the_process(file: Path) -> None:
    (table,) = ask("wide", file)
    child._end()
    assert table["text"].to_pylist() == ["示例" * 1000] * 1000


def test_several_tables_and_progress_come_through(file: Path) -> None:
    seen: list[tuple[int, int]] = []
    tables = child.ask("child_jobs:steps", file, {}, lambda rows, size: seen.append((rows, size)))
    assert [table["step"].to_pylist() for table in tables] == [[1], [2] * 2, [3] * 3, [4] * 4]
    assert seen == [(0, 250)] * 4, "the file has a thousand bytes"


def test_what_a_library_prints_is_no_answer(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (table,) = ask("loud", file)
    assert table["n"].to_pylist() == [1]
    assert capfd.readouterr() == ("", "")


def test_reading_reaches_no_network_and_starts_no_program(file: Path) -> None:
    (table,) = ask("outside", file)
    assert table["refused"].to_pylist() == ["socket.getaddrinfo", "socket.getaddrinfo", "subprocess.Popen", "os.system"]


def test_a_process_that_has_ended_idle_is_replaced(file: Path) -> None:
    before = process(file)
    assert child._one is not None
    os.kill(before, signal.SIGTERM)  # as it does itself after a while
    assert process(file) != before, "whether the end is seen before or after asking"
    child._one.process.send_signal(signal.SIGTERM)
    child._one.process.wait()
    assert process(file) != before


def test_threads_take_turns(file: Path) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(process(file))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_forked_process_starts_its_own(file: Path) -> None:
    """Run apart from the tests, whose threads must not be forked."""
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom chainatlas.loaders.files import child\n"
        "read = lambda: child.ask('child_jobs:process', Path(sys.argv[1]), {})[0]['process'][0].as_py()\n"
        "ours = read()\npid = os.fork()\n"
        "if not pid:\n    os._exit(0 if read() != ours else 1)\n"
        "_, status = os.waitpid(pid, 0)\nprint(status, read() == ours)"
    )
    helpers = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": helpers},
        timeout=100,
    )
    assert (done.stdout, done.returncode) == ("0 True\n", 0), done.stderr


# what goes wrong there is one sentence here -------------------------------------------------------------


def test_memory_beyond_the_limit(file: Path) -> None:
    bad = refused("eat", file)
    assert (bad.code, bad.values) == ("reader_memory", {"file": "示例.xlsx", "limit": 400})


def test_memory_beyond_the_limit_where_the_system_does_not_count_it(file: Path) -> None:
    bad = refused("eat_unheld", file)
    assert (bad.code, bad.values["limit"]) == ("reader_memory", 400)


def test_time_beyond_the_limit(file: Path) -> None:
    bad = refused("spin", file)
    assert (bad.code, bad.values) == ("reader_time", {"file": "示例.xlsx", "limit": "6"})


def test_a_hang(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "patience", 0.5)
    with pytest.raises(LoadError) as bad:
        ask("hang", file, mark=str(tmp_path / "mark"))
    monkeypatch.undo()
    assert bad.value.code == "reader_time"
    gone = int((tmp_path / "mark").read_text(encoding="utf-8"))
    assert process(file) != gone
    with pytest.raises(ProcessLookupError):
        os.kill(gone, 0)


def test_a_process_that_is_killed_midway(file: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def kill() -> None:
        while not (mark.exists() and mark.read_text(encoding="utf-8")):
            time.sleep(0.01)
        os.kill(int(mark.read_text(encoding="utf-8")), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    bad = refused("hang", file, mark=str(mark))
    killer.join()
    assert (bad.code, bad.values["how"], bad.values["memory"]) == ("reader_crash", "SIGKILL", 400)
    assert "示例.xlsx" in bad.text("zh")
    assert "400 MB" in bad.text("en")


def test_a_crash(file: Path) -> None:
    bad = refused("die", file, signal="SIGSEGV")
    assert (bad.code, bad.values["how"]) == ("reader_crash", "SIGSEGV")


def test_an_end_without_a_word(file: Path) -> None:
    bad = refused("leave", file, code=0)
    assert (bad.code, bad.values["how"]) == ("reader_crash", "0")


@pytest.mark.parametrize("text", ["\x00\xff\n", '{"done": 3}\n', '{"limits": [1]}\n', "[" * 60_000 + "\n"])
def test_nonsense_is_not_believed(text: str, file: Path) -> None:
    assert refused("nonsense", file, text=text).code == "reader_answer"


def test_what_was_not_foreseen_says_so_and_keeps_its_trace(file: Path) -> None:
    before = process(file)
    bad = refused("unforeseen", file)
    assert (bad.code, bad.values["reason"]) == ("reader_failed", "ZeroDivisionError: 示例")
    assert any("child_jobs.py" in note for note in bad.__notes__)
    assert process(file) == before, "an exception is no reason to start anew"


def test_what_is_nested_too_deeply(file: Path) -> None:
    assert refused("deep", file).code == "reader_deep"


def test_a_full_disk_while_handing_over(file: Path) -> None:
    process(file)
    to = child._ready().room / "tables.arrow"
    to.symlink_to("/dev/full")
    bad = refused_once("wide", file)
    to.unlink()
    assert bad.code == "reader_handover"
    assert (bad.values["file"], bad.values["folder"]) == ("示例.xlsx", str(to.parent))
    assert "No space left" in bad.text("en")
    assert process(file)


def refused_once(job: str, path: Path) -> LoadError:
    with pytest.raises(LoadError) as bad:
        ask(job, path)
    return bad.value


def test_a_room_that_is_gone(file: Path) -> None:
    process(file)
    child._ready().room.rmdir()
    assert refused_once("wide", file).code == "reader_handover"
    child._end()
    assert process(file)


@pytest.fixture
def without_a_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    child._end()
    yield
    monkeypatch.undo()
    child._end()


@pytest.mark.usefixtures("without_a_reader")
@pytest.mark.parametrize("program", ["没有的程序", "/bin/false"])
def test_a_process_that_cannot_start(program: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program)
    assert refused_once("process", file).code == "reader_start"


@pytest.mark.usefixtures("without_a_reader")
def test_a_process_that_lacks_the_package_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_SERVED", "chainatlas.none_such")
    assert "none_such" in refused_once("process", file).text("en")


def test_a_refused_file_leaves_no_load_and_the_next_one_loads(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "好.xlsx")) as book:
        book.add_worksheet("企业").write_column(0, 0, ["企业名称", "示例甲公司"])
    (tmp_path / "坏.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\x00" * 1500)
    with pytest.raises(LoadError, match=r"坏\.xls"):
        load(tmp_path / "w", [tmp_path / "坏.xls", tmp_path / "好.xlsx"])
    assert not (tmp_path / "w").exists()
    assert load(tmp_path / "w", [tmp_path / "好.xlsx"]).load == 1


# what is carried -----------------------------------------------------------------------------------------


def test_a_sheet_is_the_same_on_the_other_side() -> None:
    notes = (
        sentence("note_unwrapped", file="a", path=Joined((Label("甲", "A"), Word("status", "missing")), "、"), n=3),
        Word("status", "produced"),
    )
    raw = RawSheet(
        "表.xlsx",
        "企业",
        ("名称", "\ud83d", "名称"),
        tuple(pa.array([t, ""]) for t in "甲乙丙"),
        np.array([4, 9], np.int32),
        {2: np.array([True, False])},
        ((5, "x", 7),),
        ((1, "title", "题"),),
        size=12,
        lines=(("名称", "b"),),
        across=frozenset((3, 8)),
        hidden=True,
        lists=("a.b", "c"),
        notes=notes,
    )
    made = carried.sheet_of(carried.table_of(raw), "表.xlsx")
    for name, value in vars(raw).items():
        if name in ("rows", "numbers"):
            continue
        assert getattr(made, name) == value, name
    assert made.rows.tolist() == [4, 9]
    assert made.rows.dtype == np.int32
    assert {at: held.tolist() for at, held in made.numbers.items()} == {2: [True, False]}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.replace_schema_metadata(None),
        lambda t: t.drop_columns(["c0"]),
        lambda t: t.drop_columns(["rows"]),
        lambda t: t.set_column(1, "c0", pa.array([1, 2])),
        lambda t: carried.with_note(t, {"headers": "名称"}),
        lambda t: carried.with_note(t, {"headers": ["a"], "sheet": "", "broken": [[1]], "passed": []}),
        lambda t: t.set_column(
            1,
            "c0",
            pa.Array.from_buffers(
                pa.string(), 2, [None, pa.py_buffer(np.array([0, 1, 2], np.int32).tobytes()), pa.py_buffer(b"\xff\xfe")]
            ),
        ),
    ],
)
def test_a_table_that_is_no_sheet_is_not_believed(spoil: Any) -> None:
    raw = RawSheet("表", "", ("名称",), (pa.array(["甲", "乙"]),), np.array([2, 3], np.int32))
    with pytest.raises(carried.Odd):
        carried.sheet_of(spoil(carried.table_of(raw)), "表")


def test_errors_are_the_same_on_the_other_side(tmp_path: Path) -> None:
    for bad in (
        LoadError("json_lists", file=Path("a.json"), lists=("x", "y"), first=sentence("file_empty", file="b")),
        StoreError("exchange_library", library="networkx", extra="exchange"),
    ):
        made = carried.error_of(carried.told_of(bad), tmp_path)
        assert type(made) is type(bad)
        for lang in ("zh", "en"):
            assert made.text(lang) == bad.text(lang)


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "Sentence", "code": "file_empty", "values": {"file": "a"}},
        {"kind": "LoadError", "code": "file_empty"},
        {"kind": "LoadError", "code": "none_such", "values": {}},
        {"kind": "LoadError", "code": "file_empty", "values": {}},
        {"kind": "LoadError", "code": "file_empty", "values": {"file": {"sentence": 1}}},
        {"kind": "LoadError", "code": "file_empty", "values": {"file": {"other": [1, 2]}}},
    ],
)
def test_an_error_that_is_none_of_ours_is_not_believed(told: dict[str, Any]) -> None:
    with pytest.raises(carried.Odd):
        carried.error_of(told, Path("a"))


# limits ------------------------------------------------------------------------------------------------------


def test_limits_grow_with_what_a_file_holds(tmp_path: Path) -> None:
    small = write(tmp_path, "a.json", "x")
    large = write(tmp_path, "b.json", "x" * 5 * MB)
    assert limits_of(small).memory // MB == 400
    assert math.isclose(limits_of(small).seconds, 6, abs_tol=0.01)
    assert limits_of(large).memory // MB == min(550, limits._most() // MB)
    assert math.isclose(limits_of(large).seconds, 11, abs_tol=0.01)


def test_what_a_small_zip_says_that_it_holds_is_believed_up_to_a_point(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 50 * MB)
    size = (tmp_path / "a.xlsx").stat().st_size
    assert limits_of(tmp_path / "a.xlsx").memory == 400 * MB + 30 * 40 * size
    assert limits_of(tmp_path / "a.xlsx").memory < 500 * MB


class Kernel:
    """Stands for ``kernel32`` and keeps what it was asked."""

    def __init__(self, works: bool = True) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.works = works

    def __getattr__(self, name: str) -> Any:
        def call(*values: Any) -> int:
            if name == "SetInformationJobObject":
                told = values[2]._obj
                values = (*values[:2], {f: getattr(told, f) for f in ("flags", "process_time", "process_memory")})
            self.asked.append((name, *values))
            return 7 if self.works else 0

        return call


def test_a_job_object_is_asked_for_what_windows_documents() -> None:
    """The layout is that of 64-bit Windows, where a JOBOBJECT_EXTENDED_LIMIT_INFORMATION has 144 bytes."""
    told = limits.JobLimits
    assert ctypes.sizeof(told) == 144
    assert (told.flags.offset, told.process_memory.offset, told.counters.offset) == (16, 112, 64)
    kernel = Kernel()
    made = JobObject(42, kernel)
    made.hold(Limits(500 * MB, 10), 2.5)
    made.close()
    wanted = {"flags": 0x2 | 0x100 | 0x400 | 0x2000, "process_time": 125_000_000, "process_memory": 800 * MB}
    assert kernel.asked == [
        ("CreateJobObjectW", None, None),
        ("AssignProcessToJobObject", 7, 42),
        ("SetInformationJobObject", 7, 9, wanted),
        ("CloseHandle", 7),
    ]
    assert job_limits(Limits(), 0).process_time == 60_000_000
    with pytest.raises(OSError, match="Job Object"):
        JobObject(42, Kernel(works=False))
