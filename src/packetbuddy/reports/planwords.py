"""What a plan's figures mean, in sentences: the same in the terminal, on the page and in a notification. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date

from packetbuddy.reports.plans import Gauge, PlanRow
from packetbuddy.reports.quantities import rough, short
from packetbuddy.reports.words import capitalised, short_day

FAR_DAYS = 180
"""From so many days away a day is said with its year."""


def day_words(day: date, today: date) -> str:
    """Mon 30 Nov; far from today Tue 30 Nov 2027."""
    words = short_day(day)
    return words if abs((day - today).days) > FAR_DAYS else words.rpartition(" ")[0]


def percent_words(percent: float) -> str:
    """76.4 %, 115 %, 4,900 %: with a decimal only below a thousand, and only where it is one."""
    return f"{percent:,.0f} %" if percent >= 1000 or percent == int(percent) else f"{percent:.1f} %"


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
    return sentences(part for part in _meaning(row, units) if part)


def sentences(parts: Iterable[str]) -> str:
    """Each with a capital and its stop."""
    return " ".join(f"{capitalised(part)}{'' if part.endswith('?') else '.'}" for part in parts)


def _meaning(row: PlanRow, units: str) -> Iterator[str]:
    gauge = row.gauge
    if row.state == "not_begun":
        yield f"begins on {day_words(gauge.start, gauge.today)}"
    elif row.state == "over":
        yield from _over(gauge, units)
    elif row.state != "unknown":
        yield _rate(row)
        yield advice_words(gauge, units)
    yield from notes(gauge)


def notes(gauge: Gauge) -> Iterator[str]:
    """What the figures do not know, each with what to do about it."""
    yield from unknown_notes(gauge)
    if gauge.counted_since is not None:
        began = day_words(gauge.counted_since, gauge.today)
        yield f"counting began on {began}: `pb plan set already_used SIZE` adds what was used until then"


def unknown_notes(gauge: Gauge) -> Iterator[str]:
    """Interfaces of the plan that do not exist, and devices that are not known."""
    for name, close in gauge.unknown:
        yield f"no interface {name} is known: {f'did you mean {close}?' if close else '`pb interfaces` shows all'}"
    for name in gauge.unknown_devices:
        yield f"no one device is called {name}, so it is left out: `pb devices` shows all"


def _over(gauge: Gauge, units: str) -> Iterator[str]:
    beyond = gauge.used - (gauge.allowance or 0)
    yield f"nothing is left: {short(beyond, units)} beyond it" if beyond else "nothing is left"
    if gauge.end is not None:
        yield f"a new cycle begins after {day_words(gauge.end, gauge.today)}"


def _rate(row: PlanRow) -> str:
    """Where it goes at this rate."""
    gauge = row.gauge
    if row.state == "early":
        return "too early for a forecast"
    if row.state == "running":
        return f"at this rate it lasts {'for a year or more' if row.reached is None else _until(row)}"
    if row.forecast is None or gauge.end is None or not gauge.allowance:
        return ""
    share = percent_words(round(100 * row.forecast.expected / gauge.allowance))
    words = f"at this rate {share} by {day_words(gauge.end, gauge.today)}"
    return words if row.reached is None else f"{words}, used up on {day_words(row.reached, gauge.today)}"


def _until(row: PlanRow) -> str:
    return "" if row.reached is None else f"until {short_day(row.reached)}"
