"""Local days out of UTC slots: where each begins, its sum, and the cache that keeps ten years quick."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo
from itertools import pairwise
from typing import NamedTuple

from packetbuddy.answers.open import Sight, added
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS, SLOT_SECONDS, SLOTS_PER_DAY, slot_of
from packetbuddy.storage.cache import Cache, DayRow, Known, News, Scope
from packetbuddy.storage.reader import Sum

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
LAST_ORDINAL = date.max.toordinal()


class Run(NamedTuple):
    """Slots over which the zone keeps one distance from UTC, in slots."""

    first: int
    beyond: int
    offset: int


class Stretches:
    """Observed time, asked for many periods: owns the sorted stretches and their running total."""

    def __init__(self, stretches: list[tuple[int, int]]) -> None:
        """Take stretches that are in order and do not overlap."""
        self._starts = [start for start, _ in stretches]
        self._ends = [end for _, end in stretches]
        self._before = [0]
        for start, end in stretches:
            self._before.append(self._before[-1] + end - start)

    @property
    def first(self) -> int | None:
        """Where observation began."""
        return self._starts[0] if self._starts else None

    def within(self, start_ns: int, end_ns: int) -> int:
        """Observed nanoseconds of a period."""
        return self._until(end_ns) - self._until(start_ns)

    def _until(self, at_ns: int) -> int:
        place = bisect_right(self._starts, at_ns)
        if place == 0:
            return 0
        return self._before[place - 1] + min(at_ns, self._ends[place - 1]) - self._starts[place - 1]


def day_start(ordinal: int, zone: tzinfo) -> int:
    """UTC instant, in nanoseconds, at which a local day begins; where midnight is skipped, the instant of the skip."""
    day = date.fromordinal(ordinal)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND


def ordinal_at(at_ns: int, zone: tzinfo) -> int:
    """The local day that holds an instant."""
    return datetime.fromtimestamp(at_ns // SECOND, UTC).astimezone(zone).toordinal()


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
    offset = datetime.fromtimestamp(slot * SLOT_SECONDS, UTC).astimezone(zone).utcoffset()
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


def stored_days(sight: Sight, first: int, last: int) -> list[DayRow]:
    """Rows of the local days ``first`` … ``last`` (ordinals) as far as the ledger has them, through the cache."""
    question, state = sight.question, sight.state
    scope = Scope(state.lineage, question.zone_name, question.interface)
    cache = Cache(question.home.cache)
    try:
        found = _refreshed(sight, cache, scope, (first, last))
        if found is None:
            cache.forget()
            found = _refreshed(sight, cache, scope, (first, last))
        return found or []
    finally:
        cache.close()


def _refreshed(sight: Sight, cache: Cache, scope: Scope, wanted: tuple[int, int]) -> list[DayRow] | None:
    """The wanted days out of the cache brought up to date; ``None`` when the cache cannot be used now."""
    today = ordinal_at(sight.question.now_ns, sight.question.zone)
    known = cache.known(scope)
    if known is not None and known.revision > sight.state.revision:  # written by one who saw later bytes, pending here
        return None
    ranges = tuple(_stale(sight, known, today))
    rows = tuple(row for first, last in ranges for row in _computed(sight, first, last))
    return cache.exchange(scope, (known, Known(sight.state.revision, today)), News(ranges, rows), wanted)


def _stale(sight: Sight, known: Known | None, today: int) -> Iterator[tuple[int, int]]:
    """Ranges of local days to answer anew: what changed, and what has passed since the cache was written."""
    if known is None:
        began = sight.reader.watched_from()
        changed = sight.reader.changed_days(-1)
        ends = [day + EPOCH_ORDINAL for day in changed] + ([] if began is None else [slot_of(began) // SLOTS_PER_DAY])
        if began is not None:
            ends[-1] += EPOCH_ORDINAL
        yield min([today, *ends]) - 1, max([today, *ends]) + 1
        return
    days = {day + EPOCH_ORDINAL + near for day in sight.reader.changed_days(known.revision) for near in (-1, 0, 1)}
    days |= set(range(min(known.upto, today), max(known.upto, today) + 1))
    yield from _ranges(sorted(days))


def _ranges(days: list[int]) -> Iterator[tuple[int, int]]:
    start = before = days[0]
    for day in days[1:]:
        if day != before + 1:
            yield start, before
            start = day
        before = day
    yield start, before


def _computed(sight: Sight, first: int, last: int) -> list[DayRow]:
    """Answer local days from the slots."""
    zone = sight.question.zone
    start_ns, end_ns = day_start(first, zone), day_start(last + 1, zone)
    sums: dict[int, Sum] = {}
    series = sight.series
    for run in runs(zone, slot_of(start_ns), slot_of(end_ns - 1) + 1):
        grouped = sight.reader.grouped(series, run.first, run.beyond, period=SLOTS_PER_DAY, offset=run.offset)
        for part, total in grouped:
            day = part + EPOCH_ORDINAL
            sums[day] = added(sums.get(day, Sum()), total)
    seen = Stretches(sight.reader.watched(start_ns, end_ns))
    starts = _starts(first, last, zone)
    observed = {day: seen.within(start, end) for day, (start, end) in starts.items()}
    return [DayRow(day, *sums.get(day, Sum()), observed[day]) for day in starts if day in sums or observed[day]]


def _starts(first: int, last: int, zone: tzinfo) -> dict[int, tuple[int, int]]:
    edges = [day_start(day, zone) for day in range(first, last + 2)]
    return {first + place: edge for place, edge in enumerate(pairwise(edges))}


def pending_days(sight: Sight) -> dict[int, Sum]:
    """What is pending, by local day."""
    days: dict[int, Sum] = {}
    for slot in {cell[0] for cell in sight.pending.cells}:
        day = ordinal_at(slot * SLOT_NS, sight.question.zone)
        days[day] = added(days.get(day, Sum()), sight.pending.total(sight.question.interface, slot, slot + 1))
    return days


def total_of(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    total = Sum()
    for each in sums:
        total = added(total, each)
    return total
