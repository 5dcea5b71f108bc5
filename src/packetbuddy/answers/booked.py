"""Rows that are no interface of the system: what was booked otherwise, and why."""

from packetbuddy.storage.amending import CORRECTION
from packetbuddy.storage.far import TAKEN_BACK
from packetbuddy.storage.imported import KIND

_REASONS = {
    CORRECTION: "corrections made by hand",
    KIND: "taken over from a file",
    TAKEN_BACK: "taken back from the shared database",
}


def booked(name: str, kind: str) -> str | None:
    """Why such a row is there; ``None`` for an interface."""
    return _REASONS.get(CORRECTION if name == CORRECTION else kind)
