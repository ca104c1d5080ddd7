"""The last net: an error that nobody foresaw becomes one sentence and a report; the tests themselves run without it."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainatlas.commands import net

Call = Callable[..., Any]  # see conftest.py
SECRET = "机密有限公司"
posix = pytest.mark.skipif(os.name == "nt", reason="signals, pipes and /dev as POSIX has them")


def _failing(monkeypatch: pytest.MonkeyPatch, bad: BaseException) -> None:
    """Let ``chainatlas status`` fail inside the program."""

    def fail(*_: Any) -> None:
        raise bad.with_traceback(None)

    monkeypatch.setattr("chainatlas.api.status", fail)


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The net is there, as for people."""
    monkeypatch.delenv(net.SWITCH)


class Strange(BaseException):
    """What a library in Rust raises when it panics: no Exception."""


UNFORESEEN = [KeyError(SECRET), ValueError(f"bad {SECRET}"), AttributeError(SECRET), Strange(SECRET),
              UnicodeDecodeError("gbk", SECRET.encode(), 0, 1, SECRET)]  # fmt: skip


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("bad", UNFORESEEN, ids=lambda bad: type(bad).__name__)
def test_one_sentence_and_a_report(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: BaseException
) -> None:
    _failing(monkeypatch, bad)
    done = call("status", "-w", SECRET, "--format", "json")
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert type(bad).__name__ in line
    assert re.search(r"chainatlas/commands/data\.py:\d+", line), line
    (file,) = tmp_path.glob("chainatlas-report-*.txt")
    assert file.name in line
    told = file.read_text(encoding="utf-8")
    assert "command: status -w --format\n" in told
    assert re.search(r"^chainatlas: \d", told, re.MULTILINE)
    assert re.search(r"^pyarrow: \d", told, re.MULTILINE)
    assert re.search(r"^  chainatlas/commands/data\.py:\d+ status$", told, re.MULTILINE)
    assert "write(ask(workspace), out)" in told, "the line of our code stands there"
    assert "(outside):" in told, "the test's own file is none of ours"


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("bad", UNFORESEEN, ids=lambda bad: type(bad).__name__)
def test_a_report_holds_no_data_and_no_names(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: BaseException
) -> None:
    """Neither the message of the exception, nor what was typed, nor the folders of this machine."""
    bad.__cause__ = OSError(errno.EACCES, f"{SECRET} 2", str(tmp_path / SECRET))
    _failing(monkeypatch, bad)
    assert call("status", "-w", SECRET).code == 1
    (file,) = tmp_path.glob("chainatlas-report-*.txt")
    told = file.read_text(encoding="utf-8")
    assert "raised from:" in told
    assert os.strerror(errno.EACCES) in told
    assert SECRET not in told
    folders = {str(Path.home()), str(tmp_path), str(Path(net.__file__).parent), sys.prefix, str(Path(__file__).parent)}
    assert {f for f in folders if f in told} == set()
    assert not re.search(r"(?<![\w.])/\w", told), "no path from the root"


