"""The chapters of the year, from its one number to its hours. Each reads without the others, or is left out."""

from collections.abc import Iterator
from datetime import date

from packetbuddy.exports import drawing, story
from packetbuddy.exports.drawing import Bar, Shades
from packetbuddy.exports.pieces import chapter, direction, quantity, table
from packetbuddy.exports.template import Markup, fill, joined
from packetbuddy.exports.things import amounts_to, stacked
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import Stretch, Wrapup
from packetbuddy.reports.model import Day, Period
from packetbuddy.reports.quantities import short, speed
from packetbuddy.reports.words import MONTHS, counted, long_month, percent, weekday_of

TIMES = ("night", "morning", "afternoon", "evening")
"""By quarters of the day."""
NEARLY_ALL = 0.98
"""What is missing from so much does not change what is said of all, in whole percents."""
FAIR_DAYS = 28
"""A year of which fewer days are known is nothing to compare with: its weekdays do not weigh the same."""


def opening(wrapup: Wrapup, how: Presentation) -> Markup:
    """The year's one number."""
    usage = wrapup.total.usage
    if not usage.total:
        return _silence(wrapup)
    return fill(
        "opening",
        whose=_whose(wrapup),
        title=_title(wrapup),
        total=quantity(usage.total, how),
        received=direction("down", usage.received, how),
        sent=direction("up", usage.sent, how),
        lead=_lead(wrapup, how),
    )


def comparisons(wrapup: Wrapup, _how: Presentation) -> Markup | None:
    """What that is, in one or two things people know."""
    total = wrapup.total.usage.total
    found = [amounts_to(total), stacked(total)]
    facts = joined(fill("comparison", figure=each.figure, words=each.words) for each in found if each)
    return chapter("what", "That is about", fill("comparisons", facts=facts)) if total else None


