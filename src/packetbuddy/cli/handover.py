"""A copy from a package index makes way for the newer version that updates have put into the home.

Its own files are the installer's and are never touched, so its ``pb``, and a service that starts it, lead to the home's
launcher once there is something newer behind that.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from packetbuddy import __version__
from packetbuddy.errors import HomeError
from packetbuddy.settings.places import Home, home_from, own_folder
from packetbuddy.settings.pointers import CURRENT, TRIAL, number, pointed


def hand_over(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become the launcher, where it leads to something newer; else return, having read one link."""
    try:
        home = home_from(environment, own_folder(environment))
    except HomeError:
        return
    names = (CURRENT, TRIAL) if arguments[:1] == ["serve"] else (CURRENT,)
    newer = [pointer for pointer in names if is_newer(pointed(home, pointer))]
    if newer and home.launcher.exists() and _is_from_an_index(home):
        _become(home, arguments, environment)


def is_newer(name: str) -> bool:
    """Whether the version with this folder's name is newer than what runs."""
    if number(name) in {"", __version__}:
        return False
    from packetbuddy.updates.order import key  # noqa: PLC0415 - most copies never get here

    return key(number(name)) > key(__version__)


def _is_from_an_index(home: Home) -> bool:
    from packetbuddy.updates.running import copy_that_runs, is_ours  # noqa: PLC0415 - same

    return not is_ours(home) and copy_that_runs().kind == "index"


def _become(home: Home, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    given = {**environment, "PACKETBUDDY_HOME": str(home.root)}
    if os.name == "posix":
        os.execve(home.launcher, [str(home.launcher), *arguments], given)  # noqa: S606 - our own program
    from subprocess import run  # noqa: PLC0415 - Windows only: there a program cannot become another one

    sys.exit(run([home.launcher, *arguments], env=given, check=False).returncode)  # noqa: S603 - our own program
