"""Usage in groups of local time, from five minutes to years."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date
from heapq import nlargest
from typing import NamedTuple

from packetbuddy.answers.localdays import LAST_ORDINAL, Run, Stretches, day_start, grouped, ordinal_at, runs
from packetbuddy.answers.localtable import LocalTable, local_table
from packetbuddy.answers.open import Question, Sight, added, local, looking, usage_of
from packetbuddy.answers.range import checked, usage_of_days
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.slots import SLOT_NS, SLOTS_PER_DAY, slot_of
from packetbuddy.reports.model import Groups, Period
from packetbuddy.storage.cache import Tally
from packetbuddy.storage.reader import Sum

PERIODS = {"5min": 1, "hour": 12}
"""Slots in a short group."""
LENGTHS = {"day": 1, "week": 7}
"""Days in a group that is always as long."""
DEFAULT_DAYS = {"5min": 1, "hour": 1, "day": 30, "week": 84, "month": 365}
MOST_GROUPS = 20_000
CYCLE = "cycle"
"""Groups by the cycle of the first plan."""


NOTHING = Sum()


class _Part(NamedTuple):
    """One group: its slots, and what moved in it; ``observed_ns`` is ``None`` where it is not added up yet."""

    start_ns: int
    end_ns: int
    total: Sum
    observed_ns: int | None = None


def groups(question: Question, *, by: str, first: date | None, last: date | None, top: int | None) -> Groups:
    """Usage in groups of local time; with ``top`` only the biggest, biggest first.

    Without ``first`` a useful stretch up to ``last`` (today when missing) is taken; with ``top`` or by year,
    everything. The ends of the range cut their groups short.

    Raises:
        WrongUsageError: that would be more groups than anybody reads, the range ends before it begins, or groups by
            cycle are asked for where there is no plan.
    """
    if by == CYCLE:
        _following(question, by)
    everything = first is None and (top is not None or by in {"year", CYCLE})
    with looking(question) as sight:
        wanted = (1, LAST_ORDINAL) if everything else _bounds(question, by, first, last)
        with local_table(sight, *wanted) as table:
            began, ended = _extent(sight, table, last) if everything else wanted
            parts = _parts(sight, table, by, (began, ended), filled=top is None)
            chosen = (
                list(parts) if top is None else nlargest(top, parts, key=lambda part: part.total.rx + part.total.tx)
            )
            summary = usage_of_days(sight, table, began, ended)
        return Groups(by, tuple(_periods(sight, chosen)), summary)


def hours_of(sight: Sight, day: int) -> tuple[Period, ...]:
    """Every hour of a local day (its ordinal) of an open sight: 23 to 25 of them."""
    return tuple(_periods(sight, list(_filled(sight, PERIODS["hour"], (day, day)))))


def _bounds(question: Question, by: str, first: date | None, last: date | None) -> tuple[int, int]:
    today = ordinal_at(question.now_ns, question.zone)
    if first is not None:
        ended = max(today, first.toordinal()) if last is None else last.toordinal()
        checked(first.toordinal(), ended)
        return first.toordinal(), ended
    ended = today if last is None else last.toordinal()
    return _begin(max(1, ended - DEFAULT_DAYS[by] + 1), by), ended


def _extent(sight: Sight, table: LocalTable, last: date | None) -> tuple[int, int]:
    """Everything there is up to ``last``, today, or as far as a clock that ran ahead has written."""
    today = ordinal_at(sight.question.now_ns, sight.question.zone)
    everything = table.tally(1, LAST_ORDINAL)
    ended = max(today, everything.last or today)
    if last is not None:
        ended = min(ended, last.toordinal())
    return min(everything.first or today, ended), ended


def _parts(sight: Sight, table: LocalTable, by: str, bounds: tuple[int, int], *, filled: bool) -> Iterator[_Part]:
    """Groups in order; only those with usage unless ``filled``."""
    if by not in PERIODS:
        parts = _long(sight, table, by, bounds)
    elif filled:
        parts = _filled(sight, PERIODS[by], bounds)
    else:
        period = PERIODS[by]
        parts = (
            _part(run, *found, period) for run in _runs(sight, bounds) for found in _found(sight, run, period).items()
        )
    return (part for part in parts if filled or part.total.rx or part.total.tx)


def _runs(sight: Sight, bounds: tuple[int, int]) -> Iterator[Run]:
    zone = sight.question.zone
    return runs(zone, slot_of(day_start(bounds[0], zone)), slot_of(day_start(bounds[1] + 1, zone)))


def _filled(sight: Sight, period: int, bounds: tuple[int, int]) -> Iterator[_Part]:
    if (bounds[1] - bounds[0] + 1) * SLOTS_PER_DAY // period > MOST_GROUPS:
        raise WrongUsageError(
            f"that is more than {MOST_GROUPS} groups", "Ask for fewer days, for longer groups, or for --top N"
        )
    for run in _runs(sight, bounds):
        found = _found(sight, run, period)
        for part in range(_place(run, run.first, period), _place(run, run.beyond - 1, period) + 1):
            yield _part(run, part, found.get(part, NOTHING), period)


def _found(sight: Sight, run: Run, period: int) -> dict[int, Sum]:
    """Usage of those groups of a run that hold any, stored or pending."""
    sums = dict(grouped(sight, run, period))
    for slot, total in sight.moved.items():
        if run.first <= slot < run.beyond:
            place = _place(run, slot, period)
            sums[place] = added(sums.get(place, Sum()), total)
    return sums


def _place(run: Run, slot: int, period: int) -> int:
    return (slot + run.offset) // period


def _part(run: Run, place: int, total: Sum, period: int) -> _Part:
    first = max(place * period - run.offset, run.first)
    beyond = min((place + 1) * period - run.offset, run.beyond)
    return _Part(first * SLOT_NS, beyond * SLOT_NS, total)


def _long(sight: Sight, table: LocalTable, by: str, bounds: tuple[int, int]) -> Iterator[_Part]:
    """Groups of whole days; a day that the zone skipped is none."""
    zone, (first, last) = sight.question.zone, bounds
    length = LENGTHS.get(by)
    following = _following(sight.question, by)
    found = {} if length is None else table.tallies(first, last, length)
    start_ns = day_start(first, zone)
    while first <= last:
        beyond = min(following(first), last + 1)
        end_ns = day_start(beyond, zone)
        if end_ns > start_ns:
            tally = table.tally(first, beyond - 1) if length is None else found.get((first - 1) // length, Tally())
            yield _Part(start_ns, end_ns, Sum(*tally[:5]), tally.observed_ns)
        first, start_ns = beyond, end_ns


def _periods(sight: Sight, parts: list[_Part]) -> Iterator[Period]:
    question = sight.question
    short = [part for part in parts if part.observed_ns is None]
    seen = Stretches(
        sight.observed(min(part.start_ns for part in short), max(part.end_ns for part in short)) if short else []
    )
    instants = {at_ns: local(question, at_ns) for part in parts for at_ns in part[:2]}
    for start_ns, end_ns, total, added_up in parts:
        observed = seen.within(start_ns, min(end_ns, max(start_ns, question.now_ns))) if added_up is None else added_up
        usage = usage_of(total, sight.share(observed, start_ns, end_ns))
        yield Period(instants[start_ns], instants[end_ns], usage)


def _begin(ordinal: int, by: str) -> int:
    """The first day of the group that holds this day."""
    day = date.fromordinal(ordinal)
    if by == "week":
        return max(1, ordinal - day.weekday())
    return day.replace(day=1).toordinal() if by == "month" else ordinal


def _following(question: Question, by: str) -> Callable[[int], int]:
    """Gives the day on which the group after a day's begins."""
    if by != CYCLE:
        return lambda day: _next(day, by)
    from packetbuddy.answers.plans import day_beyond  # noqa: PLC0415 - `pb today` needs no plan

    return day_beyond(question.settings)


def _next(ordinal: int, by: str) -> int:
    """The day on which the group after this day's begins; weeks begin on Monday (ISO 8601)."""
    day = date.fromordinal(ordinal)
    if by == "day":
        return ordinal + 1
    if by == "week":
        return ordinal + 7 - day.weekday()
    if by == "month":
        return day.replace(day=1).toordinal() + monthrange(day.year, day.month)[1]
    return day.replace(month=12, day=31).toordinal() + 1
