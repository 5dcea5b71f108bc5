"""The listening socket: bound before the API exists, tried again while another program has the port."""

import math
import socket

from packetbuddy.monitor.log import Log
from packetbuddy.settings.address import Address, dashboard_url

BACKLOG = 1024
"""Connections that may wait while the API wakes up."""
QUICK_SECONDS = 0.1
QUICK_FOR_SECONDS = 2.0
"""How long a taken port is no news: the API of a monitor that just died still has to leave."""
RETRY_SECONDS = 30.0


class Listener:
    """Owns the listening socket, where it is bound and where it should be."""

    def __init__(self, log: Log) -> None:
        """Nothing is opened yet."""
        self._log = log
        self.socket: socket.socket | None = None
        self.problem: str | None = None
        self.due = -math.inf
        """When to call :meth:`heed` again, on the monotonic clock."""
        self._bound: Address | None = None
        self._wanted: Address | None = None
        self._since = 0.0

    def heed(self, wanted: Address, now: float) -> bool:
        """Be at ``wanted``, or try again when it is time; true when the socket is a new one.

        The new place is taken before the old one is left: a port that cannot be had costs nothing.
        """
        if wanted != self._wanted:
            self._wanted, self._since, self.due = wanted, now, now
        if wanted == self._bound:
            self.problem, self.due = None, math.inf
            return False
        if now < self.due:
            return False
        try:
            opened = listen(wanted)
        except OSError as exc:
            self._failed(wanted, exc.strerror or str(exc), now)
            return False
        self._move(opened, wanted)
        return True

    def close(self) -> None:
        """Leave the port."""
        if self.socket is not None:
            self.socket.close()
        self.socket, self._bound, self._wanted = None, None, None
        self.due = -math.inf

    def _move(self, opened: socket.socket, wanted: Address) -> None:
        self.close()
        self.socket, self._bound, self._wanted = opened, wanted, wanted
        self.problem, self.due = None, math.inf
        self._log.line("info", f"the dashboard is at {dashboard_url(wanted)}")

    def _failed(self, wanted: Address, reason: str, now: float) -> None:
        if now - self._since < QUICK_FOR_SECONDS:
            self.due = now + QUICK_SECONDS
            return
        self.due = now + RETRY_SECONDS
        rest = f"the dashboard stays at {self._bound}" if self._bound else "there is no dashboard"
        problem = (
            f"degraded: {reason}: {wanted}; counting goes on, {rest};"
            f" another [api] port would do, this one is tried again every {RETRY_SECONDS:.0f} s"
        )
        if problem != self.problem:
            self._log.line("warning", problem)
        self.problem = problem


def listen(address: Address) -> socket.socket:
    """A bound, listening, non-blocking TCP socket.

    Raises:
        OSError: the address is taken, not there, or not for us.
    """
    opened = socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.settimeout(0)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # POSIX: past connections don't keep the port
        opened.bind((address.host, address.port))
        opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened
