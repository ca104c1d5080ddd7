"""Answering: the process in which KGLite answers what users type; started by ``aside``, run as ``serve``.

It takes orders from standard input (its length, then a pickle of our own making) and answers each on standard
output (its length, then JSON, so that nothing in an answer is ever executed). While it asks it may take only so
much memory and open no file: an expression that grows without end then ends this process, not the user's.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import islice
from typing import IO, Any

from .cypher import node_text, path_text, plain_value

ANSWER = 64_000_000  # bytes of an answer, and so of what the user's process has to hold of it
LENGTH = 8
Carried = dict[str, tuple[str, Any]]  # columns on their way here: what pandas holds each as, and its values
_LOOK = 0.02  # seconds between two looks at the memory, where the system does not limit it


def serve() -> None:
    """Answer orders until there are no more."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a process that is ended leaves no image of its memory
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    engines = Engines()
    for order in _orders(sys.stdin.buffer):
        reply = engines.answer(order)
        out.write(len(reply).to_bytes(LENGTH, "little") + reply)
        out.flush()


def _orders(given: IO[bytes]) -> Iterator[bytes]:
    while len(length := given.read(LENGTH)) == LENGTH:
        yield given.read(int.from_bytes(length, "little"))


class Engines:
    """The graphs that were filled in, by number."""

    def __init__(self) -> None:
        import kglite
        import pandas

        self._kglite: Any = kglite
        self._pandas: Any = pandas
        kglite.set_query_warning_policy("silent")
        self._held: dict[int, Any] = {}

    def answer(self, order: bytes) -> bytes:
        """Do what an order says; a failure is an answer, too: the code of its sentence, and its values."""
        try:
            name, memory, *given = pickle.loads(order)  # of our own process
            calls: dict[str, Callable[..., dict[str, Any]]] = {"new": self.new, "fill": self.fill, "ask": self.ask}
            with nullcontext() if memory is None else _held_to(memory):
                reply = _encoded(calls[name](*given))
                return reply if len(reply) <= ANSWER else _encoded({"code": "cypher_large"})
        except self._kglite.CypherTimeoutError:
            return _encoded({"code": "cypher_slow"})
        except (MemoryError, RecursionError):
            return _encoded({"code": "cypher_large"})
        except BaseException as bad:  # noqa: BLE001 - a panic of the engine is no Exception
            reason = (str(bad).splitlines() or [type(bad).__name__])[0][:300]
            # PyO3's words where Python got no memory for an object.
            large = not isinstance(bad, Exception) and "pointer is null" in reason
            return _encoded({"code": "cypher_large"} if large else {"code": "cypher_wrong", "reason": reason})

    def new(self, number: int, gone: list[int]) -> dict[str, Any]:
        """Begin an empty graph, and forget those that nobody holds any more."""
        for one in gone:
            self._held.pop(one, None)
        self._held[number] = self._kglite.KnowledgeGraph()
        return {}

    def fill(self, number: int, call: str, given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """Give a table of nodes or relations to a graph, or end its filling."""
        given = tuple(self._frame(one) if isinstance(one, dict) else one for one in given)
        getattr(self._held[number], call)(*given, **named)
        if call == "read_only":  # what is imported at the first answer is imported while files can be opened
            self._rows(self._held[number].cypher("RETURN [1] AS x"), 1)
        return {}

    def _frame(self, columns: Carried) -> Any:
        """Return columns as pandas holds them without changing a value: whole numbers stay whole."""
        made = {
            name: (
                self._pandas.array(list(values), dtype=kind)
                if kind == "Int64"
                else self._pandas.Series(values, dtype=kind)
            )
            for name, (kind, values) in columns.items()
        }
        return self._pandas.DataFrame(made)

    def ask(self, number: int, text: str, values: dict[str, Any], rows: int, seconds: float) -> dict[str, Any]:
        """Return the columns of an answer and its first rows."""
        found = self._held[number].cypher(text, params=values, timeout_ms=max(1, int(seconds * 1000)), row_limit=rows)
        return {"columns": list(found.columns), "rows": self._rows(found, rows)}

    @staticmethod
    def _rows(found: Any, rows: int) -> list[list[Any]]:
        columns = found.columns
        # One row at a time as Python holds it: nodes are many times as large as the texts that stay of them.
        return [[_value(row[c]) for c in columns] for row in islice(found, rows)]


def _encoded(reply: dict[str, Any]) -> bytes:
    return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace")


def _value(value: Any) -> Any:
    """Return what a row holds of a value: nodes, relations and paths as texts."""
    if isinstance(value, dict) and "labels" in value and "properties" in value:
        said = value["properties"]
        return node_text(value["labels"][0], said.get("key") or said.get("name"))
    if isinstance(value, dict) and {"start", "end", "type"} <= value.keys():
        return value["type"]
    if isinstance(value, dict) and {"nodes", "relationships"} <= value.keys():
        hops = [(r["type"], r["start"] == n["id"]) for n, r in
                zip(value["nodes"], value["relationships"], strict=False)]  # fmt: skip
        return path_text([_value(n) for n in value["nodes"]], hops)
    if isinstance(value, list | tuple):
        return [_value(v) for v in value]
    return plain_value(value)


@contextmanager
def _held_to(memory: int) -> Iterator[None]:
    """Hold this process to so much more memory than it has, and let it open no file.

    Linux counts the address space. Elsewhere a thread looks at what was taken; on Windows files can be opened.
    """
    with ExitStack() as held:
        taken = _address_space()
        if taken is None:
            done = threading.Event()
            threading.Thread(target=_watch, args=(_most_taken() + memory, done), daemon=True).start()
            held.callback(done.set)
        if sys.platform != "win32":
            import resource

            _lower(held, resource.RLIMIT_NOFILE, 0)
            if taken is not None:
                _lower(held, resource.RLIMIT_AS, taken + memory)
        yield


def _lower(held: ExitStack, kind: int, wanted: int) -> None:
    """Lower a limit of this process for a while."""
    if sys.platform != "win32":
        import resource

        before = resource.getrlimit(kind)
        hard = before[1]
        resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
        held.callback(resource.setrlimit, kind, before)


def _address_space() -> int | None:
    """Return the bytes of address space that this process has, where they are counted and can be limited."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _watch(most: int, done: threading.Event) -> None:
    """End this process once it has taken more than this."""
    while not done.wait(_LOOK):
        if _most_taken() > most:
            os.abort()


class _Counters(ctypes.Structure):
    """``PROCESS_MEMORY_COUNTERS`` of Windows; the last of the sizes is the most that was ever committed."""

    _fields_ = (("bytes", ctypes.c_uint32), ("faults", ctypes.c_uint32), ("sizes", ctypes.c_size_t * 8))


def _most_taken() -> int:
    """Return the most memory that this process has held."""
    if sys.platform == "win32":
        counters = _Counters(ctypes.sizeof(_Counters))
        ctypes.windll.kernel32.K32GetProcessMemoryInfo(ctypes.c_void_p(-1), ctypes.byref(counters), counters.bytes)
        return int(counters.sizes[7])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
