"""Dates, times, shares and money in words, the same everywhere."""

from datetime import date, datetime

from packetbuddy.billing.money import cost_of, money
from packetbuddy.cli.paper import Paper
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Usage

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

WHOLE = 0.995
"""Coverage from here on reads as complete."""


def weekday_of(day: date) -> str:
    """Monday."""
    return WEEKDAYS[day.weekday()]


def short_day(day: date) -> str:
    """Mon 23 Nov 2026."""
    return f"{weekday_of(day)[:3]} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def long_month(day: date) -> str:
    """November 2026."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def moment(at: datetime) -> str:
    """Mon 23 Nov 2026 21:04."""
    return f"{short_day(at)} {at:%H:%M}"


def percent(share: float) -> str:
    """42 %; never 0 % of something, nor 100 % of less than all."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{round(share * 100)} %"


def cost_words(usage: Usage, how: Presentation, paper: Paper) -> str:
    """₹25.65, empty where cost is hidden."""
    if how.price is None:
        return ""
    return money(cost_of(usage.total, how.price), how.currency, ascii_only=paper.ascii_only)


def against_usual(total: int, usual: int) -> str:
    """How ``total`` compares with the usual bytes (above 0): "18 % more than usual"."""
    if total >= 2 * usual:
        times = total / usual
        return f"{times:.1f} times the usual" if times < 100 else "over 100 times the usual"
    share = abs(total - usual) / usual
    if share < 0.05:
        return "about as usual"
    return f"{percent(share)} {'more' if total > usual else 'less'} than usual"
