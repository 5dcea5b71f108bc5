"""A stopwatch for promises of time: a busy machine breaks none of them, on a calm one they hold strictly."""

import os
import time
from pathlib import Path

PRESSURE = [Path("/proc/pressure/cpu"), Path("/proc/pressure/io")]
"""Where Linux tells for how long some task had to wait (https://docs.kernel.org/accounting/psi.html)."""
MOST = 4
"""So many times what the kernel tells is believed, on however many processors."""
EXCUSED = 0.9
"""Of any time at most so much: what hangs is no busy machine."""
STEAL = 7
"""The column of ``/proc/stat`` with the time that the host gave to others (proc_stat(5))."""


class Stopwatch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._began, self._stalls = time.monotonic(), _stalled()

    @property
    def stalled(self) -> float:
        """Seconds in which some process waited for a processor or the disk: at most, where one waited after another."""
        return _stalled() - self._stalls

    @property
    def seconds(self) -> float:
        """How long it has run, without what was stalled, but a tenth of it at least."""
        passed = time.monotonic() - self._began
        return passed - excused(passed, self.stalled)


def excused(passed: float, stalled: float) -> float:
    """What a busy machine excuses of the seconds that passed."""
    return min(stalled, EXCUSED * passed)


def _stalled() -> float:
    """The kernel averages what its processors waited; it may have been one that waited all that time."""
    waited = sum(_total(path.read_text("ascii")) for path in PRESSURE if path.exists()) / 1e6
    return waited * min(os.cpu_count() or 1, MOST) + _stolen()


def _total(told: str) -> int:
    """Microseconds of the line ``some avg10=0.00 avg60=0.00 avg300=0.00 total=53463218``."""
    return int(told.split("total=", 1)[1].split(None, 1)[0])


def _stolen() -> float:
    """Seconds of all processors together."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    with stat.open("rb") as lines:
        return int(lines.readline().split()[1 + STEAL]) / os.sysconf("SC_CLK_TCK")
