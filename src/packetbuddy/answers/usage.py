"""Today, days, groups and the summary: usage by time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from packetbuddy.answers.localdays import (
    EPOCH_ORDINAL,
    Stretches,
    day_start,
    ordinal_at,
    pending_days,
    runs,
    stored_days,
    total_of,
)
from packetbuddy.answers.open import Question, Sight, added, local, looking, usage_of
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS, slot_of
from packetbuddy.reports.model import Day, Days, Groups, Period, Summary, Today, Usage
from packetbuddy.storage.cache import DayRow
from packetbuddy.storage.reader import Sum

USUAL_WEEKS = 8
USUAL_LEAST = 3
"""So many same weekdays must have been observed before one is called usual."""
PERIODS = {"5min": 1, "hour": 12}
"""Slots in a short group."""
DEFAULT_DAYS = {"5min": 1, "hour": 1, "day": 30, "week": 84, "month": 365}
MOST_GROUPS = 20_000
ACTIVE_NS = 24 * 3600 * SECOND


def today(question: Question) -> Today:
    """The running local day, to the second."""
    with looking(question) as sight:
        _known_interface(sight)
        day = ordinal_at(question.now_ns, question.zone)
        start = day_start(day, question.zone)
        total = sight.between(slot_of(start), slot_of(day_start(day + 1, question.zone)))
        usage = usage_of(total, _Coverage(sight).of(start, question.now_ns))
        return Today(date.fromordinal(day), question.zone_name, usage, _usual(sight, day, question.now_ns - start))


def days(question: Question, first: date, last: date) -> Days:
    """A row per local day, both ends included."""
    with looking(question) as sight:
        _known_interface(sight)
        rows, summary = _day_rows(sight, first.toordinal(), last.toordinal())
        return Days(first, last, tuple(rows), summary)


def groups(question: Question, *, by: str, first: date | None, last: date | None, top: int | None) -> Groups:
    """Usage in groups of local time; with ``top`` only the biggest, biggest first.

    Without ``first`` a useful stretch up to ``last`` (today when missing) is taken; with ``top`` or by year,
    everything.

    Raises:
        WrongUsageError: that would be more groups than anybody reads.
    """
    with looking(question) as sight:
        _known_interface(sight)
        began, ended = _bounds(sight, by, first, last, everything=top is not None or by == "year")
        if by in PERIODS:
            found = list(_short_groups(sight, PERIODS[by], began, ended, filled=top is None))
        else:
            found = list(_long_groups(sight, by, began, ended))
        _, summary = _day_rows(sight, began, ended)
        if top is not None:
            found = sorted((each for each in found if each.usage.total), key=lambda each: -each.usage.total)[:top]
        return Groups(by, tuple(found), summary)


def summary(question: Question) -> Summary:
    """Everything since tracking began."""
    with looking(question) as sight:
        _known_interface(sight)
        stored = stored_days(sight, 1, date.max.toordinal() - 1)
        pending = pending_days(sight)
        total = added(sight.reader.lifetime(question.interface), total_of(pending.values()))
        with_data = {row.day for row in stored if row.rx or row.tx or row.observed_ns} | pending.keys()
        tracked = len(with_data | {ordinal_at(question.now_ns, question.zone)})
        began = sight.reader.watched_from()
        return Summary(
            usage=usage_of(total, _Coverage(sight).of(began or question.now_ns, question.now_ns)),
            first_day=date.fromordinal(min(with_data)) if with_data else None,
            days_tracked=tracked,
            average_daily_bytes=(total.rx + total.tx) // tracked,
            peak_at=_peak_at(sight, max(stored, key=lambda row: row.peak, default=None)),
            data_points=sum(row.points for row in stored) + _new_points(sight),
            last_update=local(question, sight.state.heartbeat_ns),
            active_devices=int(sight.state.alive or question.now_ns - sight.state.heartbeat_ns < ACTIVE_NS),
        )


class _Coverage:
    """Answers what share of a period was observed; owns the stretches it asks."""

    def __init__(self, sight: Sight) -> None:
        self._now = sight.question.now_ns
        self._seen = Stretches(sight.observed(0, 1 << 62))

    def of(self, start_ns: int, end_ns: int) -> float | None:
        """Share of the part that has passed since tracking began; ``None`` when there is no such part."""
        if self._seen.first is None:
            return None
        start, end = max(start_ns, self._seen.first), min(end_ns, self._now)
        if end <= start:
            return None
        return min(1.0, self._seen.within(start, end) / (end - start))


def _known_interface(sight: Sight) -> None:
    name = sight.question.interface
    if name is None or sight.series:
        return
    present = {link.name for link in sight.pending.reading.links} if sight.pending.reading else set()
    known = sorted({each.name for each in sight.reader.interfaces()} | present)
    if name not in known:
        raise WrongUsageError(f"no interface {name!r} is known", f"Known: {', '.join(known) or 'none yet'}")


def _day_rows(sight: Sight, first: int, last: int) -> tuple[list[Day], Usage]:
    zone = sight.question.zone
    stored = {row.day: Sum(*row[1:6]) for row in stored_days(sight, first, last)}
    pending = {day: total for day, total in pending_days(sight).items() if first <= day <= last}
    coverage = _Coverage(sight)
    starts = {day: day_start(day, zone) for day in range(first, last + 2)}
    rows = [
        Day(
            date.fromordinal(day),
            usage_of(added(stored.get(day, Sum()), pending.get(day, Sum())), coverage.of(starts[day], starts[day + 1])),
        )
        for day in range(first, last + 1)
    ]
    whole = added(total_of(stored.values()), total_of(pending.values()))
    return rows, usage_of(whole, coverage.of(starts[first], starts[last + 1]))


def _usual(sight: Sight, day: int, passed_ns: int) -> int | None:
    """Median of the same weekday's usage by this time of day, over the last weeks that were observed."""
    zone = sight.question.zone
    coverage = _Coverage(sight)
    totals = []
    for week in range(1, USUAL_WEEKS + 1):
        start = day_start(day - 7 * week, zone)
        seen = coverage.of(start, start + passed_ns)
        if seen and seen > 0.5:
            total = sight.reader.total(sight.series, slot_of(start), slot_of(start + passed_ns))
            totals.append(total.rx + total.tx)
    return int(median(totals)) if len(totals) >= USUAL_LEAST else None


