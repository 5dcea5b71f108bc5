"""When the next run of sync is due: on marks of the wall clock, more often while somebody looks, later after failures.

All devices run on the same marks, so that a serverless database wakes once for all of them and can sleep between.
"""

import os
import time

from packetbuddy.monitor.child import Helper
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.database import database_url, sync_enabled
from packetbuddy.settings.model import Settings

FIRST_AFTER_SECONDS = 5.0
"""After the start, when the ledger holds what was counted so far."""
LEAST_SECONDS = 5.0
"""Between two runs, whatever the wall clock does."""
CHECK_SECONDS = 5.0
"""How often to see whether somebody looks."""
LOOKED_SECONDS = 45.0
"""Who looks says so every quarter of a minute."""
SPREAD_SECONDS = 10.0
"""So much apart are many devices at one mark."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30.0, 3600.0
"""After a failed run; doubled with each further one."""
SETUP_PAUSE_SECONDS = 300.0
"""After one that a person has to mend."""
SYNCED, FAILED, MEND, ANOTHER_RUNS = 0, 1, 3, 5
"""Exit codes of a run; one that failed has said why, and remembers it in the ledger."""
DEADLINE_SECONDS = 100.0
"""A run ends by itself before that."""


class Sync(Helper):
    """Owns when the last run was, and how many failed since one went well. Without a URL it does nothing at all."""

    name = "sync"
    again = "it is tried again"
    finishes = True

    def __init__(self, home: str, log: Log, tuning: Tuning) -> None:
        """The first run comes soon."""
        super().__init__(home, log)
        self._tuning, self._looking = tuning, f"{home}/looking"
        self._settings: Settings | None = None
        self._on = False
        self._failures = 0
        self._wall = 0.0
        self._resume = time.monotonic() + FIRST_AFTER_SECONDS
        self._next = 0.0
        self._spread = _chance() * SPREAD_SECONDS

    def mind(self) -> bool:
        """Collect a run that is done, start one when it is time; true when one went well. Never waits."""
        now = time.monotonic()
        if self._pid is not None:
            code = self._collect(now)
            if code is not None:
                self._heed(code, time.monotonic())
            return code == SYNCED
        if now >= self._next:
            self._next = now + CHECK_SECONDS
            self._refresh(now)
            if self._on and now >= self._resume and self._is_due(time.time() - self._spread):
                self._wall = time.time() - self._spread
                self._start(now)
        return False

    def _deadline(self) -> float:
        return DEADLINE_SECONDS

    def _tell_code(self, code: int) -> None:
        if code not in {FAILED, MEND, ANOTHER_RUNS}:
            super()._tell_code(code)

    def _refresh(self, now: float) -> None:
        """Other settings are tried at once, whatever failed before."""
        settings = self._tuning.settings
        if settings is not self._settings:
            self._on = sync_enabled(settings, os.environ) and database_url(settings, os.environ) is not None
            if self._settings is not None and settings.sync != self._settings.sync:
                self._failures, self._wall, self._resume = 0, 0.0, now
            self._settings = settings

    def _is_due(self, wall: float) -> bool:
        """After a failure when its pause is over, else when a mark has passed since the last run."""
        sync = self._tuning.settings.sync
        interval = sync.interval if self._somebody_looks() else sync.idle_interval
        return self._failures > 0 or wall // interval != self._wall // interval

    def _somebody_looks(self) -> bool:
        """The API says so by the time of a file."""
        try:
            return abs(time.time() - os.stat(self._looking).st_mtime) < LOOKED_SECONDS  # noqa: PTH116 - pathlib makes objects of it
        except OSError:
            return False

    def _heed(self, code: int, now: float) -> None:
        self._failures = 0 if code == SYNCED else self._failures + 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE_SECONDS)
        if code == MEND:
            pause = max(pause, SETUP_PAUSE_SECONDS)
        self._resume = now + (pause * (0.75 + _chance() / 2) if self._failures else LEAST_SECONDS)


def _chance() -> float:
    """Anything from 0 to 1: :mod:`random` would cost memory all day for this."""
    return os.urandom(1)[0] / 255
