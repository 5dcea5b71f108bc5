"""Reports for tests of the exports: made of days alone, so that what is written can be compared with what was given."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import History, Origin, Records, Stretch, Wrapup
from packetbuddy.reports.model import Cell, Day, Period, Usage

ZONE = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 23, 12, tzinfo=ZONE)
HOW = Presentation(rate=Decimal("7.50"))
ORIGIN = Origin("study-laptop", None, "Asia/Kolkata", "2.0.0", NOW)
EVENING = (1, 1, 0, 0, 0, 0, 1, 3, 4, 3, 3, 4, 6, 5, 4, 5, 7, 9, 14, 22, 31, 27, 15, 5)
"""How traffic is spread over a day, hour by hour."""


def summed(days: list[Day]) -> Usage:
    """The days in one."""
    shares = [day.usage.coverage for day in days if day.usage.coverage is not None]
    return Usage(
        sum(day.usage.sent for day in days),
        sum(day.usage.received for day in days),
        max((day.usage.peak or 0 for day in days), default=0) or None,
        sum(shares) / len(shares) if shares else None,
        sum(day.usage.estimated for day in days),
    )


def stretch(days: list[Day]) -> Stretch:
    """The days as a stretch, all of them tracked."""
    return Stretch(days[0].date, days[-1].date, len(days), summed(days))


def history(days: Iterable[Day], origin: Origin = ORIGIN) -> History:
    """The report of these days."""
    rows = list(days)
    return History(
        origin=origin,
        total=stretch(rows) if rows else Stretch(NOW.date(), NOW.date(), 0, Usage()),
        years=tuple(stretch(list(part)) for _, part in groupby(rows, lambda day: day.date.year)),
        months=tuple(stretch(list(part)) for _, part in groupby(rows, lambda day: (day.date.year, day.date.month))),
        records=records(rows),
        days=lambda: iter(rows),
    )


def records(days: list[Day]) -> Records:
    """The highest speed and the most bytes of these days."""
    fastest = max(days, key=lambda day: day.usage.peak or 0, default=None)
    busiest = max(days, key=lambda day: day.usage.total, default=None)
    peak = None if fastest is None else fastest.usage.peak
    at = None if fastest is None else datetime(*fastest.date.timetuple()[:3], 21, 5, tzinfo=ZONE)
    return Records(peak, None if peak is None else at, busiest if busiest and busiest.usage.total else None)


def wrapup(
    days: Iterable[Day],
    *,
    running: bool = False,
    before: Stretch | None = None,
    origin: Origin = ORIGIN,
    year: int = 2026,
) -> Wrapup:
    """The story of these days."""
    rows = list(days)
    found = records(rows)
    return Wrapup(
        origin=origin,
        year=year,
        running=running,
        total=stretch(rows) if rows else Stretch(date(year, 1, 1), date(year, 12, 31), 0, Usage()),
        days=tuple(rows),
        months=history(rows).months,
        hours=_week(rows),
        records=found,
        evening=() if found.busiest is None else _hours(found.busiest),
        before=before,
    )


def year_of_days(
    count: int, *, first: date = date(2026, 1, 1), size: float = 1.0, seed: int = 7, doubtful: float = 0.02
) -> list[Day]:
    """A household's days: evenings and weekends are busy, summer is quiet, a few days are partly observed."""
    dice = random.Random(seed)  # noqa: S311 - a household, not a secret
    return [_day(first + timedelta(place), dice, size, doubtful) for place in range(count)]


def _day(day: date, dice: random.Random, size: float, doubtful: float) -> Day:
    season = 0.7 if day.month in {6, 7, 8} else 1.0
    busy = season * (1.7 if day.weekday() >= 5 else 1.0)
    received = round(dice.lognormvariate(21.6, 0.55) * busy * size)
    sent = round(received * dice.uniform(0.05, 0.3))
    if dice.random() >= doubtful:
        return Day(day, Usage(sent, received, round(dice.lognormvariate(16.8, 0.6) * size), 1.0, 0))
    if dice.random() < 0.25:
        return Day(day, Usage(0, 0, None, 0.0, 0))
    estimated = round((sent + received) * dice.choice((0.2, 0.8)))
    return Day(
        day, Usage(sent, received, round(dice.lognormvariate(16.8, 0.6) * size), round(dice.random(), 6), estimated)
    )


def _week(days: list[Day]) -> tuple[Cell, ...]:
    timed = [(day.date.weekday(), day.usage.total - day.usage.estimated) for day in days]
    totals = [sum(total for day, total in timed if day == weekday) for weekday in range(7)]
    return tuple(
        Cell(weekday, hour, totals[weekday] * EVENING[(hour - 2 * (weekday >= 5)) % 24] // sum(EVENING))
        for weekday in range(7)
        for hour in range(24)
    )


def _hours(day: Day) -> tuple[Period, ...]:
    start = datetime(*day.date.timetuple()[:3], tzinfo=ZONE)
    parts = [part / sum(EVENING) for part in EVENING]
    return tuple(
        Period(
            (start.astimezone(UTC) + timedelta(hours=hour)).astimezone(ZONE),
            (start.astimezone(UTC) + timedelta(hours=hour + 1)).astimezone(ZONE),
            Usage(round(day.usage.sent * part), round(day.usage.received * part), None, 1.0),
        )
        for hour, part in enumerate(parts)
    )
