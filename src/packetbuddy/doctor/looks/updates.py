"""What updates left in the home."""

from packetbuddy.answers.updating import updating
from packetbuddy.doctor.facts import Updates
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, pointed
from packetbuddy.storage.lock import held


def look(home: Home) -> Updates:
    """The last check, the last update, a trial and its guard."""
    return Updates(updating(home.root), bool(pointed(home, TRIAL)), held(home.root / "update" / "guard.lock"))
