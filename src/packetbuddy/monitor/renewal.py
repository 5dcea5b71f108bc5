"""Looking for another version is a short-lived child's work; the monitor only makes way when one waits."""

import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from packetbuddy.monitor.child import Helper
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.renewing import ASKED, MAKE_WAY, UNREACHABLE, haste

SOON_SECONDS = 1800.0
"""After a check whose source could not be asked."""
HOUR = 3600.0
LOOK_SECONDS = 1.0


class Renewal(Helper):
    """Owns when the next check is due, and whether to make way."""

    name = "updates"
    again = "it is tried again later"

    def __init__(self, home: Path, log: Log, tuning: Tuning, environment: Mapping[str, str]) -> None:
        """The first check comes soon after the start, or as late as any other."""
        super().__init__(str(home), log)
        self._tuning, self._times, self._asked = tuning, haste(environment), home / ASKED
        self.makes_way = False
        """Whether to leave, so that another version is started."""
        self._last = time.monotonic()
        self._next = self._last
        self._first = tuning.settings.auto_update.check_on_startup
        self._soon = math.inf

    def mind(self) -> None:
        """Start a check when it is time, and heed what came of the last one. Costs nothing in between."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + LOOK_SECONDS
        if self._pid is not None:
            code = self._collect(now)
            if code is not None:
                self._heed(code)
        elif self._tuning.settings.auto_update.enabled and now >= self._last + min(self._pause(), self._soon):
            self._last, self._first, self._soon = now, False, math.inf
            self._asked.unlink(missing_ok=True)
            self._start(now)

    def _pause(self) -> float:
        if self._first:
            return self._times.first
        return self._times.every or self._tuning.settings.auto_update.check_interval_hours * HOUR

    def _heed(self, code: int) -> None:
        if code == UNREACHABLE:
            self._soon = SOON_SECONDS
        self.makes_way = code == MAKE_WAY or (sys.platform == "win32" and self._asked.exists())

    def _tell_code(self, code: int) -> None:
        """A check says itself what there is to say; only one that could not is worth a line."""
        if code not in {UNREACHABLE, MAKE_WAY}:
            super()._tell_code(code)
