"""Which service manager keeps the monitor on this system: chosen once."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Service
from packetbuddy.services.runner import Runner
from packetbuddy.settings.places import Home


def service_for(
    home: Home,
    environment: Mapping[str, str],
    *,
    counting: Callable[[], bool] = lambda: True,
    runner: Runner | None = None,
) -> Service:
    """The adapter of this system: a user systemd that answers, else background; launchd; Task Scheduler.

    Nothing is written or started. ``counting`` says whether the monitor does its work; a start waits for it.

    Raises:
        ServiceError: this system has no adapter.
    """
    if os.name != "posix":
        raise ServiceError("there is no background service on this system yet", "`pb serve` counts in the foreground")
    from packetbuddy.services.background import Background  # noqa: PLC0415 - POSIX only

    return Background(home.root, (*program_for(home, environment), "serve"), counting=counting, runner=runner)


def program_for(home: Home, _environment: Mapping[str, str]) -> Sequence[str]:
    """The command line that is ``pb``: the installed launcher, else the code that runs now (a checkout)."""
    if os.access(home.launcher, os.X_OK):
        return (str(home.launcher),)
    return (sys.executable, "-P", "-m", "packetbuddy")
