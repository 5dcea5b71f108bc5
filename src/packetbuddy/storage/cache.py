"""A disposable cache of local-day answers in a file of its own, written by readers; losing it costs only time."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
CREATE TABLE IF NOT EXISTS scopes (id INTEGER PRIMARY KEY, lineage TEXT, zone TEXT, interface TEXT,
  revision INTEGER, upto INTEGER, UNIQUE (lineage, zone, interface));
CREATE TABLE IF NOT EXISTS days (scope INTEGER, day INTEGER, rx INTEGER, tx INTEGER, estimated INTEGER, peak INTEGER,
  points INTEGER, observed_ns INTEGER, PRIMARY KEY (scope, day)) WITHOUT ROWID;
"""
_DROP = "DROP TABLE IF EXISTS days; DROP TABLE IF EXISTS scopes;"
_COLUMNS = "day, rx, tx, estimated, peak, points, observed_ns"
_SUMS = """sum(rx), sum(tx), sum(estimated), max(peak), sum(points), sum(observed_ns), count(*), min(day), max(day)"""
_OF_SCOPE = """FROM days
  WHERE scope = (SELECT id FROM scopes WHERE lineage = ? AND zone = ? AND interface = ?) AND day >= ? AND day <= ?"""
_FORMAT = 3
_APPLICATION_ID = 0x50424443
"""``PBDC``, so that nobody's tables but ours are ever dropped."""
_MARK = f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_FORMAT};"
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class CacheUnreadableError(Exception):
    """The file is damaged or locked: ask the ledger instead. Never shown to a person."""


class DayRow(NamedTuple):
    """One local day (its proleptic ordinal) as far as it is written in the ledger."""

    day: int
    rx: int = 0
    tx: int = 0
    estimated: int = 0
    peak: int = 0
    points: int = 0
    observed_ns: int = 0


class Tally(NamedTuple):
    """A stretch of local days in one: its sums, and how many days had data or were observed, from which to which."""

    rx: int = 0
    tx: int = 0
    estimated: int = 0
    peak: int = 0
    points: int = 0
    observed_ns: int = 0
    days: int = 0
    first: int | None = None
    last: int | None = None


class Scope(NamedTuple):
    """What a set of cached days answers for, of which lineage of the ledger; interface ``None``: all counted.

    ``key`` is empty for this device and tells others apart.
    """

    lineage: str
    zone: str
    interface: str | None
    key: str = ""


class Known(NamedTuple):
    """How far a scope is cached: complete at ``revision``, and before the local day ``upto`` also in observed time."""

    revision: int
    upto: int


class Cache:
    """One answer's view of the file: owns the connection and its one transaction, committed by :meth:`close`.

    ``lasting`` is false where the file cannot be used; then everything stays in memory for this one answer. Reading
    raises :class:`CacheUnreadableError`.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        self._path = path
        self._connection, self.lasting = _open(path)
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Keep what was stored, where that can be done at once, and give the connection back."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except sqlite3.Error:  # locked or full: the next answer stores it
            self.lasting = False
        finally:
            self._connection.close()

    def known(self, scope: Scope) -> Known | None:
        """How far this scope is cached, ``None`` if not at all."""
        sql = "SELECT revision, upto FROM scopes WHERE lineage = ? AND zone = ? AND interface = ?"
        found = self._ask(sql, _key(scope))
        return Known(*found[0]) if found else None

    def rows(self, scope: Scope, first: int, last: int) -> list[DayRow]:
        """Cached days ``first`` … ``last``, in order; days without data and observation are left out."""
        found = self._ask(f"SELECT {_COLUMNS} {_OF_SCOPE} ORDER BY day", (*_key(scope), first, last))
        return [DayRow(*row) for row in found]

    def tally(self, scope: Scope, first: int, last: int) -> Tally:
        """Cached days ``first`` … ``last`` in one."""
        found = self._ask(f"SELECT {_SUMS} {_OF_SCOPE}", (*_key(scope), first, last))[0]
        return Tally(*found) if found[6] else Tally()

    def tallies(self, scope: Scope, first: int, last: int, length: int) -> dict[int, Tally]:
        """Cached days ``first`` … ``last`` by ``(day - 1) // length``; 7 makes weeks that begin on Monday."""
        sql = f"SELECT (day - 1) / ?, {_SUMS} {_OF_SCOPE} GROUP BY 1"
        found = self._ask(sql, (length, *_key(scope), first, last))
        return {row[0]: Tally(*row[1:]) for row in found}

    def fastest(self, scope: Scope, first: int, last: int) -> DayRow | None:
        """The cached day with the highest speed, the earliest of equals."""
        sql = f"SELECT {_COLUMNS} {_OF_SCOPE} ORDER BY peak DESC, day LIMIT 1"
        found = self._ask(sql, (*_key(scope), first, last))
        return DayRow(*found[0]) if found else None

    def store(self, scope: Scope, known: Known, ranges: Iterable[tuple[int, int]], rows: Iterable[DayRow]) -> bool:
        """Replace the days of ``ranges`` by ``rows`` and note how far the scope is complete.

        False when it cannot be done now; then nothing that was cached may be relied upon in this answer.
        """
        try:
            self._replace(scope, known, ranges, rows)
        except sqlite3.Error:  # locked or full: the answer does not depend on it
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return False
        return True

    def _ask(self, statement: str, values: tuple[object, ...]) -> list[tuple[int, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            self._despair(exc)
            raise CacheUnreadableError(str(exc)) from exc

    def _despair(self, exc: sqlite3.Error) -> None:
        """A damaged file is thrown away: the next answer makes a new one."""
        self.lasting = False
        if _code(exc) in _BROKEN:
            self._path.unlink(missing_ok=True)

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
    return scope.lineage, scope.zone, scope.key if scope.interface is None else f"={scope.interface}"


def _code(exc: sqlite3.Error) -> int:
    return getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # absent on errors of Python's own making


def _open(path: Path) -> tuple[sqlite3.Connection, bool]:
    """The file, or memory where it is locked, read-only or not ours: not worth a word, the ledger has it all."""
    with suppress(OSError):  # SQLite finds that out, too
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        return _prepared(str(path)), True
    except sqlite3.Error as exc:
        if _code(exc) in _BROKEN:
            path.unlink(missing_ok=True)
        return _prepared(":memory:"), False


def _prepared(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=0.2, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != _APPLICATION_ID and connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
            raise sqlite3.OperationalError("another program's database stands in the cache's place")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            connection.executescript(f"{_DROP} {_SCHEMA} {_MARK}")
        connection.execute("SELECT 1 FROM scopes JOIN days LIMIT 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