def _peak_at(sight: Sight, row: DayRow | None) -> datetime | None:
    if row is None or not row.peak:
        return None
    zone = sight.question.zone
    first, beyond = slot_of(day_start(row.day, zone)), slot_of(day_start(row.day + 1, zone))
    slot = sight.reader.peak_slot(sight.series, first, beyond)
    return None if slot is None else local(sight.question, slot * SLOT_NS)


def _new_points(sight: Sight) -> int:
    """Pending slots that hold no stored data yet."""
    slots = {cell[0] for cell, amounts in sight.pending.cells.items() if amounts[0] or amounts[1]}
    return sum(
        1
        for slot in slots
        if sight.pending.total(sight.question.interface, slot, slot + 1).points
        and not sight.reader.total(sight.series, slot, slot + 1).points
    )


def _bounds(sight: Sight, by: str, first: date | None, last: date | None, *, everything: bool) -> tuple[int, int]:
    now = ordinal_at(sight.question.now_ns, sight.question.zone)
    ended = now if last is None else last.toordinal()
    if first is not None:
        return first.toordinal(), ended
    if everything:
        began = sight.reader.watched_from()
        changed = [day + EPOCH_ORDINAL for day in sight.reader.changed_days(-1)[:1]]
        earliest = [] if began is None else [ordinal_at(began, sight.question.zone)]
        return min([ended, *changed, *earliest]), ended
    return max(1, ended - DEFAULT_DAYS[by] + 1), ended


class _Edge(NamedTuple):
    first: int
    beyond: int


def _short_groups(sight: Sight, period: int, first: int, last: int, *, filled: bool) -> Iterator[Period]:
    question = sight.question
    start, beyond = slot_of(day_start(first, question.zone)), slot_of(day_start(last + 1, question.zone))
    if filled and (beyond - start) // period > MOST_GROUPS:
        raise WrongUsageError(
            f"that is more than {MOST_GROUPS} groups", "Ask for fewer days, for longer groups, or for --top N"
        )
    coverage, series = _Coverage(sight), sight.series
    for run in runs(question.zone, start, beyond):
        found = {
            _Edge(max(part * period - run.offset, run.first), min((part + 1) * period - run.offset, run.beyond)): total
            for part, total in sight.reader.grouped(series, run.first, run.beyond, period=period, offset=run.offset)
        }
        for edge in _edges(run.first, run.beyond, run.offset, period):
            pending = sight.pending.total(question.interface, *edge)
            total = added(found.get(edge, Sum()), pending)
            if filled or total.rx or total.tx:
                yield _period(sight, coverage, edge.first * SLOT_NS, edge.beyond * SLOT_NS, total)


def _edges(first: int, beyond: int, offset: int, period: int) -> Iterator[_Edge]:
    start = first
    while start < beyond:
        end = min(((start + offset) // period + 1) * period - offset, beyond)
        yield _Edge(start, end)
        start = end


def _period(sight: Sight, coverage: _Coverage, start_ns: int, end_ns: int, total: Sum) -> Period:
    question = sight.question
    return Period(local(question, start_ns), local(question, end_ns), usage_of(total, coverage.of(start_ns, end_ns)))


def _long_groups(sight: Sight, by: str, first: int, last: int) -> Iterator[Period]:
    """Groups of whole days; the ends of the asked range cut their groups short."""
    zone = sight.question.zone
    stored = {row.day: Sum(*row[1:6]) for row in stored_days(sight, first, last)}
    pending = pending_days(sight)
    coverage = _Coverage(sight)
    begun = first
    while begun <= last:
        end = min(_next(begun, by), last + 1)
        total = total_of(added(stored.get(day, Sum()), pending.get(day, Sum())) for day in range(begun, end))
        yield _period(sight, coverage, day_start(begun, zone), day_start(end, zone), total)
        begun = end


def _next(ordinal: int, by: str) -> int:
    """The day on which the group after this day's begins; weeks begin on Monday (ISO 8601)."""
    day = date.fromordinal(ordinal)
    if by == "day":
        return ordinal + 1
    if by == "week":
        return ordinal + 7 - day.weekday()
    if by == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal()
    return date(day.year + 1, 1, 1).toordinal()
