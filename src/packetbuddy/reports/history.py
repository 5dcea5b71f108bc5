"""The frozen report that every export is rendered from. Bytes, dates and instants only; words come with the format."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from packetbuddy.reports.model import Cell, Day, Period, Usage

ALL_DEVICES = "all devices"
"""What all devices together are called."""


class Origin(NamedTuple):
    """Where a report comes from.

    ``device`` is a name or :data:`ALL_DEVICES`, ``None`` where the name is left out, ``interface`` where the report is
    of all that counts.
    """

    device: str | None
    interface: str | None
    timezone: str
    version: str
    made_at: datetime


class Stretch(NamedTuple):
    """The days ``first`` … ``last`` in one; ``tracked`` of them hold data or were observed at least in part."""

    first: date
    last: date
    tracked: int
    usage: Usage


class Records(NamedTuple):
    """The highest recorded speed with its instant, and the day with the most bytes; ``None`` where there is none."""

    peak: int | None = None
    peak_at: datetime | None = None
    busiest: Day | None = None


class History(NamedTuple):
    """Everything of a range, as of one instant.

    ``days`` begins anew with each call and yields a row per local day of ``total``, in order, a day that the zone
    skipped left out. It reads as it goes, so ten years never lie in memory; it holds as long as the report is open.
    Where nothing was tracked in the range, there are no days, months and years.
    """

    origin: Origin
    total: Stretch
    years: tuple[Stretch, ...]
    months: tuple[Stretch, ...]
    records: Records
    days: Callable[[], Iterator[Day]]

    @property
    def length(self) -> int:
        """How many days there are at most."""
        return (self.total.last - self.total.first).days + 1 if self.months else 0


class Wrapup(NamedTuple):
    """A year to tell: at most 366 days, so all of it is held.

    ``days`` are those from the first tracked one to the last of the year that has begun; none where nothing was
    tracked. ``hours`` are the year's 168 hours of the week, of the bytes whose hour is known, ``evening`` the hours of
    the busiest day. ``before`` is the year before, where anything was tracked in it. ``running``: it is not over.
    """

    origin: Origin
    year: int
    running: bool
    total: Stretch
    days: tuple[Day, ...]
    months: tuple[Stretch, ...]
    hours: tuple[Cell, ...]
    records: Records
    evening: tuple[Period, ...]
    before: Stretch | None
