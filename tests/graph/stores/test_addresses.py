"""Addresses of servers: what may be a login is refused, and shown nowhere: no sentence, traceback, usage error."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from building import SCHEMA

from chainatlas.graph.schema.errors import StoreError
from chainatlas.graph.stores.neo4j.session import Credentials, connect, told
from chainatlas.graph.stores.neo4j.store import Neo4jStore

SECRET = "geheim-s3cret"
LOGIN = Credentials("neo4j", "any")
REFUSED = (
    f"bolt://neo4j:{SECRET}@127.0.0.1:1",
    f"bolt://{SECRET}@127.0.0.1:1",
    f"neo4j:{SECRET}@127.0.0.1:1",
    f"bolt:neo4j:{SECRET}@127.0.0.1:1",
    f"bolt:/neo4j:{SECRET}@127.0.0.1:1",
    f"bolt://neo4j:{SECRET}",
    f"bolt://127.0.0.1:{SECRET}",
    f"bolt://127.0.0.1:1/{SECRET}",
    f"bolt://127.0.0.1:1?password={SECRET}",
    f"neo4j://127.0.0.1:1?password={SECRET}",
    f"neo4j://127.0.0.1:1?policy=a&x={SECRET}",
    f"neo4j://127.0.0.1:1?{SECRET}",
    f"bolt://127.0.0.1:1#{SECRET}",
    f"bolt://neo4j:a/{SECRET}@127.0.0.1:1",
    f"bolt://neo4j:a?{SECRET}@127.0.0.1:1",
    f"bolt://neo4j:a#{SECRET}@127.0.0.1:1",
    f"bolt://neo4j:a@{SECRET}@127.0.0.1:1",
    f"bolt://neo4j:a {SECRET}@127.0.0.1:1",
    f"bolt://127.0.0.1:1\\{SECRET}",
    f"https://u:{SECRET}@127.0.0.1:1",
    f"bolt://[::1:{SECRET}",
    f"ｂolt://neo4j:{SECRET}@127.0.0.1",
    f"bolt://neo4j:{SECRET}\n@127.0.0.1",
)


@pytest.mark.parametrize("uri", REFUSED)
def test_an_address_with_more_than_a_place_is_refused_and_not_repeated(uri: str) -> None:
    with pytest.raises(StoreError) as bad, connect(uri, LOGIN):
        pass
    assert bad.value.code == "neo4j_uri"
    assert SECRET not in "".join(traceback.format_exception_only(bad.value))
    assert SECRET not in bad.value.text("zh") + bad.value.text("en") + repr(bad.value.values)
    assert SECRET not in Neo4jStore(uri, SCHEMA, LOGIN).place


@pytest.mark.parametrize(
    "uri", ["bolt://127.0.0.1:1", "bolt://127.0.0.1:1/", "neo4j://127.0.0.1:1?policy=eu", "neo4j://localhost:1"]
)
def test_a_place_is_asked(uri: str) -> None:
    """Nobody listens there: that it was tried is seen from the sentence."""
    with pytest.raises(StoreError) as bad, connect(uri, LOGIN) as server:
        server.state()
    assert bad.value.code == "neo4j_unreachable"
    assert uri.partition("?")[0].rstrip("/") in bad.value.text("zh")


@pytest.mark.parametrize("host", ["a" * 70, "a..b", "nowhere.invalid", "\u00ad"])
def test_a_host_that_is_none_is_told_in_a_sentence(host: str) -> None:
    with pytest.raises(StoreError) as bad, connect(f"bolt://{host}:1", LOGIN) as server:
        server.state()
    assert bad.value.code in ("neo4j_unreachable", "neo4j_uri")


@pytest.mark.parametrize(
    "kind", ["ServiceUnavailable", "ConfigurationError", "DriverError", "Neo4jError", "ValueError"]
)
def test_what_a_driver_repeats_is_cleaned(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    from neo4j import exceptions

    monkeypatch.setenv("NEO4J_PASSWORD", "pass-w0rd-口令")
    made = getattr(exceptions, kind, ValueError)
    text = f"no bolt://u:{SECRET}@h:1/?x={SECRET} for u:{SECRET}@h with pass-w0rd-口令"
    with pytest.raises(StoreError) as bad, told("bolt://h:1", "u"):
        raise made(text)
    assert not any(secret in bad.value.text("zh") for secret in (SECRET, "pass-w0rd-口令"))


def test_usage_errors_repeat_no_login(tmp_path: Path) -> None:
    """The address in the wrong place of a command: as a command, one word too many, an option's value."""
    uri = f"bolt://neo4j:{SECRET}@127.0.0.1:1"
    program = (
        "import sys; from chainatlas.commands import main\n"
        f"for words in ({[uri]!r}, {['loads', uri]!r}, {['pull', uri, uri]!r}, {['gaps', '--top', uri]!r},\n"
        f"              {['gaps', '--' + uri]!r}, {['gaps', '--format', uri]!r}, {['loads', f'neo4j:{SECRET}@h']!r},\n"
        f"              {['loads', '-w', uri]!r}, {['load', uri]!r}):\n"
        "    sys.argv = ['chainatlas', *words]\n"
        "    try: main()\n"
        "    except SystemExit as end: assert end.code in (1, 2)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("127.0.0.1:1") >= 5
    assert SECRET not in done.stdout + done.stderr
