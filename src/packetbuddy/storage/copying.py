"""A consistent, verified copy of an open ledger, taken while others write to it, in little memory."""

import os
import sqlite3
from pathlib import Path

from packetbuddy.storage.connection import Connection, speaking_of
from packetbuddy.storage.replacing import sync_file, sync_folder, verified

PART = ".part"
"""What a copy is called until it is whole."""


def copied(connection: Connection, target: Path) -> bool:
    """Copy what is open to ``target``; false when the copy does not verify (then it is not kept).

    Raises:
        LedgerError, OSError: it could not be written; nothing is left of it.
    """
    target.parent.mkdir(mode=0o700, exist_ok=True)
    aside = target.with_name(f"{target.name}{PART}")
    _forget_parts(target)
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        with speaking_of(target):
            _copy(connection, aside)
        if not verified(aside):
            return False
        sync_file(aside)
        aside.replace(target)
        sync_folder(target.parent)
    finally:
        _forget_parts(target)
    return True


def _copy(connection: Connection, aside: Path) -> None:
    copy = sqlite3.connect(aside, isolation_level=None)
    try:
        copy.execute("PRAGMA cache_size = -256")  # the monitor may ask this, and its memory is a promise
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def _forget_parts(target: Path) -> None:
    for path in target.parent.glob(f"{target.name}{PART}*"):
        path.unlink(missing_ok=True)
