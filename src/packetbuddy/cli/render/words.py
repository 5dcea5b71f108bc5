"""Words of the command line: dates and shares as everywhere, money as the paper can hold it."""

from decimal import Decimal

from packetbuddy.billing.money import Form, Price, cost_of, money, rate_text
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
    "money_words",
    "percent",
    "rate_words",
    "short_day",
    "weekday_of",
]


def cost_words(usage: Usage, how: Presentation, paper: Paper) -> str:
    """₹25.65, empty where cost is hidden."""
    if how.price is None:
        return ""
    return money_words(cost_of(usage.total, how.price), how.currency, paper)


def money_words(amount: Decimal, currency: str, paper: Paper) -> str:
    """₹25.65, as the reader's place writes money."""
    return money(amount, currency, _form(paper), ascii_only=paper.ascii_only)


def rate_words(price: Price, paper: Paper) -> str:
    """₹7.50 per GB."""
    return rate_text(price, _form(paper), ascii_only=paper.ascii_only)


def _form(paper: Paper) -> Form | None:
    if not paper.place:
        return None
    from packetbuddy.cli.render.places import form_for  # noqa: PLC0415 - only where a place is known

    return form_for(paper.place)


def against_usual(total: int, usual: int) -> str:
    """How ``total`` compares with the usual bytes (above 0): "18 % more than usual"."""
    if total >= 2 * usual:
        times = total / usual
        return f"{times:.1f} times the usual" if times < 100 else "over 100 times the usual"
    share = abs(total - usual) / usual
    if share < 0.05:
        return "about as usual"
    return f"{percent(share)} {'more' if total > usual else 'less'} than usual"
