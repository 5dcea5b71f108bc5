"""A small simulated machine and the ledger it is counted into: for tests of the real SQLite file.

::

    machine = Machine()
    with keeping(tmp_path / "packetbuddy.db", machine) as books:
        machine.moved(rx=1000, tx=10)      # on eth0, which holds the default route
        books.look(30)                     # half a minute later
        books.flush()
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND, Boot, Counters, Facts, Instant, Link, Reading, Route
from packetbuddy.storage.writer import Beat, Flush, Writer

START = 1_795_000_200
"""2026-11-18T11:50:00Z, the begin of a slot and of a quarter of an hour (not of an hour or day)."""
TABLES = ("state", "looks", "baselines", "interfaces", "series", "slots", "days", "epochs", "watched", "events")
MORE_TABLES = ("doubts", "corrections", "correction_slots")


class Machine:
    """Owns the clocks and counters of a computer with eth0 (identity 2, default route) and wlan0 (3)."""

    def __init__(self, wall: int = START, *, synchronized: bool | None = True, boot: str = "boot-1") -> None:
        self.wall_ns = wall * SECOND
        self.elapsed_ns = 1000 * SECOND
        self.synchronized = synchronized
        self.boot = boot
        self.counters = {"eth0": [5_000_000, 400_000, 5000, 400], "wlan0": [70_000, 7_000, 70, 7]}

    def moved(self, *, rx: int = 0, tx: int = 0, name: str = "eth0") -> None:
        """Bytes and as many packets as it takes."""
        have = self.counters[name]
        self.counters[name] = [have[0] + rx, have[1] + tx, have[2] + -(-rx // 1000), have[3] + -(-tx // 1000)]

    def pass_time(self, seconds: float) -> None:
        """All clocks go on."""
        self.wall_ns += int(seconds * SECOND)
        self.elapsed_ns += int(seconds * SECOND)

    def reading(self) -> Reading:
        """What a probe would see now."""
        links = tuple(
            Link(identity, name, Counters(*self.counters[name]), Facts("hardware"))
            for identity, name in ((2, "eth0"), (3, "wlan0"))
            if name in self.counters
        )
        at = Instant(self.wall_ns, self.elapsed_ns, self.elapsed_ns, self.synchronized)
        route = Route(4, 0, 0, 2, gateway=True)
        return Reading(at, Boot(self.boot, certain=True), "ns-1", "machine-1", links, (route,))


class Keeping:
    """A meter over a machine, and the writer it is stored with."""

    def __init__(self, path: Path, machine: Machine, *, max_rate: int | None = None) -> None:
        self.machine = machine
        self.writer = Writer(path)
        books = self.writer.books()
        epochs, highest = self.writer.epochs(books.boot)
        self.meter = Meter(books, selection=None, policy=Policy(3 * SECOND, max_rate), epochs=epochs, highest=highest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def look(self, seconds: float = 1.0) -> None:
        """Take a look so many seconds later."""
        self.machine.pass_time(seconds)
        self.meter.look(self.machine.reading())

    def contents(self) -> Flush:
        """What the next flush stores."""
        beat = Beat("2.0.0", START * SECOND, SECOND, 30 * SECOND, None)
        kinds = {each.name: each.kind for each in self.meter.choice.decisions}
        return Flush(self.meter.harvest(), self.meter.books, kinds, beat)

    def flush(self) -> None:
        """Store what waits."""
        self.writer.commit(self.contents())
        self.meter.committed()

    def steady(self, hours: float, *, every: int = 300, rx: int = 30_000, tx: int = 3_000) -> None:
        """Traffic for so long, looked at every so many seconds, then stored."""
        for number in range(int(hours * 3600 / every)):
            self.machine.moved(rx=rx + number, tx=tx + number)
            self.look(every)
        self.flush()


@contextlib.contextmanager
def keeping(path: Path, machine: Machine, **policy: Any) -> Iterator[Keeping]:
    """A running monitor's ledger, closed at the end; its first look is stored."""
    with Keeping(path, machine, **policy) as made:
        made.look(0)
        made.flush()
        yield made


def rows(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What a query of ours finds."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


def dump(path: Path, *, without: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as far as a reader sees it now."""
    tables = [name for name in TABLES + MORE_TABLES if name not in without]
    return {name: sorted(rows(path, f"SELECT * FROM {name}"), key=repr) for name in tables}


def sums(path: Path) -> dict[tuple[int, int, int], tuple[int, ...]]:
    """(UTC day, interface, counted) → rx, tx, estimated, peaks, out of the slots; days without anything left out."""
    found = rows(
        path,
        """SELECT (slots.id >> 16) / 288, interface, counted, sum(rx), sum(tx), sum(estimated), max(peak_rx),
           max(peak_tx), max(peak) FROM slots JOIN series ON series.id = (slots.id & 65535) GROUP BY 1, 2, 3""",
    )
    return {row[:3]: row[3:] for row in found if any(row[3:])}


def day_totals(path: Path) -> dict[tuple[int, int, int], tuple[int, ...]]:
    """The same out of the day totals."""
    found = rows(path, "SELECT day, interface, counted, rx, tx, estimated, peak_rx, peak_tx, peak FROM days")
    return {row[:3]: row[3:] for row in found if any(row[3:])}


def counted(path: Path) -> tuple[int, int]:
    """Bytes rx, tx that count, out of the slots."""
    sql = "SELECT sum(rx), sum(tx) FROM slots JOIN series ON series.id = (slots.id & 65535) WHERE counted = 1"
    found = rows(path, sql)[0]
    return found[0] or 0, found[1] or 0


def orphans(path: Path) -> int:
    """Slots whose series is gone: bytes that nobody would see."""
    return int(rows(path, "SELECT count(*) FROM slots WHERE (id & 65535) NOT IN (SELECT id FROM series)")[0][0])


def spoil(path: Path) -> None:
    """Overwrite a page of rows in the middle of the file: in a long history, one of the slots."""
    size, leaf = 1024, 0x0D  # the ledger's page size; "leaf of a table" in SQLite's file format
    content = path.read_bytes()
    leaves = [at for at in range(size, len(content), size) if content[at] == leaf]
    with path.open("rb+") as file:
        file.seek(leaves[len(leaves) // 2])
        file.write(b"\xa5" * size)
