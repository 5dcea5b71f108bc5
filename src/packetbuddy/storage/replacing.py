"""Replacing a ledger file: the file, its write-ahead log and its shared memory are moved together, under the lock."""

import os
import sqlite3
import time
from pathlib import Path

from packetbuddy.storage.connection import APPLICATION_ID

_PARTS = ("", "-wal", "-shm")


def set_aside(ledger: Path, folder: Path) -> Path:
    """Move a ledger with its companions into ``folder`` under a name of its own; never deletes.

    The caller holds the lock. Returns the ledger's new path.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = _free(folder, f"damaged-{stamp}")
    for part in _PARTS:
        source = ledger.with_name(ledger.name + part)
        if source.exists():
            source.replace(aside.with_name(aside.name + part))
    _sync_folder(folder)
    _sync_folder(ledger.parent)
    return aside


def put_in_place(backup: Path, ledger: Path) -> None:
    """Copy a backup to the ledger's place, durable before it gets its name, with a lineage of its own."""
    fresh = ledger.with_name(ledger.name + ".restoring")
    _copy(backup, fresh)
    fresh.chmod(0o600)
    connection = sqlite3.connect(fresh, isolation_level=None)
    try:
        connection.execute("UPDATE state SET lineage = lower(hex(randomblob(8))), revision = revision + 1000000")
    finally:
        connection.close()
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.replace(ledger)
    _sync_folder(ledger.parent)


def newest_backup(folder: Path) -> Path | None:
    """The newest daily backup that verifies, or ``None``."""
    candidates = sorted(folder.glob("packetbuddy-*.db"), reverse=True) if folder.is_dir() else []
    return next((path for path in candidates if verified(path)), None)


def verified(path: Path) -> bool:
    """Whether a file is a whole ledger: ours by its header, and SQLite finds nothing wrong in it."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return False
    try:
        ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        return bool(ours and connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def _copy(source: Path, target: Path) -> None:
    """In pieces: a ledger of ten years must not pass through the monitor's memory whole."""
    with source.open("rb") as reading, target.open("wb") as writing:
        while piece := reading.read(65_536):
            writing.write(piece)


def _free(folder: Path, stem: str) -> Path:
    number = 0
    while (path := folder / f"{stem}{f'-{number}' if number else ''}.db").exists():
        number += 1
    return path


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
