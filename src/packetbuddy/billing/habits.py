"""A computer's habits: how many bytes an hour of each weekday and hour of the day usually has. Out of past days.

Time that nobody watched is of two kinds. Of a computer that is switched off every day, or each Sunday, it is a habit:
those hours have no bytes. Of one that runs day and night it is an exception that tells nothing: it is left out, so that
it makes no figure smaller.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

HOURS, WEEK = 24, 168
WATCHED_DAY = 0.1
"""A day that was watched for less than this part of it is missing, or it is a habit."""
ALL_DAY = 0.9
"""A computer whose usual day is watched for so much of it runs day and night."""
HALF_LIFE_DAYS = 14.0
"""A day this old counts half as much as today."""
SHORT_DAYS = 7
"""With fewer days than these there is no pattern yet: the plain average holds for every hour."""
BY_HOUR, BY_WEEKDAY, BY_CELL = 6.0, 48.0, 6.0
"""How many hours of the plainer guess each finer one is mixed with: few data follow the plain average."""


class Day(NamedTuple):
    """A local day (its ordinal), hour by hour of the clock on the wall: 24 values each.

    ``moved``: bytes; ``seen``: observed hours; ``passed``: hours that have passed, 0 in one that the clock skipped.
    """

    day: int
    moved: tuple[float, ...]
    seen: tuple[float, ...]
    passed: tuple[float, ...]


class Habits(NamedTuple):
    """Bytes an hour for the 168 hours of a week from Monday on, and what they were learnt from."""

    rates: tuple[float, ...]
    days: tuple[Day, ...]
    exposed: tuple[tuple[float, ...], ...]
    """Hours of each of the days that tell something: none of a day that is missing."""

    def off(self) -> dict[int, float]:
        """By how many bytes each day that tells something was above its own habit."""
        return {
            day.day: sum(day.moved) - expected(self, day.day, hours)
            for day, hours in zip(self.days, self.exposed, strict=True)
            if any(hours)
        }

    def off_with_holes(self, share: float) -> dict[int, float]:
        """The same of all days that have passed, where so much of what is usual is seen: a hole is a day without."""
        return {
            day.day: sum(day.moved) - share * expected(self, day.day, day.passed)
            for day in self.days
            if any(day.passed)
        }


def learn(days: Sequence[Day], today: int) -> Habits:
    """The habits that days up to today show; all zeros where none of them tells anything."""
    off = _days_off(days)
    exposed = tuple(day.passed if day.day % 7 in off else _told(day) for day in days)
    moved, hours = [0.0] * WEEK, [0.0] * WEEK
    for day, exposure in zip(days, exposed, strict=True):
        counts = weight(day.day, today)
        for hour in range(HOURS):
            place = cell(day.day, hour)
            moved[place] += counts * day.moved[hour]
            hours[place] += counts * exposure[hour]
    told = sum(any(exposure) for exposure in exposed)
    return Habits(_rates(moved, hours, plain=told < SHORT_DAYS), tuple(days), exposed)


def weight(day: int, today: int) -> float:
    """How much a day counts beside today."""
    return float(0.5 ** ((today - day) / HALF_LIFE_DAYS))


def cell(day: int, hour: int) -> int:
    """Place of an hour in the week; ordinal 1 was a Monday."""
    return (day - 1) % 7 * HOURS + hour


def expected(habits: Habits, day: int, hours: Sequence[float]) -> float:
    """Bytes that so much of each hour of a day usually has."""
    return sum(habits.rates[cell(day, hour)] * length for hour, length in enumerate(hours))


def missing(habits: Habits, since: int) -> float:
    """Bytes usual in the hours that were left out because nobody watched them, from the day ``since`` on."""
    return sum(
        expected(habits, day.day, [max(0.0, passed - told) for passed, told in zip(day.passed, exposure, strict=True)])
        for day, exposure in zip(habits.days, habits.exposed, strict=True)
        if day.day >= since
    )


def _share(day: Day) -> float:
    passed = sum(day.passed)
    return sum(day.seen) / passed if passed else 0.0


def _days_off(days: Sequence[Day]) -> set[int]:
    """Weekdays whose unwatched time is a habit: all of them, unless the computer usually runs day and night."""
    shares = [(day.day % 7, _share(day)) for day in days if any(day.passed)]
    there = [share for _, share in shares if share >= WATCHED_DAY]
    if not there or median(there) < ALL_DAY:
        return set(range(7))
    of_weekdays = {weekday: [share for other, share in shares if other == weekday] for weekday in range(7)}
    return {weekday for weekday, known in of_weekdays.items() if len(known) > 1 and median(known) < WATCHED_DAY}


def _told(day: Day) -> tuple[float, ...]:
    """The hours that tell something of a computer that should have run."""
    return day.seen if _share(day) >= WATCHED_DAY else (0.0,) * HOURS


def _rates(moved: Sequence[float], hours: Sequence[float], *, plain: bool) -> tuple[float, ...]:
    """Each cell's own rate, mixed with that of its hour and weekday, which are mixed with the average."""
    average = sum(moved) / sum(hours) if sum(hours) else 0.0
    if plain or not average:
        return (average,) * WEEK
    by_hour = [
        _mixed(sum(moved[hour::HOURS]), sum(hours[hour::HOURS]), average, BY_HOUR) / average for hour in range(HOURS)
    ]
    rates = []
    for weekday in range(7):
        own = slice(weekday * HOURS, (weekday + 1) * HOURS)
        usual = sum(average * share * length for share, length in zip(by_hour, hours[own], strict=True))
        level = (sum(moved[own]) + average * BY_WEEKDAY) / (usual + average * BY_WEEKDAY)
        rates += [
            _mixed(moved[place], hours[place], average * by_hour[hour] * level, BY_CELL)
            for hour, place in enumerate(range(own.start, own.stop))
        ]
    return tuple(rates)


def _mixed(moved: float, hours: float, guess: float, weight: float) -> float:
    return (moved + weight * guess) / (hours + weight)
