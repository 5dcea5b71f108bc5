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

    def quarters(self) -> Iterator[Quarter]:
        """All 96 of them, in order."""
        return (Quarter(*each) for each in zip(*self[1:], strict=True))


def day_of(day: int, quarters: Iterable[Quarter]) -> UtcDay:
    """A day made of its 96 quarters."""
    return UtcDay(day, *zip(*quarters, strict=True))


def observed_seconds(day: int, stretches: Iterable[tuple[int, int]]) -> Column:
    """Whole observed seconds of each quarter of a day, out of stretches (nanoseconds) that do not overlap."""
    seen = [0] * QUARTERS
    for start, end in stretches:
        first = max(day * QUARTERS, start // QUARTER_NS)
        beyond = min((day + 1) * QUARTERS, -(-end // QUARTER_NS))
        for quarter in range(first, beyond):
            begin = quarter * QUARTER_NS
            seen[quarter - day * QUARTERS] += min(end, begin + QUARTER_NS) - max(start, begin)
    return tuple(each // SECOND for each in seen)
