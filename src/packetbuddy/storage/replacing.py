"""Replacing a ledger file: the file, its write-ahead log and its shared memory are moved together, under the lock."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packetbuddy.errors import LedgerFullError, LedgerReadOnlyError
from packetbuddy.storage.connection import APPLICATION_ID, Connection, speaking_of, uri
from packetbuddy.storage.statements import statements

_PARTS = ("", "-wal", "-shm", "-journal")
"""A file and what SQLite keeps beside it; the last is PacketBuddy 1.x's."""
_TEMPORARY = ("", "-journal", "-wal", "-shm")


def replace_damaged(ledger: Path, backups: Path) -> tuple[Path, Path | None]:
    """Set a damaged ledger aside and put the newest backup that verifies in its place.

    The caller holds the lock. The replacement is whole and durable before anything is moved, so that an interruption
    or a full disk changes nothing. Returns where the damaged ledger is now, and the backup, ``None`` without one.

    Raises:
        LedgerError: nothing was changed.
    """
    with replacing(ledger):
        backup = newest_backup(backups)
        if backup is not None:
            _prepare(backup, ledger)
        aside = set_aside(ledger, backups)
        finish(ledger, backups)
        return aside, backup


def set_aside(ledger: Path, folder: Path, *, stem: str = "") -> Path:
    """Move a ledger with its companions into ``folder`` under a name of its own; never deletes.

    The caller holds the lock. Returns the ledger's new path: ``stem``, or "damaged" and the time, with a number behind
    it where that is taken.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = stem or f"damaged-{stamp()}"
    aside = _free(folder, stem) if ledger.exists() else _separated(folder, stem)
    for (
        part
    ) in _PARTS:  # the ledger first: without its log it could be opened and would be wrong, a log alone is nothing
        source = ledger.with_name(ledger.name + part)
        if source.exists():
            source.replace(aside.with_name(aside.name + part))
    sync_folder(folder)
    sync_folder(ledger.parent)
    return aside


def stamp() -> str:
    """Now, as it stands in the name of a file that is set aside."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime())


def finish(ledger: Path, folder: Path) -> bool:
    """Bring a prepared replacement into place where no ledger stands (any more); true when there was one.

    So what a crash interrupted goes on at the next start: a replacement is prepared before its ledger is set aside.
    """
    fresh = fresh_place(ledger)
    if ledger.exists() or not fresh.exists():
        return False
    if not verified(fresh):
        return False
    if any(ledger.with_name(ledger.name + part).exists() for part in _PARTS):
        set_aside(ledger, folder)
    fresh.replace(ledger)
    sync_folder(ledger.parent)
    return True


def newest_backup(folder: Path) -> Path | None:
    """The newest daily backup that verifies, or ``None``."""
    found = folder.glob("packetbuddy-*.db") if folder.is_dir() else ()
    candidates = sorted(found, key=lambda path: path.stem, reverse=True)  # one with a time goes before its day's
    return next((path for path in candidates if verified(path)), None)


def verified(path: Path) -> bool:
    """Whether a file is a whole ledger: ours by its header, and SQLite finds nothing wrong in it.

    The cache is small: the monitor may ask this, and its memory is a promise.
    """
    try:
        connection = sqlite3.connect(f"{uri(path)}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return False
    try:
        connection.execute("PRAGMA cache_size = -256")
        return whole(connection)
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def whole(connection: Connection) -> bool:
    """Whether what is open is a whole ledger of ours; raises what SQLite says where it cannot even be read."""
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    sound = ours and connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
    return bool(sound and connection.execute(statements("tending.sql")["coherent"]).fetchone()[0])


def fresh_place(ledger: Path) -> Path:
    """Where a ledger's replacement is prepared; see :func:`finish`."""
    return ledger.with_name(ledger.name + ".restoring")


def _prepare(backup: Path, ledger: Path) -> None:
    """A durable copy of the backup beside the ledger's place, with a lineage of its own."""
    fresh = fresh_place(ledger)
    discard(ledger)
    try:
        _copy(backup, fresh)
        renew(fresh)
    except BaseException:
        discard(ledger)
        raise


def discard(ledger: Path) -> None:
    """Forget a prepared replacement; a journal left by an interrupted one would be rolled back into the next."""
    fresh = fresh_place(ledger)
    for part in _TEMPORARY:
        fresh.with_name(fresh.name + part).unlink(missing_ok=True)


def renew(fresh: Path) -> None:
    """Give a replacement a lineage of its own: what readers remember of the ledger it replaces does not hold for it."""
    connection = sqlite3.connect(fresh, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("UPDATE state SET lineage = lower(hex(randomblob(8))), revision = revision + 1000000")
    finally:
        connection.close()


def _copy(source: Path, target: Path) -> None:
    """In pieces: a ledger of ten years must not pass through the monitor's memory whole."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with source.open("rb") as reading, open(descriptor, "wb") as writing:  # noqa: PTH123 - a descriptor is no path
        while piece := reading.read(65_536):
            writing.write(piece)
        writing.flush()
        os.fsync(descriptor)


@contextmanager
def replacing(ledger: Path) -> Iterator[None]:
    """What files and SQLite say, in our words."""
    try:
        with speaking_of(ledger):
            yield
    except PermissionError as exc:
        raise LedgerReadOnlyError(f"{ledger} cannot be replaced: {exc.strerror}") from exc
    except OSError as exc:
        raise LedgerFullError(f"{ledger} cannot be replaced: {exc.strerror}", "nothing was changed") from exc


def _separated(folder: Path, stem: str) -> Path:
    """Where the log of a ledger belongs that was set aside without it by an interruption: to the last one there."""
    last = max(folder.glob("damaged-*.db"), default=None)
    if last is None or any(last.with_name(last.name + part).exists() for part in _PARTS[1:]):
        return _free(folder, stem)
    return last


def _free(folder: Path, stem: str) -> Path:
    number = 0
    while True:
        path = folder / f"{stem}{f'-{number}' if number else ''}.db"
        if not any(path.with_name(path.name + part).exists() for part in _PARTS):
            return path
        number += 1


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; Windows has no way to."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
