"""Watching a version on trial: it is confirmed when it has counted for long enough, and ended when it does not count.

``python -m packetbuddy.updates.guarding HOME NAME`` is started by :mod:`~packetbuddy.updates.choosing`, in the version
before. It believes nothing that the new one says: it reads the kernel's counters itself, and wants to find in the
ledger, soon after, everything that they showed.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

from packetbuddy.answers.open import Question, looking, total_of
from packetbuddy.errors import LedgerError, LockHeldError, PacketBuddyError, ServiceError
from packetbuddy.installing.versions import make_current, point, set_aside
from packetbuddy.metering.readings import SECOND
from packetbuddy.services.locks import exclusive, owner
from packetbuddy.settings.load import salvage
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import PREVIOUS, TRIAL, current, number, pointed
from packetbuddy.settings.renewing import MAKES_WAY, haste
from packetbuddy.storage.imported import KIND as IMPORTED
from packetbuddy.storage.lock import Lock
from packetbuddy.updates.choosing import lose
from packetbuddy.updates.state import came_of_it, has_room, tell, work_folder

LATE_WRITES = 3
LOOK_SECONDS = 1.0
START_SECONDS = 60.0
"""A version that has no ledger open by then does not start."""
SILENT = "it runs and does not count"
KILL = getattr(signal, "SIGKILL", MAKES_WAY)
"""On Windows this is the exit code, and the launcher answers it with a new start."""


class Look(NamedTuple):
    """One look at the ledger and then at the counters.

    ``read`` is the boot's clock at the last look that the ledger holds (0: one of another boot), ``now`` at ours.
    ``stored`` bytes are committed, ``shown`` are those and what the counters hold beyond. ``write`` is the pause
    between two writes, in seconds.
    """

    read: int
    now: int
    stored: int
    shown: int
    write: float


class Watch(NamedTuple):
    """What was asked of the ledger and when (monotonic seconds): to hold, soon, what a look showed.

    ``counted``: it held by then what was asked before.
    """

    asked: Look | None
    since: float
    counted: bool = False


def caught_up(asked: Look, now: Look) -> bool:
    """Whether the ledger holds by now all that the counters showed then."""
    return now.read >= asked.now and now.stored >= asked.shown


def follow(watch: Watch, look: Look | None, at: float, slack: float) -> Watch | None:
    """The next thing to wait for; ``None``: it does not count."""
    if look is not None and (watch.asked is None or caught_up(watch.asked, look)):
        return Watch(look, at, counted=watch.asked is not None)
    patience = LATE_WRITES * watch.asked.write + slack if watch.asked else START_SECONDS
    return watch if at - watch.since <= patience else None


def guard(home: Home, trial: str, environment: Mapping[str, str]) -> None:
    """Watch until the trial is over, by whomever.

    Raises:
        PacketBuddyError: the verdict cannot be written down.
    """
    hurry, began, watched = haste(environment), time.monotonic(), None
    watch = Watch(None, began)
    while pointed(home, TRIAL) == trial:
        monitor, now = owner(home.lock), time.monotonic()
        if monitor not in {None, watched}:  # what was asked of the one before, who was stopped, is over
            watched, began, watch = monitor, now, Watch(None, now)
        if monitor is not None:
            followed = follow(watch, _look(home), now, hurry.slack)
            if followed is None and has_room(home):
                end(home, trial)
                return
            watch = followed or watch._replace(since=now)  # a full disk is no fault of a version's
            if watch.counted and watch.since - began >= hurry.confirm and confirm_trial(home, trial):
                return
        elif now - began > hurry.confirm + START_SECONDS:
            return  # nobody starts it; the next start decides
        time.sleep(min(LOOK_SECONDS, hurry.confirm / 10))


def confirm_trial(home: Home, trial: str) -> bool:
    """It has proved itself: it is current, and the one before is kept to go back to.

    False, and nothing is changed, while somebody sets this home up or updates it, who may end the trial.

    Raises:
        InstallError, UpdateError: it cannot be written.
    """
    lock = Lock(home.root / "setup.lock")
    try:
        lock.acquire()
    except LockHeldError:
        return False
    aside: list[Path] = []
    try:
        if pointed(home, TRIAL) == trial:
            aside = _confirm(home, trial)
    finally:
        lock.release()
    for folder in aside:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _confirm(home: Home, trial: str) -> list[Path]:
    """Returns the older versions, which nobody will start any more."""
    before = current(home)
    point(home, PREVIOUS, before)
    make_current(home, trial)
    tell(home, "info", f"{number(trial)} counts and is kept; {number(before)} stays to go back to")
    came_of_it(home, "confirmed")
    return set_aside(home, before, trial)


def end(home: Home, trial: str) -> None:
    """It has lost. Killed it loses nothing that the kernel does not hold, and whoever keeps it starts it anew.

    Raises:
        PacketBuddyError: it cannot be written, after it was ended all the same.
    """
    try:
        lose(home, trial, SILENT)
    finally:
        monitor = owner(home.lock)
        if monitor is not None and not pointed(home, TRIAL):
            os.kill(monitor.pid, KILL)


def _look(home: Home) -> Look | None:
    """``None`` where there is no look in the ledger yet, or none that can be read.

    A correction by hand and an import are no counting, and may be taken back meanwhile.
    """
    question = Question(home, salvage(home.config), time.time_ns(), None, UTC, "UTC")
    try:
        with looking(question) as sight:
            books, seen, state = sight.reader.books(), sight.pending.reading, sight.state
            if books.at is None or seen is None:
                return None
            read = books.at.elapsed_ns if books.boot == seen.boot.identity else 0
            pending = total_of(sight.moved.values())
            stored = sum(each.counted_bytes for each in sight.reader.interfaces() if each.kind != IMPORTED)
            return Look(read, seen.at.elapsed_ns, stored, stored + pending.rx + pending.tx, state.write_ns / SECOND)
    except LedgerError:
        return None


def main(home: Home, trial: str) -> None:
    """One guard at a time: where another one watches already, this one leaves."""
    os.umask(0o077)
    try:
        with exclusive(work_folder(home) / "guard.lock", seconds=0.0):
            guard(home, trial, os.environ)
    except ServiceError:
        return
    except PacketBuddyError as error:
        tell(home, "warning", f"nobody watches {trial}: {error}")


if __name__ == "__main__":
    main(Home(Path(sys.argv[1])), sys.argv[2])
