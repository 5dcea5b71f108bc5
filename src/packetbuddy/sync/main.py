"""Main of a run: composes, says on standard error what is new, leaves with a code that the monitor understands."""

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from packetbuddy.errors import (
    LedgerError,
    LockHeldError,
    PacketBuddyError,
    ProbeError,
    SyncBusyError,
    SyncError,
    SyncSetupError,
)
from packetbuddy.probes import open_probe
from packetbuddy.probes.system import host_name, system_name
from packetbuddy.reports.words import capitalised
from packetbuddy.services.lifeline import when_cut
from packetbuddy.settings.database import database_url, sync_enabled
from packetbuddy.settings.load import salvage
from packetbuddy.settings.places import Home
from packetbuddy.storage.far import Sharing
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.reader import reading
from packetbuddy.storage.syncing import syncing
from packetbuddy.sync.identity import Facts, identify
from packetbuddy.sync.local import Local

if TYPE_CHECKING:
    from packetbuddy.sync.postgres.remote import Remote
    from packetbuddy.sync.run import Done

SYNCED, FAILED, MEND, LEFT_ALONE, ANOTHER_RUNS = 0, 1, 3, 4, 5
"""Exit codes: all is well; it failed and is tried again; a person has to mend it; the monitor went away; not alone."""
GRACE_SECONDS = 10.0
"""A run may finish for so long after the monitor's stop."""
DEADLINE_SECONDS = 80.0
"""A database that answers no more is given up."""
TOO_LONG = "sync: the database takes too long to answer"


def run() -> NoReturn:
    """Entry point: the one argument is the home."""
    home = Home(Path(sys.argv[1]))
    when_cut(_leave)
    _end_at_last(home)
    sys.exit(main(home, os.environ))


def main(home: Home, environment: Mapping[str, str]) -> int:
    """One run of the monitor's; what goes wrong is said when it is new."""
    if hasattr(os, "nice"):
        os.nice(5)
    if not sync_enabled(salvage(home.config), environment):
        return SYNCED
    before = _problem(home)
    try:
        once(home, environment)
    except SyncBusyError:
        return ANOTHER_RUNS
    except PacketBuddyError as exc:
        if _words(exc) != before:
            _say(_words(exc))
        return MEND if isinstance(exc, SyncSetupError) else FAILED
    if before:
        _say("it works again")
    return SYNCED


def once(home: Home, environment: Mapping[str, str]) -> "Done":
    """One run, alone among those of this home; what goes wrong is remembered in the ledger.

    Raises:
        SyncSetupError: there is no URL, or what a person has to mend.
        SyncError, LedgerError: it failed; nothing was lost, the next run goes on from there.
    """
    local = Local(home)
    facts = Facts(_machine(), host_name(), system_name(), time.time_ns())
    lock = _alone(home)
    try:
        identify(local, facts)
        with meeting(home, environment) as remote:
            from packetbuddy.sync.run import synchronise  # noqa: PLC0415 - with the driver

            return synchronise(local, remote, facts)
    except SyncBusyError:
        raise
    except PacketBuddyError as exc:
        _remember(home, _words(exc))
        raise
    finally:
        lock.release()


def _alone(home: Home) -> Lock:
    lock = Lock(home.sync_lock)
    try:
        lock.acquire()
    except LockHeldError as exc:
        raise SyncBusyError("sync: another run is at work", "wait a moment") from exc
    except OSError as exc:
        raise SyncError(f"sync: {home.sync_lock} cannot be opened: {exc.strerror}") from exc
    return lock


@contextmanager
def meeting(home: Home, environment: Mapping[str, str]) -> "Iterator[Remote]":
    """The database of a home, for a while.

    Raises:
        SyncSetupError: there is no URL, or what a person has to mend.
        SyncError: it cannot be reached now.
    """
    url = database_url(salvage(home.config), environment)
    if url is None:
        raise SyncSetupError("sync: no database is known", "set NEON_DB_URL, or `pb config set sync.url`")
    with met(url) as remote:
        yield remote


@contextmanager
def met(url: str) -> "Iterator[Remote]":
    """A database, for a while.

    Raises:
        SyncSetupError: what a person has to mend.
        SyncError: it cannot be reached now.
    """
    try:
        from packetbuddy.sync.postgres.remote import connected  # noqa: PLC0415 - the driver, when there is something to do
    except ImportError as exc:  # where no wheel brings libpq along
        raise SyncSetupError(
            "sync: PostgreSQL's library libpq is not on this machine", "install it (Debian: apt install libpq5)"
        ) from exc
    for name in [name for name in os.environ if name.startswith("PG") and name != "PGPASSFILE"]:
        del os.environ[name]  # only the URL says where to connect, and how
    with connected(url) as remote:
        yield remote


def _machine() -> str:
    try:
        probe = open_probe()
    except ProbeError:
        return ""
    try:
        return probe.look().machine
    except ProbeError:
        return ""
    finally:
        probe.close()


def _words(exc: PacketBuddyError) -> str:
    return f"{exc}. {capitalised(exc.hint)}" if exc.hint else str(exc)


def _problem(home: Home) -> str | None:
    """What went wrong the last time."""
    try:
        with reading(home.ledger, home.lock) as reader:
            standing = Sharing(reader).standing()
    except LedgerError:
        return None
    return standing.problem if standing is not None else None


def _remember(home: Home, problem: str) -> None:
    """Keep what went wrong for those who ask; a ledger that cannot be written now has other troubles."""
    with suppress(LedgerError), syncing(home.ledger, home.lock) as syncer:
        standing = syncer.sharing.standing()
        if standing is not None:
            syncer.keep(standing._replace(problem=problem, tried_ns=time.time_ns()))


def _say(line: str) -> None:
    """The monitor writes it into its log, with ``sync: `` before it."""
    words = line.removeprefix("sync: ")
    try:
        os.write(2, f"{words}\n".encode("utf-8", "replace"))
    except OSError:  # the monitor that would log it is gone
        return


def _leave() -> None:
    """A run that has begun may finish some seconds after the monitor is gone."""
    time.sleep(GRACE_SECONDS)
    os._exit(LEFT_ALONE)


def _end_at_last(home: Home) -> None:
    """A server that is frozen in the middle of an answer would be waited for without end."""

    def give_up() -> None:
        if _problem(home) != TOO_LONG:
            _say(TOO_LONG)
        _remember(home, TOO_LONG)
        os._exit(FAILED)

    timer = threading.Timer(DEADLINE_SECONDS, give_up)
    timer.daemon = True
    timer.start()
