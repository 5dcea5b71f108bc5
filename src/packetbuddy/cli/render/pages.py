"""Days, groups and the summary, as lines."""

from datetime import date, datetime, timedelta

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.charts import Row, chart
from packetbuddy.cli.render.drawing import aligned, marks, paint, wrapped
from packetbuddy.cli.render.today import doubtful_parts, usage_box
from packetbuddy.cli.render.words import (
    MONTHS,
    cost_words,
    long_month,
    moment,
    percent,
    short_day,
    weekday_of,
)
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Days, Groups, Period, Summary, Usage
from packetbuddy.reports.quantities import short, speed


def days_lines(days: Days, how: Presentation, paper: Paper, *, title: str, today: date) -> list[str]:
    """A row per day with a bar, and their total."""
    head = [paint(paper, title, "strong")]
    if days.first > today:
        return [*head, "Nothing yet: this has not begun."]
    told = [day for day in days.days if day.usage != Usage()]
    if not told:
        return [*head, "Nothing was counted in that time."]
    long = days.first.replace(day=1) != days.last.replace(day=1)
    shown = [day for day in days.days if told[0].date <= day.date <= max(told[-1].date, min(today, days.last))]
    rows = [Row(_day_label(day.date, long=long), day.usage, day.date == today) for day in shown]
    lines = [*head, *chart(rows, Row("Total", days.summary), how, paper), *_about(days.summary, how, paper)]
    if told[0].date > days.first:
        lines += wrapped(f"Nothing was counted before {short_day(told[0].date)}.", paper.columns)
    return [*lines, *_to_come(days.last, today)]


def _to_come(last: date, today: date) -> list[str]:
    left = (last - today).days
    return [f"{left} day{'s' if left > 1 else ''} to come."] if left > 0 else []


def month_title(days: Days) -> str:
    """November 2026."""
    return long_month(days.first)


def range_title(days: Days) -> str:
    """Mon 2 Nov 2026 to Sun 8 Nov 2026."""
    return short_day(days.first) if days.first == days.last else f"{short_day(days.first)} to {short_day(days.last)}"


def groups_lines(groups: Groups, how: Presentation, paper: Paper, now: datetime) -> list[str]:
    """A row per group with a bar, from the first to the last with data."""
    title = paint(paper, f"Usage by {_GROUP_WORDS.get(groups.by, groups.by)}", "strong")
    if all(period.usage == Usage() for period in groups.groups):
        return [title, "Nothing was counted in that time."]
    told = [number for number, period in enumerate(groups.groups) if period.usage != Usage()]
    shown = groups.groups[told[0] : told[-1] + 1]
    rows = [Row(_group_label(groups.by, each), each.usage, each.start <= now < each.end) for each in shown]
    return [title, *chart(rows, Row("Total", groups.summary), how, paper), *_about(groups.summary, how, paper)]


def summary_lines(summary: Summary, how: Presentation, paper: Paper) -> list[str]:
    """Everything since tracking began."""
    since = "Since the beginning" if summary.first_day is None else f"Since {short_day(summary.first_day)}"
    lines = [paint(paper, since, "strong"), *usage_box(summary.usage, how, paper)]
    facts = [
        ("Days tracked", f"{summary.days_tracked:,}"),
        ("Average day", short(summary.average_daily_bytes, how.units)),
    ]
    if summary.usage.peak is not None:
        when = "" if summary.peak_at is None else f"{marks(paper).dot}{moment(summary.peak_at)}"
        facts.append(("Peak speed", speed(summary.usage.peak, how.units, how.speed) + when))
    if summary.usage.coverage is not None:
        facts.append(("Observed", f"{percent(summary.usage.coverage)} of the time{_since(summary)}"))
    facts.append(("Data points", f"{summary.data_points:,}"))
    if summary.last_update is not None:
        facts.append(("Last update", moment(summary.last_update)))
    lines += aligned(facts, 13, paper)
    if summary.usage.estimated:
        lines += wrapped(f"{short(summary.usage.estimated, how.units)} of it at estimated times.", paper.columns)
    return lines


def _since(summary: Summary) -> str:
    """Said where there is usage of before, taken over from other files."""
    began, first = summary.observed_since, summary.first_day
    return "" if began is None or first is None or began <= first else f" since {short_day(began)}"


_GROUP_WORDS = {"5min": "5 minutes"}


def _group_label(by: str, period: Period) -> str:
    start = period.start
    if by == "year":
        return str(start.year)
    if by == "month":
        return f"{MONTHS[start.month - 1][:3]} {start.year}"
    if by == "week":
        return f"{start.isocalendar().year}-W{start.isocalendar().week:02}"
    if by == "day":
        return _day_label(start.date(), long=True)
    if by == "cycle":
        return _cycle_label(start.date(), (period.end - timedelta(microseconds=1)).date())
    again = " again" if start.fold else ""
    return f"{weekday_of(start)[:3]} {start:%Y-%m-%d %H:%M}{again}"


def _cycle_label(first: date, last: date) -> str:
    """2026-11-10 to 12-09, with the second year where it is another, and a single day as such."""
    if first == last:
        return first.isoformat()
    return f"{first.isoformat()} to {last.isoformat() if first.year != last.year else f'{last:%m-%d}'}"


def _day_label(day: date, *, long: bool) -> str:
    return f"{weekday_of(day)[:3]} {day.isoformat()}" if long else f"{weekday_of(day)[:3]} {day.day:2}"


def _about(usage: Usage, how: Presentation, paper: Paper) -> list[str]:
    """Both directions and the cost of everything shown, then what is not certain."""
    sign = marks(paper)
    parts = [
        f"{sign.down}{short(usage.received, how.units)} downloaded",
        f"{sign.up}{short(usage.sent, how.units)} uploaded",
        *filter(None, [cost_words(usage, how, paper)]),
    ]
    return [*wrapped(sign.dot.join(parts), paper.columns), *doubtful_parts(usage, how, paper)]
