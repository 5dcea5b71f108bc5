"""A small household's ledger with figures that can be added up by hand, and the API that serves it on another day.

``python story.py HOME FIRST LAST`` writes it: hourly usage on ``wlan0``, every working day at ten on ``lan0`` too, from
the morning of FIRST to LAST (``YYYY-MM-DDTHH``, UTC). 5 March was not observed at all, 7 March half; on 9 March the
times of one hour are estimated; the peak was on Valentine's evening.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from packetbuddy import __version__
from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS, SLOTS_PER_DAY, slot_of
from packetbuddy.probes import open_probe
from packetbuddy.settings.places import Home, ensure
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.naming import SERIES_BITS
from packetbuddy.storage.settling import rebuild_days
from packetbuddy.storage.writer import Beat, Flush, Writer
from unit.ports import free_port

if TYPE_CHECKING:
    from acceptance.faking import WallClock

HERE = Path(__file__)
WIFI, CABLE = 1, 2
LOST, HALF, GUESSED = (datetime(2026, 3, day, tzinfo=UTC).date() for day in (5, 7, 9))
PEAK_AT = datetime(2026, 2, 14, 20, tzinfo=UTC)
PEAK = 42_000_000
WRITES_NS = 3600 * SECOND
"""The story's monitor writes once only: its next write must not be overdue while tests look."""
CONFIG = """
[monitoring]
interface = "wlan0"  # not on this machine: nothing but the story counts
[display]
timezone = "Etc/UTC"
"""


class Hour(NamedTuple):
    """An hour of the story."""

    at: datetime
    series: int
    received: int
    sent: int
    estimated: int
    peak: int

    @property
    def total(self) -> int:
        """Both directions."""
        return self.received + self.sent


class Sums(NamedTuple):
    """Directions of several hours."""

    received: int
    sent: int

    @property
    def total(self) -> int:
        """Both directions."""
        return self.received + self.sent


class Story(NamedTuple):
    """From the first hour to before the last."""

    first: datetime
    last: datetime

    def hours(self, series: int | None = None) -> Iterator[Hour]:
        """What moved, hour by hour."""
        at = self.first
        while at < self.last:
            if observed(at):
                yield from (hour for hour in _hour(at) if series in {None, hour.series})
            at += timedelta(hours=1)

    def sums(self, prefix: str = "", series: int | None = None) -> Sums:
        """Sums of the hours whose time begins with ``prefix`` ("2026-03-18")."""
        hours = [hour for hour in self.hours(series) if hour.at.isoformat().startswith(prefix)]
        return Sums(sum(hour.received for hour in hours), sum(hour.sent for hour in hours))


def observed(at: datetime) -> bool:
    """Whether anybody counted in this hour."""
    return at.date() != LOST and not (at.date() == HALF and at.hour >= 12)


def _hour(at: datetime) -> Iterator[Hour]:
    received = 1_000_000 * (at.day + at.hour + 1) + at.month
    estimated = received if at.date() == GUESSED and at.hour == 9 else 0
    peak = PEAK if at == PEAK_AT else 1_000 * at.day
    yield Hour(at, WIFI, received, 100_000 * (at.hour + 1), estimated, peak)
    if at.weekday() < 5 and at.hour == 10:
        yield Hour(at, CABLE, 250_000_000, 12_500_000, 0, 900_000)


def write(home: Home, story: Story) -> None:
    """Fill an empty home: the rows, when anybody looked, and one real look at this machine."""
    ensure(home)
    home.config.write_text(CONFIG, "utf-8")
    Writer(home.ledger).close()
    with closing(sqlite3.connect(home.ledger, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        connection.execute("INSERT INTO interfaces VALUES (2, 'wlan0', 'hardware'), (3, 'lan0', 'hardware')")
        connection.executemany("INSERT INTO series VALUES (?, ?, 1, 0)", [(WIFI, 2), (CABLE, 3)])
        connection.executemany("INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)", map(_row, story.hours()))
        connection.executemany("INSERT INTO watched VALUES (NULL, ?, ?, 0)", _watched(story))
        days = [slot_of(_ns(at)) // SLOTS_PER_DAY for at in (story.first, story.last)]
        rebuild_days(connection, days[0], days[1], 1)
        connection.execute("UPDATE state SET revision = 1")
        connection.execute("COMMIT")
    _look(home)


def _row(hour: Hour) -> tuple[int, ...]:
    slot = slot_of(_ns(hour.at))
    return slot << SERIES_BITS | hour.series, hour.received, hour.sent, hour.estimated, hour.peak, 0, hour.peak


def _watched(story: Story) -> Iterator[tuple[int, int]]:
    at = story.first
    while at < story.last:
        if observed(at):
            yield _ns(at), _ns(at) + 12 * SLOT_NS
        at += timedelta(hours=1)


def _ns(at: datetime) -> int:
    return int(at.timestamp()) * SECOND


def _look(home: Home) -> None:
    probe, writer = open_probe(), Writer(home.ledger)
    try:
        meter = Meter(writer.books(), selection=("wlan0",), policy=Policy(3 * SECOND))
        meter.look(probe.look())
        now_ns = time.time_ns()
        beat = Beat(__version__, now_ns, SECOND, WRITES_NS, None, now_ns)
        writer.commit(Flush(meter.harvest(), meter.books, {}, beat))
    finally:
        writer.close()
        probe.close()


class Served:
    """The real API over a home, living from another time on (``faketime``), or by a clock that the test sets.

    Owns its process, and the monitor's lock.
    """

    def __init__(self, folder: Path, at: "str | WallClock", port: int | None = None) -> None:
        self.home, self.at = Home(folder), at
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: Lock | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._lock is not None:
            self._lock.release()

    def counting(self) -> Self:
        """Hold the lock as a monitor does, so that the service is in order."""
        self._lock = Lock(self.home.lock)
        self._lock.acquire()
        return self

    def write(self, story: Story) -> Self:
        """Write the story's ledger, just before the server's time."""
        command = [sys.executable, str(HERE), str(self.home.root), story.first.isoformat(), story.last.isoformat()]
        subprocess.run(command, check=True, env=self._environment())
        return self

    def configure(self, more: str) -> Self:
        """Add to the settings."""
        self.home.root.mkdir(mode=0o700, exist_ok=True)
        with self.home.config.open("a", encoding="utf-8") as config:
            config.write(more)
        return self

    def start(self) -> None:
        """Start the server; returns when it answers."""
        command = [sys.executable, "-m", "packetbuddy.api", str(self.home.root), "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, env=self._environment())
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, "the API does not answer"
            assert self.process.poll() is None, f"the API left with {self.process.poll()}"
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask it to leave, and wait for that."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def _environment(self) -> dict[str, str]:
        from acceptance.faking import preloaded  # noqa: PLC0415 - what only writes the ledger has no pytest

        faked = preloaded(FAKETIME=f"@{self.at}") if isinstance(self.at, str) else self.at.environment()
        places = [str(HERE.parent.parent), *filter(None, [faked.get("PYTHONPATH")])]
        return {**os.environ, **faked, "TZ": "UTC", "PYTHONPATH": os.pathsep.join(places)}

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5):
                return True
        except OSError:
            return False


if __name__ == "__main__":
    _, root, *ends = sys.argv
    write(Home(Path(root)), Story(*map(datetime.fromisoformat, ends)))
