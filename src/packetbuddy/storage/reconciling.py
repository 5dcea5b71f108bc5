"""The series of readings in which the ISP's figure stood beside ours."""

from pathlib import Path
from typing import NamedTuple

from packetbuddy.storage.connection import connect_amender, connect_reader, speaking_of, transaction
from packetbuddy.storage.founding import check, refuse_empty
from packetbuddy.storage.lock import held
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


def add_reading(ledger: Path, lock: Path, reading: StoredReading) -> StoredReading:
    """Store one; returns it with its number.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be stored.
    """
    with speaking_of(ledger):
        connection = connect_amender(ledger, alone=not held(lock))
        try:
            refuse_empty(check(connection, ledger), ledger)
            with transaction(connection):
                number = connection.execute(statements("reconciling.sql")["add"], reading._asdict()).fetchone()[0]
        finally:
            connection.close()
    return reading._replace(number=number)


def remove_reading(ledger: Path, lock: Path, number: int) -> StoredReading | None:
    """Delete the one with this number; returns it, ``None`` where there is none.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be deleted.
    """
    with speaking_of(ledger):
        connection = connect_amender(ledger, alone=not held(lock))
        try:
            refuse_empty(check(connection, ledger), ledger)
            with transaction(connection):
                row = connection.execute(statements("reconciling.sql")["remove"], {"id": number}).fetchone()
        finally:
            connection.close()
    return None if row is None else StoredReading(*row)


def all_readings(ledger: Path, lock: Path) -> list[StoredReading]:
    """All of them, oldest period first.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: they could not be read.
    """
    with speaking_of(ledger):
        connection = connect_reader(ledger, alone=not held(lock))
        try:
            refuse_empty(check(connection, ledger), ledger)
            return [StoredReading(*row) for row in connection.execute(statements("reconciling.sql")["all"])]
        finally:
            connection.close()
