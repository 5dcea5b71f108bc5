"""A stopwatch for promises of time: a busy machine breaks none of them, on a calm one they hold strictly."""

import time
from pathlib import Path

PRESSURE = [Path("/proc/pressure/cpu"), Path("/proc/pressure/io")]
"""Where Linux tells for how long some task had to wait (https://docs.kernel.org/accounting/psi.html)."""


class Stopwatch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._began, self._stalled = time.monotonic(), _stalled()

    @property
    def seconds(self) -> float:
        """How long it has run, without the time in which some process waited for a processor or the disk."""
        return max(0.0, time.monotonic() - self._began - (_stalled() - self._stalled))


def _stalled() -> float:
    return sum(_total(path.read_text("ascii")) for path in PRESSURE if path.exists()) / 1e6


def _total(told: str) -> int:
    """Microseconds of the line ``some avg10=0.00 avg60=0.00 avg300=0.00 total=53463218``."""
    return int(told.split("total=", 1)[1].split(None, 1)[0])
