"""The big scans: compaction, audit, verified backups. For a short-lived process beside the monitor."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.metering.epochs import Move
from packetbuddy.metering.slots import SLOTS_PER_DAY, day_of_slot
from packetbuddy.storage.connection import Connection, connect_amender, speaking_of, transaction
from packetbuddy.storage.founding import check, refuse_empty
from packetbuddy.storage.lock import held
from packetbuddy.storage.replacing import verified
from packetbuddy.storage.settling import SERIES_BITS, rebuild_days, settle
from packetbuddy.storage.statements import statements


class Audit(NamedTuple):
    """What an audit found: nothing in any of the three is a healthy ledger."""

    damage: str | None
    """SQLite's first complaint."""
    unequal_days: tuple[int, ...]
    """UTC days whose totals differ from their slots."""
    unbalanced: tuple[str, ...]
    """Interfaces whose counters and bookings differ (conservation), with the difference."""


class Tender:
    """Works on an open ledger in short transactions, so that the monitor never waits long; made by :func:`tending`."""

    def __init__(self, connection: Connection, path: Path) -> None:
        """Take an open connection."""
        self._connection, self.path = connection, path
        self._sql = statements("tending.sql")

    def compact(self, before_slot: int) -> int:
        """Turn 5-minute rows before a slot into quarters of an hour, a UTC day a transaction; returns the days done."""
        before_slot -= before_slot % SLOTS_PER_DAY
        done = 0
        while (oldest := self._scalar("oldest_fine", {"beyond": before_slot << SERIES_BITS})) is not None:
            day = day_of_slot(oldest) * SLOTS_PER_DAY
            bounds = {"first": day << SERIES_BITS, "beyond": (day + SLOTS_PER_DAY) << SERIES_BITS}
            with transaction(self._connection):
                self._connection.execute(self._sql["coarsen"], bounds)
                self._connection.execute(self._sql["drop_fine"], bounds)
            done += 1
        return done

    def settle_former(self) -> None:
        """Settle the clock epochs of earlier boots: nothing can be learnt of them any more."""
        for row in self._connection.execute(self._sql["former_epochs"]).fetchall():
            with transaction(self._connection):
                revision = self._connection.execute(statements("writer.sql")["next_revision"]).fetchone()[0]
                settle(self._connection, Move(row["number"], 0), revision)

    def audit(self) -> Audit:
        """Compare everything that is written twice, and let SQLite check its file."""
        complaint = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        days = tuple(row["day"] for row in self._connection.execute(self._sql["unequal_days"]))
        rows = self._connection.execute(self._sql["unbalanced"])
        unbalanced = tuple(f"{row['name']}: {row['rx']} bytes in, {row['tx']} out" for row in rows)
        return Audit(None if complaint == "ok" else str(complaint), days, unbalanced)

    def mend_days(self, days: tuple[int, ...]) -> None:
        """Answer day totals anew from their slots."""
        for day in days:
            with transaction(self._connection):
                revision = self._connection.execute(statements("writer.sql")["next_revision"]).fetchone()[0]
                rebuild_days(self._connection, day, day, revision)
                self._connection.execute(statements("writer.sql")["bump_revision"], {"revision": revision})

    def backup(self, target: Path) -> bool:
        """Copy the ledger while it is written to; false when the copy does not verify (then it is not kept)."""
        target.parent.mkdir(mode=0o700, exist_ok=True)
        aside = target.with_name(target.name + ".part")
        aside.unlink(missing_ok=True)
        copy = sqlite3.connect(aside, isolation_level=None)
        try:
            aside.chmod(0o600)
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
        if not verified(aside):
            aside.unlink()
            return False
        _durable(aside)
        aside.replace(target)
        return True

    def _scalar(self, name: str, values: dict[str, object]) -> int | None:
        found: int | None = self._connection.execute(self._sql[name], values).fetchone()[0]
        return found


@contextmanager
def tending(ledger: Path, lock: Path) -> Iterator[Tender]:
    """Open the ledger for upkeep.

    Raises:
        LedgerError: it could not be opened or worked on.
    """
    with speaking_of(ledger):
        connection = connect_amender(ledger, alone=not held(lock))
        try:
            refuse_empty(check(connection, ledger), ledger)
            yield Tender(connection, ledger)
        finally:
            connection.close()


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` daily backups; returns what went."""
    old = sorted(folder.glob("packetbuddy-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].db"))
    gone = old[: max(0, len(old) - keep)]
    for path in gone:
        path.unlink()
    return gone


def _durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
