"""The report that exports are rendered from: one consistent sight, read while it is open, never all at once."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from packetbuddy.answers.devices import called
from packetbuddy.answers.groups import hours_of
from packetbuddy.answers.heatmap import week_hours
from packetbuddy.answers.localdays import LAST_ORDINAL, ordinal_at
from packetbuddy.answers.localtable import LocalTable, local_table
from packetbuddy.answers.open import Question, Sight, local, looking
from packetbuddy.answers.range import each_day, usage_of_days
from packetbuddy.answers.tracked import first_tracked, peak_at, tracked
from packetbuddy.reports.history import ALL_DEVICES, History, Origin, Records, Stretch, Wrapup
from packetbuddy.reports.model import Day, Usage
from packetbuddy.storage.cache import DayRow
from packetbuddy.storage.far import Sharing

PIECE_DAYS = 366
"""Days that are read at once."""


class Bounds(NamedTuple):
    """Which days are asked for, both included; ``None``: from the first tracked one, until the last."""

    first: date | None = None
    last: date | None = None


class Maker(NamedTuple):
    """Who makes a report: the machine's name, ``None`` to leave any name out, and the version of PacketBuddy."""

    device: str | None
    version: str


class _Book(NamedTuple):
    """An open sight with its table of days."""

    sight: Sight
    table: LocalTable

    def stretch(self, first: int, last: int) -> Stretch:
        usage = usage_of_days(self.sight, self.table, first, last)
        days = tracked(self.sight, self.table, first, last)
        return Stretch(date.fromordinal(first), date.fromordinal(last), days, usage)

    def days(self, first: int, last: int) -> Iterator[Day]:
        for start in range(first, last + 1, PIECE_DAYS):
            yield from each_day(self.sight, self.table, start, min(start + PIECE_DAYS - 1, last))

    def stretches(self, first: int, last: int, next_one: Callable[[date], date]) -> tuple[Stretch, ...]:
        """The range cut where a month or a year begins."""
        edges, at = [first], next_one(date.fromordinal(first))
        while at.toordinal() <= last:
            edges.append(at.toordinal())
            at = next_one(at)
        return tuple(self.stretch(start, beyond - 1) for start, beyond in pairwise([*edges, last + 1]))

    def records(self, first: int, last: int) -> Records:
        fastest = busiest = DayRow(first)
        for start in range(first, last + 1, PIECE_DAYS):
            rows = self.table.rows(start, min(start + PIECE_DAYS - 1, last))
            fastest = max([fastest, *rows], key=lambda row: row.peak)
            busiest = max([busiest, *rows], key=lambda row: row.rx + row.tx)
        return Records(
            fastest.peak or None,
            peak_at(self.sight, fastest.day) if fastest.peak else None,
            next(self.days(busiest.day, busiest.day)) if busiest.rx + busiest.tx else None,
        )

    def origin(self, maker: Maker) -> Origin:
        question = self.sight.question
        at = local(question, question.now_ns)
        return Origin(_text(self._whose(maker)), _text(question.interface), question.zone_name, maker.version, at)

    def _whose(self, maker: Maker) -> str | None:
        """All devices together are no machine's name, so nothing leaves that out."""
        name = called(Sharing(self.sight.reader), self.sight.question.device) or maker.device
        return name if maker.device is not None or name == ALL_DEVICES else None


@contextmanager
def history(question: Question, bounds: Bounds, maker: Maker) -> Iterator[History]:
    """Everything between the bounds, as far as anything was tracked; open as long as it is read.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
        WrongUsageError: the interface asked for is not known.
    """
    with _opened(question) as book:
        first, last = _extent(book, bounds)
        some = first <= last
        yield History(
            origin=book.origin(maker),
            total=book.stretch(first, last) if some else _nothing(question, bounds),
            years=book.stretches(first, last, _next_year) if some else (),
            months=book.stretches(first, last, _next_month) if some else (),
            records=book.records(first, last) if some else Records(),
            days=lambda: book.days(first, last),
        )


def wrapup(question: Question, year: int | None, maker: Maker) -> Wrapup:
    """The story of a year; without one this year's, in January the last one's where anything was tracked in it.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
        WrongUsageError: the interface asked for is not known.
    """
    with _opened(question) as book:
        chosen = year or _usual_year(book)
        first, last = _extent(book, year_bounds(chosen))
        some = first <= last
        records = book.records(first, last) if some else Records()
        busiest = records.busiest
        return Wrapup(
            origin=book.origin(maker),
            year=chosen,
            running=local(question, question.now_ns).year == chosen,
            total=book.stretch(first, last) if some else _nothing(question, year_bounds(chosen)),
            days=tuple(book.days(first, last)),
            months=book.stretches(first, last, _next_month) if some else (),
            hours=week_hours(book.sight, first, max(first - 1, last)),
            records=records,
            evening=hours_of(book.sight, busiest.date.toordinal()) if busiest else (),
            before=_before(book, chosen),
        )


def year_bounds(year: int) -> Bounds:
    """The days of a year."""
    return Bounds(date(year, 1, 1), date(year, 12, 31))


@contextmanager
def _opened(question: Question) -> Iterator[_Book]:
    with looking(question) as sight, local_table(sight, 1, LAST_ORDINAL) as table:
        yield _Book(sight, table)


def _extent(book: _Book, bounds: Bounds) -> tuple[int, int]:
    """The asked days (ordinals) as far as they were tracked; the first is after the last where none were."""
    question = book.sight.question
    today = ordinal_at(question.now_ns, question.zone)
    began = first_tracked(book.sight, book.table)
    ended = max(today, book.table.tally(1, LAST_ORDINAL).last or today)
    if began is None:
        return today, today - 1
    first = began if bounds.first is None else max(began, bounds.first.toordinal())
    last = ended if bounds.last is None else min(ended, bounds.last.toordinal())
    return first, max(last, first - 1)


def _nothing(question: Question, bounds: Bounds) -> Stretch:
    today = local(question, question.now_ns).date()
    first = bounds.first or min(today, bounds.last or today)
    return Stretch(first, bounds.last or max(today, first), 0, Usage())


def _usual_year(book: _Book) -> int:
    question = book.sight.question
    today = local(question, question.now_ns).date()
    last_year = today.year - 1
    return last_year if today.month == 1 and _before(book, today.year) else today.year


def _before(book: _Book, year: int) -> Stretch | None:
    first, last = _extent(book, year_bounds(year - 1))
    found = book.stretch(first, last) if first <= last else None
    return found if found is not None and found.usage.total else None


def _text(name: str | None) -> str | None:
    """A name out of the system's bytes; what is no text in it becomes question marks, so that any file can hold it."""
    return None if name is None else name.encode("utf-8", "replace").decode()


def _next_month(day: date) -> date:
    return date.fromordinal(day.replace(day=1).toordinal() + monthrange(day.year, day.month)[1])


def _next_year(day: date) -> date:
    return date.fromordinal(day.replace(month=12, day=31).toordinal() + 1)
