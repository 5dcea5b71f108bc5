"""Devices and the synchronisation, as lines."""

from collections.abc import Sequence
from datetime import datetime

from packetbuddy.answers.devices import LATE_NS, age
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import aligned, fitted, marks, paint, plain, width, wrapped
from packetbuddy.cli.render.words import moment
from packetbuddy.metering.readings import SECOND
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import DeviceRow, SyncReport
from packetbuddy.reports.quantities import short

LONGEST_NAME = 20
FIGURE_COLUMNS = 15
"""Mark, figure and the gaps beside a name."""
ALONE = "Only this device is known. `pb sync status` says whether others can be."


def devices_lines(rows: Sequence[DeviceRow], how: Presentation, paper: Paper, *, now_ns: int) -> list[str]:
    """A line for each device: its name, what it moved in all, and how old that is."""
    columns = min(LONGEST_NAME, max(width(plain(row.name, paper)) for row in rows))
    lines = [line for row in rows for line in _device(row, columns, how, paper, now_ns)]
    return lines if len(rows) > 1 else [*lines, *wrapped(ALONE, paper.columns)]


def _device(row: DeviceRow, columns: int, how: Presentation, paper: Paper, now_ns: int) -> list[str]:
    sign, old = marks(paper), _age_ns(row.last_seen, now_ns)
    away = row.retired or (not row.this and (old is None or old > LATE_NS))
    mark = paint(paper, sign.no if away else sign.yes, "soft" if away else "good")
    name = paint(paper, fitted(plain(row.name, paper), columns), "strong")
    head = f"{mark} {name}  {short(row.usage.total, how.units):>9}"
    about = sign.dot.join(part for part in (plain(row.os, paper), _seen(row, old), _accounts(row)) if part)
    refused = wrapped(plain(row.refused, paper), paper.columns, "    ") if row.refused else []
    if columns + FIGURE_COLUMNS + len(about) > paper.columns:
        return [head, *(paint(paper, each, "soft") for each in wrapped(about, paper.columns, "    ")), *refused]
    return [f"{head}  {about}", *refused]


def _seen(row: DeviceRow, old: int | None) -> str:
    if row.this:
        return "this device"
    if row.retired:
        return "retired"
    return "never heard of" if old is None else f"{age(old)} old" if old > LATE_NS else f"heard of {age(old)} ago"


def _accounts(row: DeviceRow) -> str:
    return f"{row.accounts} accounts" if row.accounts > 1 else ""


def _age_ns(at: datetime | None, now_ns: int) -> int | None:
    return None if at is None else now_ns - int(at.timestamp()) * SECOND


def sync_lines(report: SyncReport, paper: Paper, *, now_ns: int) -> list[str]:
    """How it stands, in a few lines."""
    heads = {
        "off": "Sync is off: no database is known." if report.database is None else "Sync is switched off.",
        "waiting": "Sync is on and has not run yet.",
        "ok": "Sync works.",
        "failing": "Sync does not work now; everything is kept and taken up later.",
    }
    rows = [("Database", report.database or ""), *_times(report, now_ns)]
    if report.devices:
        rows.append(("Devices", str(report.devices)))
    lines = [*wrapped(heads[report.state], paper.columns), *aligned([row for row in rows if row[1]], 14, paper)]
    if report.problem:
        lines += wrapped(f"{marks(paper).no} {plain(report.problem, paper)}", paper.columns)
    if report.state == "off":
        missing = "sync.enabled auto" if report.database else "sync.url"
        lines += wrapped(f"`pb config set {missing}` switches it on.", paper.columns)
    return lines


def _times(report: SyncReport, now_ns: int) -> list[tuple[str, str]]:
    rows = []
    if report.last_success is not None:
        rows.append(
            ("Last success", f"{moment(report.last_success)} ({age(_age_ns(report.last_success, now_ns) or 0)} ago)")
        )
    if report.last_try is not None and report.last_try != report.last_success:
        rows.append(("Last try", moment(report.last_try)))
    return rows
