"""Going back by hand to the version before."""

from packetbuddy import __version__
from packetbuddy.answers.updating import updating
from packetbuddy.errors import UpdateError
from packetbuddy.installing.versions import PREVIOUS, TRIAL, current, forget, is_whole, make_current, point, pointed
from packetbuddy.settings.places import Home
from packetbuddy.updates.state import begins, came_of_it, tell

BY_HAND = "a person went back from it"


def roll_back(home: Home) -> str:
    """End a trial, else exchange the current version and the one before; returns the name to be started from now on.

    What was left is not installed again by itself.

    Raises:
        UpdateError: there is nothing to go back to.
        InstallError: it cannot be written.
    """
    if pointed(home, TRIAL):
        return _end_trial(home)
    now, before = current(home), pointed(home, PREVIOUS)
    if not before or before == now or not is_whole(home.versions / before):
        raise UpdateError("no-previous", "there is no version to go back to")
    begins(home, __version__, _number(before), "rolled_back")
    came_of_it(home, "rolled_back", BY_HAND, lost=_number(now))
    point(home, PREVIOUS, now)
    make_current(home, before)
    tell(home, "info", f"back to {before} by hand")
    return before


def _end_trial(home: Home) -> str:
    last, now = updating(home.root).last, current(home)
    came_of_it(home, "rolled_back", BY_HAND, lost=last.new if last else "")
    forget(home, TRIAL)
    tell(home, "info", f"back to {now} by hand")
    return now


def _number(name: str) -> str:
    """The version in the name of its folder."""
    return name.partition("-")[0]
