"""What a ledger file is: new, ours, older, newer, foreign. Founding and migrating it.

SQLite's ``user_version`` holds two numbers: the schema, and the oldest one whose PacketBuddy can go on with the file.
So a version that is older than the file knows whether it may read and write it, before it knows anything else of it.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import (
    LedgerDamagedError,
    LedgerError,
    LedgerForeignError,
    LedgerMissingError,
    LedgerNewerError,
)
from packetbuddy.storage.connection import (
    APPLICATION_ID,
    OLDEST_SCHEMA,
    SCHEMA_VERSION,
    Connection,
    connect_visitor,
    durable,
    transaction,
)
from packetbuddy.storage.copying import copied
from packetbuddy.storage.statements import migrations, statements

OLD_TABLES = frozenset({"usage_logs", "daily_aggregates"})
"""Tables of PacketBuddy 1.x."""
BACKUPS = "backups"
"""Folder beside the ledger for what it was before a migration."""
_OLDEST_UNIT = 1000


class Stamp(NamedTuple):
    """What the file's header says: its schema, and the oldest schema whose PacketBuddy can go on with it; 0: unsaid."""

    schema: int
    oldest: int

    @classmethod
    def read(cls, connection: Connection) -> "Stamp":
        """Out of the header."""
        oldest, schema = divmod(int(connection.execute("PRAGMA user_version").fetchone()[0]), _OLDEST_UNIT)
        return cls(schema, oldest)

    def write(self, connection: Connection) -> None:
        """Into the header, within the caller's transaction."""
        connection.execute(f"PRAGMA user_version = {self.oldest * _OLDEST_UNIT + self.schema}")

    @property
    def usable(self) -> bool:
        """Whether this PacketBuddy can read and write such a file; a newer one must say so itself."""
        return self.schema <= SCHEMA_VERSION or 0 < self.oldest <= SCHEMA_VERSION


OURS = Stamp(SCHEMA_VERSION, OLDEST_SCHEMA)


def check(connection: Connection, path: Path) -> int:
    """Schema of the file, 0 for an empty one; writes nothing. It may be newer than ours, where that one allows it.

    Raises:
        LedgerForeignError: another program's or PacketBuddy 1.x's database.
        LedgerNewerError: a newer PacketBuddy wrote it, and ours cannot go on with it.
        LedgerDamagedError: its state row is gone.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    stamp = Stamp.read(connection)
    if not tables and application in (0, APPLICATION_ID):
        return 0
    if application != APPLICATION_ID:
        whose = "PacketBuddy 1.x" if tables & OLD_TABLES else "another program"
        raise LedgerForeignError(
            f"{path} belongs to {whose}; it is left untouched", "move it away, then start PacketBuddy again"
        )
    if not stamp.usable:
        raise LedgerNewerError(
            f"{path} was written by a newer PacketBuddy (schema {stamp.schema}, this one knows {SCHEMA_VERSION})",
            "update PacketBuddy",
        )
    if "state" not in tables or connection.execute("SELECT count(*) FROM state").fetchone()[0] != 1:
        raise LedgerDamagedError(f"{path} is damaged: its state is missing", "backups are in backups/")
    return stamp.schema


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


def found(connection: Connection, path: Path) -> str:
    """Make an empty file a ledger, or bring an older ledger to the present schema, after a backup of it.

    Counting comes first: a backup that cannot be made does not hold the migration up, which is whole or not at all.
    Returns why there is none, "" otherwise; an event in the ledger says it, too.

    Raises:
        LedgerForeignError, LedgerNewerError, LedgerDamagedError: as :func:`check`.
    """
    version = check(connection, path)
    durable(connection)
    if version >= SCHEMA_VERSION:
        return ""
    with transaction(connection):
        return _migrate(connection, path)


def _migrate(connection: Connection, path: Path) -> str:
    version = Stamp.read(connection).schema  # again: another program may have done it while we waited
    with _kept(path, version) as (name, complaint):
        for script in migrations()[version:]:
            _run(connection, script)
        if version == 0:
            connection.execute(statements("writer.sql")["found"])
            connection.execute(statements("writer.sql")["found_all"])
        elif version < SCHEMA_VERSION:
            _tell(
                connection, f"from schema {version} to {SCHEMA_VERSION}; {complaint or f'{name} is as it was before'}"
            )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        max(OURS, Stamp.read(connection)).write(connection)
    return complaint


@contextmanager
def _kept(path: Path, version: int) -> Iterator[tuple[str, str]]:
    """The name of a backup of what is committed, and why there is none; it is taken back when the migration fails.

    The caller's transaction holds the ledger as it is; what reads it is a connection of its own, as SQLite wants it.
    """
    backup = (
        path.parent / BACKUPS / f"packetbuddy-{time.strftime('%Y-%m-%d-%H%M%S', time.gmtime())}-schema-{version}.db"
    )
    complaint = _back_up(path, backup) if 0 < version < SCHEMA_VERSION else ""
    try:
        yield backup.name, complaint
    except BaseException:
        with suppress(OSError):  # its folder may be none
            backup.unlink()
        raise


def _back_up(path: Path, backup: Path) -> str:
    """Why there is no backup, "" where there is one."""
    try:
        with closing(connect_visitor(path)) as visitor:
            visitor.execute("PRAGMA cache_size = -256")
            return "" if copied(visitor, backup) else "without a backup: the copy did not verify"
    except LedgerError as exc:
        return f"without a backup: {exc}"
    except sqlite3.Error as exc:
        return f"without a backup: {exc}"
    except OSError as exc:
        return f"without a backup: {backup.parent}: {exc.strerror}"


def _tell(connection: Connection, detail: str) -> None:
    row = {"at_ns": time.time_ns(), "kind": "migrated", "interface": "", "detail": detail, "count": 1, "epoch": 0}
    connection.execute(statements("writer.sql")["event"], row)


def _run(connection: Connection, script: str) -> None:
    """Run a script statement by statement: ``executescript`` would commit the surrounding transaction."""
    code = "\n".join(line.partition("--")[0] for line in script.splitlines())
    for statement in code.split(";"):
        if statement.strip():
            connection.execute(statement)