@pytest.mark.usefixtures("on")
def test_the_same_fault_has_one_report(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _failing(monkeypatch, KeyError("a"))
    assert call("status", "-w", "甲").err == call("status", "-w", "乙").err
    assert len(list(tmp_path.glob("chainatlas-report-*"))) == 1
    assert call("status", "-w", "甲", "--lang", "en").err.startswith("ChainAtlas met an error")


@pytest.mark.usefixtures("on")
def test_a_report_that_can_stand_nowhere(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sentence comes all the same; where only the working folder is closed, the temporary one takes the report."""
    _failing(monkeypatch, KeyError("a"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    real = Path.open

    def closed(self: Path, *how: Any, **more: Any) -> Any:
        if self.name.startswith("chainatlas-report") and elsewhere not in self.parents:
            raise PermissionError(errno.EACCES, "closed", str(self))
        return real(self, *how, **more)

    monkeypatch.setattr(Path, "open", closed)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(elsewhere))
    done = call("status")
    (file,) = elsewhere.iterdir()
    assert str(file) in done.err
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "nowhere"))
    done = call("status")
    assert done.code == 1
    assert "“—”" in done.err


@pytest.mark.usefixtures("on")
def test_an_exception_that_cannot_be_looked_at(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Odd(AttributeError):
        @property
        def obj(self) -> Any:  # type: ignore[override]
            raise RuntimeError(SECRET)

    _failing(monkeypatch, Odd("a"))
    done = call("status")
    assert (done.code, SECRET in done.err) == (1, False)
    assert "“—”" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("on")
def test_nested_too_deeply(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def deep(*_: Any) -> None:
        deep()

    monkeypatch.setattr("chainatlas.api.status", deep)
    done = call("status")
    assert done.code == 1
    assert "嵌套太深" in done.err
    (file,) = tmp_path.glob("chainatlas-report-*.txt")
    told = file.read_text(encoding="utf-8")
    assert " more\n" in told
    assert len(told.splitlines()) < 150


def test_debug_shows_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(net.SWITCH, "on")
    _failing(monkeypatch, KeyError("a"))
    with pytest.raises(KeyError):
        call("status", "--debug")


# Foreseen: sentences of their own, with the net or without ---------------------------------------


@pytest.mark.parametrize(
    ("bad", "word", "code"),
    [
        (KeyboardInterrupt(), "已中断", 130),
        (MemoryError(), "内存不够", 1),
        (OSError(errno.ENOSPC, "No space left on device", "x"), "磁盘满了", 1),
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘满了", 1),
        (PermissionError(errno.EACCES, "Permission denied", "名单.csv"), "“名单.csv”", 1),
        (OSError(errno.ENAMETOOLONG, "File name too long", "长.csv"), "“长.csv”", 1),
    ],
    ids=["interrupt", "memory", "disk", "disk without a name", "permission", "long name"],
)
@pytest.mark.parametrize("switch", ["off", "on"])
def test_what_the_machine_refuses(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: BaseException, word: str, code: int, switch: str
) -> None:
    monkeypatch.setenv(net.SWITCH, switch)
    _failing(monkeypatch, bad)
    done = call("status")
    assert done.code == code
    (line,) = done.err.splitlines()
    assert word in line
    assert list(tmp_path.iterdir()) == [], "no report: it is no fault of ours"


def test_a_full_disk_wrapped_by_a_library(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = RuntimeError("write failed")
    bad.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    _failing(monkeypatch, bad)
    assert "磁盘满了" in call("status").err


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("number", [errno.EPIPE, errno.EINVAL])
def test_a_broken_connection_is_no_closed_pipe(call: Call, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Only where nobody reads what we write the end is silent and good."""
    bad = OSError(number, os.strerror(number))
    _failing(monkeypatch, bad)
    done = call("status")
    assert done.code == 1
    assert type(bad).__name__ in done.err


@pytest.mark.usefixtures("on")
def test_a_closed_pipe_as_windows_tells_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "_given_up", lambda: True)
    _failing(monkeypatch, OSError(errno.EINVAL, "Invalid argument"))
    done = call("status")
    assert (done.code, done.err) == (0, "")


@posix
def test_nobody_reads(tmp_path: Path) -> None:
    """`chainatlas schema | head -1`: silent and good."""
    program = "import time; time.sleep(.5); from chainatlas.commands import main; main()"
    child = subprocess.Popen([sys.executable, "-c", program, "schema"], cwd=tmp_path, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == ""
    child.stderr.close()
    assert child.wait(timeout=900) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_standard_output_is_full(tmp_path: Path) -> None:
    program = "from chainatlas.commands import main; main()"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", program, "schema"], cwd=tmp_path, stdout=full, text=True,
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=900)  # fmt: skip
    assert (done.returncode, done.stderr.strip().count("\n")) == (1, 0)
    assert "磁盘满了" in done.stderr


# Tests run without it ---------------------------------------------------------------------------


def test_the_net_hides_nothing_from_tests(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not net.is_on()
    _failing(monkeypatch, KeyError("a"))
    with pytest.raises(KeyError):
        call("status")


def test_processes_that_tests_start_run_without_it() -> None:
    """A command in a process of its own inherits the switch: its traceback is seen."""
    told = subprocess.run([sys.executable, "-c", "from chainatlas.commands import net; print(net.is_on())"],
                          capture_output=True, text=True, check=True, timeout=900)  # fmt: skip
    assert told.stdout.strip() == "False"


def test_no_test_starts_a_process_with_the_net(root: Path) -> None:
    """Whoever gives a process an environment of its own takes it from this one."""
    given, own = 0, []
    for file in sorted((root / "tests").rglob("*.py")):
        for hit in re.finditer(r"\benv=(?P<what>\{[^}]*\}|\w+)", file.read_text(encoding="utf-8")):
            given += 1
            if hit["what"].startswith("{") and "os.environ" not in hit["what"]:
                own.append(f"{file.name}: {hit[0]}")
    assert given >= 5
    assert own == []


def test_the_net_is_there_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(net.SWITCH)
    assert net.is_on()
    for word in ("off", "OFF", " 0", "no"):
        monkeypatch.setenv(net.SWITCH, word)
        assert not net.is_on()
