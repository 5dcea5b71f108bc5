"""Waiting for the next poll, a change of links or routes, or a signal, whichever comes first."""

import select
import signal
import socket
import time
from types import FrameType

from packetbuddy.monitor.door import Door


class Waiter:
    """Owns the signal handlers and the pair of sockets that they wake it with.

    ``select`` and not a selector: two descriptors, once a second, and the bare call costs half as much.
    """

    def __init__(self, changes: int | None) -> None:
        """Watch ``changes`` (a descriptor that the probe drains) and the signals of a service."""
        self.stop = False
        self.reload = False
        self._changes = changes
        self._wake, self._woken = socket.socketpair()
        self._wake.settimeout(0)
        self._woken.settimeout(0)
        wakers: list[int] = [self._woken.fileno()]
        self._watched = wakers if changes is None else [*wakers, changes]
        self._before = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, self._caught) for number in _signals()}

    def close(self) -> None:
        """Put the signal handlers back and close everything."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before)
        self._wake.close()
        self._woken.close()

    def wait(self, seconds: float, door: Door) -> bool:
        """Wait and mind the door meanwhile; true when links or routes changed. A signal ends the wait early."""
        deadline = time.monotonic() + seconds
        while True:
            ready = _ready(self._watched, deadline, door)
            if not set(ready).isdisjoint(self._watched):
                self._drain()
                return self._changes in ready
            if time.monotonic() >= deadline:
                return False

    def pause(self, seconds: float, door: Door | None = None) -> bool:
        """Wait for so long, changes or not, unless told to stop; true when told."""
        deadline = time.monotonic() + seconds
        while not self.stop and time.monotonic() < deadline:
            if self._woken.fileno() in _ready([self._woken.fileno()], deadline, door):
                self._drain()
        return self.stop

    def _drain(self) -> None:
        try:
            while self._woken.recv(64):
                continue
        except BlockingIOError:
            return

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            self.reload = True
        else:
            self.stop = True


def _ready(watched: list[int], deadline: float, door: Door | None) -> list[int]:
    """What became readable until the deadline, or until the door had something to do; the door has minded its part."""
    left = deadline - time.monotonic()
    if door is None:
        return select.select(watched, [], [], max(0.0, left))[0]
    ready = select.select([*watched, *door.descriptors()], [], [], max(0.0, min(left, door.patience())))[0]
    door.mind(ready)
    return ready


def _signals() -> list[signal.Signals]:
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]
