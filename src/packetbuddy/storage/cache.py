"""A disposable cache of local-day answers in a file of its own, written by readers; losing it costs only time."""

import os
import sqlite3
from contextlib import suppress
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
_FORMAT = 3
_APPLICATION_ID = 0x50424443
"""``PBDC``, so that nobody's tables but ours are ever dropped."""
_MARK = f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_FORMAT};"


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


class News(NamedTuple):
    """Days that were worked out anew: the ranges (first, last) that are replaced, and all rows that they hold now."""

    ranges: tuple[tuple[int, int], ...]
    rows: tuple[DayRow, ...]


class Cache:
    """Owns the cache's connection; where the file cannot be used, everything stays in memory for this one answer."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; one that is damaged is begun anew, one that is not ours is left alone."""
        self._path = path
        self._connection = _open(path)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def known(self, scope: Scope) -> Known | None:
        """How far this scope is cached, ``None`` if not at all."""
        try:
            return self._known(scope)
        except sqlite3.Error as exc:
            self.forget(exc)
            return None

    def exchange(
        self, scope: Scope, known: tuple[Known | None, Known], news: News, wanted: tuple[int, int]
    ) -> list[DayRow] | None:
        """Replace days and read the ``wanted`` ones (first, last), in order, in one transaction.

        ``known`` is how far the scope was cached when the news were worked out, and how far it is with them. Days
        without data and observation are left out. ``None`` when another reader was quicker or the file fails.
        """
        try:
            with transaction(self._connection):
                if self._known(scope) != known[0]:
                    return None
                number = self._replace(scope, known[1], news)
                return self._rows(number, *wanted)
        except sqlite3.Error as exc:  # locked, full, damaged: the answer does not depend on it
            self.forget(exc)
            return None

    def forget(self, exc: sqlite3.Error | None = None) -> None:
        """Work in memory from now on; a file that ``exc`` shows to be damaged is thrown away."""
        self._connection.close()
        if exc is not None and _is_damage(exc):
            _throw_away(self._path)
        self._connection = _prepared(":memory:")

    def _known(self, scope: Scope) -> Known | None:
        row = self._connection.execute(
            "SELECT revision, upto FROM scopes WHERE lineage = ? AND zone = ? AND interface = ?", _key(scope)
        ).fetchone()
        return Known(*row) if row else None

    def _rows(self, number: int, first: int, last: int) -> list[DayRow]:
        found = self._connection.execute(
            """SELECT day, rx, tx, estimated, peak, points, observed_ns FROM days
            WHERE scope = ? AND day >= ? AND day <= ? ORDER BY day""",
            (number, first, last),
        )
        return [DayRow(*row) for row in found]

    def _replace(self, scope: Scope, known: Known, news: News) -> int:
        execute = self._connection.execute
        execute("DELETE FROM days WHERE scope IN (SELECT id FROM scopes WHERE lineage <> ?)", (scope.lineage,))
        execute("DELETE FROM scopes WHERE lineage <> ?", (scope.lineage,))
        number: int = execute(
            """INSERT INTO scopes (lineage, zone, interface, revision, upto) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (lineage, zone, interface) DO UPDATE SET revision = excluded.revision, upto = excluded.upto
            RETURNING id""",
            (*_key(scope), *known),
        ).fetchone()[0]
        for first, last in news.ranges:
            execute("DELETE FROM days WHERE scope = ? AND day >= ? AND day <= ?", (number, first, last))
        self._connection.executemany(
            "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [(number, *row) for row in news.rows]
        )
        return number


def _key(scope: Scope) -> tuple[str, str, str]:
    return scope.lineage, scope.zone, "" if scope.interface is None else f"={scope.interface}"


def _open(path: Path) -> sqlite3.Connection:
    """The file, or memory where it cannot be used: not worth a word, the ledger has it all."""
    for _ in range(2):
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            return _prepared(str(path))
        except sqlite3.Error as exc:
            if not _is_damage(exc):
                break
            _throw_away(path)
        except OSError:
            break
    return _prepared(":memory:")


def _is_damage(exc: sqlite3.Error) -> bool:
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF  # absent on errors of Python's own making
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _throw_away(path: Path) -> None:
    for part in ("", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + part).unlink()


def _prepared(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=0.2, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        application, tables = connection.execute(
            "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id"
        ).fetchone()
        if tables and application != _APPLICATION_ID:
            raise sqlite3.OperationalError("not a cache of ours")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            connection.executescript(f"{_DROP} {_SCHEMA} {_MARK}")
        connection.execute("SELECT 1 FROM scopes JOIN days LIMIT 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
