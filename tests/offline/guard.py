"""The network guard: in a test, and in every Python that a test starts, nothing but this machine is reached.

It hears what Python itself announces (``sys.addaudithook``), so that no import comes before it and no library goes
around it. What it refuses is also written down, since the product turns a refused connection into a sentence: the
test fails all the same. ``sitecustomize`` beside it puts it into the processes that tests start.
"""

from __future__ import annotations

import atexit
import ipaddress
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = str(Path(__file__).parent)
LIST = "CHAINATLAS_TEST_REFUSED"
_OWN = {"", "localhost", "localhost.localdomain", "ip6-localhost"}
_INSTALLED: list[set[str]] = []


class Refused(OSError):
    """A connection to somewhere else than this machine."""


def listed() -> Path:
    """Guard this process and those it starts; return a new file that lists what they are refused."""
    handle, name = tempfile.mkstemp(prefix="chainatlas-refused-", suffix=".txt")
    os.close(handle)
    atexit.register(Path(name).unlink, missing_ok=True)
    os.environ[LIST] = name
    os.environ["PYTHONPATH"] = pythonpath()
    install()
    return Path(name)


def install() -> None:
    """Guard this process."""
    if not _INSTALLED:
        _INSTALLED.append(_OWN | {socket.gethostname().lower()} | _server())
        sys.addaudithook(_heard)


def pythonpath(*folders: str | Path) -> str:
    """Return folders for a PYTHONPATH that still carries the guard."""
    there = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(dict.fromkeys(filter(None, (HERE, *map(str, folders), *there))))


def _server() -> set[str]:
    """Return the names and addresses of the server that tests are given (NEO4J_URI): it is our own."""
    host = (urlsplit(os.environ.get("NEO4J_URI", "")).hostname or "").lower()
    if not host:
        return set()
    try:
        return {host, *(str(found[4][0]) for found in socket.getaddrinfo(host, None))}
    except OSError:
        return {host}


def _heard(event: str, told: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = told[1]
        if isinstance(address, tuple) and not is_own(address[0]):
            _refuse(event, address)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _is_known(told[0]):
        if str(_text(told[0])).endswith(".invalid"):  # a name that nobody has (RFC 2606): as without a network
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        _refuse(event, told[0])


def _text(host: Any) -> str:
    return (host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host or "")).lower()


def is_own(host: Any) -> bool:
    """Tell whether a connection to this host stays on this machine, or goes to the tests' own server."""
    name = _text(host)
    if name in (_INSTALLED[0] if _INSTALLED else _OWN):
        return True
    try:
        found = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _is_known(host: Any) -> bool:
    """Tell whether a host is an address, or a name that nobody has to be asked for."""
    try:
        ipaddress.ip_address(_text(host).partition("%")[0])
    except ValueError:
        return is_own(host)
    return True


def _refuse(event: str, address: Any) -> None:
    told = f"{event} {address!r}"
    with open(os.environ[LIST], "a", encoding="utf-8") as file:
        file.write(f"{told} in {' '.join(sys.argv)[:200]!r}\n")
    raise Refused(f"tests reach no network: {told}")
