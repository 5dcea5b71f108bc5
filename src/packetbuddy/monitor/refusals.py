"""503 of last resort: one fixed text from the monitor itself, while the API cannot be started."""

import socket
from collections.abc import Sequence

MOST_AT_ONCE = 20
"""Connections answered before the poll gets its turn again."""
MOST_OPEN = 64
LINGER_SECONDS = 2.0
"""How long an answered connection stays half open: closing it on an unread request would take the answer back."""
_BODY = (
    b'{"error":{"code":"api_unavailable","message":"The API cannot be started at the moment; counting goes on.",'
    b'"hint":"`pb service logs` says why; it is tried again"}}'
)
TEXT = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nRetry-After: 5\r\nConnection: close\r\n\r\n%s" % (len(_BODY), _BODY)
)


class Refusals:
    """Owns the connections that were answered and still may read the answer. Nothing here blocks."""

    def __init__(self) -> None:
        """Nobody was refused yet."""
        self._open: dict[int, tuple[socket.socket, float]] = {}

    def descriptors(self) -> list[int]:
        """The connections to watch."""
        return list(self._open)

    def answer(self, listener: socket.socket, now: float) -> None:
        """Answer a bounded number of those who wait."""
        for _ in range(MOST_AT_ONCE):
            try:
                connection = listener.accept()[0]
            except OSError:  # nobody waits any more, or who did is gone
                return
            self._refuse(connection, now)
        while len(self._open) > MOST_OPEN:
            self._close(next(iter(self._open)))

    def mind(self, ready: Sequence[int], now: float) -> None:
        """Close those who have hung up, and those who had their time."""
        for descriptor, (connection, deadline) in list(self._open.items()):
            if now >= deadline or (descriptor in ready and _hung_up(connection)):
                self._close(descriptor)

    def close(self) -> None:
        """Close everything."""
        for descriptor in list(self._open):
            self._close(descriptor)

    def _refuse(self, connection: socket.socket, now: float) -> None:
        connection.settimeout(0)
        try:
            connection.send(TEXT)  # an empty send buffer takes all of it
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            connection.close()
            return
        self._open[connection.fileno()] = (connection, now + LINGER_SECONDS)

    def _close(self, descriptor: int) -> None:
        self._open.pop(descriptor)[0].close()


def _hung_up(connection: socket.socket) -> bool:
    try:
        return not connection.recv(65_536)
    except BlockingIOError:
        return False
    except OSError:
        return True
