"""PURE: what the monitor and the updates have to agree on: exit codes, and times that only our tests shorten.

Nobody has to know the variable: it is meant for tests, which cannot wait for minutes. It is no setting, and a word in
it that makes no sense has no effect.
"""

from collections.abc import Mapping
from typing import NamedTuple

UNREACHABLE, MAKE_WAY = 5, 10
"""Exit codes of a check: its source could not be asked; a version waits, and the service manager would start it."""
MAKES_WAY = 75
"""Exit code of a monitor that leaves because another version waits; whoever keeps it starts that."""
ASKED = "update.restart"
"""A file of the home that says what an exit code cannot on Windows, where nobody sees the end of a child."""
ON_TRIAL = "PACKETBUDDY_ON_TRIAL"
"""The launcher's variable for a version on trial."""
VARIABLE = "PACKETBUDDY_TEST_HASTE"
"""Such as ``first=1 every=2 confirm=5 slack=3``: seconds."""


class Haste(NamedTuple):
    """Seconds: from the start to the first check, between two, of a trial's counting, of its lateness with a write.

    ``every`` 0 means what the settings say.
    """

    first: float = 10.0
    every: float = 0.0
    confirm: float = 300.0
    slack: float = 10.0


def haste(environment: Mapping[str, str]) -> Haste:
    """The times that hold."""
    asked = {}
    for word in environment.get(VARIABLE, "").split():
        name, _, seconds = word.partition("=")
        if name in Haste._fields and seconds.replace(".", "", 1).isdecimal():
            asked[name] = float(seconds)
    return Haste(**asked)
