"""Writing down what updates did: one file, changed under a lock of its own that is held for an instant."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from packetbuddy.answers.updating import FILE, UNDER_WAY, Last, Updating, updating, written
from packetbuddy.errors import LedgerError, UpdateError
from packetbuddy.services.locks import exclusive
from packetbuddy.settings.places import Home
from packetbuddy.storage.reader import State, reading
from packetbuddy.updates.plan import passed_over

PATIENCE_SECONDS = 5.0
ROOM_BYTES = 1_000_000


def change(home: Home, how: Callable[[Updating], Updating]) -> Updating:
    """Put a changed state in the place of the one that is there; a power cut leaves either.

    Raises:
        UpdateError: it cannot be written.
        ServiceError: another one writes for too long.
    """
    folder = work_folder(home)
    with exclusive(folder / "state.lock", seconds=PATIENCE_SECONDS):
        now = how(updating(home.root))
        fresh = folder / "state.new"
        try:
            with fresh.open("w", encoding="utf-8") as file:
                file.write(written(now))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(home.root / FILE)
        except OSError as error:
            raise UpdateError("no-space", f"cannot write {home.root / FILE}: {error.strerror or error}") from error
    return now


def work_folder(home: Home) -> Path:
    """Where updates work: mirrors, code, rehearsals. Nothing there is needed once they are done.

    Raises:
        UpdateError: it cannot be made.
    """
    folder = home.root / "update"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UpdateError("no-space", f"cannot make {folder}: {error.strerror or error}") from error
    return folder


def has_room(home: Home) -> bool:
    """Whether the home's disk takes what a running service writes."""
    return shutil.disk_usage(home.root).free >= ROOM_BYTES


def heard(home: Home) -> State | None:
    """What the ledger says of its monitor; ``None`` where there is none, or it cannot be read."""
    try:
        with reading(home.ledger, home.lock) as reader:
            return reader.state()
    except LedgerError:
        return None


def last_start(home: Home) -> int:
    """The last start of a monitor that the ledger tells of: a name, not to be compared with a clock. 0: none."""
    state = heard(home)
    return state.started_ns if state else 0


def came_of_it(home: Home, result: str, why: str = "", *, lost: str = "") -> None:
    """What became of the last update; ``lost`` is the version that will not be tried again by itself.

    Raises:
        UpdateError, ServiceError: it cannot be written.
    """

    def changed(now: Updating) -> Updating:
        losses = {**now.lost, lost: why} if lost else now.lost
        now = now._replace(begun=0.0, lost=losses, available="")
        if now.last is None:
            return now
        last = now.last._replace(at=time.time(), result=result, why=why)
        if result == "confirmed":
            return now._replace(last=last, word="newest", told=f"{last.new} was the newest release")
        return now._replace(last=last, word="lost", told=passed_over(lost, why))

    change(home, changed)


def begins(home: Home, old: str, new: str, result: str, why: str = "") -> None:
    """A new update, and how it stands.

    Raises:
        UpdateError, ServiceError: it cannot be written.
    """

    def changed(now: Updating) -> Updating:
        now = now._replace(last=Last(time.time(), old, new, result, why), begun=0.0, earlier=last_start(home))
        return now._replace(word="on-trial", told="", available="") if result in UNDER_WAY else now

    change(home, changed)


def tell(home: Home, level: str, words: str) -> None:
    """A line for the service's log; a disk that cannot take it is no reason not to go on."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with contextlib.suppress(OSError), home.stderr_log.open("a", encoding="utf-8") as log:
        log.write(f"{stamp} {level} updates: {' '.join(words.splitlines())}\n")
