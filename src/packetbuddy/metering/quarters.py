"""A UTC day in quarters of an hour: what devices share. Columns of 96 numbers each, oldest first."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import QUARTER, SLOT_SECONDS, SLOTS_PER_DAY

QUARTERS = SLOTS_PER_DAY // QUARTER
QUARTER_SECONDS = SLOT_SECONDS * QUARTER
QUARTER_NS = QUARTER_SECONDS * SECOND
NOTHING = (0,) * QUARTERS

Column = tuple[int, ...]


class Quarter(NamedTuple):
    """What one quarter of an hour holds: bytes, the highest speed in bytes per second, seconds that were observed."""

    rx: int = 0
    tx: int = 0
    estimated: int = 0
    peak: int = 0
    observed: int = 0


EMPTY = Quarter()


class UtcDay(NamedTuple):
    """One UTC day (days since 1970) of one ledger."""

    day: int
    rx: Column = NOTHING
    tx: Column = NOTHING
    estimated: Column = NOTHING
    peak: Column = NOTHING
    observed: Column = NOTHING

    @property
    def first(self) -> int:
        """Number of its first quarter, since 1970."""
        return self.day * QUARTERS

    @property
    def seconds(self) -> int:
        """How much of it was observed."""
        return sum(self.observed)

    def held(self) -> Iterator[tuple[int, Quarter]]:
        """Its quarters that are not empty, numbered since 1970, in order."""
        columns = zip(*self[1:], strict=True)
        return ((number, Quarter(*each)) for number, each in enumerate(columns, self.first) if any(each))


def day_of(day: int, quarters: Iterable[tuple[int, Quarter]]) -> UtcDay:
    """A day made of those of its quarters (numbered since 1970) that are not empty."""
    rows = [EMPTY] * QUARTERS
    for number, quarter in quarters:
        rows[number - day * QUARTERS] = quarter
    return UtcDay(day, *zip(*rows, strict=True))


def observed_seconds(day: int, stretches: Iterable[tuple[int, int]]) -> Column:
    """Whole observed seconds of each quarter of a day, out of stretches (nanoseconds) that do not overlap."""
    seen, base = [0] * QUARTERS, day * QUARTERS
    for start, end in stretches:
        begin, stop = max(start, base * QUARTER_NS), min(end, (base + QUARTERS) * QUARTER_NS)
        first, last = begin // QUARTER_NS - base, (stop - 1) // QUARTER_NS - base
        if begin < stop and first == last:
            seen[first] += stop - begin
        elif begin < stop:
            seen[first] += (base + first + 1) * QUARTER_NS - begin
            seen[first + 1 : last] = [QUARTER_NS] * (last - first - 1)
            seen[last] += stop - (base + last) * QUARTER_NS
    return tuple(each // SECOND for each in seen)
