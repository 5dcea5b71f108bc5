"""PURE: which alerts are due, and what must happen before another can be. Each key is told once, ever."""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from packetbuddy.billing.allowance import reached
from packetbuddy.billing.windows import Window, is_off_peak, minutes_to_change
from packetbuddy.reports.plans import PlanRow
from packetbuddy.reports.planwords import left_words, meaning, percent_words, used_words
from packetbuddy.reports.quantities import short
from packetbuddy.settings.model import Plan
from packetbuddy.storage.alerting import Fresh
from packetbuddy.storage.trips import Trip

MOST_A_BYTE_ADDS = 4
"""By so many bytes at most a byte more raises the forecast: itself, and what the average makes of it."""
SURE_DAYS = 3
"""So many days of the cycle make a forecast worth a message; before, only one whose whole range is beyond the cap."""
LEAST_SHARE = 100
"""The forecast is looked at again after a hundredth of the allowance at the earliest."""


class Situation(NamedTuple):
    """A plan, how it stands, the minute of the local day, and how its quantities are written."""

    plan: Plan
    row: PlanRow
    minute: int
    units: str


class DayOf(NamedTuple):
    """The running day, its bytes, and from how many it is far outside the usual (``None``: unknown)."""

    day: date
    moved: int
    unusual_from: int | None


def due(now: Situation, told: Collection[str]) -> Iterator[Fresh]:
    """Alerts of one plan: the highest percentage that was passed, and a forecast that crosses the cap."""
    gauge, row = now.row.gauge, now.row
    if gauge.allowance is None or not gauge.begun:
        return
    passed = [percent for percent in now.plan.alerts if gauge.used >= reached(gauge.allowance, percent)]
    news = [percent for percent in passed if _key(now, str(percent)) not in told]
    if news:
        covered = [_key(now, str(percent)) for percent in news[:-1]]
        if row.state in {"fast", "over"} and _key(now, "forecast") not in told:
            covered.append(_key(now, "forecast"))
        title = f"{gauge.name}: {percent_words(gauge.percent or 0)} used"
        yield Fresh(_key(now, str(news[-1])), title, _message(now), tuple(covered))
    elif row.forecast is not None and _is_heading_beyond(row) and _key(now, "forecast") not in told:
        share = percent_words(round(100 * row.forecast.expected / gauge.allowance))
        yield Fresh(_key(now, "forecast"), f"{gauge.name}: heading for {share}", _message(now))


def unusual(today: DayOf, told: Collection[str], units: str) -> Iterator[Fresh]:
    """The alert of a day that is far outside the usual."""
    key = f"day {today.day.isoformat()}"
    if today.unusual_from is not None and today.moved >= today.unusual_from and key not in told:
        message = f"Already {short(today.moved, units)} today, far more than on any day lately. See: pb why today"
        yield Fresh(key, "An unusual day", message)


def trips(now: Situation, told: Collection[str]) -> Iterator[Trip]:
    """How many more bytes on the plan's links could make an alert due. Never too many, perhaps too few."""
    gauge, row = now.row.gauge, now.row
    if gauge.allowance is None or not gauge.begun:
        return
    ahead = [reached(gauge.allowance, percent) - gauge.used for percent in now.plan.alerts]
    wanted = [size for size in ahead if size > 0]
    if row.state in {"on_pace", "early"} and row.forecast is not None and _key(now, "forecast") not in told:
        slack = (gauge.allowance - row.forecast.expected) // MOST_A_BYTE_ADDS
        wanted.append(max(slack, gauge.allowance // LEAST_SHARE))
    weight = _weight(now)
    if wanted and weight:
        yield Trip(now.plan.interfaces or (), max(1, int(min(wanted) / weight)))


def unusual_trip(today: DayOf, told: Collection[str]) -> Iterator[Trip]:
    """The same for an unusual day."""
    if today.unusual_from is not None and f"day {today.day.isoformat()}" not in told:
        yield Trip((), max(1, today.unusual_from - today.moved))


def minutes_to_look(now: Situation) -> int | None:
    """Minutes until a byte of this plan counts otherwise than now; ``None``: never."""
    return minutes_to_change([Window(*window) for window in now.plan.off_peak], now.minute)


def _is_heading_beyond(row: PlanRow) -> bool:
    if row.state != "fast" or row.forecast is None or row.gauge.allowance is None:
        return False
    return len(row.course) >= SURE_DAYS or row.forecast.low > row.gauge.allowance


def _weight(now: Situation) -> Decimal:
    """How much of a byte counts now."""
    windows = [Window(*window) for window in now.plan.off_peak]
    return now.plan.off_peak_counts if is_off_peak(windows, now.minute) else Decimal(1)


def _message(now: Situation) -> str:
    gauge = now.row.gauge
    left = left_words(gauge)
    return f"{used_words(gauge, now.units)} used{f', {left}' if left else ''}. {meaning(now.row, now.units)}".strip()


def _key(now: Situation, occasion: str) -> str:
    """Plan, terms, cycle and occasion. Other terms are another plan: everything may be told again."""
    plan = now.plan
    terms = (plan.cap, plan.cycle, plan.interfaces, plan.devices, plan.off_peak, plan.off_peak_counts_text)
    text = repr((plan.name, *map(str, terms), plan.rollover, plan.already_used))
    return f"{blake2b(text.encode(), digest_size=8).hexdigest()} {now.row.gauge.start.isoformat()} {occasion}"
