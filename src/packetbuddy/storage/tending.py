"""The big scans: compaction, audit, verified backups. For a short-lived process beside the monitor."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.metering.epochs import Move
from packetbuddy.metering.slots import SLOTS_PER_DAY, day_of_slot
from packetbuddy.storage.beside import beside
from packetbuddy.storage.connection import Connection, transaction
from packetbuddy.storage.copying import PART, copied
from packetbuddy.storage.naming import SERIES_BITS
from packetbuddy.storage.replacing import discard, fresh_place
from packetbuddy.storage.settling import rebuild_days, settle
from packetbuddy.storage.statements import statements

DAILY = "packetbuddy-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].db"
"""Names of daily backups."""
UNFINISHED = ".packetbuddy-"
"""How folders begin in which a person's backups are made."""


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
        self._writing = statements("writer.sql")

    def compact(self, before_slot: int) -> int:
        """Turn 5-minute rows before a slot into quarters of an hour, a UTC day a transaction; returns the days done."""
        before_slot -= before_slot % SLOTS_PER_DAY
        done = first = 0
        while (oldest := self._oldest_fine(first, before_slot)) is not None:
            first = (day_of_slot(oldest) + 1) * SLOTS_PER_DAY
            began = time.monotonic()
            with transaction(self._connection):
                self._coarsen(first - SLOTS_PER_DAY, first)
            done += 1
            time.sleep(min(1.0, time.monotonic() - began))  # the monitor's turn
        return done

    def _oldest_fine(self, first: int, beyond: int) -> int | None:
        bounds = {"first": first << SERIES_BITS, "beyond": beyond << SERIES_BITS}
        found: int | None = self._connection.execute(self._sql["oldest_fine"], bounds).fetchone()[0]
        return found

    def _coarsen(self, first: int, beyond: int) -> None:
        bounds = {"first": first << SERIES_BITS, "beyond": beyond << SERIES_BITS}
        self._connection.execute(self._sql["coarsen"], bounds)
        self._connection.execute(self._sql["drop_fine"], bounds)
        revision = self._next_revision()  # sums stay, but caches hold how many slots have data
        self._connection.execute(self._sql["touch_day"], {"day": day_of_slot(first), "revision": revision})
        self._connection.execute(self._writing["bump_revision"], {"revision": revision})

    def _next_revision(self) -> int:
        return int(self._connection.execute(self._writing["next_revision"]).fetchone()[0])

    def settle_former(self) -> None:
        """Settle the clock epochs of earlier boots: nothing can be learnt of them any more."""
        for row in self._connection.execute(self._sql["former_epochs"]).fetchall():
            with transaction(self._connection):
                settle(self._connection, Move(row["number"], 0), self._next_revision())

    def audit(self) -> Audit:
        """Compare everything that is written twice, and let SQLite check its file."""
        return Audit(damage(self._connection), unequal_days(self._connection), unbalanced(self._connection))

    def mend_days(self, days: tuple[int, ...]) -> None:
        """Answer day totals anew from their slots."""
        for day in days:
            with transaction(self._connection):
                revision = self._next_revision()
                rebuild_days(self._connection, day, day, revision)
                self._connection.execute(self._writing["bump_revision"], {"revision": revision})

    def backup(self, target: Path) -> bool:
        """Copy the ledger while it is written to; false when the copy does not verify (then it is not kept)."""
        return copied(self._connection, target)


@contextmanager
def tending(ledger: Path, lock: Path) -> Iterator[Tender]:
    """Open the ledger for upkeep.

    Raises:
        LedgerError: it could not be opened or worked on.
    """
    with beside(ledger, lock) as connection:
        yield Tender(connection, ledger)


def damage(connection: Connection) -> str | None:
    """SQLite's first complaint about its file."""
    complaint = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return None if complaint == "ok" else str(complaint)


def unequal_days(connection: Connection) -> tuple[int, ...]:
    """UTC days whose totals differ from their slots; reads every slot."""
    return tuple(row["day"] for row in connection.execute(statements("tending.sql")["unequal_days"]))


def unbalanced(connection: Connection) -> tuple[str, ...]:
    """Interfaces whose counters and bookings differ, with the difference."""
    rows = connection.execute(statements("tending.sql")["unbalanced"])
    return tuple(f"{row['name']}: {row['rx']} bytes in, {row['tx']} out" for row in rows)


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` daily backups, and copies that an interruption left; returns what went."""
    old = sorted(folder.glob(DAILY))
    gone = [*old[: max(0, len(old) - keep)], *folder.glob(f"{DAILY}{PART}*")]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def sweep(ledger: Path, backups: Path, *, before_ns: int) -> list[Path]:
    """Delete what interrupted backups and restores left before an instant; returns what went.

    A restore that was cut off would else come back, long forgotten, when the ledger is moved away.
    """
    if not ledger.exists():  # then what was prepared is what the next start puts in its place
        return []
    fresh = fresh_place(ledger)
    left = [fresh, *backups.glob(f"*{PART}*"), *backups.glob(f"{UNFINISHED}*")]
    gone = [path for path in left if path.exists() and path.stat().st_mtime_ns < before_ns]
    for path in gone:
        if path == fresh:
            discard(ledger)
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return gone
