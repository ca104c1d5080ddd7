"""A TCP proxy before a real server that cuts the connection at a COMMIT, or stops answering."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit

COMMIT = b"\x00\x02\xb0\x12\x00\x00"  # one Bolt chunk of two bytes: an empty structure 0x12, then the end mark


class Proxy:
    """Forwards to a server; at the ``at``-th COMMIT it does once what ``how`` says.

    ``before``: the connection is cut, the server never sees the COMMIT. ``after``: the server
    commits, its answer is lost with the connection. ``hang``: the COMMIT is swallowed and
    nothing is answered any more, the connection stays open.
    """

    def __init__(self, uri: str, how: str, at: int) -> None:
        self.how, self.at, self.commits, self.done = how, at, 0, False
        parts = urlsplit(uri)
        self._server = (str(parts.hostname), int(parts.port or 7687))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        for one in (self._listener, *self._open):
            _cut(one)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                threading.Thread(target=self._out, args=(client, server), daemon=True).start()

    def _out(self, client: socket.socket, server: socket.socket) -> None:
        lost = threading.Event()
        threading.Thread(target=_back, args=(server, client, lost), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                self.commits += data.count(COMMIT)
                if COMMIT in data and self.commits >= self.at and not self.done:
                    self.done = True
                    if self.how == "hang":
                        continue
                    if self.how == "after":
                        lost.set()  # what the server answers to this is not passed on
                        server.sendall(data)
                        continue
                    break
                server.sendall(data)
        _cut(client)
        _cut(server)


def _back(server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := server.recv(1 << 16):
            if lost.is_set():
                break
            client.sendall(data)
    _cut(client)


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
