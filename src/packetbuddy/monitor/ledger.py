"""The monitor's hold on the ledger: opened with patience, healed when damaged, founded again when it vanished."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import LedgerBusyError, LedgerDamagedError, LedgerError, LedgerFullError
from packetbuddy.metering.books import Books, Event
from packetbuddy.metering.epochs import Epoch
from packetbuddy.metering.meter import Meter
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.recovery import recover
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import outwait_readers
from packetbuddy.storage.replacing import finish, replace_damaged
from packetbuddy.storage.trips import Waits
from packetbuddy.storage.writer import Flush, Writer

PASSING = (LedgerBusyError, LedgerFullError)
"""What may go away by itself; everything is kept and tried again."""
HEAL_SECONDS = 600
"""So long after a damaged ledger was replaced it is not replaced again."""


class Opened(NamedTuple):
    """A ledger that could be opened and read, and what it says of the past."""

    writer: Writer
    books: Books
    epochs: tuple[Epoch, ...]
    highest: int


def open_ledger(home: Home, log: Log, *, wait: Callable[[], bool]) -> Opened | None:
    """Open the ledger, waiting while it is locked or the disk is full; ``None`` when told to stop meanwhile.

    A damaged file is set aside, never deleted, and the newest backup that verifies takes its place.

    Raises:
        LedgerError: a foreign, newer or read-only file: nothing that waiting would mend; or what took the place of a
            damaged ledger is damaged too.
    """
    outwait_readers(home.lock)
    told = damaged = replaced = False
    while True:
        try:
            if damaged and not replaced:
                replace(home, log)
                replaced = True
            opened = _opened(home)
        except PASSING as exc:
            if not told:
                log.line("warning", f"waiting: {exc}")
            told = True
            if wait():
                return None
        except LedgerDamagedError as exc:
            log.line("error", str(exc))
            if replaced:
                raise
            damaged = True
        else:
            if told:
                log.line("info", "the ledger can be used now")
            _warn(log, opened.writer)
            return opened


def _opened(home: Home) -> Opened:
    """Open what stands at the ledger's place, or what an interrupted replacement prepared for it, or found one."""
    try:
        finish(home.ledger, home.backups)
    except OSError as exc:
        raise LedgerFullError(f"{home.ledger} cannot be put in place: {exc.strerror}") from exc
    writer = Writer(home.ledger)
    try:
        books = writer.books()
        return Opened(writer, books, *writer.epochs(books.boot))
    except LedgerError:
        writer.close()
        raise


def _warn(log: Log, writer: Writer) -> None:
    if writer.warning:
        log.line("warning", f"the ledger was brought to the present schema {writer.warning}")


def replace(home: Home, log: Log) -> None:
    """Set the damaged ledger aside and restore the newest verified backup, if there is one.

    Raises:
        LedgerError: that cannot be done now; nothing was changed.
    """
    aside, backup = replace_damaged(home.ledger, home.backups)
    ending = "no backup exists, a new ledger begins" if backup is None else f"restored {backup.name}"
    log.line("error", f"the damaged ledger is kept as {aside}; {ending}")


class Keeper:
    """Owns the open writer and stores what the meter holds; tells trouble once, not every second."""

    def __init__(self, home: Home, log: Log, writer: Writer) -> None:
        """Begin with an open writer."""
        self._home, self._log = home, log
        self._writer: Writer | None = writer
        self._file = _file(home.ledger)
        self._damaged = self._another = False
        self._next_heal = 0.0
        self.trouble: str | None = None

    def store(self, meter: Meter, contents: Callable[[], Flush]) -> bool:
        """Commit ``contents``; false when it must be tried again, with everything kept.

        A damaged ledger is replaced by the newest backup, one that vanished by whatever stands at its place now, else
        by a new one. Then the meter goes on from memory, and what the ledger lacks of this boot is booked again.
        """
        try:
            self._ready(meter).commit(contents())
        except LedgerError as exc:
            self._damaged = self._damaged or isinstance(exc, LedgerDamagedError)
            self._tell(str(exc))
            return False
        self._tell(None)
        meter.committed()
        return True

    def waits(self) -> Waits | None:
        """What is reason to look whether an alert is due; ``None`` where that cannot be read now."""
        try:
            return None if self._writer is None else self._writer.waits()
        except LedgerError:
            return None

    def close(self) -> None:
        """Close the writer; a disk that fails now loses nothing that was committed."""
        if self._writer is None:
            return
        try:
            self._writer.close()
        except LedgerError as exc:
            self._log.line("warning", f"closing: {exc}")
        self._writer = None

    def _ready(self, meter: Meter) -> Writer:
        """The writer, on the file that stands at the ledger's place."""
        gone = _file(self._home.ledger) != self._file
        if self._writer is not None and not self._damaged and not gone:
            return self._writer
        if not meter.harvest().batches:
            raise LedgerBusyError("the ledger is to be replaced and the counters cannot be read", "it is tried again")
        self.close()
        if self._damaged:
            self._heal()
        elif gone:
            self._log.line("warning", f"{self._home.ledger} is gone or was replaced; going on from memory")
            self._file = _file(self._home.ledger)
        return self._begin(meter)

    def _heal(self) -> None:
        """Replace the damaged ledger; not again and again where a disk damages whatever is written to it."""
        now = time.monotonic()
        if now < self._next_heal:
            raise LedgerBusyError("the ledger is damaged again, soon after it was restored", "check the disk")
        replace(self._home, self._log)
        self._damaged, self._next_heal = False, now + HEAL_SECONDS

    def _begin(self, meter: Meter) -> Writer:
        opened = _opened(self._home)
        self._writer, self._file = opened.writer, _file(self._home.ledger)
        _warn(self._log, opened.writer)
        if found := recover(meter, opened.books):
            self._log.line("info", f"{found} bytes that the ledger lacked are booked again, their times estimated")
        at = meter.books.at
        meter.note(Event(at.wall_ns if at else 0, "ledger", "", "counting goes on in another ledger file"))
        meter.rebase()
        self._another = True
        return opened.writer

    def _tell(self, trouble: str | None) -> None:
        if trouble and trouble != self.trouble:
            self._log.line("warning", f"cannot write, keeping everything in memory: {trouble}")
        if self.trouble and not trouble:
            self._log.line("info", f"writing again{'' if self._another else '; nothing was lost'}")
        self.trouble, self._another = trouble, self._another and bool(trouble)


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
