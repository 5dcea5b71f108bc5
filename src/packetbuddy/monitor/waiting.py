"""Waiting for the next poll, a change of links or routes, or a signal, whichever comes first."""

import selectors
import signal
import socket
import time
from types import FrameType


class Waiter:
    """Owns the selector, the signal handlers and the pipe they wake it with."""

    def __init__(self, changes: int | None) -> None:
        """Watch ``changes`` (a descriptor that the probe drains) and the signals of a service."""
        self.stop = False
        self.reload = False
        self._changes = changes
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._wake.settimeout(0)
        self._woken.settimeout(0)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._before = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, self._caught) for number in _signals()}

    def close(self) -> None:
        """Put the signal handlers back and close everything."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before)
        self._selector.close()
        self._wake.close()
        self._woken.close()

    def wait(self, seconds: float, *, for_changes: bool) -> bool:
        """Wait; true when links or routes changed. A signal ends the wait early."""
        watched = for_changes and self._changes is not None
        if watched:
            self._selector.register(self._changes, selectors.EVENT_READ)  # type: ignore[arg-type]  # checked above
        try:
            ready = self._selector.select(max(0.0, seconds))
        finally:
            if watched:
                self._selector.unregister(self._changes)  # type: ignore[arg-type]  # checked above
        keys = [key.fileobj for key, _ in ready]
        if self._woken in keys:
            self._drain()
        return self._changes in keys

    def pause(self, seconds: float) -> bool:
        """Wait for so long unless told to stop; true when told."""
        deadline = time.monotonic() + seconds
        while not self.stop and (left := deadline - time.monotonic()) > 0:
            self.wait(left, for_changes=False)
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


def _signals() -> list[signal.Signals]:
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]
