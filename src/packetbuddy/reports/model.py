"""The frozen answers that the command line, the API and the exports show. Bytes, seconds and instants only.

Words, units and money are added by :mod:`packetbuddy.reports.words` and :mod:`packetbuddy.reports.bodies`.
Instants are UTC seconds since 1970 as ``float``; dates are local days of the answer's zone.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Usage(NamedTuple):
    """Bytes over a period.

    ``peak`` is the highest recorded speed, both directions together, in bytes per second, ``None`` without one.
    ``coverage`` is the share of the period (as far as it has passed, since tracking began) that was observed,
    ``None`` where no time has passed or nothing was tracked yet. ``estimated`` counts the bytes of ``total`` whose
    time is estimated.
    """

    sent: int = 0
    received: int = 0
    peak: int | None = None
    coverage: float | None = None
    estimated: int = 0

    @property
    def total(self) -> int:
        """Both directions, in bytes."""
        return self.sent + self.received


class Period(NamedTuple):
    """A usage with the instants it begins and ends at, both aware and in the answer's zone; ``end`` is exclusive."""

    start: datetime
    end: datetime
    usage: Usage


class Day(NamedTuple):
    """One local day."""

    date: date
    usage: Usage


class Today(NamedTuple):
    """The running day. ``usual_bytes``: median of the same weekday's total by this time, ``None`` while unknown."""

    date: date
    timezone: str
    usage: Usage
    usual_bytes: int | None
    all_devices: Usage | None = None
    """The same of all devices together, where there are several."""


class Days(NamedTuple):
    """A row per local day from ``first`` to ``last``, both included, and their sum."""

    first: date
    last: date
    days: tuple[Day, ...]
    summary: Usage


class Groups(NamedTuple):
    """Usage by ``by`` (5min, hour, day, week, month, year, cycle); biggest first with ``top``."""

    by: str
    groups: tuple[Period, ...]
    summary: Usage


class Summary(NamedTuple):
    """Everything since tracking began. ``data_points`` counts slots that hold data.

    Usage that was taken over from other files may be older than ``observed_since``; coverage is the share since then.
    """

    usage: Usage
    first_day: date | None
    days_tracked: int
    average_daily_bytes: int
    peak_at: datetime | None
    data_points: int
    last_update: datetime | None
    active_devices: int
    observed_since: date | None = None
    all_devices: Usage | None = None


class Speed(NamedTuple):
    """Speed of one interface, bytes per second."""

    interface: str
    sent: float
    received: float


class Live(NamedTuple):
    """Speeds measured over ``measured_seconds``, counted interfaces together and each."""

    at: datetime
    sent: float
    received: float
    interfaces: tuple[Speed, ...]
    measured_seconds: float

    @property
    def total(self) -> float:
        """Both directions, bytes per second."""
        return self.sent + self.received


class InterfaceRow(NamedTuple):
    """One interface: whether it counts now, why, and what it moved since tracking began."""

    name: str
    kind: str
    present: bool
    counted: bool
    reason: str
    uncertain: bool
    sent: int
    received: int
    counted_bytes: int


class Happening(NamedTuple):
    """Something the ledger remembers about a day: a reset, a rename, a clock step, a start, a gap."""

    at: datetime
    kind: str
    interface: str
    detail: str


class DoubtRow(NamedTuple):
    """A change that was not believed. ``state`` is ``open``, ``accepted`` or ``rejected``."""

    number: int
    at: datetime
    start: datetime
    interface: str
    sent: int
    received: int
    reason: str
    state: str


class CorrectionRow(NamedTuple):
    """A correction with its audit trail; ``sent`` and ``received`` are the signed change it made."""

    number: int
    date: date
    sent: int
    received: int
    reason: str
    made_at: datetime
    undone_at: datetime | None


class ImportRow(NamedTuple):
    """Usage taken over from a file: all of it, or what of it is a day's. ``zone``: whose local times it was read in."""

    number: int
    kind: str
    about: str
    file: str
    zone: str
    sent: int
    received: int
    made_at: datetime
    undone_at: datetime | None


class Gap(NamedTuple):
    """Time in which nothing was observed."""

    start: datetime
    end: datetime


class Why(NamedTuple):
    """How a day's number came about."""

    date: date
    timezone: str
    usage: Usage
    interfaces: tuple[InterfaceRow, ...]
    events: tuple[Happening, ...]
    gaps: tuple[Gap, ...]
    doubts: tuple[DoubtRow, ...]
    corrections: tuple[CorrectionRow, ...]
    pending_bytes: int
    imports: tuple[ImportRow, ...] = ()


class Health(NamedTuple):
    """State of the ledger as a reader finds it, for status lines. ``state``: ``running``, ``stopped``, ``stale``."""

    state: str
    version: str | None
    started_at: datetime | None
    last_write: datetime | None
    problem: str | None
    stopped_at: datetime | None = None
    """When it was told to leave; ``None`` while it runs, and where it ended otherwise."""
    paused: bool = False
    """What moves until the next start is left out."""


class DeviceRow(NamedTuple):
    """One device and everything it moved. ``refused`` says why some of its days are left out, mostly nothing."""

    id: str
    name: str
    os: str
    last_seen: datetime | None
    this: bool
    retired: bool
    accounts: int
    usage: Usage
    refused: str = ""


class SyncReport(NamedTuple):
    """How the synchronisation stands. ``state``: ``off``, ``waiting`` for the first run, ``ok``, or ``failing``."""

    state: str
    database: str | None
    last_try: datetime | None
    last_success: datetime | None
    problem: str | None
    devices: int


class Cell(NamedTuple):
    """Bytes of one hour of a weekday (0 is Monday), local time."""

    weekday: int
    hour: int
    total: int


class Heatmap(NamedTuple):
    """Usage of the days ``first`` … ``last``, both included, by weekday and hour: 168 cells in order."""

    first: date
    last: date
    cells: tuple[Cell, ...]


class Costs(NamedTuple):
    """What is priced together: today, this month, everything; and what the running cycle of each plan costs so far.

    A plan's cost has its own prices; it is ``None`` where cost is hidden or the plan has not begun.
    """

    today: Usage
    month: Usage
    lifetime: Usage
    plans: tuple[tuple[str, Decimal | None], ...] = ()
