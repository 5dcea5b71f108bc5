"""Which version the launcher starts while another one is on trial.

``python -m packetbuddy.updates.choosing`` runs in the current version, which has proved itself, and prints a name of
the home's ``versions/``. A version on trial is started once; one that ended before it was confirmed has lost, unless it
counted and was told to stop. A start beside a living monitor decides nothing.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from packetbuddy.answers.updating import Updating, updating
from packetbuddy.errors import PacketBuddyError
from packetbuddy.installing.versions import forget, is_whole, python_of
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, current, number, pointed
from packetbuddy.storage.lock import held
from packetbuddy.updates.state import came_of_it, change, heard, last_start, tell

ENDED = "it ended before it had counted for long enough"
BROKEN = "it cannot be run"


class Start(NamedTuple):
    """What a start finds. ``begun``: the trial was started before. ``stopped``: it counted and was told to stop."""

    lives: bool
    whole: bool
    begun: bool
    stopped: bool


def verdict(start: Start) -> str:
    """``current`` (nothing is decided), ``trial``, or why the trial has lost. Pure."""
    if start.lives:
        return "current"
    if not start.whole:
        return BROKEN
    return ENDED if start.begun and not start.stopped else "trial"


def choose(home: Home) -> str:
    """The name of the version to start, having done what follows from it.

    Raises:
        PacketBuddyError: nothing could be written; then the current one it is.
    """
    trial, now = pointed(home, TRIAL), current(home)
    if not trial or trial == now:
        forget(home, TRIAL)
        return now
    chosen = verdict(_found(home, trial))
    if chosen == "current":
        return now
    if chosen == "trial":
        change(home, lambda before: _begin(before, last_start(home)))
        watch(home, trial)
        return trial
    lose(home, trial, chosen)
    return now


def lose(home: Home, trial: str, why: str) -> None:
    """The trial is over, and this version is not tried again by itself.

    Raises:
        PacketBuddyError: it cannot be written.
    """
    forget(home, TRIAL)
    tell(home, "warning", f"{number(trial)} did not hold: {why}; back to {number(current(home))}")
    came_of_it(home, "reverted", why, lost=number(trial))


def _found(home: Home, trial: str) -> Start:
    """A clock that was set meanwhile misleads nobody: whether a monitor started since is not asked of the time."""
    now, state = updating(home.root), heard(home)
    stopped = state is not None and state.stopped_ns is not None and state.started_ns != now.earlier
    return Start(held(home.lock), is_whole(home.versions / trial), begun=now.begun > 0, stopped=stopped)


def _begin(now: Updating, earlier: int) -> Updating:
    last = now.last and now.last._replace(at=time.time(), result="trial")
    return now._replace(begun=time.time(), earlier=earlier, last=last)


def watch(home: Home, trial: str) -> None:
    """Let the current version watch the one on trial: nothing of the new one is relied on for going back."""
    python = python_of(home.versions / current(home))
    command = [str(python), "-I", "-m", "packetbuddy.updates.guarding", str(home.root), trial]
    detached = 0x8 | 0x200 if sys.platform == "win32" else 0  # DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True, creationflags=detached
    )
    process.returncode = 0  # it is meant to outlive us


def main(home: Home) -> str:
    """The name, whatever happens."""
    os.umask(0o077)
    try:
        return choose(home)
    except PacketBuddyError as error:
        tell(home, "warning", f"{error}; the version on trial is not started")
        return current(home)


if __name__ == "__main__":
    print(main(Home(Path(os.environ["PACKETBUDDY_HOME"]))))  # noqa: T201 - the launcher reads it
