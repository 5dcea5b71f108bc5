"""The JSON body of plans, for the API and ``--json``. Dates are ISO 8601; a cycle's ``end`` is its last day. Pure."""

from packetbuddy.reports.bodies import Body, Presentation, money_body
from packetbuddy.reports.plans import Gauge, PlanRow, Plans
from packetbuddy.reports.planwords import meaning
from packetbuddy.reports.quantities import amount


def plans_body(plans: Plans, how: Presentation) -> Body:
    """``date``, ``timezone`` and ``plans``, each with its cycle, what is used and left, and where it goes."""
    rows = [plan_body(row, how) for row in plans.rows]
    return {"date": plans.today.isoformat(), "timezone": plans.timezone, "plans": rows}


def plan_body(row: PlanRow, how: Presentation) -> Body:
    """One plan."""
    gauge, forecast = row.gauge, row.forecast
    return {
        "name": gauge.name,
        "state": row.state,
        "cap_bytes": gauge.cap,
        "carried_bytes": gauge.carried,
        "allowance_bytes": gauge.allowance,
        "cycle": _cycle(gauge),
        "used_bytes": gauge.used,
        "used_today_bytes": gauge.used_today,
        "already_used_bytes": gauge.already_used,
        "left_bytes": gauge.left,
        "percent": gauge.percent,
        "forecast": None if forecast is None else forecast._asdict(),
        "used_up_on": None if row.reached is None else row.reached.isoformat(),
        "course": [{"date": day.isoformat(), "used_bytes": used} for day, used in row.course],
        "advice_bytes_per_day": gauge.advice,
        "shares": [{"device": device, "used_bytes": used} for device, used in row.shares],
        "counted_since": None if gauge.counted_since is None else gauge.counted_since.isoformat(),
        "unknown_interfaces": [each._asdict() for each in gauge.unknown],
        "unknown_devices": list(gauge.unknown_devices),
        "coverage": None if gauge.coverage is None else round(gauge.coverage, 6),
        "cost": money_body(gauge.cost, how.currency),
        "human_readable": _words(row, how.units),
        "meaning": meaning(row, how.units),
    }


def _cycle(gauge: Gauge) -> Body:
    return {
        "start": gauge.start.isoformat(),
        "end": None if gauge.end is None else gauge.end.isoformat(),
        "days_left": gauge.days_left,
        "passed": None if gauge.passed is None else round(gauge.passed, 6),
    }


def _words(row: PlanRow, units: str) -> Body:
    gauge, forecast = row.gauge, row.forecast
    sizes = {
        "used": gauge.used,
        "left": gauge.left,
        "allowance": gauge.allowance,
        "advice": gauge.advice,
        "forecast": None if forecast is None else forecast.expected,
    }
    return {name: None if size is None else amount(size, units) for name, size in sizes.items()}
