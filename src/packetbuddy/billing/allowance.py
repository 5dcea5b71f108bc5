"""What counts against a cap, what is left of it, and what comes along from the cycle before. Whole bytes only."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from packetbuddy.billing.money import EXACT


class Measured(NamedTuple):
    """Bytes of a cycle, inside the off-peak windows and outside of them."""

    peak: int = 0
    off_peak: int = 0


def counted(measured: Measured, counts: Decimal) -> int:
    """Bytes that count against the cap: an off-peak byte counts ``counts`` (0 to 1) of one; rounded once, half up."""
    weighed = EXACT.multiply(Decimal(measured.off_peak), counts)
    return measured.peak + int(weighed.to_integral_value(ROUND_HALF_UP, EXACT))


def carried(cap: int, used: Iterable[int]) -> int:
    """What comes along into the cycle after those that are given, oldest first.

    What came along is used up first and is gone at the end of its cycle: a byte is carried once. So never more than a
    cap comes along, and all that may ever be used is a cap for each cycle.
    """
    along = 0
    for amount in used:
        along = max(0, cap - max(0, amount - along))
    return along


def left_of(allowance: int, used: int) -> int:
    """What may still be used; never below 0."""
    return max(0, allowance - used)


def reached(allowance: int, percent: int) -> int:
    """The first count of bytes that is at least so many percent of the allowance."""
    return -(-allowance * percent // 100)


def percent_of(allowance: int, used: int) -> float:
    """The share that is used, in percent with one decimal, rounded down: 100.0 is said only when nothing is left."""
    return used * 1000 // allowance / 10


def a_day(left: int, used_today: int, days_left: int) -> int:
    """Bytes a day, today among them, that use up exactly what is left; it stays the same while today goes on."""
    return (left + used_today) // max(1, days_left)
