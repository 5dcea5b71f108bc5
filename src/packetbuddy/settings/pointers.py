"""Which installed version is current, which one was before, which one is on trial.

Each is a pointer in the home's ``versions``: a link on POSIX; on Windows, where links need a privilege, a file that
holds the name.
"""

import os

from packetbuddy.settings.places import Home

CURRENT, TRIAL, PREVIOUS = "current", "trial", "previous"
LINKS = os.name == "posix"


def pointed(home: Home, pointer: str) -> str:
    """The name of the version that a pointer leads to; empty where there is none."""
    path = home.versions / pointer
    try:
        return str(path.readlink()) if LINKS else path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def current(home: Home) -> str:
    """The name of the version that is current; empty where none is."""
    return pointed(home, CURRENT)


def number(name: str) -> str:
    """The version in the name of its folder, such as ``2.1.0-c0ffee12``."""
    return name.partition("-")[0]