def calendar(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """The year as a calendar of days."""
    if not wrapup.days:
        return None
    days = {day.date: day for day in wrapup.days}
    scale = drawing.shades(day.usage.total for day in wrapup.days)
    firsts = (date(wrapup.year, number, 1) for number in range(1, 13))
    months_ = joined(drawing.month(first, days, scale, how.units) for first in firsts)
    legend = joined(_legend(wrapup, scale, how))
    title = "Every day of it" if len(days) > 300 else f"{counted(len(days), 'day')} of it"
    return chapter("days", title, fill("calendar", months=months_, legend=legend))


def months(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """The month that stood out, and all of them."""
    best = story.best_month(wrapup)
    if best is None or len(wrapup.months) < 2:
        return None
    rows = [_month_bar(each, how) for each in wrapup.months]
    share = percent(best.usage.total / max(1, wrapup.total.usage.total))
    table = _month_table(wrapup, how)
    body = fill(
        "stood-out",
        name=MONTHS[best.first.month - 1],
        figure=quantity(best.usage.total, how),
        words=f"The month with the most: {share} of the year.{_unfinished(wrapup)}",
        height=210,
        label="Usage of each month; the table below has the figures.",
        bars=drawing.bars(rows, 210, how.units),
    )
    return chapter("month", "The month that stood out", joined([body, table]))


def evening(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """The day that stood out, hour by hour where those are known."""
    busiest = wrapup.records.busiest
    if busiest is None:
        return None
    if drawing.is_guess(busiest.usage):
        return _day_alone(busiest, wrapup, how)
    top = max(wrapup.evening, key=lambda each: each.usage.total)
    name = f"{weekday_of(busiest.date)}, {_day_name(busiest.date)}"
    body = fill(
        "stood-out",
        name=name,
        figure=quantity(busiest.usage.total, how),
        words=f"{_beside_average(busiest, wrapup)}Fullest between {_hour(top)}: {short(top.usage.total, how.units)}.",
        height=180,
        label=f"Usage of each hour of {name}. Most between {_hour(top)}.",
        bars=drawing.bars([_hour_bar(each, how) for each in wrapup.evening], 180, how.units),
    )
    return chapter("day", f"The {TIMES[top.start.hour // 6]} that stood out", body)


def _day_alone(busiest: Day, wrapup: Wrapup, how: Presentation) -> Markup:
    name = f"{weekday_of(busiest.date)}, {_day_name(busiest.date)}"
    words = f"{_beside_average(busiest, wrapup)}The hours of that day are not known."
    body = fill("stood-out-alone", name=name, figure=quantity(busiest.usage.total, how), words=words)
    return chapter("day", "The day that stood out", body)


def hours(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """Your hours, where they are known of at least half of what moved."""
    timed, total = sum(cell.total for cell in wrapup.hours), wrapup.total.usage.total
    if not total or 2 * timed < total:
        return None
    name, between, share = story.part_of_day(wrapup.hours)
    fullest = story.fullest_hour(wrapup.hours)
    what = "everything" if timed >= NEARLY_ALL * total else "what has a known hour"
    body = fill(
        "hours",
        figure=name,
        words=f"{share} of {what} moved between {between}. The fullest hour of the week: {fullest}.",
        label=f"Usage by weekday and hour. Most on {fullest}.",
        cells=drawing.week(wrapup.hours, how.units),
    )
    return chapter("hours", "Your hours", body)


def _title(wrapup: Wrapup) -> str:
    return f"{wrapup.year} in data{', so far' if wrapup.running else ''}"


def _whose(wrapup: Wrapup) -> str:
    origin = wrapup.origin
    parts = (origin.device, None if origin.interface is None else f"only {origin.interface}")
    return "".join(f" · {part}" for part in parts if part is not None)


def _silence(wrapup: Wrapup) -> Markup:
    days = wrapup.total.tracked
    watched = f"Watched for {counted(days, 'day')}, and not one byte moved."
    return fill(
        "silence",
        whose=_whose(wrapup),
        title=_title(wrapup),
        figure="Silence" if days else "No data",
        lead=watched if days else f"Nothing was counted in {wrapup.year}.",
    )


def _lead(wrapup: Wrapup, how: Presentation) -> str:
    mean = story.average(wrapup.total)
    words = f"Over {counted(wrapup.total.tracked, 'day')}, {short(mean, how.units)} on an average one"
    before = wrapup.before
    return (
        f"{words}."
        if before is None or before.tracked < FAIR_DAYS
        else f"{words}: {story.against(mean, story.average(before), wrapup.year - 1)}."
    )


def _legend(wrapup: Wrapup, scale: Shades, how: Presentation) -> Iterator[Markup]:
    """The scale, and a key for each mark that occurs."""
    if wrapup.total.usage.total:
        yield fill("scale", least="0", cells=drawing.squares(), most=f"{short(scale.top, how.units)} and more")
    else:
        yield fill("key", kind="l0", words="watched, nothing moved")
    usages = [day.usage for day in wrapup.days]
    if any(drawing.is_guess(usage) for usage in usages):
        yield fill("guessed-key", kind="l3", words="time estimated")
    if any(drawing.is_partly(usage) and not drawing.is_away(usage) for usage in usages):
        yield fill("key", kind="l2 partly", words="partly observed")
    if any(map(drawing.is_away, usages)):
        yield fill("key", kind="away", words="not observed")
    if not _is_whole_year(wrapup):
        yield fill("key", kind="out", words="not counted" if not wrapup.running else "before, or to come")


def _is_whole_year(wrapup: Wrapup) -> bool:
    days = [day.date for day in wrapup.days]
    return (days[0].month, days[0].day, days[-1].month, days[-1].day) == (1, 1, 12, 31)


def _month_bar(month: Stretch, how: Presentation) -> Bar:
    usage = month.usage
    return Bar(MONTHS[month.first.month - 1][:1], f"{long_month(month.first)}: {short(usage.total, how.units)}", usage)


def _month_table(wrapup: Wrapup, how: Presentation) -> Markup:
    rows = (
        [
            MONTHS[month.first.month - 1],
            short(month.usage.received, how.units),
            short(month.usage.sent, how.units),
            short(month.usage.total, how.units),
            "-" if month.usage.peak is None else speed(month.usage.peak, how.units, how.speed),
        ]
        for month in wrapup.months
    )
    return table("The months as a table", ["Month", "Downloaded", "Uploaded", "Total", "Fastest"], rows)


def _unfinished(wrapup: Wrapup) -> str:
    last = wrapup.months[-1].first
    return f" {MONTHS[last.month - 1]} is not over." if wrapup.running else ""


def _hour_bar(hour: Period, how: Presentation) -> Bar:
    tick = f"{hour.start:%H:%M}" if hour.start.hour % 6 == 0 and hour.start.minute == 0 else ""
    return Bar(tick, f"{hour.start:%H:%M}: {short(hour.usage.total, how.units)}", hour.usage)


def _hour(hour: Period) -> str:
    return f"{hour.start:%H:%M} and {hour.end:%H:%M}"


def _day_name(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def _beside_average(day: Day, wrapup: Wrapup) -> str:
    ratio = day.usage.total / max(1, story.average(wrapup.total))
    return f"{story.ratio(ratio)} times an average day. " if ratio >= story.NOTABLE else ""
