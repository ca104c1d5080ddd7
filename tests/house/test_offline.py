"""The network guard holds: what leaves this machine is refused and written down, in a test and in what it starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from guard import LIST, Refused, is_own

ELSEWHERE = "192.0.2.1"  # for documentation only (RFC 5737): nobody is there


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A list of one's own: what is refused here is meant to be."""
    file = tmp_path / "refused.txt"
    file.touch()
    monkeypatch.setenv(LIST, str(file))
    return file


def test_an_address_elsewhere_is_refused_and_written_down(refused: Path) -> None:
    with socket.socket() as one, pytest.raises(Refused):
        one.connect((ELSEWHERE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as one, pytest.raises(Refused):
        one.sendto(b"x", (ELSEWHERE, 53))
    with pytest.raises(Refused):
        socket.getaddrinfo("example.org", 80)
    assert [line.split()[0] for line in refused.read_text(encoding="utf-8").splitlines()] == [
        "socket.connect",
        "socket.sendto",
        "socket.getaddrinfo",
    ]


def test_libraries_go_nowhere_either(refused: Path) -> None:
    import urllib.request

    with pytest.raises(OSError, match="no network"):
        urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=5)
    assert ELSEWHERE in refused.read_text(encoding="utf-8")


def test_a_process_that_a_test_starts_is_guarded(refused: Path) -> None:
    program = f"import socket; socket.create_connection(('{ELSEWHERE}', 80), timeout=5)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 1
    assert "tests reach no network" in done.stderr
    assert ELSEWHERE in refused.read_text(encoding="utf-8")


def test_a_name_that_nobody_has_is_not_found(refused: Path) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nowhere.invalid", 80)
    assert refused.read_text(encoding="utf-8") == ""


def test_this_machine_answers(refused: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        socket.create_connection(("localhost", listener.getsockname()[1]), timeout=5).close()
    assert refused.read_text(encoding="utf-8") == ""


def test_what_is_this_machine() -> None:
    assert all(map(is_own, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", b"localhost", "0.0.0.0")))
    assert not any(map(is_own, ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:8.8.8.8", "localhost.example.org")))
