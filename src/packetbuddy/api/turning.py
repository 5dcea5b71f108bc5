"""Turning away whom there is no room for: said at once, and closed without a connection's costs."""

import asyncio
import socket
from collections import deque
from contextlib import suppress

from packetbuddy.api.guard import sealing
from packetbuddy.api.problems import BUSY

MOST_LINGERING = 64
LINGER_SECONDS = 0.5
"""A socket that is closed on unread bytes takes back what it said; so long has the other side to read it."""


class Turner:
    """Owns the sockets that were told to come again and are not closed yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nobody yet."""
        self._loop = loop
        self._lingering: deque[socket.socket] = deque()

    def turn_away(self, accepted: socket.socket) -> None:
        """Say 503 and close soon."""
        accepted.settimeout(0)
        with suppress(OSError):
            accepted.send(_busy())
            accepted.shutdown(socket.SHUT_WR)
        self._lingering.append(accepted)
        if len(self._lingering) > MOST_LINGERING:
            self._lingering.popleft().close()
        self._loop.call_later(LINGER_SECONDS, self._close, accepted)

    def close(self) -> None:
        """Let them all go."""
        while self._lingering:
            self._lingering.popleft().close()

    def _close(self, accepted: socket.socket) -> None:
        if accepted in self._lingering:
            self._lingering.remove(accepted)
            accepted.close()


def _busy() -> bytes:
    body = BUSY.body()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"2"),
        (b"connection", b"close"),
    ]
    headers += sealing("/api", headers, [])
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return b"HTTP/1.1 503 Service Unavailable\r\n" + lines + b"\r\n" + body
