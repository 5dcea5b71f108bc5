"""Opening SQLite, and naming its errors in our words once."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from packetbuddy.errors import (
    LedgerBusyError,
    LedgerDamagedError,
    LedgerError,
    LedgerForeignError,
    LedgerFullError,
    LedgerMissingError,
    LedgerReadOnlyError,
)

APPLICATION_ID = 0x50424459
"""``PBDY``, in the file's header."""
SCHEMA_VERSION = 5
"""How many migrations make the present schema."""
OLDEST_SCHEMA = 1
"""A PacketBuddy of this schema or a later one can go on with a ledger of ours: migrations since then only expand."""
Row = sqlite3.Row
Connection = sqlite3.Connection

_WORDS: dict[int, tuple[type[LedgerError], str, str]] = {
    sqlite3.SQLITE_BUSY: (LedgerBusyError, "is locked by another program", "it is tried again"),
    sqlite3.SQLITE_LOCKED: (LedgerBusyError, "is locked by another program", "it is tried again"),
    sqlite3.SQLITE_FULL: (LedgerFullError, "cannot grow: the disk is full", "free some space; nothing was lost"),
    sqlite3.SQLITE_IOERR: (LedgerFullError, "cannot be written or read", "look at the disk's space and health"),
    sqlite3.SQLITE_READONLY: (LedgerReadOnlyError, "is read-only", "make the file and its folder writable"),
    sqlite3.SQLITE_PERM: (LedgerReadOnlyError, "may not be opened", "give this user the right to it"),
    sqlite3.SQLITE_CANTOPEN: (LedgerReadOnlyError, "cannot be opened", "make the file and its folder accessible"),
    sqlite3.SQLITE_CORRUPT: (LedgerDamagedError, "is damaged", "see `pb service logs`; backups are in backups/"),
    sqlite3.SQLITE_NOTADB: (LedgerDamagedError, "is not a database", "see `pb service logs`; backups are in backups/"),
}


@contextmanager
def speaking_of(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into a :class:`~packetbuddy.errors.LedgerError` that names the file."""
    try:
        yield
    except sqlite3.Error as exc:
        raise named(exc, path) from exc


def named(exc: sqlite3.Error, path: Path) -> LedgerError:
    """Our error for SQLite's, by its primary result code."""
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # absent on errors of Python's own making
    kind, words, hint = _WORDS.get(code, (LedgerError, f"cannot be used: {exc}", ""))
    return kind(f"{path} {words}", hint)


def connect_writer(path: Path) -> Connection:
    """Open for writing; creates the file. The caller checks what is in it before it writes.

    The cache is small because the monitor's memory is a promise, the busy timeout short because its poll loop waits.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=0.1, isolation_level=None, cached_statements=32)
    connection.row_factory = Row
    connection.execute("PRAGMA cache_size = -256")
    return connection


def _make_private(path: Path) -> None:
    """Make a missing file, so that its write-ahead log gets its rights; SQLite says better why it cannot be made."""
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def connect_visitor(path: Path) -> Connection:
    """Open read-only just to see what a file is, without touching a byte of it."""
    return sqlite3.connect(f"{uri(path)}?mode=ro", uri=True, timeout=0.1, isolation_level=None)


def durable(connection: Connection) -> None:
    """Set what a power cut needs; on a new file also the page size, before anything is written."""
    connection.execute("PRAGMA page_size = 1024")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")


def connect_reader(path: Path, *, alone: bool) -> Connection:
    """Open read-only, with a wait of two seconds for a busy writer.

    ``alone``: no writer lives. Then a file without a write-ahead log is opened as immutable, so that reading
    leaves no files behind and works in a read-only folder.

    Raises:
        LedgerMissingError: there is no file.
    """
    _must_be_a_file(path)
    frozen = alone and not path.with_name(path.name + "-wal").exists()
    mode = "mode=ro&immutable=1" if frozen else "mode=ro"
    connection = sqlite3.connect(f"{uri(path)}?{mode}", uri=True, timeout=2.0, isolation_level=None)
    connection.row_factory = Row
    connection.execute("PRAGMA query_only = ON")
    return connection


def connect_examiner(path: Path, *, opened: bool) -> Connection:
    """Open read-only so that not a byte of the ledger's companions changes either, whoever lives or died.

    A plain reader writes its mark into the shared memory file, and mends that after a crash; this one keeps its own
    index of the log in memory. That needs the shared memory file to be there. ``opened``: see :func:`is_opened`.

    Raises:
        LedgerMissingError: there is no file.
        LedgerBusyError: a log without its shared memory: only opening it for real can tell what it holds.
    """
    _must_be_a_file(path)
    if opened and not path.with_name(path.name + "-shm").exists():
        raise LedgerBusyError(f"{path} was not closed and cannot be looked into", "`pb service start` mends that")
    mode = "readonly_shm=1" if opened else "immutable=1"
    connection = sqlite3.connect(f"{uri(path)}?mode=ro&{mode}", uri=True, timeout=2.0, isolation_level=None)
    connection.row_factory = Row
    connection.execute("PRAGMA query_only = ON")
    return connection


def is_opened(path: Path) -> bool:
    """Whether somebody has the ledger open to write, or died over it: its companions are there then."""
    log, index = path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")
    return index.exists() or (log.exists() and log.stat().st_size > 0)


def _must_be_a_file(path: Path) -> None:
    if not path.exists():
        raise LedgerMissingError(f"nothing is counted yet: {path} does not exist", "start counting: pb service start")
    if not path.is_file():
        raise LedgerForeignError(f"{path} is not a file", "move it away")


def connect_amender(path: Path, *, alone: bool) -> Connection:
    """Open an existing ledger for a short change; checkpoints only when ``alone`` (else the monitor does)."""
    _must_be_a_file(path)
    connection = sqlite3.connect(f"{uri(path)}?mode=rw", uri=True, timeout=5.0, isolation_level=None)
    connection.row_factory = Row
    if not alone:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def uri(path: Path) -> str:
    """The file's name as SQLite wants it in a URI; parameters may follow after a question mark."""
    escaped = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{escaped}"


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit what happens inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite rolls back by itself on a full disk
            connection.execute("ROLLBACK")
        raise
