"""The parts of a report as plain values, shared by the formats that nest: JSON and the official TOON."""

from packetbuddy.reports.bodies import Body, Presentation, usage_body
from packetbuddy.reports.history import History, Stretch
from packetbuddy.reports.model import Day
from packetbuddy.reports.quantities import amount, speed
from packetbuddy.reports.words import whole_month

SCHEMA = 1
"""Rises when a key changes its meaning."""


def head(history: History, how: Presentation) -> Body:
    """Everything but the days."""
    return {
        "meta": meta(history, how),
        "tracking": tracking(history),
        "totals": usage_body(history.total.usage, how),
        "averages": averages(history, how),
        "peaks": peaks(history, how),
        "years": [{"year": each.first.year, **stretch(each, how)} for each in history.years],
        "months": [{"month": whole_month(each.first), **stretch(each, how)} for each in history.months],
    }


def meta(history: History, how: Presentation) -> Body:
    """Who made this, of what, and how quantities are written in it."""
    origin = history.origin
    return {
        "generator": "PacketBuddy",
        "version": origin.version,
        "schema": SCHEMA,
        "made_at": origin.made_at.isoformat(),
        "device": origin.device,
        "interface": origin.interface,
        "timezone": origin.timezone,
        "units": how.units,
    }


def tracking(history: History) -> Body:
    """From when to when, and how much of it was observed."""
    total, some = history.total, bool(history.months)
    return {
        "first_day": total.first.isoformat() if some else None,
        "last_day": total.last.isoformat() if some else None,
        "days_tracked": total.tracked,
        "coverage": usage_body(total.usage, how=Presentation())["coverage"],
    }


def averages(history: History, how: Presentation) -> Body:
    """Bytes of an average tracked day."""
    usage, days = history.total.usage, max(1, history.total.tracked)
    parts = {"sent": usage.sent // days, "received": usage.received // days, "total": usage.total // days}
    return {
        **{f"daily_{name}_bytes": count for name, count in parts.items()},
        "human_readable": {name: amount(count, how.units) for name, count in parts.items()},
    }


def peaks(history: History, how: Presentation) -> Body:
    """The highest recorded speed and the day with the most bytes."""
    peak, at, busiest = history.records
    return {
        "peak_speed": peak,
        "peak_speed_human": None if peak is None else speed(peak, how.units, how.speed),
        "peak_speed_at": None if at is None else at.isoformat(),
        "busiest_day": busiest and day(busiest, how),
    }


def stretch(part: Stretch, how: Presentation) -> Body:
    """A month or a year, and how many days of it were tracked."""
    return {"days": part.tracked, **usage_body(part.usage, how)}


def day(each: Day, how: Presentation) -> Body:
    """One day; what it cost is left to the sums, since a price is only a factor."""
    return {"date": each.date.isoformat(), **usage_body(each.usage, how.free)}
