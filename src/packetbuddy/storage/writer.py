"""The one writer of usage: everything a flush stores goes into one transaction, baselines and heartbeat included."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.metering.batch import Batch, Cell
from packetbuddy.metering.books import Books, Look, Place
from packetbuddy.metering.epochs import Epoch
from packetbuddy.metering.meter import Harvest
from packetbuddy.metering.slots import day_of_slot, slot_of
from packetbuddy.storage.connection import Connection, connect_writer, speaking_of, transaction
from packetbuddy.storage.founding import found, refuse_strangers
from packetbuddy.storage.naming import SERIES_BITS, interface_id, series_id
from packetbuddy.storage.rows import baseline_row, read_books
from packetbuddy.storage.settling import settle
from packetbuddy.storage.statements import statements
from packetbuddy.storage.trips import Waits, read_waits

JOIN_NS = 60_000_000_000
"""Observed times closer than this are one."""


class Beat(NamedTuple):
    """What the state row tells readers of the monitor. ``stopped_ns`` only with the last flush of a clean stop."""

    version: str
    started_ns: int
    poll_ns: int
    write_ns: int
    problem: str | None
    stopped_ns: int | None = None


class Flush(NamedTuple):
    """One transaction's worth: what the meter harvested, its books, each interface's kind by name, the heartbeat."""

    harvest: Harvest
    books: Books
    kinds: Mapping[str, str]
    beat: Beat


class Writer:
    """Owns the writing connection. After an error nothing of a flush is stored and it can be given again."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, founding or migrating it first.

        Raises:
            LedgerError: any of its kinds.
        """
        self.path = path
        self._sql = statements("writer.sql")
        with speaking_of(path):
            refuse_strangers(path)
            self._connection = connect_writer(path)
            try:
                found(self._connection, path)
                path.chmod(0o600)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close; the last closer folds the write-ahead log into the file."""
        with speaking_of(self.path):
            self._connection.close()

    def books(self) -> Books:
        """Everything accounted for, as the last commit left it."""
        with speaking_of(self.path):
            return read_books(self._connection)

    def epochs(self, boot: str) -> tuple[tuple[Epoch, ...], int]:
        """This boot's unsettled epochs, and the highest number that was ever given."""
        with speaking_of(self.path):
            rows = self._connection.execute(self._sql["epochs"]).fetchall()
            highest = self._connection.execute("SELECT max(epoch) FROM series").fetchone()[0] or 0
        ours = tuple(Epoch(row["number"], row["base_ns"]) for row in rows if row["boot"] == boot)
        return ours, max([highest, *(row["number"] for row in rows)])

    def waits(self) -> Waits | None:
        """What is reason to look whether an alert is due.

        Raises:
            LedgerError: it could not be read.
        """
        with speaking_of(self.path):
            return read_waits(self._connection)

    def commit(self, flush: Flush) -> None:
        """Store a flush in one transaction.

        Raises:
            LedgerError: nothing was stored.
        """
        with speaking_of(self.path), transaction(self._connection):
            _Commit(self._connection, flush).run()


