"""Local days out of UTC slots: where each begins, its sum, and the cache that keeps ten years quick."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple
from zlib import crc32

from packetbuddy.answers.open import Sight, moment
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS, SLOT_SECONDS, SLOTS_PER_DAY, slot_of
from packetbuddy.storage.cache import DayRow
from packetbuddy.storage.reader import Sum

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
LAST_ORDINAL = date.max.toordinal()
RULES_FROM = datetime(2015, 1, 1)  # noqa: DTZ001 - a local time of whatever zone


class Run(NamedTuple):
    """Slots over which the zone keeps one distance from UTC, in slots."""

    first: int
    beyond: int
    offset: int


class Stretches:
    """Observed time, asked for many periods: owns the sorted starts and ends and their running totals."""

    def __init__(self, stretches: list[tuple[int, int]]) -> None:
        """Take stretches in any order; where those of several devices overlap, each counts."""
        self._starts = sorted(start for start, _ in stretches)
        self._ends = sorted(end for _, end in stretches)
        self._started = [0, *accumulate(self._starts)]
        self._ended = [0, *accumulate(self._ends)]

    @property
    def first(self) -> int | None:
        """Where observation began."""
        return self._starts[0] if self._starts else None

    def within(self, start_ns: int, end_ns: int) -> int:
        """Observed nanoseconds of a period."""
        return self._until(end_ns) - self._until(start_ns)

    def _until(self, at_ns: int) -> int:
        started, ended = bisect_right(self._starts, at_ns), bisect_right(self._ends, at_ns)
        return at_ns * (started - ended) - self._started[started] + self._ended[ended]


def day_start(ordinal: int, zone: tzinfo) -> int:
    """UTC instant, in nanoseconds, at which a local day begins; where midnight is skipped, the instant of the skip.

    A day that a zone skipped altogether begins where the next one does. The day after the last one begins 24 h later.
    """
    day = date.fromordinal(min(ordinal, LAST_ORDINAL))
    start = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND
    return start + (ordinal - day.toordinal()) * SLOTS_PER_DAY * SLOT_NS


def ordinal_at(at_ns: int, zone: tzinfo) -> int:
    """The local day that holds an instant."""
    return moment(at_ns // SECOND, zone).toordinal()


def runs(zone: tzinfo, first: int, beyond: int) -> Iterator[Run]:
    """Cut slots ``first`` ≤ slot < ``beyond`` where the zone changes its distance from UTC."""
    start, offset = first, _offset(zone, first)
    for one, other in pairwise([*range(first, beyond, SLOTS_PER_DAY), beyond]):
        if (then := _offset(zone, other)) != offset:
            change = _change(zone, one, other)
            yield Run(start, change, offset)
            start, offset = change, then
    if start < beyond:
        yield Run(start, beyond, offset)


def _offset(zone: tzinfo, slot: int) -> int:
    offset = moment(slot * SLOT_SECONDS, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // SLOT_SECONDS


def _change(zone: tzinfo, low: int, high: int) -> int:
    """First slot in (low, high] with the offset that holds at ``high``."""
    after = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == after:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=16)
def offsets(zone: tzinfo, beyond: int) -> str:
    """The zone's rules from 2015 to the year ``beyond`` in short, by weeks: they may change while the name stays."""
    weeks = range((beyond - RULES_FROM.year) * 53)
    return f"{crc32(repr([zone.utcoffset(RULES_FROM + timedelta(weeks=week)) for week in weeks]).encode()):08x}"


def grouped(sight: Sight, run: Run, period: int) -> Iterator[tuple[int, Sum]]:
    """What the ledger holds of a run by ``(slot + offset) // period``, rounded downwards also before 1970."""
    before = -(-SLOTS_PER_DAY // period)  # periods; SQLite rounds towards zero
    parts = sight.reader.grouped(
        sight.series, run.first, run.beyond, period=period, offset=run.offset + before * period
    )
    return ((part - before, total) for part, total in parts)


def answered(sight: Sight, first: int, last: int) -> list[DayRow]:
    """Local days ``first`` … ``last`` (ordinals) out of the slots; only those with data or observation, up to now."""
    zone, reader = sight.question.zone, sight.reader
    edges = [day_start(day, zone) for day in range(first, last + 2)]
    seen = Stretches(reader.watched(edges[0], edges[-1]))
    rows = (
        DayRow(
            day,
            *reader.total(sight.series, slot_of(start), slot_of(end)),
            seen.within(start, min(end, max(start, sight.question.now_ns))),
        )
        for day, (start, end) in enumerate(pairwise(edges), first)
    )
    return [row for row in rows if any(row[1:])]


def ranges(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Days as stretches of neighbours, both ends included, in order."""
    start = before = None
    for day in sorted(days):
        if start is None or before is None or day != before + 1:
            if start is not None and before is not None:
                yield start, before
            start = day
        before = day
    if start is not None and before is not None:
        yield start, before
