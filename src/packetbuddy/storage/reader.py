"""Read-only answers from the ledger, all within one read transaction. Bytes, slots and nanoseconds of UTC."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.metering.books import Books
from packetbuddy.metering.stretches import united
from packetbuddy.storage.connection import Connection, Row, connect_reader, speaking_of
from packetbuddy.storage.founding import check, refuse_empty
from packetbuddy.storage.imported import Imported, imported
from packetbuddy.storage.lock import held, quiet
from packetbuddy.storage.naming import SERIES_BITS
from packetbuddy.storage.rows import read_books
from packetbuddy.storage.statements import statements


class Sum(NamedTuple):
    """Usage of a stretch of slots. ``peak`` in bytes per second; ``points`` counts slots with data."""

    rx: int = 0
    tx: int = 0
    estimated: int = 0
    peak: int = 0
    points: int = 0


class State(NamedTuple):
    """The monitor's last heartbeat, and whether it lives now."""

    alive: bool
    lineage: str
    revision: int
    heartbeat_ns: int
    started_ns: int
    stopped_ns: int | None
    version: str
    poll_ns: int
    write_ns: int
    problem: str | None


class Doubted(NamedTuple):
    """A stored doubt."""

    number: int
    interface: str
    rx: int
    tx: int
    start_ns: int
    end_ns: int
    ceiling: int
    state: str


class Corrected(NamedTuple):
    """A stored correction; ``rx`` and ``tx`` are its signed change."""

    number: int
    date: str
    rx: int
    tx: int
    reason: str
    made_ns: int
    undone_ns: int | None


class Told(NamedTuple):
    """A stored event."""

    at_ns: int
    kind: str
    interface: str
    detail: str
    times: int


class Moved(NamedTuple):
    """All that an interface ever moved while recorded, and how much of it counted."""

    name: str
    kind: str
    rx: int
    tx: int
    counted_bytes: int


class Booked(NamedTuple):
    """All that was booked on an interface while it counted, or while it did not."""

    name: str
    kind: str
    counted: bool
    rx: int
    tx: int


