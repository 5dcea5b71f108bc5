"""What a monitoring system is told: what the meter booked in this ledger, and how things stand. Frozen."""

from typing import NamedTuple

from packetbuddy.reports.model import Usage
from packetbuddy.reports.plans import Plans


class Metered(NamedTuple):
    """All that the meter ever booked on an interface while it counted, or while it did not. Never less than before."""

    interface: str
    counted: bool
    sent: int
    received: int


class Metrics(NamedTuple):
    """One committed state of the ledger. Instants are UTC seconds since 1970.

    ``ledger`` names the file: another one in its place, a restored backup for instance, has another name. ``began`` is
    when observation began in it. ``lifetime`` holds corrections and imports too, which ``metered`` does not. ``ends``:
    when each plan's cycle is over, ``None`` for those that do not end.
    """

    version: str
    counting: bool
    written: float
    ledger: str
    began: float | None
    metered: tuple[Metered, ...]
    lifetime: Usage
    today: Usage
    doubts: int
    plans: Plans
    ends: tuple[float | None, ...]