class _Commit:
    """One transaction; what it learns of ids dies with it, so a rollback leaves nothing stale."""

    def __init__(self, connection: Connection, flush: Flush) -> None:
        self.connection, self.flush, self.harvest = connection, flush, flush.harvest
        self.sql = statements("writer.sql")
        self.revision = int(connection.execute(self.sql["next_revision"]).fetchone()[0])
        self.interfaces: dict[str, int] = {}
        self.series: dict[tuple[str, bool, int], int] = {}

    def run(self) -> None:
        """Write everything, in the order that later parts build on."""
        place = self._books()
        for epoch, batch in self.harvest.batches:
            self._epoch(epoch, batch)
            self._cells(epoch, batch.cells)
            self._watched(epoch, batch)
            self._told(epoch, batch)
        for move in self.harvest.moves:
            settle(self.connection, move, self.revision)
        self._state(place)

    def _books(self) -> int | None:
        if self.harvest.void:
            self.connection.execute(self.sql["void_baselines"])
            self.connection.execute(self.sql["void_looks"])
        ids = {place: self._look(place, look) for place, look in self.flush.books.looks.items()}
        booked = self._booked()
        for place, identity in self.harvest.dirty | booked.keys():
            baseline = self.flush.books.baselines[place][identity]
            row = baseline_row(ids[place], identity, baseline, booked.get((place, identity), (0, 0)))
            self.connection.execute(self.sql["baseline"], row)
        books = self.flush.books
        return next((ids[place] for place, look in books.looks.items() if look.at == books.at), None)

    def _booked(self) -> dict[tuple[Place, int], tuple[int, int]]:
        total: dict[tuple[Place, int], tuple[int, int]] = {}
        for _, batch in self.harvest.batches:
            for key, (rx, tx) in batch.booked.items():
                if key[0] in self.flush.books.looks:  # an earlier boot's baselines are void
                    before = total.get(key, (0, 0))
                    total[key] = before[0] + rx, before[1] + tx
        return total

    def _look(self, place: Place, look: Look) -> int:
        row = {
            "boot": place[0],
            "namespace": place[1],
            "complete": look.complete,
            "wall_ns": look.at.wall_ns,
            "elapsed_ns": look.at.elapsed_ns,
            "awake_ns": look.at.awake_ns,
        }
        return int(self.connection.execute(self.sql["look"], row).fetchone()[0])

    def _cells(self, epoch: int, cells: Mapping[Cell, list[int]]) -> None:
        for (slot, interface, counted), amounts in cells.items():
            values = dict(zip(("rx", "tx", "estimated", "peak_rx", "peak_tx", "peak"), amounts, strict=True))
            series = self._series(interface, counted=counted, epoch=epoch)
            self.connection.execute(self.sql["slot"], {"id": slot << SERIES_BITS | series, **values})
        for (day, interface, counted), values in _by_day(cells).items():
            key = {"day": day, "interface": self._interface(interface), "counted": counted, "revision": self.revision}
            self.connection.execute(self.sql["day"], {**key, **values})

    def _series(self, interface: str, *, counted: bool, epoch: int) -> int:
        key = (interface, counted, epoch)
        if key not in self.series:
            number = self._interface(interface)
            self.series[key] = series_id(self.connection, number, counted=counted, epoch=epoch)
        return self.series[key]

    def _interface(self, name: str) -> int:
        if name not in self.interfaces:
            self.interfaces[name] = interface_id(self.connection, name, self.flush.kinds.get(name, ""))
        return self.interfaces[name]

    def _epoch(self, number: int, batch: Batch) -> None:
        base = next((epoch.base_ns for epoch in self.harvest.epochs if epoch.number == number), None)
        if number == 0 or base is None:
            return
        slots = [slot for slot, _, _ in batch.cells] or [slot_of(batch.until_ns)]
        row = {"number": number, "boot": self.flush.books.boot, "base_ns": base}
        self.connection.execute(self.sql["epoch"], {**row, "first_slot": min(slots), "last_slot": max(slots)})

    def _watched(self, epoch: int, batch: Batch) -> None:
        if batch.since_ns is None:
            return
        for day in range(day_of_slot(slot_of(batch.since_ns)), day_of_slot(slot_of(batch.until_ns))):
            self.connection.execute(self.sql["touch_day"], {"day": day, "revision": self.revision})
        last = self.connection.execute(self.sql["last_watched"]).fetchone()
        joined = last is not None and last["epoch"] == epoch and abs(batch.since_ns - last["end_ns"]) <= JOIN_NS
        if joined:
            self.connection.execute(self.sql["extend_watched"], {"id": last["id"], "end_ns": batch.until_ns})
        else:
            row = {"start_ns": batch.since_ns, "end_ns": batch.until_ns, "epoch": epoch}
            self.connection.execute(self.sql["watched"], row)

    def _told(self, epoch: int, batch: Batch) -> None:
        for event, count in batch.events.values():
            self.connection.execute(self.sql["event"], {**event._asdict(), "count": count, "epoch": epoch})
        for doubt in batch.doubts:
            span = doubt.span._asdict()
            self.connection.execute(self.sql["doubt"], {**span, "ceiling": doubt.limit, "epoch": epoch})

    def _state(self, place: int | None) -> None:
        beat, books = self.flush.beat, self.flush.books
        heartbeat = books.at.wall_ns if books.at is not None else beat.started_ns
        row = {"revision": self.revision, "machine": books.machine, "place": place, "heartbeat_ns": heartbeat}
        self.connection.execute(self.sql["state"], {**row, **beat._asdict()})


def _by_day(cells: Mapping[Cell, list[int]]) -> dict[tuple[int, str, bool], dict[str, int]]:
    """Totals of a batch per UTC day: bytes add up, peaks are the highest."""
    days: dict[tuple[int, str, bool], list[int]] = {}
    for (slot, interface, counted), amounts in cells.items():
        day = days.setdefault((day_of_slot(slot), interface, counted), [0] * 6)
        for place, amount in enumerate(amounts):
            day[place] = day[place] + amount if place < 3 else max(day[place], amount)
    names = ("rx", "tx", "estimated", "peak_rx", "peak_tx", "peak")
    return {key: dict(zip(names, amounts, strict=True)) for key, amounts in days.items()}
