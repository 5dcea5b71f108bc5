"""The table of local days: quick for ten years through the cache, right whatever changed since it was written."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, groupby
from typing import TypeVar

from packetbuddy.answers.localdays import (
    EPOCH_ORDINAL,
    LAST_ORDINAL,
    Stretches,
    answered,
    day_start,
    offsets,
    ordinal_at,
    ranges,
)
from packetbuddy.answers.open import Sight, local
from packetbuddy.metering.slots import SLOT_NS
from packetbuddy.storage.cache import Cache, CacheUnreadableError, DayRow, Known, Scope, Tally

Answer = TypeVar("Answer")


@contextmanager
def local_table(sight: Sight, first: int, last: int) -> Iterator["LocalTable"]:
    """A table of the local days ``first`` … ``last``, both included; the cache is open meanwhile."""
    cache = Cache(sight.question.home.cache)
    try:
        yield LocalTable(sight, cache, first, last)
    finally:
        cache.close()


class LocalTable:
    """Local days of a sight, what is pending included; made by :func:`local_table`. Owns what it answered anew.

    Days are ordinals. What the cache cannot know is answered from the slots: days that changed, the days around now,
    what is pending. Those rows are the fresh ones and go before the cache's.
    """

    def __init__(self, sight: Sight, cache: Cache, first: int, last: int) -> None:
        """Prepare to answer for the days ``first`` … ``last``, both included."""
        self._sight, self._cache, self._first, self._last = sight, cache, first, last
        question = sight.question
        self._today = ordinal_at(question.now_ns, question.zone)
        rules = offsets(question.zone, local(question, question.now_ns).year + 1)
        self._scope = Scope(sight.state.lineage, f"{question.zone_name} {rules}", question.interface, sight.key)
        self._fresh: dict[int, DayRow] = {}
        self._order: list[int] = []
        self._cached = True
        try:
            self._begin()
            self._add_pending()
        except CacheUnreadableError:
            self._do_without()
            self._add_pending()

    def rows(self, first: int, last: int) -> list[DayRow]:
        """Days with data or observation, in order."""
        return self._sure(lambda: self._rows(first, last))

    def tally(self, first: int, last: int) -> Tally:
        """All of them in one."""
        return self._sure(lambda: self._tally(first, last))

    def tallies(self, first: int, last: int, length: int) -> dict[int, Tally]:
        """The same by ``(day - 1) // length``: 1 for days, 7 for weeks that begin on Monday."""
        return self._sure(lambda: self._tallies(first, last, length))

    def fastest(self) -> DayRow | None:
        """The day with the highest recorded speed, the earliest of equals; only of a table of everything."""
        return self._sure(self._fastest)

    def _sure(self, ask: Callable[[], Answer]) -> Answer:
        """Ask the cache, or where it turns out unreadable, the slots."""
        try:
            return ask()
        except CacheUnreadableError:
            self._do_without()
            self._add_pending()
            return ask()

    def _rows(self, first: int, last: int) -> list[DayRow]:
        stored = self._cache.rows(self._scope, first, last) if self._cached else []
        days = {row.day: row for row in stored}
        fresh = self._order[bisect_left(self._order, first) : bisect_right(self._order, last)]
        days.update((day, self._fresh[day]) for day in fresh)
        return [days[day] for day in sorted(days) if any(days[day][1:])]

    def _tally(self, first: int, last: int) -> Tally:
        begun = self._begun(first, last)
        stored = self._cache.tally(self._scope, first, begun - 1) if self._cached and begun > first else Tally()
        return _joined(stored, self._rows(begun, last)) if begun <= last else stored

    def _tallies(self, first: int, last: int, length: int) -> dict[int, Tally]:
        begun = self._begun(first, last)
        begun = max(first, begun - (begun - 1) % length)
        stored = self._cache.tallies(self._scope, first, begun - 1, length) if self._cached else {}
        rows = self._rows(begun, last)
        return stored | {
            part: _joined(Tally(), list(days)) for part, days in groupby(rows, lambda row: (row.day - 1) // length)
        }

    def _begun(self, first: int, last: int) -> int:
        """The first fresh day of these, or the day after them."""
        place = bisect_left(self._order, first)
        return min(last + 1, self._order[place]) if place < len(self._order) else last + 1

    def _fastest(self) -> DayRow | None:
        begun = self._order[0] if self._order else LAST_ORDINAL
        stored = self._cache.fastest(self._scope, 1, begun - 1) if self._cached else None
        rows = self._rows(begun, LAST_ORDINAL)
        return max(rows if stored is None else [stored, *rows], key=lambda row: row.peak, default=None)

    def _begin(self) -> None:
        known = self._cache.known(self._scope)
        if known is None and self._cache.lasting:
            self._fill()
        elif (
            known is None or known.revision > self._sight.state.revision
        ):  # stored by a reader that saw more than we do
            self._do_without()
        else:
            self._renew(known)

    def _fill(self) -> None:
        first, last = self._extent()
        rows = answered(self._sight, first, last)
        self._cache.store(self._scope, self._now_known(), [(first, last)], rows)
        self._fresh = {row.day: row for row in rows}
        self._cached = False

    def _renew(self, known: Known) -> None:
        """Answer anew what changed; store that only when it reaches beyond the days around now, which always change."""
        same = known.revision == self._sight.state.revision
        changed = [] if same else self._sight.reader.changed_days(known.revision)
        days = {day + EPOCH_ORDINAL + near for day in changed for near in (-1, 0, 1)}
        days |= set(range(min(known.upto, self._today), max(known.upto, self._today) + 1))
        stretches = list(ranges(days))
        rows = [row for first, last in stretches for row in answered(self._sight, first, last)]
        self._fresh = {day: DayRow(day) for day in days} | {row.day: row for row in rows}
        lasting = min(days) < self._today - 1 or max(days) > self._today + 1
        if lasting and not self._cache.store(self._scope, self._now_known(), stretches, rows):
            self._do_without()

    def _do_without(self) -> None:
        first, last = self._extent()
        first, last = max(first, self._first), min(last, self._last)
        rows = answered(self._sight, first, last) if first <= last else []
        self._fresh = {row.day: row for row in rows}
        self._cached = False

    def _now_known(self) -> Known:
        """Until a UTC day is over, observed time is added to it from the last look on without a change of that day."""
        looked = ordinal_at(self._sight.state.heartbeat_ns, self._sight.question.zone)
        return Known(self._sight.state.revision, min(looked, self._today))

    def _extent(self) -> tuple[int, int]:
        """Every day that may hold anything."""
        began = self._sight.reader.watched_from()
        days = [self._today, *(day + EPOCH_ORDINAL for day in self._sight.reader.changed_days(-1))]
        if began is not None:
            days.append(ordinal_at(began, self._sight.question.zone))
        return max(1, min(days) - 1), min(max(days) + 1, LAST_ORDINAL)

    def _add_pending(self) -> None:
        self._order = sorted(self._fresh)
        touched = sorted(set(self._touched()))
        if touched:
            self._add_observed(touched)
            self._add_moved()
            self._order = sorted(self._fresh)

    def _add_observed(self, touched: list[int]) -> None:
        zone, now = self._sight.question.zone, self._sight.question.now_ns
        first, last = touched[0], touched[-1]
        edges = {day: (day_start(day, zone), day_start(day + 1, zone)) for day in touched}
        seen = Stretches(self._sight.observed(edges[first][0], edges[last][1]))
        rows = {row.day: row for row in self._rows(first, last)}
        for day, (start, end) in edges.items():
            observed = seen.within(start, min(end, max(start, now)))
            self._fresh[day] = rows.get(day, DayRow(day))._replace(observed_ns=observed)

    def _touched(self) -> Iterator[int]:
        """Local days of the table on which something is pending: bytes or observed time."""
        zone, covered = self._sight.question.zone, self._sight.pending.covered
        days = (ordinal_at(slot * SLOT_NS, zone) for slot in self._sight.moved)
        spanned = range(ordinal_at(covered[0], zone), ordinal_at(covered[1], zone) + 1) if covered else ()
        return (day for day in chain(days, spanned) if self._first <= day <= self._last)

    def _add_moved(self) -> None:
        sight, moved = self._sight, self._sight.moved
        if not moved:
            return
        slots = sight.reader.grouped(sight.series, min(moved), max(moved) + 1, period=1, offset=0)
        stored = {slot for slot, _ in slots}
        for slot, total in moved.items():
            day = ordinal_at(slot * SLOT_NS, sight.question.zone)
            row = self._fresh.get(day)
            if row is not None and self._first <= day <= self._last:
                self._fresh[day] = row._replace(
                    rx=row.rx + total.rx,
                    tx=row.tx + total.tx,
                    estimated=row.estimated + total.estimated,
                    points=row.points + (slot not in stored),
                )


def _joined(tally: Tally, rows: list[DayRow]) -> Tally:
    if not rows:
        return tally
    return Tally(
        tally.rx + sum(row.rx for row in rows),
        tally.tx + sum(row.tx for row in rows),
        tally.estimated + sum(row.estimated for row in rows),
        max(tally.peak, *(row.peak for row in rows)),
        tally.points + sum(row.points for row in rows),
        tally.observed_ns + sum(row.observed_ns for row in rows),
        tally.days + len(rows),
        rows[0].day if tally.first is None else tally.first,
        rows[-1].day,
    )
