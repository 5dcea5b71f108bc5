"""When somebody has to look whether an alert is due. The comparison is cheap; the looking is a short-lived child's."""

import time
from collections.abc import Callable
from fnmatch import fnmatchcase

from packetbuddy.metering.meter import Meter
from packetbuddy.monitor.child import Helper
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.model import Settings
from packetbuddy.storage.trips import Trip, Waits

FIRST_AFTER_SECONDS = 3.0
"""After the start, when there is a ledger."""
EVERY_SECONDS = 20.0
"""How often the bytes are compared, however seldom they are written."""
LEAST_SECONDS, LONGEST_SECONDS = 5.0, 24 * 3600.0
"""Between two looks, whatever the wall clock does."""
AGAIN_SECONDS = 600.0
"""After a look that failed."""
SOON_SECONDS = 5.0
"""After one that found another still at work."""
LOOKED, FAILED, ANOTHER_LOOKS = 0, 1, 5
"""Exit codes of a look; one that failed has said why."""
DEADLINE_SECONDS = 600.0
"""A look ends much sooner; its deliveries have deadlines of their own."""

Bytes = dict[str, int]
"""Counted bytes by interface."""


class Alarm(Helper):
    """Owns what moved since the last look, and when the next one is due. Without a plan it does nothing at all."""

    name = "alerts"
    again = "it is tried again in ten minutes"
    finishes = True

    def __init__(self, home: str, log: Log, tuning: Tuning) -> None:
        """The first look comes soon: what was told before is in the ledger."""
        super().__init__(home, log)
        self._tuning = tuning
        self._settings: Settings | None = None
        self._waits: Waits | None = None
        self._committed: Bytes = {}
        self._base: Bytes = {}
        now = time.monotonic()
        self._due, self._next = now + FIRST_AFTER_SECONDS, now
        self._due_ns: int | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to wait for."""
        return self._pid is None and not self._tuning.settings.plans

    def committed(self, moved: Bytes) -> None:
        """So much was written: it does not wait in the meter any more. Each write is a moment to compare."""
        self._committed = _added(self._committed, moved)
        self._next = 0.0

    def heard(self) -> None:
        """Other devices' figures came: who shares a plan looks again."""
        if any(plan.devices != ("this",) for plan in self._tuning.settings.plans):
            self._due = 0.0

    def mind(self, meter: Meter, waits: Callable[[], Waits | None]) -> None:
        """Collect a look that is done; start one when it is time, or enough has moved. ``waits`` asks the ledger."""
        now = time.monotonic()
        if self._pid is not None:
            code = self._collect(now)
            if code is not None:
                self._heed(code, waits(), now)
            return
        if self._tuning.settings is not self._settings or now >= self._due:
            self._look(meter, now)
        elif now >= max(self._next, self._started + LEAST_SECONDS):
            self._next = now + EVERY_SECONDS
            if self._tripped(meter) or (self._due_ns is not None and time.time_ns() >= self._due_ns):
                self._look(meter, now)

    def _deadline(self) -> float:
        return DEADLINE_SECONDS

    def _tell_code(self, code: int) -> None:
        """A look that failed said why itself; only one that could not is worth a line."""
        if code not in {FAILED, ANOTHER_LOOKS}:
            super()._tell_code(code)

    def _look(self, meter: Meter, now: float) -> None:
        self._settings = self._tuning.settings
        self._base = _added(self._committed, waiting(meter))
        self._due, self._next = now + AGAIN_SECONDS, now + EVERY_SECONDS
        self._start(now)

    def _heed(self, code: int, waits: Waits | None, now: float) -> None:
        """Take over what a look left behind, if it did: by the clock on the wall, and by one that is never set."""
        if code == ANOTHER_LOOKS:
            self._due = now + SOON_SECONDS
        if waits is None or code not in {LOOKED, FAILED} or waits == self._waits:
            self._due_ns = None
            return
        ahead = (waits.due_ns - time.time_ns()) / 1e9
        self._waits, self._due_ns = waits, waits.due_ns
        self._due = now + min(max(ahead, LEAST_SECONDS), LONGEST_SECONDS)

    def _tripped(self, meter: Meter) -> bool:
        if self._waits is None or not self._waits.trips:
            return False
        total = _added(self._committed, waiting(meter))
        moved = {name: size - self._base.get(name, 0) for name, size in total.items()}
        return any(_on(trip, moved) >= trip.size for trip in self._waits.trips)


def waiting(meter: Meter) -> Bytes:
    """Counted bytes that wait to be written."""
    found: Bytes = {}
    for _, batch in meter.harvest().batches:
        for (_, name, counted), amounts in batch.cells.items():
            if counted:
                found[name] = found.get(name, 0) + amounts[0] + amounts[1]
    return found


def _on(trip: Trip, moved: Bytes) -> int:
    patterns = trip.links or ("*",)
    return sum(size for name, size in moved.items() if any(fnmatchcase(name, pattern) for pattern in patterns))


def _added(one: Bytes, other: Bytes) -> Bytes:
    return {name: one.get(name, 0) + other.get(name, 0) for name in one.keys() | other.keys()}
