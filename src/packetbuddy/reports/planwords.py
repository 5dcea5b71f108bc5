"""What a plan's figures mean, in sentences: the same in the terminal, on the page and in a notification. Pure."""

from collections.abc import Iterator
from datetime import date

from packetbuddy.reports.plans import Gauge, PlanRow
from packetbuddy.reports.quantities import rough, short


def day_words(day: date) -> str:
    """Mon 30 Nov."""
    return f"{day:%a} {day.day} {day:%b}"


def used_words(gauge: Gauge, units: str) -> str:
    """42.1 GB of 100 GB; without a cap only what is used."""
    used = short(gauge.used, units)
    return used if gauge.allowance is None else f"{used} of {short(gauge.allowance, units)}"


def left_words(gauge: Gauge) -> str:
    """8 days left; "last day" on the last one; empty without an end."""
    if gauge.days_left is None:
        return ""
    return "last day" if gauge.days_left == 1 else f"{gauge.days_left} days left"


def advice_words(gauge: Gauge, units: str) -> str:
    """Stay under 3.1 GB a day; empty where there is no such figure."""
    if not gauge.advice:
        return ""
    return f"stay under {rough(gauge.advice, units)} {'today' if gauge.days_left == 1 else 'a day'}"


def forecast_words(row: PlanRow, units: str) -> str:
    """61.0 GB (52 to 70 GB in 8 of 10 cases); empty without a forecast."""
    if row.forecast is None:
        return ""
    from packetbuddy.billing.forecast import HOLDS  # noqa: PLC0415 - `pb today` tells of no forecast

    low, expected, high = (rough(each, units) for each in row.forecast)
    return f"{expected} ({low} to {high} in {HOLDS * 10:.0f} of 10 cases)"


def meaning(row: PlanRow, units: str) -> str:
    """One or two sentences that say what to do."""
    parts = [part for part in _meaning(row, units) if part]
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def _meaning(row: PlanRow, units: str) -> Iterator[str]:
    gauge = row.gauge
    if row.state == "not_begun":
        yield f"begins on {day_words(gauge.start)}"
    elif row.state == "over":
        yield from _over(gauge, units)
    else:
        yield _rate(row)
        yield advice_words(gauge, units)


def _over(gauge: Gauge, units: str) -> Iterator[str]:
    beyond = gauge.used - (gauge.allowance or 0)
    yield f"nothing is left: {short(beyond, units)} beyond it" if beyond else "nothing is left"
    if gauge.end is not None:
        yield f"a new cycle begins after {day_words(gauge.end)}"


def _rate(row: PlanRow) -> str:
    """Where it goes at this rate."""
    gauge = row.gauge
    if row.state == "early":
        return "too early for a forecast"
    if row.state == "running":
        return "at this rate it lasts for a year or more" if row.reached is None else _until(row.reached)
    if row.forecast is None or gauge.end is None or not gauge.allowance:
        return ""
    share = f"at this rate {round(100 * row.forecast.expected / gauge.allowance)} % by {day_words(gauge.end)}"
    return share if row.reached is None else f"{share}, used up on {day_words(row.reached)}"


def _until(reached: date) -> str:
    return f"at this rate it lasts until {day_words(reached)} {reached.year}"
