"""The API awake only while somebody looks: the monitor holds the socket and starts the API when a connection waits.

While the API serves, the monitor looks away from the socket; it takes it back when the API closes its standard output
or dies (the inetd pattern). So an idle API costs nothing, and no connection is lost between the one that leaves and the
next: it waits in the socket's queue.
"""

import math
import select
import signal
import sys
import time
from collections.abc import Sequence

from packetbuddy.monitor.door import Door
from packetbuddy.monitor.listening import Listener
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.refusals import Refusals
from packetbuddy.monitor.serving import Child, part_with, python
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.address import address_of
from packetbuddy.settings.model import Settings

REFUSE_AFTER = 3
"""Failed starts in a row after which the monitor answers by itself."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Between failed starts; doubled each time."""
YOUNG_SECONDS = 10.0
"""A crash at this age is a failed start."""
LOOK_SECONDS, LOOK_FOR_SECONDS = 0.005, 5.0
"""How often, and how long after a start, to look whether the API has taken the connection that woke it."""
SETTLE_SECONDS = 0.01
"""After a give-back: long enough to see whether it was one, or the end of a process that crashed."""
DRAIN_SECONDS = 60.0
STUCK_SECONDS, STUCK_LOOKS = 60.0, 3
"""A start that takes so long, over so many looks, is none."""
PARTING_SECONDS = 0.3


def open_door(home: str, log: Log, tuning: Tuning) -> Door:
    """The door of this system. Nothing is opened before its first ``mind``."""
    if sys.platform == "win32":
        from packetbuddy.monitor.resident import Resident  # noqa: PLC0415 - only there; it loads subprocess

        return Resident(log, tuning, python("packetbuddy.api", home))
    return Activation(log, tuning, python("packetbuddy.api", home))


class Activation:
    """Owns the socket and the children: at most one that serves, any number that drain. See :class:`.door.Door`."""

    def __init__(self, log: Log, tuning: Tuning, command: Sequence[str]) -> None:
        """``command`` starts the API with the socket as descriptor 3."""
        self._log, self._tuning, self._command = log, tuning, command
        self._listener = Listener(log)
        self._refusals = Refusals()
        self._serving: Child | None = None
        self._leaving: list[Child] = []
        self._failures = 0
        self._resume = 0.0
        self._heeded: Settings | None = None

    @property
    def problem(self) -> str | None:
        """Why there is no dashboard where the settings say."""
        return self._listener.problem

    def descriptors(self) -> list[int]:
        """The pipe of the child that serves, else the socket when it may be answered; those who were refused."""
        watched = self._refusals.descriptors()
        if self._serving is not None:
            watched.append(self._serving.returned)
        elif self._listener.socket is not None and (self._failures >= REFUSE_AFTER or time.monotonic() >= self._resume):
            watched.append(self._listener.socket.fileno())
        return watched

    def patience(self) -> float:
        """Until the port is tried again, a pause is over, or a new child is looked at."""
        now = time.monotonic()
        child, due = self._serving, math.inf
        if child is not None and not child.took and now - child.started < LOOK_FOR_SECONDS:
            due = now + LOOK_SECONDS
        elif child is None and self._resume > now:
            due = self._resume
        return max(0.0, min(self._listener.due, due) - now)

    def mind(self, ready: Sequence[int]) -> None:
        """Collect who is gone, take the socket back, start the API, heed the settings."""
        now = time.monotonic()
        if not ready and self._at_rest(now):
            return
        self._collect(now)
        self._refusals.mind(ready, now)
        if self._serving is not None:
            self._attend(self._serving, ready, now)
        elif self._listener.socket is not None and self._listener.socket.fileno() in ready:
            self._answer(now)
        self._heed(now)

    def close(self) -> None:
        """Free the port; the children leave at once."""
        self._listener.close()
        self._refusals.close()
        part_with(self._children(), PARTING_SECONDS)
        self._serving, self._leaving = None, []

    def _at_rest(self, now: float) -> bool:
        """Nobody looks, and the socket is where the settings say: the common case, all day, kept cheap."""
        return (
            self._serving is None
            and self._tuning.settings is self._heeded
            and now < self._listener.due
            and not self._leaving
            and not self._refusals.descriptors()
        )

    def _children(self) -> list[Child]:
        return self._leaving if self._serving is None else [*self._leaving, self._serving]

    def _answer(self, now: float) -> None:
        if now < self._resume:
            if self._failures >= REFUSE_AFTER and self._listener.socket is not None:
                self._refusals.answer(self._listener.socket, now)
            return
        self._start(now)

    def _start(self, now: float) -> None:
        if self._listener.socket is None:
            return
        try:
            self._serving = Child(self._command, self._listener.socket.fileno(), now)
        except OSError as exc:
            self._failed(exc.strerror or str(exc), now)

    def _attend(self, child: Child, ready: Sequence[int], now: float) -> None:
        """Take the socket back when it is given; else see that the child begins."""
        if child.returned in ready and child.gave_back():
            child.took = child.took or not self._queued()
            child.gave_up = now
            self._serving = None
            self._leaving.append(child)
            self._resume = max(self._resume, now + SETTLE_SECONDS)
        elif not child.took:
            self._look_at(child, now)

    def _look_at(self, child: Child, now: float) -> None:
        """See whether the connection that woke it is taken; a child that does not do it in time hangs."""
        child.took = not self._queued()
        child.looks += 1
        if not child.took and child.looks >= STUCK_LOOKS and now - child.started > STUCK_SECONDS:
            self._log.line("warning", "the API does not take connections and is ended")
            child.kill()

    def _queued(self) -> bool:
        """Whether a connection waits in the socket's queue."""
        socket = self._listener.socket
        return socket is not None and bool(select.select([socket], [], [], 0)[0])

    def _collect(self, now: float) -> None:
        for child in list(self._children()):
            code = child.ended()
            if code is not None:
                self._forget(child, code, now)
            elif child.gave_up and now - child.gave_up > DRAIN_SECONDS:
                child.kill()

    def _forget(self, child: Child, code: int, now: float) -> None:
        if child is self._serving:
            self._serving = None
            child.took = child.took or not self._queued()
        else:
            self._leaving.remove(child)
        child.release()
        if _failed_to_start(child, code, now):
            self._failed(f"exit code {code}" if code >= 0 else f"signal {-code}", now)
        else:
            self._failures = 0

    def _failed(self, reason: str, now: float) -> None:
        self._failures += 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE_SECONDS)
        self._resume = now + pause
        meanwhile = ", 503 is answered meanwhile" if self._failures >= REFUSE_AFTER else ""
        words = f"the API failed to start ({reason}), {self._failures} in a row; tried again in {pause:g} s"
        self._log.line("warning", words + meanwhile)

    def _heed(self, now: float) -> None:
        """Be where the settings say. A child that serves the old socket goes; all other settings it reads itself."""
        self._heeded = self._tuning.settings
        if not self._listener.heed(address_of(self._heeded.api), now):
            return
        self._failures, self._resume = 0, 0.0
        child, self._serving = self._serving, None
        if child is not None:
            child.ask_to_leave()
            child.gave_up = now
            self._leaving.append(child)


def _failed_to_start(child: Child, code: int, now: float) -> bool:
    """Whether an end at this age is the API's own fault.

    A SIGTERM before it could heed one is somebody's wish, and so is a kill -9 after it took a connection; before that a
    kill -9 may well be the system's, out of memory.
    """
    if child.told or code in {0, -signal.SIGTERM}:
        return False
    return not child.took or (code != -signal.SIGKILL and now - child.started < YOUNG_SECONDS)
