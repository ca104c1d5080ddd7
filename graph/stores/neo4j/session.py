"""Session: a connection to Neo4j whose failures are sentences, and whose writes leave a checkpoint.

Every batch is one managed transaction that also advances ``step`` on the graph's meta node
and first checks that the node still names this publisher: a second publisher is refused by
name, and a connection that drops at COMMIT is resolved by reading ``step`` back.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ...schema.errors import QueryError, StoreError
from ...schema.leaving import HIDDEN, redacted, shown_uri
from .wire import META

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Record, Session

Made = TypeVar("Made")

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
_ROUTES = r"(policy|region)=[\w.-]+\Z"
_OLDEST = 5
_TRIES = 4
_CONNECT_SECONDS, _LOGIN_SECONDS, _RETRY_SECONDS, _FETCH = 10.0, 30.0, 20.0, 10_000
_PATIENCE = 300.0
_BEAT = 1_000  # records between two signs of life of a long answer

_CLAIM = f"""MERGE (m:{META} {{id: 'graph'}})
WITH m, coalesce(m.session, '') = $seen AND coalesce(m.step, 0) = $step AS free
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END |
  SET m.session = $me, m.publisher = $name, m.step = $step + 1, m.complete = false)
RETURN free, m.publisher AS holder"""
_STEP = f"""MATCH (m:{META} {{id: 'graph'}})
WITH m, m.session = $me AS mine
FOREACH (_ IN CASE WHEN mine THEN [1] ELSE [] END | SET m.step = $step)
RETURN mine, m.publisher AS holder"""
_STATE = f"MATCH (m:{META} {{id: 'graph'}}) RETURN properties(m)"
_WHERE = f"MATCH (m:{META} {{id: 'graph'}}) RETURN m.session = $me, m.step"


@dataclass(frozen=True)
class Credentials:
    """User and password; the password is never shown."""

    user: str
    password: str = field(repr=False)
    database: str | None = None


def credentials() -> Credentials:
    """Read NEO4J_USERNAME, NEO4J_PASSWORD and NEO4J_DATABASE.

    Raises
    ------
    StoreError
        User or password is not set.
    """
    user, password = os.environ.get("NEO4J_USERNAME"), os.environ.get("NEO4J_PASSWORD")
    if not user or not password:
        raise StoreError("neo4j_credentials")
    return Credentials(user, password, os.environ.get("NEO4J_DATABASE") or None)


class TooLarge(Exception):
    """A batch did not fit the server's memory for transactions; nothing of it was written."""


class Changed(Exception):
    """The server does not hold what its fingerprints vouch for; nothing of the batch was written."""


