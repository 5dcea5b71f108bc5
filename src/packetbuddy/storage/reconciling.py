"""The series of readings in which the ISP's figure stood beside ours."""

from pathlib import Path
from typing import NamedTuple

from packetbuddy.storage.beside import beside
from packetbuddy.storage.connection import transaction
from packetbuddy.storage.reader import reading
from packetbuddy.storage.statements import statements


class StoredReading(NamedTuple):
    """A row; ``first`` and ``last`` are ISO dates, both included. ``number`` 0: not stored yet."""

    number: int
    made_ns: int
    first: str
    last: str
    zone: str
    isp: str
    isp_bytes: int
    sent: int
    received: int
    coverage: float | None
    device: str = "this"
    interface: str | None = None


def add_reading(ledger: Path, lock: Path, stored: StoredReading) -> StoredReading:
    """Store one; returns it with its number.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be stored.
    """
    with beside(ledger, lock) as connection, transaction(connection):
        number = connection.execute(statements("reconciling.sql")["add"], stored._asdict()).fetchone()[0]
    return stored._replace(number=number)


def remove_reading(ledger: Path, lock: Path, number: int) -> StoredReading | None:
    """Delete the one with this number; returns it, ``None`` where there is none.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be deleted.
    """
    with beside(ledger, lock) as connection, transaction(connection):
        row = connection.execute(statements("reconciling.sql")["remove"], {"id": number}).fetchone()
    return None if row is None else StoredReading(*row)


def all_readings(ledger: Path, lock: Path) -> list[StoredReading]:
    """All of them, oldest period first.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: they could not be read.
    """
    with reading(ledger, lock) as reader:
        return [StoredReading(*row) for row in reader.connection.execute(statements("reconciling.sql")["all"])]
