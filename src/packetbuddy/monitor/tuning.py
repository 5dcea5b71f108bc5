"""Settings in force: the last good ones, read again when the file changes, and slower ones on battery."""

import time
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import SettingsError
from packetbuddy.metering.books import Policy
from packetbuddy.metering.readings import SECOND
from packetbuddy.settings.load import load, parse, salvage
from packetbuddy.settings.model import Settings

BATTERY_POLL = 2
BATTERY_WRITE = 6
EXACT_POLLS = 3
"""A span up to this many polls has exact times (rule 6)."""
WRITING_NS = SECOND // 2
"""A file that was changed so recently may still be being written: it is read at the next look."""

Stamp = tuple[int, int, int]
"""Of a file: nanoseconds of its last change, bytes, inode."""


class Pace(NamedTuple):
    """How often to look and to write, in nanoseconds."""

    poll_ns: int
    write_ns: int


def pace(settings: Settings, *, battery: bool) -> Pace:
    """The configured pace, slowed down on battery when the battery saver is on."""
    slow = battery and settings.monitoring.battery_saver
    poll = settings.monitoring.poll_interval * (BATTERY_POLL if slow else 1)
    write = settings.monitoring.batch_write_interval * (BATTERY_WRITE if slow else 1)
    return Pace(int(poll * SECOND), int(write * SECOND))


def policy(settings: Settings, at: Pace) -> Policy:
    """The accounting's policy at this pace."""
    return Policy(EXACT_POLLS * at.poll_ns, settings.monitoring.max_rate)


class Tuning:
    """Owns the settings in force and what is wrong with the file, if anything."""

    def __init__(self, path: Path) -> None:
        """Load the file; where it has a mistake the default counts instead, and :attr:`problem` says so."""
        self._path = path
        self._stamp: Stamp | None = None
        self._missed_s: float | None = None
        self.problem: str | None = None
        self.settings = parse({})
        if not self.refresh(force=True) and self.problem is not None:
            self.settings = salvage(path)

    def refresh(self, *, force: bool = False) -> bool:
        """Read the file again if it changed; true when new settings are in force. A mistake keeps the old ones.

        An editor empties or removes a file before it fills it, and an empty or missing one means the defaults: unless
        ``force`` says that the file is whole, one that changed this moment, or was only just missed, is left for the
        next time.
        """
        stamp = _stamp(self._path)
        settled = self._is_settled(stamp)
        if not force and (stamp == self._stamp or not settled):
            return False
        before = self.settings
        try:
            found, problem = load(self._path), None
        except SettingsError as exc:
            found, problem = before, f"{exc} ({exc.hint})" if exc.hint else str(exc)
        if not force and _stamp(self._path) != stamp:  # it changed while it was read
            return False
        self._stamp, self.settings, self.problem = stamp, found, problem
        return self.settings != before

    def _is_settled(self, stamp: Stamp | None) -> bool:
        """Whether the file, or its absence, is so old that nobody is at it; a clock that was set back keeps nothing."""
        if stamp is not None:
            self._missed_s = None
            return not 0 <= time.time_ns() - stamp[0] < WRITING_NS
        now = time.monotonic()
        self._missed_s = now if self._missed_s is None else self._missed_s
        return (now - self._missed_s) * SECOND >= WRITING_NS


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
