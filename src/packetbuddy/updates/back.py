"""Going back by hand to the version before."""

import time
from contextlib import suppress

from packetbuddy.answers.updating import Last, Updating
from packetbuddy.errors import UpdateError
from packetbuddy.installing.versions import forget, is_whole, make_current, point
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import PREVIOUS, TRIAL, current, number, pointed
from packetbuddy.updates.plan import passed_over
from packetbuddy.updates.state import change, tell

BY_HAND = "somebody went back from it"


def roll_back(home: Home) -> str:
    """End a trial, else exchange the current version and the one before; returns the name to be started from now on.

    What was left is not installed again by itself; what was gone back to is not passed over any more.

    Raises:
        UpdateError: there is nothing to go back to.
        InstallError: it cannot be written.
    """
    trial, now = pointed(home, TRIAL), current(home)
    if trial:
        forget(home, TRIAL)
        _note(home, number(trial), number(now))
        return now
    before = pointed(home, PREVIOUS)
    if not before or before == now or not is_whole(home.versions / before):
        raise UpdateError("no-previous", "there is no version to go back to")
    point(home, PREVIOUS, now)
    make_current(home, before)
    _note(home, number(now), number(before))
    return before


def _note(home: Home, left: str, to: str) -> None:
    """A disk that is too full for it is no reason to stay."""

    def changed(now: Updating) -> Updating:
        lost = {version: why for version, why in now.lost.items() if version != to} | {left: BY_HAND}
        last = Last(time.time(), left, to, "rolled_back", BY_HAND)
        told = passed_over(left, BY_HAND)
        return now._replace(last=last, begun=0.0, lost=lost, word="lost", told=told, available="")

    with suppress(UpdateError):
        change(home, changed)
    tell(home, "info", f"back from {left} to {to} by hand")
