"""The JSON bodies of the API and of ``--json``: plain dicts with byte counts, words and money side by side. Pure.

Instants are ISO 8601 with the offset of the answer's zone, dates are ISO 8601. The same question has the same body
in both places. ``cost`` is absent where the price is 0.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from packetbuddy.billing.money import Price, cost_of, money
from packetbuddy.reports.model import (
    CorrectionRow,
    Costs,
    Day,
    Days,
    DoubtRow,
    Groups,
    Health,
    Heatmap,
    ImportRow,
    InterfaceRow,
    Live,
    Period,
    Speed,
    Summary,
    Today,
    Usage,
    Why,
)
from packetbuddy.reports.quantities import amount, share
from packetbuddy.reports.quantities import speed as speed_text

Body = dict[str, object]


class Presentation(NamedTuple):
    """How the reader wants quantities: from the settings ``[display]`` and ``[cost]``; a ``rate`` of 0 hides cost."""

    units: str = "decimal"
    speed: str = "bytes"
    rate: Decimal = Decimal(0)
    currency: str = "INR"
    unit: str = "GB"

    @property
    def price(self) -> Price | None:
        """The price, ``None`` where the rate is 0 and cost is hidden."""
        return Price(self.rate, self.currency, self.unit) if self.rate else None

    @property
    def free(self) -> "Presentation":
        """The same without cost."""
        return self._replace(rate=Decimal(0))


def usage_body(usage: Usage, how: Presentation) -> Body:
    """*usage*: bytes, words, cost, peak, coverage, estimates."""
    body: Body = {
        "bytes_sent": usage.sent,
        "bytes_received": usage.received,
        "total_bytes": usage.total,
        "human_readable": {
            "sent": amount(usage.sent, how.units),
            "received": amount(usage.received, how.units),
            "total": amount(usage.total, how.units),
        },
        "peak_speed": usage.peak,
        "coverage": None if usage.coverage is None else share(usage.coverage),
        "estimated_bytes": usage.estimated,
    }
    return body if how.price is None else {**body, "cost": _cost(usage, how.price)}


def today_body(today: Today, how: Presentation) -> Body:
    """*usage* with ``date``, ``timezone`` and ``usual_bytes``."""
    named: Body = {"date": today.date.isoformat(), "timezone": today.timezone}
    return {**named, **usage_body(today.usage, how), "usual_bytes": today.usual_bytes, **_all(today.all_devices, how)}


def month_body(days: Days, how: Presentation) -> Body:
    """``month``, ``days`` and their ``summary``."""
    return {"month": f"{days.first.year:04}-{days.first.month:02}", **_days(days, how)}


def day_body(day: Day, how: Presentation) -> Body:
    """*usage* with its ``date``."""
    return {"date": day.date.isoformat(), **usage_body(day.usage, how)}


def range_body(days: Days, how: Presentation) -> Body:
    """``from`` and ``to``, both included, ``days`` and their ``summary``."""
    return {"from": days.first.isoformat(), "to": days.last.isoformat(), **_days(days, how)}


def groups_body(groups: Groups, how: Presentation) -> Body:
    """``by``, ``groups`` with ``start`` and ``end`` (exclusive), ``summary``."""
    rows = [period_body(period, how) for period in groups.groups]
    return {"by": groups.by, "groups": rows, "summary": usage_body(groups.summary, how)}


def period_body(period: Period, how: Presentation) -> Body:
    """*usage* with ``start`` and ``end`` (exclusive)."""
    return {"start": period.start.isoformat(), "end": period.end.isoformat(), **usage_body(period.usage, how)}


def summary_body(summary: Summary, how: Presentation) -> Body:
    """*usage* of everything, and what is known about the tracking itself."""
    return {
        **usage_body(summary.usage, how),
        "first_day": None if summary.first_day is None else summary.first_day.isoformat(),
        "observed_since": None if summary.observed_since is None else summary.observed_since.isoformat(),
        "days_tracked": summary.days_tracked,
        "average_daily_bytes": summary.average_daily_bytes,
        "peak_speed_at": instant_text(summary.peak_at),
        "data_points": summary.data_points,
        "last_update": instant_text(summary.last_update),
        "active_devices": summary.active_devices,
        **_all(summary.all_devices, how),
    }


def live_body(live: Live, how: Presentation) -> Body:
    """Speeds of the counted interfaces together, and of each."""
    together = Speed("", live.sent, live.received)
    return {
        "at": live.at.isoformat(timespec="milliseconds"),
        **_speeds(together),
        "human_readable": {
            "sent": speed_text(live.sent, how.units, how.speed),
            "received": speed_text(live.received, how.units, how.speed),
            "total": speed_text(live.total, how.units, how.speed),
        },
        "interfaces": [{"name": each.interface, **_speeds(each)} for each in live.interfaces],
        "measured_seconds": round(live.measured_seconds, 3),
    }


def interfaces_body(rows: tuple[InterfaceRow, ...]) -> Body:
    """Every interface, counted or not, and why."""
    return {"interfaces": [_interface(row) for row in rows]}


def why_body(why: Why, how: Presentation) -> Body:
    """How a day's number came about; *usage* at the top level, as in ``today``."""
    return {
        "date": why.date.isoformat(),
        "timezone": why.timezone,
        **usage_body(why.usage, how),
        "pending_bytes": why.pending_bytes,
        "interfaces": [_interface(row) for row in why.interfaces],
        "events": [
            {"at": event.at.isoformat(), "kind": event.kind, "interface": event.interface, "detail": event.detail}
            for event in why.events
        ],
        "gaps": [{"start": gap.start.isoformat(), "end": gap.end.isoformat()} for gap in why.gaps],
        "doubts": [doubt_body(doubt) for doubt in why.doubts],
        "corrections": [correction_body(correction) for correction in why.corrections],
        "imports": [import_body(each) for each in why.imports],
    }


