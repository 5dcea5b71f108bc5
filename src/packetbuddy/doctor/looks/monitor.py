"""Who counts into this home: locks, processes, the service manager, the log. Signals nobody."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packetbuddy.doctor.facts import Monitor, Service
from packetbuddy.errors import HomeError, ProbeError, ServiceError
from packetbuddy.probes.neighbours import Counting, counting
from packetbuddy.services.choosing import registered_with, service_for
from packetbuddy.services.face import State
from packetbuddy.services.locks import owner as living_owner
from packetbuddy.services.logs import last_lines
from packetbuddy.settings.places import Home, home_from
from packetbuddy.storage.lock import held, owner

LOG_LINES = 200
BEGUN = " is counting"
"""In the line that a monitor logs when it begins; what stands before it is over."""


def look(home: Home, environment: Mapping[str, str]) -> Monitor:
    """The monitor, as far as it can be told."""
    signed, state = owner(home.lock), _state(home, environment)
    return Monitor(
        held=held(home.lock),
        signed=signed,
        signed_lives=_lives(home.lock),
        others=tuple(each for each in _neighbours() if each.pid != signed and _counts_here(each, home)),
        managed=state.managed,
        failure=state.failure,
        last_words=_last_error(_log(home)),
    )


def look_at_service(home: Home, environment: Mapping[str, str]) -> Service:
    """What is registered, and whether the registered program is there."""
    try:
        keeping = service_for(home, environment)
        found = registered_with(home, environment).registration()
        if not found.installed:
            found = keeping.registration()
    except (ServiceError, HomeError) as error:
        return Service(None, str(error), answers=False, program_there=False)
    there = found.program is not None and os.access(found.program, os.X_OK)
    return Service(found, "", answers=keeping.manager == found.manager, program_there=there)


def _state(home: Home, environment: Mapping[str, str]) -> State:
    try:
        return service_for(home, environment).state()
    except (ServiceError, HomeError):
        return State(None)


def _lives(lock: Path) -> bool:
    try:
        return living_owner(lock) is not None
    except HomeError:
        return False


def _neighbours() -> tuple[Counting, ...]:
    try:
        return counting()
    except ProbeError:
        return ()


def _counts_here(other: Counting, home: Home) -> bool:
    """Its environment names this folder, and in its view of the file system that is the same folder as in ours."""
    if other.asked is None:
        return False
    theirs = home_from({"PACKETBUDDY_HOME": other.asked}, Path(other.user_home)).root
    seen = f"/proc/{other.pid}/root{theirs}" if sys.platform.startswith("linux") else str(theirs)
    try:
        return Path(seen).samefile(home.root)
    except OSError:  # another container's, or just gone
        return False


def _log(home: Home) -> tuple[str, ...]:
    try:
        return last_lines(home.stderr_log, count=LOG_LINES)
    except (HomeError, OSError):
        return ()


def _last_error(lines: Iterable[str]) -> str:
    """The last line that tells of an error, else the supervisor's last; none from before the last start."""
    since = list(_since_the_last_start(reversed(list(lines))))
    return next((line for mark in (" error ", " supervisor: ") for line in since if mark in line), "")


def _since_the_last_start(backwards: Iterable[str]) -> Iterator[str]:
    for line in backwards:
        if BEGUN in line:
            return
        yield line
