"""Looking through a ledger and its backups without changing a byte, and only for so long: what `pb doctor` asks."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from packetbuddy.errors import LedgerBusyError, LedgerError
from packetbuddy.metering.books import Books
from packetbuddy.storage.connection import Connection, connect_examiner, is_opened, speaking_of, uri
from packetbuddy.storage.far import OWN, Device, Sharing, Standing
from packetbuddy.storage.founding import check, refuse_empty
from packetbuddy.storage.lock import held
from packetbuddy.storage.reader import Doubted, Reader, State
from packetbuddy.storage.replacing import whole
from packetbuddy.storage.tending import DAILY, damage, unbalanced, unequal_days

LEAST_SQLITE = (3, 37, 0)
"""The first SQLite with STRICT tables."""
_STEPS = 5_000
"""How many of SQLite's own steps pass between two looks at the clock: under a millisecond."""
_ALONE: Mapping[int, Sequence[Device]] = {OWN: ()}
Found = TypeVar("Found")


class Examined(NamedTuple):
    """What the ledger holds of its monitor and of itself."""

    state: State
    books: Books
    doubts: tuple[Doubted, ...]
    """Those that nobody has decided yet."""
    began_ns: int | None
    damage: str | None
    """SQLite's first complaint."""
    unequal_days: tuple[int, ...]
    unbalanced: tuple[str, ...]
    unfinished: tuple[str, ...]
    """What took too long to be looked through: ``integrity``, ``totals``."""
    standing: Standing | None = None
    """How the ledger stands with the shared database; ``None`` before the first run."""
    refused: int = 0
    """Days of other devices that could not be believed."""
    machines: Mapping[int, Sequence[Device]] = _ALONE
    """Other ledgers by the machine that they are of, grouped by :meth:`packetbuddy.storage.far.Sharing.machines`."""
    last_day: int | None = None
    """The last UTC day that holds bytes."""


def examine(ledger: Path, lock: Path, *, seconds: float) -> Examined:
    """Look through the ledger; the parts that read all of it end after so many seconds, together.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be read.
    """
    opened = is_opened(ledger)
    try:
        with speaking_of(ledger):
            found = _examine(ledger, connect_examiner(ledger, opened=opened), seconds, alive=held(lock))
    except LedgerError:
        _refuse_change(ledger, opened=opened)
        raise
    _refuse_change(ledger, opened=opened)
    return found


def _refuse_change(ledger: Path, *, opened: bool) -> None:
    """What was read as a file that nobody changes may be nonsense if somebody began to."""
    if not opened and is_opened(ledger):
        raise LedgerBusyError(f"{ledger} was opened in this moment", "try again")


def _examine(ledger: Path, connection: Connection, seconds: float, *, alive: bool) -> Examined:
    try:
        refuse_empty(check(connection, ledger), ledger)
        return _examined(connection, Reader(connection, ledger, alive=alive), seconds)
    finally:
        connection.close()


def _examined(connection: Connection, reader: Reader, seconds: float) -> Examined:
    """The heartbeat and the baselines are of one moment; what takes long does not hold that moment fast."""
    with _one_moment(connection):
        state, books, doubts = reader.state(), reader.books(), tuple(reader.open_doubts())
        began, sharing = reader.watched_from(), Sharing(reader)
        standing, machines = sharing.standing(), sharing.machines()
        last = reader.last_day()
    deadline = time.monotonic() + seconds
    complaint = _until(deadline, connection, damage)
    days = _until(deadline, connection, unequal_days)
    late = [name for name, found in (("integrity", complaint), ("totals", days)) if isinstance(found, _Late)]
    return Examined(
        state,
        books,
        doubts,
        began,
        None if isinstance(complaint, _Late) else complaint,
        () if isinstance(days, _Late) else days,
        unbalanced(connection),
        tuple(late),
        standing,
        sum(device.refused for ledgers in machines.values() for device in ledgers),
        machines,
        last,
    )


def judge_backup(path: Path, *, seconds: float) -> bool | None:
    """Whether a backup is a whole ledger; ``None`` when that takes longer than so many seconds."""
    if not path.is_file():  # a named pipe would be waited for
        return False
    try:
        connection = sqlite3.connect(f"{uri(path)}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return False
    try:
        found = _until(time.monotonic() + seconds, connection, whole)
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return None if isinstance(found, _Late) else found


def daily_backups(folder: Path) -> list[Path]:
    """The daily backups, oldest first.

    Raises:
        OSError: the folder cannot be looked into.
    """
    if not folder.is_dir():
        return []
    names = sorted(each.name for each in folder.iterdir())
    return [folder / name for name in names if Path(name).match(DAILY)]


def sqlite_version() -> tuple[int, ...]:
    """Of the library that is loaded."""
    return sqlite3.sqlite_version_info


class _Late(NamedTuple):
    """Instead of an answer that took too long."""


@contextmanager
def _one_moment(connection: Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


def _until(deadline: float, connection: Connection, ask: Callable[[Connection], Found]) -> Found | _Late:
    """The answer, unless the deadline comes first."""
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        return ask(connection)
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return _Late()
        raise
    finally:
        connection.set_progress_handler(None, _STEPS)