def doubt_body(doubt: DoubtRow) -> Body:
    """A change that was not believed, and what became of it."""
    return {
        "number": doubt.number,
        "start": doubt.start.isoformat(),
        "at": doubt.at.isoformat(),
        "interface": doubt.interface,
        "bytes_sent": doubt.sent,
        "bytes_received": doubt.received,
        "reason": doubt.reason,
        "state": doubt.state,
    }


def correction_body(correction: CorrectionRow) -> Body:
    """A correction: the signed change it made, why, and whether it was undone."""
    return {
        "number": correction.number,
        "date": correction.date.isoformat(),
        "bytes_sent": correction.sent,
        "bytes_received": correction.received,
        "reason": correction.reason,
        "made_at": correction.made_at.isoformat(),
        "undone_at": instant_text(correction.undone_at),
    }


def import_body(row: ImportRow) -> Body:
    """An import: what the file was, what came of it, and whether it was undone."""
    return {
        "number": row.number,
        "kind": row.kind,
        "about": row.about,
        "file": row.file,
        "zone": row.zone,
        "bytes_sent": row.sent,
        "bytes_received": row.received,
        "made_at": row.made_at.isoformat(),
        "undone_at": instant_text(row.undone_at),
    }


def health_body(health: Health) -> Body:
    """State of the ledger as a reader finds it."""
    return {
        "state": health.state,
        "version": health.version,
        "started_at": instant_text(health.started_at),
        "last_write": instant_text(health.last_write),
        "problem": health.problem,
    }


def heatmap_body(heatmap: Heatmap) -> Body:
    """``from`` and ``to``, both included, and 168 ``cells`` of weekday (0 is Monday), hour and bytes."""
    cells = [list(cell) for cell in heatmap.cells]
    return {"from": heatmap.first.isoformat(), "to": heatmap.last.isoformat(), "cells": cells}


def costs_body(costs: Costs, how: Presentation) -> Body:
    """The price, and what today, this month, everything and the plans' cycles cost; ``null`` where cost is hidden."""
    price = how.price
    told = {"today": costs.today, "month": costs.month, "lifetime": costs.lifetime}
    return {
        "rate_per_gb": float(how.rate),
        "unit": how.unit,
        "currency": how.currency,
        **{name: price and _cost(usage, price) for name, usage in told.items()},
        "plans": [{"name": name, "cycle": money_body(cost, how.currency)} for name, cost in costs.plans],
    }


def _all(usage: Usage | None, how: Presentation) -> Body:
    return {} if usage is None else {"all_devices": usage_body(usage, how)}


def _days(days: Days, how: Presentation) -> Body:
    return {"days": [day_body(day, how) for day in days.days], "summary": usage_body(days.summary, how)}


def _cost(usage: Usage, price: Price) -> Body:
    return {
        "total": _priced(usage.total, price),
        "upload": _priced(usage.sent, price),
        "download": _priced(usage.received, price),
        "rate_per_gb": float(price.rate),
        "currency": price.currency,
    }


def _priced(count: int, price: Price) -> Body | None:
    return money_body(cost_of(count, price), price.currency)


def money_body(cost: Decimal | None, currency: str) -> Body | None:
    """An amount for programs and for people; ``null`` where there is none."""
    return None if cost is None else {"cost": float(cost), "cost_formatted": money(cost, currency)}


def _speeds(speed: Speed) -> Body:
    return {
        "bytes_sent_per_second": round(speed.sent),
        "bytes_received_per_second": round(speed.received),
        "total_bytes_per_second": round(speed.sent + speed.received),
    }


def _interface(row: InterfaceRow) -> Body:
    return {
        "name": row.name,
        "kind": row.kind,
        "present": row.present,
        "counted": row.counted,
        "reason": row.reason,
        "uncertain": row.uncertain,
        "bytes_sent": row.sent,
        "bytes_received": row.received,
        "counted_bytes": row.counted_bytes,
    }


def instant_text(at: datetime | None) -> str | None:
    """ISO 8601 with an offset."""
    return None if at is None else at.isoformat()
