"""Each test of this folder runs for every store that declares what the test ``needs``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from places import STATED, STORES, Place, opened
from real_server import Probe
from serving import served

from chainatlas.graph.stores.store import Capability

COLLECTED: Counter[tuple[str, str]] = Counter()
RAN: Counter[tuple[str, str]] = Counter()


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line("markers", "needs(*capabilities): runs for each store that declares all of these")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that takes a ``place`` one of each store that declares what it needs."""
    if "place" not in metafunc.fixturenames:
        return
    needed: set[Capability] = set()
    for mark in metafunc.definition.iter_markers("needs"):
        needed.update(mark.args)
    names = [name for name, store in STORES.items() if needed <= store.capabilities]
    metafunc.parametrize("place", names, indirect=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Count what there is to run, store by store."""
    if _store(item) and item.get_closest_marker("slow") is None:
        COLLECTED[item.path.name, _store(item)] += 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Count what has passed."""
    yield
    if _store(item) and item.get_closest_marker("slow") is None:
        RAN[item.path.name, _store(item)] += 1


def _store(item: pytest.Item) -> str:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return str(params["asked"][0] if "asked" in params else params.get("place", ""))


@pytest.fixture(scope="session")
def server() -> Iterator[Probe]:
    """A running server, shared with the other folders that need one."""
    with served("conformance") as probe:
        yield probe


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of a store."""
    return opened(request.param, tmp_path, request)


@pytest.fixture
def check_that_all_ran(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a check, for the end of a file, that a store has as many tests there as ``STATED`` and that they passed.

    Where only some were chosen on the command line, those have passed; this one is among them.
    """

    def check(name: str) -> None:
        file = request.path.name
        if not any("::" in arg for arg in request.config.args):
            assert COLLECTED[file, name] == STATED[file][name]
        chosen = [item for item in request.session.items if item.path == request.path and _store(item) == name]
        quick = [item for item in chosen if item.get_closest_marker("slow") is None]
        assert RAN[file, name] == len(quick) - 1

    return check
