"""Another program's SQLite database: read as it stands, never written to, and not trusted."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packetbuddy.errors import ImportFileError
from packetbuddy.storage.connection import APPLICATION_ID, Connection, uri
from packetbuddy.storage.statements import statements

LONGEST_VALUE = 1_000_000
"""No text or row of a database that we know is longer; a made-up one must not fill the memory."""
_COMPANIONS = ("", "-journal", "-wal")


class Visitor:
    """Reads an open foreign database; made by :func:`visiting`."""

    def __init__(self, connection: Connection, path: Path) -> None:
        """Take an open read-only connection."""
        self._connection, self._path = connection, path
        self._sql = statements("foreign.sql")

    def tables(self) -> dict[str, frozenset[str]]:
        """Real tables (no views, nothing virtual) and their columns."""
        names = [row[0] for row in self.rows("tables")]
        return {name: frozenset(row[0] for row in self.rows("columns", {"table": name})) for name in names}

    def is_ledger(self) -> bool:
        """Whether it is one of ours."""
        with _naming(self._path):
            return bool(self._connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)

    def rows(self, name: str, values: Mapping[str, object] | None = None) -> Iterator[tuple[Any, ...]]:
        """Rows of a statement in ``foreign.sql``, one after the other; what they hold is for the caller to doubt.

        Raises:
            ImportFileError: SQLite cannot read it.
        """
        with _naming(self._path):
            # not `yield from`: that would close the cursor of a connection that may be closed by then
            for row in self._connection.execute(self._sql[name], values or {}):  # noqa: UP028 - see above
                yield row


@contextmanager
def visiting(path: Path) -> Iterator[Visitor]:
    """Open a foreign database for reading, in one consistent state; its writer may go on.

    One that its writer left in the middle of a change is put right in a copy.

    Raises:
        ImportFileError: it cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="packetbuddy-") as folder, _naming(path):
        connection = _opened(path, Path(folder))
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
            connection.execute("BEGIN")
            yield Visitor(connection, path)
        finally:
            connection.close()


def _opened(path: Path, folder: Path) -> Connection:
    try:
        return _tried(f"{uri(path)}?mode=ro")
    except sqlite3.OperationalError as exc:
        code = exc.sqlite_errorcode & 0xFF
        if code == sqlite3.SQLITE_CANTOPEN and not path.with_name(path.name + "-wal").exists():
            return _tried(f"{uri(path)}?mode=ro&immutable=1")  # in a folder that is read-only
        if code not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise
    for part in _COMPANIONS:
        source = path.with_name(path.name + part)
        if source.exists():
            shutil.copyfile(source, folder / f"copy.db{part}")
    return _tried(uri(folder / "copy.db"))


def _tried(name: str) -> Connection:
    connection = sqlite3.connect(name, uri=True, timeout=2.0, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What SQLite and the file system say, in our words."""
    try:
        yield
    except sqlite3.Error as exc:
        raise ImportFileError(f"{path} cannot be read: {exc}", "Nothing was imported") from exc
    except OSError as exc:
        raise ImportFileError(f"{path} cannot be read: {exc.strerror}", "Nothing was imported") from exc
