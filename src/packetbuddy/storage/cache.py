"""A disposable cache of local-day answers in a file of its own, written by readers; losing it costs only time."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from packetbuddy.storage.connection import transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS scopes (id INTEGER PRIMARY KEY, lineage TEXT, zone TEXT, interface TEXT,
  revision INTEGER, upto INTEGER, UNIQUE (lineage, zone, interface));
CREATE TABLE IF NOT EXISTS days (scope INTEGER, day INTEGER, rx INTEGER, tx INTEGER, estimated INTEGER, peak INTEGER,
  points INTEGER, observed_ns INTEGER, PRIMARY KEY (scope, day)) WITHOUT ROWID;
"""
_DROP = "DROP TABLE IF EXISTS days; DROP TABLE IF EXISTS scopes;"
_FORMAT = 2


class DayRow(NamedTuple):
    """One local day (its proleptic ordinal) as far as it is written in the ledger."""

    day: int
    rx: int
    tx: int
    estimated: int
    peak: int
    points: int
    observed_ns: int


class Scope(NamedTuple):
    """What a set of cached days answers for, of which lineage of the ledger; interface ``None``: all counted."""

    lineage: str
    zone: str
    interface: str | None


class Known(NamedTuple):
    """How far a scope is cached."""

    revision: int
    upto: int


class Cache:
    """Owns the cache's connection; where the file cannot be used, everything stays in memory for this one answer."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        self._connection = _open(path)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def known(self, scope: Scope) -> Known | None:
        """How far this scope is cached, ``None`` if not at all."""
        row = self._connection.execute(
            "SELECT revision, upto FROM scopes WHERE lineage = ? AND zone = ? AND interface = ?", _key(scope)
        ).fetchone()
        return Known(*row) if row else None

    def rows(self, scope: Scope, first: int, last: int) -> list[DayRow]:
        """Cached days ``first`` … ``last``, in order; days without data and observation are left out."""
        found = self._connection.execute(
            """SELECT day, rx, tx, estimated, peak, points, observed_ns FROM days
            WHERE scope = (SELECT id FROM scopes WHERE lineage = ? AND zone = ? AND interface = ?)
              AND day >= ? AND day <= ? ORDER BY day""",
            (*_key(scope), first, last),
        )
        return [DayRow(*row) for row in found]

    def store(self, scope: Scope, known: Known, ranges: Iterable[tuple[int, int]], rows: Iterable[DayRow]) -> bool:
        """Replace the days of ``ranges`` by ``rows`` and note how far the scope is complete; false when it cannot."""
        try:
            with transaction(self._connection):
                self._replace(scope, known, ranges, rows)
        except sqlite3.Error:  # locked or full: the answer does not depend on it
            return False
        return True

    def forget(self) -> None:
        """Work in memory from now on."""
        self._connection.close()
        self._connection = _open(None)

    def _replace(self, scope: Scope, known: Known, ranges: Iterable[tuple[int, int]], rows: Iterable[DayRow]) -> None:
        execute = self._connection.execute
        execute("DELETE FROM days WHERE scope IN (SELECT id FROM scopes WHERE lineage <> ?)", (scope.lineage,))
        execute("DELETE FROM scopes WHERE lineage <> ?", (scope.lineage,))
        number = execute(
            """INSERT INTO scopes (lineage, zone, interface, revision, upto) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (lineage, zone, interface) DO UPDATE SET revision = excluded.revision, upto = excluded.upto
            RETURNING id""",
            (*_key(scope), *known),
        ).fetchone()[0]
        for first, last in ranges:
            execute("DELETE FROM days WHERE scope = ? AND day >= ? AND day <= ?", (number, first, last))
        self._connection.executemany(
            "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [(number, *row) for row in rows]
        )


def _key(scope: Scope) -> tuple[str, str, str]:
    return scope.lineage, scope.zone, "" if scope.interface is None else f"={scope.interface}"


def _open(path: Path | None) -> sqlite3.Connection:
    """The file, or memory where the file is locked, read-only, damaged: not worth a word, the ledger has it all."""
    if path is not None:
        try:
            return _prepared(str(path))
        except sqlite3.Error:
            return _open(None)
    return _prepared(":memory:")


def _prepared(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=0.2, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            connection.executescript(f"{_DROP} {_SCHEMA} PRAGMA user_version = {_FORMAT};")
        connection.execute("SELECT 1 FROM scopes JOIN days LIMIT 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
