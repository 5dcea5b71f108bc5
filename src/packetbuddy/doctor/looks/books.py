"""The ledger and its backups. Nothing in them changes, and no look takes longer than it is given."""

from pathlib import Path

from packetbuddy.doctor.facts import Backups, Ledger
from packetbuddy.errors import LedgerError, LedgerReadOnlyError
from packetbuddy.settings.places import Home
from packetbuddy.storage.examining import daily_backups, examine, judge_backup

LEDGER_SECONDS = 4.0
"""The audit of ten years takes two on a slow core."""
BACKUP_SECONDS = 2.0


def look(home: Home) -> Ledger:
    """The ledger, looked through."""
    path = home.ledger
    sizes = (_size(path), _size(path.with_name(path.name + "-wal")))
    try:
        return Ledger(path, None, examine(path, home.lock, seconds=LEDGER_SECONDS), *sizes)
    except LedgerError as error:
        return Ledger(path, error, None, *sizes)
    except OSError as error:
        words = f"{path} cannot be looked at: {error.strerror or error}"
        return Ledger(path, LedgerReadOnlyError(words, "give this user the right to it"), None, *sizes)


def look_at_backups(home: Home) -> Backups | None:
    """The newest daily backup, verified."""
    try:
        found = daily_backups(home.backups)
    except OSError:
        return None
    if not found:
        return Backups(None, None)
    return Backups(found[-1], judge_backup(found[-1], seconds=BACKUP_SECONDS))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
