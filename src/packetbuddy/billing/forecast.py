"""What a cycle will have used at its end: a number and a range, from the computer's own habits."""

from collections.abc import Sequence
from itertools import accumulate
from math import exp, log1p, sqrt
from typing import NamedTuple

from packetbuddy.billing.habits import Day, Habits, expected, learn, missing

HOLDS = 0.8
"""The share of cycles that end within the range."""
DEVIATIONS = 1.28155
"""So many standard deviations to each side hold that share."""
DRIFT = 0.09
"""How far habits move from one cycle to the next, as a share of what is to come."""
UNKNOWN_DAYS = 3
"""A usual day's own bytes are taken for the deviation of so many days that nobody has seen."""
LEAST_HOURS = 24.0
"""With fewer observed hours nothing is said."""
BLOCK = 7
"""Days that are compared together: one heavy day is often followed by another."""


class Ahead(NamedTuple):
    """A day to come, or the rest of today: its ordinal and how much of each of its 24 hours is to come."""

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


def outlook(past: Sequence[Day], ahead: Sequence[Ahead], *, used: int, limit: int | None, since: int) -> Outlook | None:
    """The end of a cycle that began on the day ``since`` and has used so much; ``None`` while too little is known.

    ``past`` are days up to now, from before the cycle too. What nobody watched in the cycle makes the range wider and
    no figure smaller.
    """
    if sum(sum(day.seen) for day in past) < LEAST_HOURS:
        return None
    habits = learn(past, max(day.day for day in past))
    coming = [expected(habits, each.day, each.hours) for each in ahead]
    rest = sum(coming)
    spread = _spread(habits, rest, sum(sum(each.hours) for each in ahead) / 24)
    low = used + rest * (1 - _missed(habits)) * exp(-spread * (DEVIATIONS + spread / 2))
    high = used + rest * exp(spread * (DEVIATIONS - spread / 2)) + missing(habits, since)
    found = Forecast(int(low), round(used + rest), round(high))
    return Outlook(found, _reached(ahead, [used + more for more in accumulate(coming)], limit))


def _reached(ahead: Sequence[Ahead], totals: Sequence[float], limit: int | None) -> int | None:
    if limit is None:
        return None
    return next((each.day for each, total in zip(ahead, totals, strict=True) if total >= limit), None)


def _spread(habits: Habits, rest: float, length: float) -> float:
    """Standard deviation of the logarithm of what is to come in ``length`` days, never so wide that it says nothing.

    From how days, and weeks, fell short of their own habits or went beyond them, each day telling the less about the
    coming ones the fewer there are.
    """
    if rest <= 0:
        return 0.0
    off = habits.off()
    blocks = [sum(off[place : place + BLOCK]) for place in range(0, len(off), BLOCK)]
    prior = UNKNOWN_DAYS * (rest / length) ** 2
    daily = (max(_squares(off), _squares(blocks)) + prior) / (len(off) + UNKNOWN_DAYS)
    variance = daily * length * (1 + length / len(off)) + (DRIFT * rest) ** 2
    return min(sqrt(log1p(variance / rest**2)), 2 * DEVIATIONS)


def _missed(habits: Habits) -> float:
    """The share of what the past usually has that fell into time which nobody watched: it may go on like that."""
    lost = missing(habits, 0)
    return lost / (lost + sum(sum(day.moved) for day in habits.days) or 1.0)


def _squares(values: Sequence[float]) -> float:
    return sum(value * value for value in values)
