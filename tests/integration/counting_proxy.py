"""A TCP proxy on loopback that counts bytes each way, and how often the direction turned: round trips."""

import contextlib
import socket
import threading
from typing import Self


class Counter:
    """Owns its listener and threads until it is left."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port: int = self._listener.getsockname()[1]
        self._guard = threading.Lock()
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def reset(self) -> None:
        """Begin to count anew."""
        self.sent = self.received = self.trips = 0
        self._asking = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for source, sink, asking in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._hand_on, args=(source, sink, asking), daemon=True).start()

    def _hand_on(self, source: socket.socket, sink: socket.socket, asking: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                with self._guard:
                    self.sent += len(data) if asking else 0
                    self.received += 0 if asking else len(data)
                    self.trips += asking and not self._asking
                    self._asking = asking
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
