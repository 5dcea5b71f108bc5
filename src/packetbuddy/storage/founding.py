"""What a ledger file is: new, ours, older, newer, foreign. Founding and migrating it."""

import os
import sqlite3
from pathlib import Path

from packetbuddy.errors import LedgerDamagedError, LedgerForeignError, LedgerMissingError, LedgerNewerError
from packetbuddy.storage.connection import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    Connection,
    connect_visitor,
    durable,
    transaction,
)
from packetbuddy.storage.statements import migrations, statements

OLD_TABLES = frozenset({"usage_logs", "daily_aggregates"})
"""Tables of PacketBuddy 1.x."""


def check(connection: Connection, path: Path) -> int:
    """Schema version of the file, 0 for an empty one; writes nothing.

    Raises:
        LedgerForeignError: another program's or PacketBuddy 1.x's database.
        LedgerNewerError: a newer PacketBuddy wrote it.
        LedgerDamagedError: its state row is gone.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not tables and application in (0, APPLICATION_ID):
        return 0
    if application != APPLICATION_ID:
        whose = "PacketBuddy 1.x" if tables & OLD_TABLES else "another program"
        raise LedgerForeignError(
            f"{path} belongs to {whose}; it is left untouched", "move it away, then start PacketBuddy again"
        )
    if version > SCHEMA_VERSION:
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
    if 0 < version < SCHEMA_VERSION:
        _keep(connection, path, version)
    if version < SCHEMA_VERSION:
        with transaction(connection):
            for script in migrations()[version:]:
                _run(connection, script)
            if version == 0:
                connection.execute(statements("writer.sql")["found"])
                connection.execute(statements("writer.sql")["found_all"])
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _keep(connection: Connection, path: Path, version: int) -> None:
    """Keep the ledger as it is before it is migrated. A piece at a time: the monitor's memory is a promise."""
    folder = path.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"before-schema-{SCHEMA_VERSION}-was-{version}.db"
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600))
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        copy.execute("PRAGMA cache_size = -256")
        connection.backup(copy, pages=256)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def _run(connection: Connection, script: str) -> None:
    """Run a script statement by statement: ``executescript`` would commit the surrounding transaction."""
    code = "\n".join(line.partition("--")[0] for line in script.splitlines())
    for statement in code.split(";"):
        if statement.strip():
            connection.execute(statement)
