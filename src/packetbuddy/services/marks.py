"""What a person did to the service, written down for the watchdog: stopped on purpose."""

import contextlib
from pathlib import Path

from packetbuddy.errors import HomeError

NAME = "service.stopped"


def mark_stopped(home: Path) -> None:
    """From now on nobody but a person, or a login, starts it.

    A disk that cannot be written is no reason not to stop.
    """
    with contextlib.suppress(OSError):
        (home / NAME).unlink(missing_ok=True)  # root's, after a `sudo pb`, could not be touched
        (home / NAME).touch(mode=0o600)


def forget_stopped(home: Path) -> None:
    """It is to run again. Raises HomeError."""
    path = home / NAME
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise HomeError(f"cannot remove {path}: {error.strerror or error}") from error


def stopped_on_purpose(home: Path, started_ns: int) -> bool:
    """Whether it was stopped after the monitor's last start: one that a login started since is to be kept."""
    try:
        return (home / NAME).stat().st_mtime_ns > started_ns
    except OSError:
        return False
