"""A TCP proxy that cuts a connection after so many messages in one direction: at each statement, before or after it."""

import contextlib
import socket
import threading
from typing import Self


class Cutter:
    """Listens on a port of loopback and hands on to another; owns its threads until it is left."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._left: dict[str, int | None] = {"asked": None, "told": None}
        self._open: list[socket.socket] = []
        self._guard = threading.Lock()
        threading.Thread(target=self._accept, name="cutter", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut_after(self, *, asked: int | None = None, told: int | None = None) -> None:
        """Cut as soon as so many messages were asked (the last is not handed on) or told; ``None``: never."""
        self._left = {"asked": asked, "told": told}

    def cut(self) -> None:
        """Cut everything now."""
        with self._guard:
            while self._open:
                end = self._open.pop()
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

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
                self._open += [client, server]
            for name, source, sink in (("asked", client, server), ("told", server, client)):
                threading.Thread(target=self._hand_on, args=(name, source, sink), daemon=True).start()

    def _hand_on(self, name: str, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                left = self._left[name]
                if left is not None:
                    self._left[name] = left - 1
                    if left <= 0:
                        break
                sink.sendall(data)
        self.cut()
