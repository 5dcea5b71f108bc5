"""Main of the monitor's child that looks for updates: leaves with 0, or with a code of :mod:`settings.renewing`."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from packetbuddy.answers.updating import Updating, updating
from packetbuddy.errors import InstallError, PacketBuddyError, UpdateError
from packetbuddy.installing.launcher import write_launcher
from packetbuddy.services.choosing import service_for
from packetbuddy.services.lifeline import when_cut
from packetbuddy.settings.load import salvage
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, current, number, pointed
from packetbuddy.settings.renewing import ASKED, MAKE_WAY, UNREACHABLE
from packetbuddy.updates import plan
from packetbuddy.updates.choosing import watch
from packetbuddy.updates.plan import Plan
from packetbuddy.updates.running import copy_that_runs, is_ours
from packetbuddy.updates.state import last_start, tell
from packetbuddy.updates.updating import Work, alone, apply, look

DONE = 0
AGAIN_SECONDS = 86_400.0


def run() -> NoReturn:
    """Entry point: the one argument is the home."""
    signal.signal(signal.SIGTERM, _leave)
    when_cut(_leave)
    sys.exit(main(Home(Path(sys.argv[1])), os.environ))


def main(home: Home, environment: Mapping[str, str]) -> int:
    """One check, with the lowest priority, and what follows from it as far as the settings want it."""
    if hasattr(os, "nice"):
        os.nice(10)

    def say(words: str) -> None:
        tell(home, "info", words)

    work = Work(home, salvage(home.config), environment, time.time(), say, copy_that_runs())
    try:
        with alone(home) as holding:
            _renew_launcher(home)
            return check(work._replace(holding=holding))
    except (UpdateError, InstallError):
        return DONE  # it was told where it happened
    except PacketBuddyError as error:
        tell(home, "warning", str(error))
        return DONE


def check(work: Work) -> int:
    """Look, and do what the settings want; the exit code.

    Raises:
        UpdateError, InstallError: it was not done, which was told, and nothing has changed.
    """
    before = updating(work.home.root)
    found = look(work)
    if found.word not in {before.word, "on-trial"} or found.target not in {before.available, ""}:
        tell(work.home, "info", found.told)
    if found.word == "unreachable":
        return UNREACHABLE
    if found.word == "on-trial":
        return _go_on(work, before)
    if found.word != plan.UPDATE or not work.settings.auto_update.auto_apply or _too_soon(before, found, work.now):
        return DONE
    apply(work, found.target)
    return _make_way(work)


def _go_on(work: Work, before: Updating) -> int:
    """A trial whose guard was killed is watched again; one that waits is started, once."""
    if before.begun:
        watch(work.home, pointed(work.home, TRIAL))
        return DONE
    fresh = last_start(work.home) == before.earlier  # else a start that should have chosen it did not
    return _make_way(work) if work.settings.auto_update.auto_restart and fresh else DONE


def _too_soon(before: Updating, found: Plan, now: float) -> bool:
    """What could not be installed is tried again once a day: to make a version costs a minute of the processor."""
    last = before.last
    failed = last is not None and (last.new, last.result) == (found.target, "failed")
    return failed and last is not None and 0 <= now - last.at < AGAIN_SECONDS


def _make_way(work: Work) -> int:
    """Whether the monitor is to leave for the version that waits: only where somebody starts it anew."""
    if work.settings.auto_update.auto_restart and service_for(work.home, work.environment).state().managed:
        if sys.platform == "win32":
            (work.home.root / ASKED).touch()
        return MAKE_WAY
    tell(work.home, "info", f"{number(pointed(work.home, TRIAL))} waits for the next start")
    return DONE


def _renew_launcher(home: Home) -> None:
    """The launcher is that of the version that has proved itself."""
    if is_ours(home) and Path(sys.prefix).name == current(home):
        write_launcher(home)


def _leave(*_: object) -> None:
    """Leave at once, with all that we started, when the monitor is gone or wants us gone."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        with contextlib.suppress(OSError):
            os.killpg(0, signal.SIGKILL)
    os._exit(DONE)
