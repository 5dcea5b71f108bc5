"""A range of local days, day by day and in one."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from packetbuddy.answers.localdays import day_start
from packetbuddy.answers.localtable import LocalTable, local_table
from packetbuddy.answers.open import Question, Sight, looking, usage_of
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.model import Day, Days, Usage
from packetbuddy.storage.cache import DayRow
from packetbuddy.storage.reader import Sum

MOST_DAYS = 20_000


def days(question: Question, first: date, last: date) -> Days:
    """A row per local day, both ends included; a day that the zone skipped has none.

    Raises:
        WrongUsageError: the range ends before it begins, or is longer than anybody lives with a computer.
    """
    began, ended = first.toordinal(), last.toordinal()
    checked(began, ended)
    with looking(question) as sight, local_table(sight, began, ended) as table:
        rows = tuple(each_day(sight, table, began, ended))
        return Days(first, last, rows, usage_of_days(sight, table, began, ended))


def checked(first: int, last: int) -> None:
    """Refuse a range of days (ordinals) that cannot be meant.

    Raises:
        WrongUsageError: it ends before it begins, or is absurdly long.
    """
    began, ended = date.fromordinal(first), date.fromordinal(last)
    if first > last:
        raise WrongUsageError(f"the range begins on {began}, after its end {ended}", "Swap them")
    if last - first > MOST_DAYS:
        raise WrongUsageError(f"{began} to {ended} is more than {MOST_DAYS} days", "Ask for a shorter range")


def usage_of_days(sight: Sight, table: LocalTable, first: int, last: int) -> Usage:
    """Usage of the days ``first`` … ``last`` in one."""
    tally, zone = table.tally(first, last), sight.question.zone
    share = sight.share(tally.observed_ns, day_start(first, zone), day_start(last + 1, zone))
    return usage_of(Sum(*tally[:5]), share)


def each_day(sight: Sight, table: LocalTable, first: int, last: int) -> Iterator[Day]:
    """A row per local day, both ends included; a day that the zone skipped has none."""
    found = {row.day: row for row in table.rows(first, last)}
    edges = pairwise(day_start(day, sight.question.zone) for day in range(first, last + 2))
    for day, (start, end) in enumerate(edges, first):
        if end > start:
            row = found.get(day) or DayRow(day)
            usage = usage_of(Sum(*row[1:6]), sight.share(row.observed_ns, start, end))
            yield Day(date.fromordinal(day), usage)
