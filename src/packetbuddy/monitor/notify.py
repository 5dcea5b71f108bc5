"""What the service manager wants to hear (sd_notify(3)): one datagram for each word, nothing where nobody asked.

The words are sent from the loop itself: one that hangs falls silent, and systemd starts it anew.
"""

import math
import os
import socket
from collections.abc import Mapping

MICROSECONDS = 1_000_000


class Notifier:
    """Owns the address of the manager's socket, and when the next sign of life is due."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Read what systemd says of itself.

        ``NOTIFY_SOCKET`` is a path, or with ``@`` in front an abstract name. After ``WATCHDOG_USEC`` a silence is taken
        for a hang, unless ``WATCHDOG_PID`` says that another process is meant.
        """
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._pause = _half(environment) if self._address else math.inf
        self._next = math.inf
        self._ready = not self._address

    def committed(self, now: float) -> None:
        """Something is in the ledger; the first time the service is ready, and its signs of life begin."""
        if not self._ready and self._send("READY=1"):
            self._ready, self._next = True, now + self._pause

    def alive(self, now: float) -> None:
        """A sign of life, if one is due."""
        if now >= self._next and self._send("WATCHDOG=1"):
            self._next = now + self._pause

    def stopping(self) -> None:
        """It leaves because it was told to."""
        if self._address:
            self._send("STOPPING=1")

    def _send(self, word: str) -> bool:
        """Whether the manager took it; one that does not read holds nobody up."""
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaking:
                speaking.setblocking(False)  # noqa: FBT003 - positional only
                speaking.sendto(word.encode(), address)
        except OSError:
            return False
        return True


def _half(environment: Mapping[str, str]) -> float:
    """Seconds between two signs of life; infinity where none are wanted."""
    asked, whose = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not asked.isdecimal() or int(asked) == 0 or whose not in {"", str(os.getpid())}:
        return math.inf
    return int(asked) / MICROSECONDS / 2
