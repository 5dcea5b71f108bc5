"""What a cycle will have used at its end: a number and a range, from the computer's own habits."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

from packetbuddy.billing.habits import Day, Habits, expected, learn, missing, weight
from packetbuddy.billing.trend import trend

HOLDS = 0.8
"""The share of cycles that end within the range."""
DEVIATIONS = 1.28155
"""So many standard deviations to each side hold that share."""
DRIFT = 0.05
"""How far habits move from one cycle to the next, as a share of what is to come."""
UNKNOWN_DAYS = 3
"""A usual day's own bytes are taken for the deviation of so many days that nobody has seen."""
LEAST_HOURS = 24.0
"""With fewer observed hours nothing is said."""
WIDEST = 1.5
"""The deviation is at most so much of what is to come: a wilder past says nothing more."""
BLOCK = 7
"""Days that are compared together: one heavy day is often followed by another."""


class Ahead(NamedTuple):
    """A day, or a part of it: its ordinal and how much of each of its 24 hours is meant."""

    day: int
    hours: tuple[float, ...]


class Forecast(NamedTuple):
    """Bytes at the cycle's end: the expected figure, and the range that holds in :data:`HOLDS` of all cycles."""

    low: int
    expected: int
    high: int


class Outlook(NamedTuple):
    """A forecast, and the day (an ordinal) on which the limit is expected to be reached; ``None``: not in this time."""

    forecast: Forecast
    reached: int | None


class Coming(NamedTuple):
    """Bytes that are to come in so many days from today on."""

    rest: float
    days: float
    today: int


def outlook(
    past: Sequence[Day],
    ahead: Sequence[Ahead],
    *,
    used: int,
    limit: int | None,
    since: int,
    before: Sequence[Ahead] = (),
) -> Outlook | None:
    """The end of a cycle that began on the day ``since`` and has used so much; ``None`` while too little is known.

    ``past`` are days up to now, from before the cycle too; ``before`` is the time of the cycle in which nobody counted
    yet. What nobody watched in the cycle makes the range wider and no figure smaller.
    """
    if sum(sum(day.seen) for day in past) < LEAST_HOURS:
        return None
    today = max(day.day for day in past)
    habits = learn(past, today)
    grown = trend(habits, today)
    coming = [expected(habits, each.day, each.hours) * grown.on(each.day) for each in ahead]
    whole = Coming(sum(coming), sum(sum(each.hours) for each in ahead) / 24, today)
    unseen = missing(habits, since) + sum(expected(habits, each.day, each.hours) for each in before)
    high = used + whole.rest + DEVIATIONS * _deviation(habits.off(), whole) + unseen
    found = Forecast(int(used + _least(habits, whole)), round(used + whole.rest), round(high))
    return Outlook(found, _reached(ahead, [used + more for more in accumulate(coming)], limit))


def _reached(ahead: Sequence[Ahead], totals: Sequence[float], limit: int | None) -> int | None:
    if limit is None:
        return None
    return next((each.day for each, total in zip(ahead, totals, strict=True) if total >= limit), None)


def _least(habits: Habits, coming: Coming) -> float:
    """The low end of what is to come, should as much of it go unseen as of the past."""
    share = 1 - _missed(habits)
    seen = coming._replace(rest=share * coming.rest)
    return max(0.0, seen.rest - DEVIATIONS * _deviation(habits.off_with_holes(share), seen))


def _deviation(off: Mapping[int, float], coming: Coming) -> float:
    """Standard deviation of what is to come.

    From how days, and weeks, fell short of their own habits or went beyond them; the fewer days there are, or count,
    the less they tell.
    """
    if coming.rest <= 0:
        return 0.0
    found = list(off.values())
    blocks = [sum(found[place : place + BLOCK]) for place in range(0, len(found), BLOCK)]
    unknown = UNKNOWN_DAYS * (coming.rest / coming.days) ** 2
    daily = (max(_squares(found), _squares(blocks)) + unknown) / (len(found) + UNKNOWN_DAYS)
    counts = [weight(day, coming.today) for day in off]
    known_days = sum(counts) ** 2 / _squares(counts)
    variance = daily * coming.days * (1 + coming.days / known_days) + (DRIFT * coming.rest) ** 2
    return min(sqrt(variance), WIDEST * coming.rest)


def _missed(habits: Habits) -> float:
    """The share of what the past usually has that fell into time which nobody watched: it may go on like that."""
    lost = missing(habits, 0)
    return lost / (lost + sum(sum(day.moved) for day in habits.days) or 1.0)


def _squares(values: Sequence[float]) -> float:
    return sum(value * value for value in values)
