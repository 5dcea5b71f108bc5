"""Is a file PacketBuddy 1.x's database? Looked at without touching a byte of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from packetbuddy.storage.connection import Connection, connect_visitor, uri

TABLES = {
    "usage_logs": frozenset({"device_id", "timestamp", "bytes_sent", "bytes_received"}),
    "daily_aggregates": frozenset({"device_id", "date", "bytes_sent", "bytes_received"}),
}
"""The tables of 1.x that hold usage, and the columns that each of its versions had."""
_MAGIC = b"SQLite format 3\x00"
_NO_APPLICATION = bytes(4)
_HEADER_BYTES = 100


def is_predecessor(path: Path) -> bool:
    """Whether the file is recognisably a 1.x database; ``False`` for anything else, also what cannot be read.

    Ours says so in its header, so that the usual answer costs one short read.
    """
    try:
        if not path.is_file():  # a named pipe would hold us up
            return False
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return False
    if not header.startswith(_MAGIC) or header[68:72] != _NO_APPLICATION:
        return False
    return _shows(path) or (path.with_name(path.name + "-wal").exists() and _shows_now(path))


def has_its_tables(connection: Connection) -> bool:
    """Whether an open database has 1.x's tables, as tables and with their columns."""
    return all(columns <= _columns(connection, table) for table, columns in TABLES.items())


def _columns(connection: Connection, table: str) -> set[str]:
    query = """SELECT info.name FROM sqlite_schema AS made JOIN pragma_table_info(made.name) AS info
        WHERE made.type = 'table' AND made.name = ?"""
    return {str(row[0]) for row in connection.execute(query, (table,))}


def _shows(path: Path) -> bool:
    """As the file lies: 1.x keeps a rollback journal, and one left by a crash forbids ordinary read-only access."""
    try:
        with closing(sqlite3.connect(f"{uri(path)}?mode=ro&immutable=1", uri=True)) as connection:
            return has_its_tables(connection)
    except sqlite3.Error:
        return False


def _shows_now(path: Path) -> bool:
    """With its write-ahead log."""
    try:
        with closing(connect_visitor(path)) as connection:
            return has_its_tables(connection)
    except sqlite3.Error:
        return False
