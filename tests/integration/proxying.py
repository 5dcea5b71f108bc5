"""A TCP proxy on loopback; what it does to the bytes between is its subclass's affair."""

import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple, Self


class Way(NamedTuple):
    """One direction of one connection."""

    source: socket.socket
    sink: socket.socket
    asking: bool
    """From the client to the server."""


class Proxy(ABC):
    """Hands on to another port of loopback. Owns its sockets and threads, all of which are gone once it is left."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._guard = threading.Lock()
        self._over = False
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._over = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # close alone leaves a thread in accept(2)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def cut(self) -> None:
        """Cut everything that is open now."""
        with self._guard:
            while self._open:
                _close(self._open.pop())

    @abstractmethod
    def _hand_on(self, way: Way) -> None:
        """Hand on what comes until there is no more; what is cut raises ``OSError``."""

    def _run(self, target: Callable[..., None], *arguments: Way) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._guard:
                if self._over:
                    client.close()
                    server.close()
                    return
                self._open += [client, server]
                for way in (Way(client, server, asking=True), Way(server, client, asking=False)):
                    self._run(self._one_way, way)

    def _one_way(self, way: Way) -> None:
        with contextlib.suppress(OSError):
            self._hand_on(way)
        with self._guard:
            for end in way[:2]:
                if end in self._open:
                    self._open.remove(end)
                    _close(end)


def _close(end: socket.socket) -> None:
    """Wake whoever reads from it, too."""
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
