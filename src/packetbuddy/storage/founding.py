"""What a ledger file is: new, ours, older, newer, foreign. Founding and migrating it."""

import sqlite3
from pathlib import Path

from packetbuddy.errors import LedgerDamagedError, LedgerForeignError, LedgerMissingError, LedgerNewerError
from packetbuddy.storage.connection import (
    APPLICATION_ID,
    OLDEST_SCHEMA,
    SCHEMA_VERSION,
    Connection,
    connect_visitor,
    durable,
    transaction,
)
from packetbuddy.storage.statements import migrations, statements

OLD_TABLES = frozenset({"usage_logs", "daily_aggregates"})
"""Tables of PacketBuddy 1.x."""
_BITS = 16
"""SQLite's ``user_version`` holds the schema in the lower bits, and above them the oldest that may work with it."""


def check(connection: Connection, path: Path) -> int:
    """Schema version of the file, 0 for an empty one; writes nothing.

    It may be newer than ours where the newer PacketBuddy said that ours can work with it.

    Raises:
        LedgerForeignError: another program's or PacketBuddy 1.x's database.
        LedgerNewerError: a newer PacketBuddy wrote it.
        LedgerDamagedError: its state row is gone.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    oldest, version = divmod(int(connection.execute("PRAGMA user_version").fetchone()[0]), 1 << _BITS)
    if not tables and application in (0, APPLICATION_ID):
        return 0
    if application != APPLICATION_ID:
        whose = "PacketBuddy 1.x" if tables & OLD_TABLES else "another program"
        raise LedgerForeignError(
            f"{path} belongs to {whose}; it is left untouched", "move it away, then start PacketBuddy again"
        )
    if version > SCHEMA_VERSION and not 0 < oldest <= SCHEMA_VERSION:
        raise LedgerNewerError(
            f"{path} was written by a newer PacketBuddy (schema {version}, this one knows {SCHEMA_VERSION})",
            "update PacketBuddy",
        )
    if "state" not in tables or connection.execute("SELECT count(*) FROM state").fetchone()[0] != 1:
        raise LedgerDamagedError(f"{path} is damaged: its state is missing", "backups are in backups/")
    return version


def refuse_strangers(path: Path) -> None:
    """Look at an existing file before it is opened for writing: even closing it could change a foreign one.

    Raises:
        LedgerForeignError, LedgerNewerError, LedgerDamagedError: as :func:`check`.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return
    connection = connect_visitor(path)
    try:
        check(connection, path)
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:  # a crash left it half restored; writing mends that
            raise
    finally:
        connection.close()


def refuse_empty(version: int, path: Path) -> None:
    """A reader finds no ledger in an empty file.

    Raises:
        LedgerMissingError: nothing is in it yet.
    """
    if version == 0:
        raise LedgerMissingError(f"nothing is counted yet: {path} is empty", "start counting: pb service start")


def found(connection: Connection, path: Path) -> None:
    """Make an empty file a ledger, or bring an older ledger to the present schema.

    Raises:
        LedgerForeignError, LedgerNewerError, LedgerDamagedError: as :func:`check`.
    """
    version = check(connection, path)
    durable(connection)
    if version < SCHEMA_VERSION:
        with transaction(connection):
            for script in migrations()[version:]:
                _run(connection, script)
            if version == 0:
                connection.execute(statements("writer.sql")["found"])
                connection.execute(statements("writer.sql")["found_all"])
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {OLDEST_SCHEMA << _BITS | SCHEMA_VERSION}")


def _run(connection: Connection, script: str) -> None:
    """Run a script statement by statement: ``executescript`` would commit the surrounding transaction."""
    code = "\n".join(line.partition("--")[0] for line in script.splitlines())
    for statement in code.split(";"):
        if statement.strip():
            connection.execute(statement)
