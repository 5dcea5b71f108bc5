"""The speed now: one line a second, and the few lines of bare ``pb``."""

from collections.abc import Sequence

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.charts import sparkline
from packetbuddy.cli.render.drawing import aligned, fitted, marks, paint, width, wrapped
from packetbuddy.cli.render.glance import plan_rows
from packetbuddy.cli.render.words import against_usual, cost_words, moment, weekday_of
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Days, Health, Live, Today
from packetbuddy.reports.plans import NO_PLANS, Plans
from packetbuddy.reports.quantities import short, speed

WITH_CLOCK = 50
"""Columns from which a line of live speed has room for the time of day."""
FIGURE = 13
"""Columns of the widest usual speed: "1023 KiB/s", "999 Mbit/s", with some air."""


def live_line(live: Live, totals: Sequence[float], how: Presentation, paper: Paper) -> str:
    """One line: the time, both speeds in their colours, and the last ``totals`` as a sparkline on what room is left."""
    sign = marks(paper)
    clock = f"{live.at:%H:%M:%S}  " if paper.columns >= WITH_CLOCK else ""
    down = sign.down + fitted(speed(live.received, how.units, how.speed), FIGURE - 1, right=True)
    up = sign.up + fitted(speed(live.sent, how.units, how.speed), FIGURE - 1, right=True)
    if not sign.down:
        down, up = f"down {down}", f"up {up}"
    room = paper.columns - width(clock) - width(down) - width(up) - 4
    line = f"{clock}{paint(paper, down, 'download')}  {paint(paper, up, 'upload')}"
    return f"{line}  {sparkline(totals, room, paper)}".rstrip()


def live_lines(live: Live, how: Presentation, paper: Paper) -> list[str]:
    """One measurement: both speeds with their words."""
    sign = marks(paper)
    lines = [
        f"{paint(paper, fitted(sign.down + 'Download', 12), 'download')}{speed(live.received, how.units, how.speed)}",
        f"{paint(paper, fitted(sign.up + 'Upload', 12), 'upload')}{speed(live.sent, how.units, how.speed)}",
    ]
    if not live.interfaces:
        return [*lines, *wrapped("No interface counts at the moment; `pb interfaces` says why.", paper.columns)]
    return lines


def overview_lines(
    answers: tuple[Today, Days, Live, Health],
    how: Presentation,
    paper: Paper,
    *,
    plans: Plans = NO_PLANS,
    dashboard: str = "",
    now: str = "Now",
) -> list[str]:
    """Bare ``pb``: today, this month, plans, the speed now, the service, the dashboard; one line each where it fits."""
    today, month, live, health = answers
    rows = [
        ("Today", today_words(today, how, paper)),
        ("This month", _joined([short(month.summary.total, how.units), cost_words(month.summary, how, paper)], paper)),
        *plan_rows(plans, how, paper),
        (now, _now(live, how, paper)),
        ("Service", service_words(health)),
        *([("Dashboard", dashboard)] if dashboard and health.state == "running" else []),
    ]
    trouble = wrapped(f"{marks(paper).no} {health.problem}", paper.columns) if health.problem else []
    return [*aligned(rows, 12, paper), *trouble]


def today_words(today: Today, how: Presentation, paper: Paper) -> str:
    """Total, cost, and whether that is usual."""
    total = short(today.usage.total, how.units)
    words = _joined([total, cost_words(today.usage, how, paper)], paper)
    if not today.usual_bytes:
        return words
    sentence = against_usual(today.usage.total, today.usual_bytes)
    return _joined([words, f"{sentence} for a {weekday_of(today.date)}"], paper)


def _now(live: Live, how: Presentation, paper: Paper) -> str:
    sign = marks(paper)
    down = f"{sign.down}{speed(live.received, how.units, how.speed)} down"
    return _joined([down, f"{sign.up}{speed(live.sent, how.units, how.speed)} up"], paper)


def _joined(parts: Sequence[str], paper: Paper) -> str:
    return marks(paper).dot.join(part for part in parts if part)


def service_words(health: Health) -> str:
    """Whether the service counts, and since when."""
    if health.state == "running":
        since = "" if health.started_at is None else f" since {moment(health.started_at)}"
        return f"counting{since}"
    last = "" if health.last_write is None else f"; last written {moment(health.last_write)}"
    if health.state == "stale":
        return f"not writing{last}; `pb service restart` starts it anew"
    return f"stopped{last}; `pb service start` starts it"