class Reader:
    """Answers within one open read transaction; made by :func:`reading`."""

    def __init__(self, connection: Connection, path: Path, *, alive: bool) -> None:
        """Take an open connection."""
        self._connection = connection
        self._sql = statements("reader.sql")
        self.path = path
        self._alive = alive

    @property
    def connection(self) -> Connection:
        """For the other readers of this room."""
        return self._connection

    def books(self) -> Books:
        """Everything accounted for at the last commit."""
        return read_books(self._connection)

    def state(self) -> State:
        """The heartbeat."""
        row = self._one("state")
        return State(self._alive, *(row[name] for name in State._fields[1:]))

    def series(self, interface: str | None, *, counted_only: bool = False) -> tuple[int, ...]:
        """Series that answer for one interface, or for everything that counted."""
        rows = self._connection.execute(self._sql["series"])
        if interface is None:
            return tuple(row["id"] for row in rows if row["counted"])
        return tuple(row["id"] for row in rows if row["name"] == interface and (row["counted"] or not counted_only))

    def counted_series(self, wanted: Callable[[str], bool]) -> tuple[int, ...]:
        """Series of what counted on the interfaces whose name is ``wanted``."""
        rows = self._connection.execute(self._sql["series"])
        return tuple(row["id"] for row in rows if row["counted"] and wanted(row["name"]))

    def names(self) -> frozenset[str]:
        """Every interface that something was ever recorded of."""
        return frozenset(row["name"] for row in self._connection.execute(self._sql["series"]))

    def moved(
        self, series: tuple[int, ...], first: int, beyond: int, *, period: int, offset: int
    ) -> Iterator[tuple[int, int]]:
        """Bytes alone by ``(slot + offset) // period``, in order; empty groups left out."""
        query = f"""
            SELECT ((id >> {SERIES_BITS}) + ?) / ? AS part, sum(rx + tx) FROM slots
            WHERE id >= ? AND id < ? {_only(series)} GROUP BY part ORDER BY part"""  # noqa: S608 - numbers only
        bounds = (offset, period, first << SERIES_BITS, beyond << SERIES_BITS)
        yield from self._connection.execute(query, bounds)

    def lifetime(self, interface: str | None) -> Sum:
        """Everything there is, from the day totals; ``points`` stays 0."""
        row = self._one("lifetime") if interface is None else self._one("lifetime_of", {"name": interface})
        return Sum(row["rx"], row["tx"], row["estimated"], row["peak"] or 0)

    def total(self, series: tuple[int, ...], first: int, beyond: int) -> Sum:
        """Sum of the slots ``first`` ≤ slot < ``beyond``."""
        query = f"""
            SELECT sum(rx), sum(tx), sum(estimated), max(peak), count(DISTINCT id >> {SERIES_BITS})
            FROM slots WHERE id >= ? AND id < ? {_only(series)}"""  # noqa: S608 - numbers only
        row = self._connection.execute(query, (first << SERIES_BITS, beyond << SERIES_BITS)).fetchone()
        return Sum(*row) if row[4] else Sum()

    def grouped(
        self, series: tuple[int, ...], first: int, beyond: int, *, period: int, offset: int
    ) -> Iterator[tuple[int, Sum]]:
        """Sums by ``(slot + offset) // period`` over ``first`` ≤ slot < ``beyond``, in order; empty groups left out."""
        query = f"""
            SELECT ((id >> {SERIES_BITS}) + ?) / ? AS part, sum(rx) AS rx, sum(tx) AS tx, sum(estimated) AS estimated,
              max(peak) AS peak, count(DISTINCT id >> {SERIES_BITS}) AS points
            FROM slots WHERE id >= ? AND id < ? {_only(series)} GROUP BY part ORDER BY part"""  # noqa: S608 - numbers only
        bounds = (offset, period, first << SERIES_BITS, beyond << SERIES_BITS)
        for row in self._connection.execute(query, bounds):
            yield row[0], Sum(*row[1:])

    def peak_slot(self, series: tuple[int, ...], first: int, beyond: int) -> int | None:
        """The slot in which the highest speed of the stretch was seen."""
        query = f"""SELECT id >> {SERIES_BITS} AS slot FROM slots WHERE id >= ? AND id < ? {_only(series)}
            ORDER BY peak DESC LIMIT 1"""  # noqa: S608 - numbers only
        row = self._connection.execute(query, (first << SERIES_BITS, beyond << SERIES_BITS)).fetchone()
        return None if row is None else int(row["slot"])

    def changed_days(self, revision: int) -> list[int]:
        """UTC days whose totals changed after this revision."""
        return [row["day"] for row in self._connection.execute(self._sql["changed_days"], {"revision": revision})]

    def last_day(self) -> int | None:
        """The last UTC day that holds bytes."""
        day = self._connection.execute(self._sql["last_day"]).fetchone()["day"]
        return None if day is None else int(day)

    def watched(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Observed stretches that touch this time, without overlaps, in order."""
        rows = self._connection.execute(self._sql["watched"], {"start_ns": start_ns, "end_ns": end_ns})
        return united((row["start_ns"], row["end_ns"]) for row in rows)

    def watched_from(self) -> int | None:
        """When observation began."""
        first = self._one("watched_from")["first"]
        return None if first is None else int(first)

    def events(self, start_ns: int, end_ns: int) -> list[Told]:
        """What was remembered of this time."""
        rows = self._connection.execute(self._sql["events"], {"start_ns": start_ns, "end_ns": end_ns})
        return [Told(**dict(row)) for row in rows]

    def doubts(self, start_ns: int, end_ns: int) -> list[Doubted]:
        """Doubts that touch this time."""
        return [
            _doubted(row)
            for row in self._connection.execute(self._sql["doubts"], {"start_ns": start_ns, "end_ns": end_ns})
        ]

    def open_doubts(self) -> list[Doubted]:
        """All doubts that nobody has decided yet."""
        return [_doubted(row) for row in self._connection.execute(self._sql["open_doubts"])]

    def corrections(self, date: str) -> list[Corrected]:
        """Corrections of a local day, undone ones included."""
        rows = self._connection.execute(self._sql["corrections"], {"date": date})
        return [Corrected(row["id"], *(row[name] for name in Corrected._fields[1:])) for row in rows]

    def imports(self) -> list[Imported]:
        """Every import, undone ones included."""
        return [imported(row) for row in self._of_imports("imports")]

    def import_spans(self) -> list[tuple[int, int]]:
        """Time that imports answer for, without overlaps, in order."""
        return united((row["start_ns"], row["end_ns"]) for row in self._of_imports("spans"))

    def imported(self, first: int, beyond: int) -> dict[int, tuple[int, int]]:
        """Bytes rx and tx of the slots ``first`` ≤ slot < ``beyond`` by the number of their import."""
        bounds = {"first": first << SERIES_BITS, "beyond": beyond << SERIES_BITS}
        return {row["number"]: (row["rx"], row["tx"]) for row in self._of_imports("imported_between", bounds)}

    def _of_imports(self, name: str, values: Mapping[str, int] | None = None) -> Iterable[Row]:
        """Rows about imports; none in a ledger that an older monitor keeps, which does not know them."""
        sql = statements("importing.sql")
        known = self._connection.execute(sql["has_imports"]).fetchone()["there"]
        return self._connection.execute(sql[name], values or {}) if known else ()

    def interfaces(self) -> list[Moved]:
        """Every interface that was ever recorded."""
        return [Moved(**dict(row)) for row in self._connection.execute(self._sql["interfaces"])]

    def booked(self) -> list[Booked]:
        """Everything there is, by interface and whether it counted."""
        rows = self._connection.execute(self._sql["booked"])
        return [Booked(row["name"], row["kind"], bool(row["counted"]), row["rx"], row["tx"]) for row in rows]

    def _one(self, name: str, values: dict[str, object] | None = None) -> Row:
        row: Row = self._connection.execute(self._sql[name], values or {}).fetchone()
        return row


@contextmanager
def reading(ledger: Path, lock: Path) -> Iterator[Reader]:
    """Open the ledger read-only and hold one consistent state of it.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be read.
    """
    with speaking_of(ledger), quiet(lock) as calm:
        alive = held(lock)
        connection = connect_reader(ledger, alone=calm and not alive)
        try:
            connection.execute("BEGIN")
            refuse_empty(check(connection, ledger), ledger)
            yield Reader(connection, ledger, alive=alive)
        finally:
            connection.close()


def _doubted(row: Row) -> Doubted:
    return Doubted(row["id"], *(row[name] for name in Doubted._fields[1:]))


def _only(series: tuple[int, ...]) -> str:
    return f"AND (id & {(1 << SERIES_BITS) - 1}) IN ({','.join(map(str, series))})"
