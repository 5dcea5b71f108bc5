"""A finding: what is wrong, how bad that is, and what to do."""

from typing import NamedTuple

BROKEN = "broken"
"""Something that PacketBuddy is for does not happen."""
WARNING = "warning"
"""It works, and will or may not go on doing so, or figures may mislead."""
NOTE = "note"
"""Worth knowing; nothing is wrong."""
LEVELS = (BROKEN, WARNING, NOTE)
"""The worst first."""


class Finding(NamedTuple):
    """One thing that was found. ``text`` and ``remedy`` are sentences for a person, without any secret."""

    check: str
    level: str
    text: str
    remedy: str
