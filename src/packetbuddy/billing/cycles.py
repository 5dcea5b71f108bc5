"""When a plan begins anew. A calendar only: days are proleptic ordinals; their instants are the reader's zone's."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

FIRST, BEYOND = 1, date.max.toordinal() + 1
"""The first day there is, and the one after the last."""
FIRST_MONTH, BEYOND_MONTH = 12, 120_000
"""The same in months: twelve a year, from January on."""


class Rhythm(NamedTuple):
    """How a plan repeats: see :class:`packetbuddy.settings.model.Cycle`, whose fields these are."""

    kind: str
    days: int | None
    starts: int | date


class Cycle(NamedTuple):
    """Days ``first`` ≤ day < ``beyond``; a prepaid bucket has no end, its ``beyond`` is ``None``."""

    first: int
    beyond: int | None


def cycle_of(rhythm: Rhythm, day: int) -> Cycle:
    """The cycle that holds a day. Cycles tile all days: none is in two, none in no cycle.

    A prepaid bucket is one cycle without an end; all the time before it is another.
    """
    starts = rhythm.starts
    if isinstance(starts, date):
        anchor = starts.toordinal()
        if rhythm.days is None:
            return Cycle(anchor, None) if day >= anchor else Cycle(FIRST, anchor)
        return _fixed(anchor, rhythm.days, day)
    if rhythm.kind == "monthly":
        return _monthly(starts, day)
    return _fixed(starts, rhythm.days or 1, day)


def has_begun(rhythm: Rhythm, day: int) -> bool:
    """Whether the plan is in force on that day: only a prepaid bucket knows a time before itself."""
    return rhythm.kind != "prepaid" or cycle_of(rhythm, day).beyond is None


def cycles(rhythm: Rhythm, first: int, last: int) -> Iterator[Cycle]:
    """The cycles that touch the days ``first`` … ``last``, both included, in order."""
    day: int | None = first
    while day is not None and day <= last:
        cycle = cycle_of(rhythm, day)
        yield cycle
        day = cycle.beyond


def _fixed(anchor: int, length: int, day: int) -> Cycle:
    """Cycles of so many days, one begins on the anchor. Ordinal 1 was a Monday, so weekdays are anchors too."""
    first = day - (day - anchor) % length
    return Cycle(max(FIRST, first), min(BEYOND, first + length))


def _monthly(starts: int, day: int) -> Cycle:
    at = date.fromordinal(day)
    month = at.year * 12 + at.month - 1
    if day < _begin(month, starts):
        month -= 1
    return Cycle(_begin(month, starts), _begin(month + 1, starts))


def _begin(month: int, starts: int) -> int:
    """The day on which a month's cycle begins: in a month that is too short, its last one."""
    if not FIRST_MONTH <= month < BEYOND_MONTH:
        return FIRST if month < FIRST_MONTH else BEYOND
    year, place = divmod(month, 12)
    return date(year, place + 1, min(starts, monthrange(year, place + 1)[1])).toordinal()
