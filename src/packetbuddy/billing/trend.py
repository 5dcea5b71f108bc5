"""Whether use grows or shrinks from week to week: only as far as that stands out of the weeks' own ups and downs."""

from statistics import correlation, fmean, linear_regression
from typing import NamedTuple

from packetbuddy.billing.habits import Habits, expected, weight

WEEK_DAYS = 7
LEAST_WEEKS = 4
"""With fewer weeks there is no trend."""
LEAST_HOURS = 84.0
"""A week of which less is known says nothing about it."""
DOUBT = 6.0
"""How many squares of a slope's own uncertainty are taken off its square; one that is no larger is no slope."""
FARTHEST = 0.5
"""So far at most the trend leads away from the habits' level, as a share of it."""


class Trend(NamedTuple):
    """``growth`` a day, as a share of the level that the habits have on the day ``around``."""

    growth: float
    around: float

    def on(self, day: int) -> float:
        """What a day has for each byte of the habits."""
        return 1.0 + min(max(self.growth * (day - self.around), -FARTHEST), FARTHEST)


def trend(habits: Habits, today: int) -> Trend:
    """The growth that the weeks up to today show, each beside its habits."""
    weeks = _weeks(habits, today)
    return Trend(_growth(sorted(weeks), [weeks[week] for week in sorted(weeks)]), _around(habits, today))


def _weeks(habits: Habits, today: int) -> dict[int, float]:
    """Each week (0 ends today, -1 before it) of which enough is known: its bytes for each that its habits have."""
    moved: dict[int, float] = {}
    usual: dict[int, float] = {}
    known: dict[int, float] = {}
    for day, hours in zip(habits.days, habits.exposed, strict=True):
        week = -((today - day.day) // WEEK_DAYS)
        moved[week] = moved.get(week, 0.0) + sum(day.moved)
        usual[week] = usual.get(week, 0.0) + expected(habits, day.day, hours)
        known[week] = known.get(week, 0.0) + sum(hours)
    return {week: moved[week] / usual[week] for week in moved if usual[week] and known[week] >= LEAST_HOURS}


def _growth(weeks: list[int], shares: list[float]) -> float:
    """The weeks' slope by least squares, a day, smaller by what could be chance."""
    if len(weeks) < LEAST_WEEKS or min(shares) == max(shares):
        return 0.0
    explained = correlation(weeks, shares) ** 2
    doubt = DOUBT * (1.0 - explained) / (len(weeks) - 2)
    if explained <= doubt:
        return 0.0
    slope = linear_regression(weeks, shares).slope
    return slope * (1.0 - doubt / explained) / WEEK_DAYS / fmean(shares)


def _around(habits: Habits, today: int) -> float:
    """The day whose level the habits have: the mean of the days they come from, each as it counts there."""
    counts = [weight(day.day, today) * sum(hours) for day, hours in zip(habits.days, habits.exposed, strict=True)]
    return fmean([day.day for day in habits.days], counts) if sum(counts) else float(today)