class Server:
    """An open connection to one database.

    Attributes
    ----------
    uri
        Address as it may be shown: a password in it is taken out.
    writes
        Changes that the server has counted so far (its own counters, summed up).
    waiting
        What waits for the server. Left there when it was given up: the connection cannot be closed
        in order then, which would wait for the same answer.
    """

    def __init__(
        self, uri: str, user: str, session: Session, driver: Driver, database: str | None, patience: float = _PATIENCE
    ) -> None:
        self.uri = uri
        self.writes = 0
        self.waiting: threading.Thread | None = None
        self._patience, self._heard = patience, 0.0
        self._user, self._session = user, session
        self._driver, self._database = driver, database
        self._me = uuid.uuid4().hex
        self._name = f"{getpass.getuser()}@{socket.gethostname()}, PID {os.getpid()}"
        self._step = 0

    def read(self, text: str, **values: object) -> list[list[Any]]:
        """Return the rows of a reading query."""

        def work(tx: ManagedTransaction) -> list[list[Any]]:
            rows: list[list[Any]] = []
            for record in tx.run(text, values):
                rows.append(record.values())
                if len(rows) % _BEAT == 0:
                    self._heard = time.monotonic()
            return rows

        from neo4j.exceptions import IncompleteCommit

        with told(self.uri, self._user):
            for _ in range(_TRIES - 1):
                try:
                    return self._watched(lambda: self._session.execute_read(work))
                except IncompleteCommit:
                    continue  # the driver does not repeat what was cut at COMMIT; a reading query may be
            return self._watched(lambda: self._session.execute_read(work))

    def state(self) -> dict[str, Any]:
        """Return what the graph's meta node says of it: hash, counts, whether it is complete; empty without one."""
        rows = self.read(_STATE)
        return dict(rows[0][0]) if rows else {}

    def ask(
        self, text: str, values: dict[str, Any], rows: int, seconds: float
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return columns and the first rows of a user's reading text; nothing of it is ever committed.

        Raises
        ------
        QueryError
            The server does not understand the text, or it takes longer than ``seconds``.
        """
        from neo4j import READ_ACCESS
        from neo4j.exceptions import ClientError

        options: dict[str, Any] = {"database": self._database, "default_access_mode": READ_ACCESS,
                                   "fetch_size": min(rows, _FETCH)}  # fmt: skip

        def work() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
            with self._driver.session(**options) as session, session.begin_transaction(timeout=seconds) as tx:
                result = tx.run(text, values)
                found = [tuple(record.values()) for record in islice(result, rows)]
                columns = tuple(result.keys())
                tx.rollback()
            return columns, found

        try:
            with told(self.uri, self._user):
                return self._watched(work)
        except StoreError as bad:
            cause = bad.__cause__
            if isinstance(cause, ClientError) and "TransactionTimedOut" in str(cause.code):
                raise QueryError("cypher_slow", seconds=f"{seconds:g}") from cause
            if isinstance(cause, ClientError) and ".Statement." in str(cause.code):
                raise QueryError("cypher_wrong", reason=_reason(cause)) from cause
            raise

    def change(self, text: str) -> None:
        """Run one change of the server's schema: it stands alone in its transaction."""
        with told(self.uri, self._user):
            self._count(self._watched(lambda: self._session.run(text).consume().counters))

    def claim(self, seen: str, step: int) -> None:
        """Become the publisher, unless someone has published since ``seen`` and ``step``.

        Raises
        ------
        StoreError
            Another publisher is at work; the message names it.
        """

        def work(tx: ManagedTransaction) -> None:
            result = tx.run(_CLAIM, seen=seen, step=step, me=self._me, name=self._name)
            record = result.single(strict=True)
            if not record["free"]:
                raise StoreError("neo4j_busy", uri=self.uri, holder=record["holder"])

        self._step = step
        self._commit(work)

    def write(self, statements: list[tuple[str, dict[str, Any]]], expected: int | None = None) -> list[Record | None]:
        """Run statements and the checkpoint in one transaction; return the first row of each.

        A connection lost at COMMIT is followed by a look at the checkpoint; when the
        transaction had gone through, its rows are gone and None stands for each.

        Parameters
        ----------
        expected
            How many rows each statement has to say it did (``done``).

        Raises
        ------
        Changed
            It did another number: rows that should be on the server are not.
        TooLarge
            Too much for one transaction: send fewer rows.
        StoreError
            The server cannot be reached, refuses, or another publisher took over.
        """

        def work(tx: ManagedTransaction) -> list[Record | None]:
            record = tx.run(_STEP, me=self._me, step=self._step + 1).single(strict=True)
            if not record["mine"]:
                raise StoreError("neo4j_busy", uri=self.uri, holder=record["holder"])
            found: list[Record | None] = []
            changed = []
            for text, values in statements:
                result = tx.run(text, values)
                first = result.single(strict=False)
                if expected is not None and (first is None or first["done"] != expected):
                    raise Changed
                found.append(first)
                changed.append(result.consume().counters)
            counted[:] = changed
            return found

        counted: list[Any] = []
        made = self._commit(work)
        for counters in counted:
            self._count(counters)
        return [None] * len(statements) if made is None else made

    def _commit(self, work: Callable[[ManagedTransaction], Any]) -> Any:
        """Run one transaction; after a lost connection find out by the checkpoint if it counts."""
        from neo4j.exceptions import ServiceUnavailable, SessionExpired

        with told(self.uri, self._user):
            for attempt in range(_TRIES):
                try:
                    made = self._watched(lambda: self._session.execute_write(_sized(work)))
                except (ServiceUnavailable, SessionExpired):
                    if self._arrived():
                        made = None
                    elif attempt == _TRIES - 1:
                        raise
                    else:
                        continue
                self._step += 1
                return made

    def _arrived(self) -> bool:
        rows = self._watched(lambda: self._session.execute_read(lambda tx: tx.run(_WHERE, me=self._me).values()))
        return [True, self._step + 1] in rows

    def _watched(self, work: Callable[[], Made]) -> Made:
        """Do what waits for the server on another thread, and give up when it says nothing for too long.

        The driver itself waits without end for an answer that a dead network swallows.
        """
        made: list[Made] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                made.append(work())
            except BaseException as bad:  # noqa: BLE001 - handed to the thread that asked
                failed.append(bad)

        self._heard = time.monotonic()
        self.waiting = threading.Thread(target=run, daemon=True, name="chainatlas-neo4j")
        self.waiting.start()
        while self.waiting.is_alive():
            self.waiting.join(0.5)
            if self.waiting.is_alive() and time.monotonic() - self._heard > self._patience:
                raise StoreError("neo4j_hangs", uri=self.uri, seconds=f"{self._patience:g}")
        self.waiting = None
        if failed:
            raise failed[0]
        return made[0]

    def _count(self, counters: Any) -> None:
        self.writes += sum(v for k, v in vars(counters).items()
                           if not k.startswith("_") and type(v) is int)  # fmt: skip


def _sized(work: Callable[[ManagedTransaction], Any]) -> Callable[[ManagedTransaction], Any]:
    """Turn the server's memory limit into TooLarge: the driver would retry it in vain."""

    def run(tx: ManagedTransaction) -> Any:
        from neo4j.exceptions import Neo4jError

        try:
            return work(tx)
        except Neo4jError as bad:
            if _memory(bad):
                raise TooLarge from bad
            raise

    return run


def _memory(bad: Any) -> bool:
    return str(bad.code or "").endswith("OutOfMemoryError")


@contextmanager
def connect(uri: str, auth: Credentials, database: str | None = None) -> Iterator[Server]:
    """Open a server for publishing or pulling.

    Raises
    ------
    StoreError
        No driver, no such address, not reachable, login refused, or too old a server.
    """
    try:
        from neo4j import GraphDatabase
    except ImportError as bad:
        raise StoreError("neo4j_driver") from bad
    shown = _checked(uri)
    database = database or auth.database
    patience = _patience()
    with told(shown, auth.user):
        driver = GraphDatabase.driver(
            uri, auth=(auth.user, auth.password), connection_timeout=_CONNECT_SECONDS,
            connection_acquisition_timeout=_LOGIN_SECONDS,
            max_transaction_retry_time=_RETRY_SECONDS, notifications_min_severity="OFF",
        )  # fmt: skip
        session = driver.session(database=database, fetch_size=_FETCH)
        server = Server(shown, auth.user, session, driver, database, patience)
        try:
            agent = str(driver.get_server_info().agent)
            version = re.search(r"/(\d+)", agent)
            if version and int(version.group(1)) < _OLDEST:
                raise StoreError("neo4j_version", uri=shown, found=agent)
            yield server
        finally:
            if server.waiting is None:
                session.close()
                driver.close()
            else:
                late = (server.waiting, session, driver)
                threading.Thread(target=_close_late, args=late, daemon=True).start()


def _close_late(waiting: threading.Thread, session: Session, driver: Driver) -> None:
    """Close once the answer that was given up has come, or its connection has ended."""
    from neo4j.exceptions import DriverError, Neo4jError

    waiting.join()
    for one in (session, driver):
        with suppress(DriverError, Neo4jError, OSError):
            one.close()


def _patience() -> float:
    """Seconds without a word from the server after which it is given up (CHAINATLAS_NEO4J_TIMEOUT)."""
    text = os.environ.get("CHAINATLAS_NEO4J_TIMEOUT", "").strip()
    try:
        seconds = float(text or _PATIENCE)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise StoreError("neo4j_timeout", value=text)
    return seconds


def _checked(uri: str) -> str:
    """Return the address as it may be shown; it must be one of Neo4j's with nothing in it that may be a login.

    What routes ("?policy=…") is the driver's only where the scheme routes; anything else after the port is
    refused here, since the driver repeats it when it refuses.
    """
    shown = shown_uri(uri)
    try:
        parts = urlsplit(uri)
        good = parts.scheme in _SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
        asked = parts.query.split("&") if parts.query else []
        good &= not asked or (parts.scheme.startswith("neo4j") and all(re.match(_ROUTES, a) for a in asked))
        good &= parts.path in ("", "/") and "#" not in uri and not re.search(r"[\s\x00-\x1f\\@]", uri)
    except ValueError:
        good = False
    if not good or shown.partition("://")[2].startswith(HIDDEN):
        raise StoreError("neo4j_uri", uri=shown)
    return shown


_SENTENCES = {
    "Neo.ClientError.Database.DatabaseNotFound": "neo4j_database",
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase": "neo4j_readonly",
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase": "neo4j_readonly",
    "Neo.ClientError.Security.Forbidden": "neo4j_forbidden",
}


@contextmanager
def told(uri: str, user: str) -> Iterator[None]:
    """Turn the driver's failures into sentences that name the server and what to do."""
    from neo4j.exceptions import (
        AuthError,
        ConfigurationError,
        DriverError,
        Neo4jError,
        ServiceUnavailable,
    )

    try:
        yield
    except AuthError as bad:
        raise StoreError("neo4j_auth", uri=uri, user=user) from bad
    except ConfigurationError as bad:
        raise StoreError("neo4j_uri", uri=uri) from bad
    except ServiceUnavailable as bad:
        raise StoreError("neo4j_unreachable", uri=uri, reason=_reason(bad)) from bad
    except Neo4jError as bad:
        if _memory(bad):
            raise TooLarge from bad
        code = _SENTENCES.get(str(bad.code))
        if code is not None:
            raise StoreError(code, uri=uri, user=user, reason=_reason(bad)) from bad
        if "Constraint" in str(bad.code):
            raise StoreError("neo4j_clash", uri=uri, reason=_reason(bad)) from bad
        if str(bad.code).startswith("Neo.ClientError.Security.Auth"):
            raise StoreError("neo4j_auth", uri=uri, user=user) from bad
        raise StoreError("neo4j_failed", uri=uri, reason=_reason(bad)) from bad
    except DriverError as bad:
        raise StoreError("neo4j_failed", uri=uri, reason=_reason(bad)) from bad
    except StoreError:
        raise
    except (OSError, UnicodeError) as bad:  # a host that is no name (IDNA), a socket that the driver left alone
        raise StoreError("neo4j_unreachable", uri=uri, reason=_reason(bad)) from bad
    except ValueError as bad:
        if type(bad) is not ValueError:
            raise
        code = "neo4j_unreachable" if "address" in str(bad) else "neo4j_failed"
        raise StoreError(code, uri=uri, reason=_reason(bad)) from bad


def _reason(bad: Exception) -> str:
    text = getattr(bad, "message", None) or str(bad) or type(bad).__name__
    return redacted(str(text).splitlines()[0], os.environ.get("NEO4J_PASSWORD", ""))[:300]
