"""The monitor's hold on the ledger: opened with patience, healed when damaged, founded again when it vanished."""

from collections.abc import Callable
from pathlib import Path

from packetbuddy.errors import LedgerBusyError, LedgerDamagedError, LedgerError, LedgerFullError
from packetbuddy.monitor.log import Log
from packetbuddy.settings.places import Home
from packetbuddy.storage.replacing import newest_backup, put_in_place, set_aside
from packetbuddy.storage.writer import Flush, Writer

PASSING = (LedgerBusyError, LedgerFullError)
"""What may go away by itself; everything is kept and tried again."""


def open_ledger(home: Home, log: Log, *, wait: Callable[[], bool]) -> Writer | None:
    """Open the ledger, waiting while it is locked or the disk is full; ``None`` when told to stop meanwhile.

    A damaged file is set aside, never deleted, and the newest backup that verifies takes its place.

    Raises:
        LedgerError: a foreign, newer or read-only file: nothing that waiting would mend.
    """
    told = False
    while True:
        try:
            writer = Writer(home.ledger)
            writer.books()
        except PASSING as exc:
            if not told:
                log.line("warning", f"waiting: {exc}")
            told = True
            if wait():
                return None
        except LedgerDamagedError as exc:
            log.line("error", str(exc))
            replace_damaged(home, log)
        else:
            return writer


def replace_damaged(home: Home, log: Log) -> None:
    """Set the damaged ledger aside and restore the newest verified backup, if there is one."""
    backup = newest_backup(home.backups)
    aside = set_aside(home.ledger, home.backups)
    if backup is None:
        log.line("error", f"the damaged ledger is kept as {aside}; no backup exists, a new ledger begins")
    else:
        put_in_place(backup, home.ledger)
        log.line("error", f"the damaged ledger is kept as {aside}; restored {backup.name}")


class Keeper:
    """Owns the open writer and stores flushes; tells trouble once, not every second."""

    def __init__(self, home: Home, log: Log, writer: Writer) -> None:
        """Begin with an open writer."""
        self._home, self._log = home, log
        self.writer = writer
        self._file = _file(home.ledger)
        self.trouble: str | None = None

    def vanished(self) -> bool:
        """The ledger's file is no longer the one that we write to."""
        return _file(self._home.ledger) != self._file

    def reopen(self) -> None:
        """Open whatever stands at the ledger's place now, or found it.

        Raises:
            LedgerError: it cannot be opened.
        """
        self._drop()
        self.writer = Writer(self._home.ledger)
        self._file = _file(self._home.ledger)

    def heal(self) -> None:
        """Set a damaged ledger aside and go on with the newest backup.

        Raises:
            LedgerError: that cannot be done now.
        """
        self._drop()
        replace_damaged(self._home, self._log)
        self.reopen()

    def store(self, flush: Flush) -> bool:
        """Commit; false when it must be tried again, with everything kept.

        Raises:
            LedgerDamagedError: the file is damaged.
        """
        try:
            self.writer.commit(flush)
        except LedgerDamagedError:
            raise
        except LedgerError as exc:
            self._tell(str(exc))
            return False
        self._tell(None)
        return True

    def close(self) -> None:
        """Close the writer; a disk that fails now loses nothing that was committed."""
        self._drop()

    def _drop(self) -> None:
        try:
            self.writer.close()
        except LedgerError as exc:
            self._log.line("warning", f"closing: {exc}")

    def _tell(self, trouble: str | None) -> None:
        if trouble and trouble != self.trouble:
            self._log.line("warning", f"cannot write, keeping everything in memory: {trouble}")
        if self.trouble and not trouble:
            self._log.line("info", "writing again; nothing was lost")
        self.trouble = trouble


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
