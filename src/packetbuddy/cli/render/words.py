"""Words of the command line: dates and shares as everywhere, money as the paper can hold it."""

from packetbuddy.billing.money import cost_of, money
from packetbuddy.cli.paper import Paper
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Usage
from packetbuddy.reports.words import MONTHS, WEEKDAYS, WHOLE, long_month, moment, percent, short_day, weekday_of

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "WHOLE",
    "against_usual",
    "cost_words",
    "long_month",
    "moment",
    "percent",
    "short_day",
    "weekday_of",
]


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
