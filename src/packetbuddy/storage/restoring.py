"""A person's backups: written where nothing stands yet, and put in the ledger's place after they were looked at."""

import os
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

from packetbuddy.errors import LedgerDamagedError, LedgerError, LedgerForeignError, LedgerFullError, LedgerReadOnlyError
from packetbuddy.storage.connection import Connection, connect_visitor, speaking_of, uri
from packetbuddy.storage.founding import check
from packetbuddy.storage.replacing import (
    discard,
    finish,
    fresh_place,
    renew,
    replacing,
    set_aside,
    stamp,
    sync_folder,
    verified,
)
from packetbuddy.storage.statements import statements
from packetbuddy.storage.tending import UNFINISHED, Tender, tending

UNCHANGED = "Nothing was changed"


def back_up(ledger: Path, lock: Path, target: Path) -> int:
    """Write a verified copy, readable by its owner alone, while the ledger is written to; returns its bytes.

    Raises:
        LedgerError: something stands at ``target``, it cannot be written, or the ledger cannot be read.
    """
    _refuse_taken(target)
    try:
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=target.parent) as folder:
            copy = Path(folder) / "copy.db"
            with tending(ledger, lock) as tender:
                whole = _tended(tender, copy, target)
            if not whole:
                raise LedgerDamagedError(f"{ledger} is damaged: its copy does not verify", "see `pb service logs`")
            _name(copy, target)
        sync_folder(target.parent)
        return target.stat().st_size
    except PermissionError as exc:
        raise LedgerReadOnlyError(f"{target} cannot be written: {exc.strerror}") from exc
    except OSError as exc:
        raise LedgerFullError(f"{target} cannot be written: {exc.strerror}", "Choose another place") from exc


def _tended(tender: Tender, copy: Path, target: Path) -> bool:
    """Whether the copy verifies; what cannot be done is said of the file that was asked for."""
    try:
        return tender.backup(copy)
    except LedgerFullError as exc:
        words = str(exc).replace(str(copy), str(target))
        raise LedgerFullError(words, "Free some space, or choose another place") from exc


def _refuse_taken(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise LedgerError(f"{target} exists already; nothing is written over", "Choose another name")


def _name(copy: Path, target: Path) -> None:
    """Give the copy its name, unless somebody else took it meanwhile."""
    try:
        os.link(copy, target)
    except FileExistsError:
        _refuse_taken(target)
    except OSError:  # a file system without links
        _refuse_taken(target)
        copy.replace(target)


def prepare(source: Path, ledger: Path, *, at_ns: int) -> None:
    """Look at a backup and make a verified copy of it beside the ledger; the ledger is not touched.

    Raises:
        LedgerError: it is no whole ledger that this PacketBuddy can read, or there is no room; nothing was changed.
    """
    _refuse_place(source, ledger)
    discard(ledger)
    fresh = fresh_place(ledger)
    with replacing(ledger):
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            _copy(source, fresh)
            _mark(fresh, source.name, at_ns)
            renew(fresh)
        except BaseException:
            discard(ledger)
            raise


def put(ledger: Path, backups: Path) -> Path | None:
    """Set the ledger aside with all that belongs to it and put the prepared copy in its place; where the old one is.

    The caller holds the lock. ``None``: there was none.

    Raises:
        LedgerError: it cannot be done; what was interrupted goes on at the next start.
    """
    with replacing(ledger):
        if not verified(fresh_place(ledger)):  # another restore began meanwhile
            raise LedgerError(f"the copy of the backup beside {ledger} is gone", f"{UNCHANGED}; try again")
        aside = set_aside(ledger, backups, stem=f"replaced-{stamp()}") if ledger.exists() else None
        if not finish(ledger, backups):
            raise LedgerError(f"{ledger} could not be put in place", f"the one before is {aside}")
        return aside


def _refuse_place(source: Path, ledger: Path) -> None:
    try:
        descriptor = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError as exc:
        raise LedgerError(f"there is no file {source}", UNCHANGED) from exc
    except OSError as exc:
        raise LedgerError(f"{source} cannot be opened: {exc.strerror}", UNCHANGED) from exc
    kind = os.fstat(descriptor).st_mode
    os.close(descriptor)
    if not stat.S_ISREG(kind):
        raise LedgerError(f"{source} is not a file", UNCHANGED)
    if ledger.exists() and source.samefile(ledger):
        raise LedgerError(f"{source} is the ledger itself", UNCHANGED)


def _copy(source: Path, fresh: Path) -> None:
    """With its write-ahead log, where it has one."""
    try:
        with speaking_of(source), closing(_visited(source)) as reading:
            _refuse_strange(reading, source)
            with closing(sqlite3.connect(fresh, isolation_level=None)) as writing:
                reading.backup(writing)
                writing.execute("PRAGMA journal_mode = DELETE")
    except LedgerDamagedError as exc:  # its usual hint is about the ledger
        raise LedgerDamagedError(str(exc), UNCHANGED) from exc
    except LedgerFullError as exc:  # it is the copy that is written to
        words = str(exc).removeprefix(f"{source} ")
        raise LedgerFullError(f"a copy of {source} in {fresh.parent} {words}", UNCHANGED) from exc
    if not verified(fresh):
        raise LedgerDamagedError(f"{source} is damaged", UNCHANGED)


def _visited(source: Path) -> Connection:
    """Without a log the file alone is the ledger, and reading it shall leave nothing beside it."""
    if source.with_name(source.name + "-wal").exists():
        return connect_visitor(source)
    return sqlite3.connect(f"{uri(source)}?mode=ro&immutable=1", uri=True)


def _refuse_strange(reading: Connection, source: Path) -> None:
    try:
        version = check(reading, source)
    except LedgerForeignError as exc:
        raise LedgerForeignError(
            f"{source} is no PacketBuddy ledger", "`pb import` takes usage of other files over"
        ) from exc
    except LedgerDamagedError as exc:
        raise LedgerDamagedError(f"{source} is damaged", UNCHANGED) from exc
    if version == 0:
        raise LedgerForeignError(f"{source} is empty", UNCHANGED)


def _mark(fresh: Path, name: str, at_ns: int) -> None:
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        row = {"at_ns": at_ns, "kind": "restored", "interface": "", "detail": f"from {name}", "count": 1, "epoch": 0}
        connection.execute(statements("writer.sql")["event"], row)
