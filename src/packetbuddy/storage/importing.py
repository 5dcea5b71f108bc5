"""Usage from other files, in one transaction: prepared beside the ledger, then moved into it, and taken back again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import LedgerBusyError, WrongUsageError
from packetbuddy.metering.slots import QUARTER
from packetbuddy.metering.stretches import Stretch, united
from packetbuddy.storage.beside import beside
from packetbuddy.storage.connection import (
    Connection,
    Row,
    transaction,
)
from packetbuddy.storage.imported import KIND, Imported, imported, series_name
from packetbuddy.storage.naming import SERIES_BITS, interface_id, series_id
from packetbuddy.storage.statements import statements

Placed = tuple[int, int, int, int, int]
"""Slot, bytes received and sent, how many of both are at estimated times, the highest speed in bytes per second."""


class Origin(NamedTuple):
    """Where usage comes from: what the file is, what it tells about itself, its name, the zone it was read in."""

    kind: str
    about: str
    file: str
    zone: str


class Importer:
    """Prepares an import in temporary tables, which cost the monitor nothing, and commits it; see :func:`importing`."""

    def __init__(self, connection: Connection) -> None:
        """Take an open connection outside a transaction."""
        self._connection = connection
        self._sql = statements("importing.sql")
        self._writing = statements("writer.sql")
        for name in ("staged", "claimed"):
            connection.execute(self._sql[name])

    def changes(self) -> int:
        """Rises with every import and every undoing of one: what was planned before such a change does not hold."""
        return int(self._connection.execute(self._sql["standing_imports"]).fetchone()[0])

    def stage(self, rows: Iterable[Placed]) -> None:
        """Prepare bytes."""
        self._many("stage", rows)

    def claim(self, spans: Iterable[Stretch]) -> None:
        """Prepare time that the import answers for."""
        self._many("claim", spans)

    def commit(self, origin: Origin, *, planned: int, at_ns: int) -> Imported:
        """Move everything that is prepared into the ledger.

        Raises:
            LedgerBusyError: imports were made or undone since ``planned`` was asked of :meth:`changes`.
        """
        with transaction(self._connection):
            if self.changes() != planned:
                raise LedgerBusyError("another import was made in this moment; nothing was changed", "try again")
            row = self._connection.execute(self._sql["import"], {**origin._asdict(), "at_ns": at_ns}).fetchone()
            interface, series = self._series(row["id"])
            revision = self._next_revision()
            self._connection.execute(self._sql["import_slots"], {"series": series})
            self._connection.execute(self._sql["import_days"], {"interface": interface, "revision": revision})
            spans = united((each[0], each[1]) for each in self._connection.execute(self._sql["in_order"]))
            self._connection.executemany(self._sql["import_span"], [(row["id"], *span) for span in spans])
            self._connection.execute(self._writing["bump_revision"], {"revision": revision})
        return imported(row)

    def undo(self, number: int, *, at_ns: int) -> Imported:
        """Take an import back to the byte; the time it answered for is free again.

        Raises:
            WrongUsageError: there is no such import, or it is undone already.
        """
        with transaction(self._connection):
            row = self._connection.execute(self._sql["an_import"], {"number": number}).fetchone()
            if row is None:
                raise WrongUsageError(f"there is no import number {number}", "`pb import --list` lists them")
            if row["undone_ns"] is not None:
                raise WrongUsageError(f"import {number} is undone already")
            self._drop(row)
            return imported(
                self._connection.execute(self._sql["undo_import"], {"number": number, "at_ns": at_ns}).fetchone()
            )

    def _many(self, name: str, rows: Iterable[tuple[int, ...]]) -> None:
        """One transaction of the temporary tables alone: it takes no lock on the ledger."""
        self._connection.execute("BEGIN")
        self._connection.executemany(self._sql[name], rows)
        self._connection.execute("COMMIT")

    def _drop(self, row: Row) -> None:
        interface, series = self._series(row["id"])
        if row["first_slot"] is not None:
            first = row["first_slot"] - row["first_slot"] % QUARTER  # as compaction may have moved it
            bounds = {"first": first << SERIES_BITS, "beyond": (row["last_slot"] + 1) << SERIES_BITS, "series": series}
            self._connection.execute(self._sql["drop_slots"], bounds)
        revision = self._next_revision()
        self._connection.execute(self._sql["empty_days"], {"interface": interface, "revision": revision})
        self._connection.execute(self._sql["drop_spans"], {"number": row["id"]})
        self._connection.execute(self._writing["bump_revision"], {"revision": revision})

    def _series(self, number: int) -> tuple[int, int]:
        interface = interface_id(self._connection, series_name(number), KIND)
        return interface, series_id(self._connection, interface, counted=True, epoch=0)

    def _next_revision(self) -> int:
        return int(self._connection.execute(self._writing["next_revision"]).fetchone()[0])


@contextmanager
def importing(ledger: Path, lock: Path) -> Iterator[Importer]:
    """Open the ledger for an import, brought to the present schema first; the monitor goes on beside it.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be changed; nothing was.
    """
    with beside(ledger, lock, present=True) as connection:
        yield Importer(connection)
