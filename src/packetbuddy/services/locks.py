"""Lock files: a process lives exactly as long as it holds the lock on its file.

``monitor.lock`` is held by the monitor and holds ``pid started_at``; ``supervisor.pid`` is held by the supervisor and
holds ``pid``; ``service.lock`` is held by a ``pb service`` command while it changes something. A pid is believed only
while its file is locked, so neither a file left behind nor a pid that now belongs to another program can mislead.
"""

import os
import stat
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import HomeError, ServiceError
from packetbuddy.storage.lock import held, take

_ENOUGH = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"""A named pipe in a lock file's place must not hold us up."""


class Owner(NamedTuple):
    """The live process behind a lock file; ``since`` is its start in UTC seconds, ``None`` where the file is silent."""

    pid: int
    since: float | None


def owner(path: Path) -> Owner | None:
    """The process that holds this lock file now, or ``None``.

    The lock itself is only tried when the pid in the file is alive: trying it takes it for an instant, and a monitor
    that starts in that very instant would take us for another monitor.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise HomeError(f"{path} is not a file", "move it away")
            found = _parse(os.read(descriptor, 200))
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HomeError(f"cannot read {path}: {error.strerror}") from error
    return found if found and lives(found.pid) and held(path) else None


@contextmanager
def exclusive(path: Path, *, seconds: float) -> Generator[None, None, None]:
    """Holds the lock file; waits for another holder up to ``seconds``, then raises ServiceError."""
    try:
        # Reading is enough for a lock, and lets `stop` work on a disk that turned read-only.
        descriptor = os.open(path, _ENOUGH | os.O_CREAT | _NO_WAIT, 0o600)
    except OSError as error:
        raise HomeError(f"cannot write {path}: {error.strerror}") from error
    try:
        if not wait_until(lambda: take(descriptor), seconds=seconds):
            raise ServiceError(
                f"another `pb service` command has been at work for {seconds:.0f} s", "try again when it is done"
            )
        yield
    finally:
        os.close(descriptor)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether the condition came true within that time; it is looked at 50 times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _parse(content: bytes) -> Owner | None:
    words = content.split()
    try:
        return Owner(int(words[0]), float(words[1]) if len(words) > 1 else None)
    except (IndexError, ValueError):
        return None


def lives(pid: int) -> bool:
    """Whether a process of this number exists; on Windows always, as asking is not possible without harm."""
    if sys.platform == "win32":  # there it would end the process
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
