"""The year's drawings as inline SVG: the calendar of days, bars, and the hours of the week. Geometry only."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from packetbuddy.exports.template import Markup, fill, joined
from packetbuddy.reports.model import Cell, Day, Usage
from packetbuddy.reports.quantities import BYTES, short
from packetbuddy.reports.words import MONTHS, WEEKDAYS, WHOLE, percent, short_day

LEVELS = 5
"""Shades above "nothing moved"."""
STEP = 14.67
"""From one day of the calendar to the next."""
PLOT = 516
"""Width of the bars; the axis stands to their right."""
HOUR_X, HOUR_Y, HOUR_LEFT = 23.1, 23, 46
NICE = (1, 2, 5, 10, 20, 50, 100, 200, 500)
LINES = 3
"""At most so many lines of an axis."""
BUSY = 95
"""Percent of the days that are not in the deepest shade: a single wild day would leave the others pale."""


class Bar(NamedTuple):
    """A bar: what it is called below it and when pointed at, and its usage."""

    tick: str
    title: str
    usage: Usage


class Shades(NamedTuple):
    """Depth of colour by bytes: ``top`` and more is the deepest."""

    top: int

    def kind(self, total: int) -> str:
        """The class of a cell."""
        return f"l{min(LEVELS, 1 + total * LEVELS // max(1, self.top))}" if total > 0 else "l0"


def shades(totals: Iterable[int]) -> Shades:
    """The scale of these cells."""
    some = sorted(total for total in totals if total > 0)
    return Shades(some[(len(some) - 1) * BUSY // 100] if some else 1)


def is_guess(usage: Usage) -> bool:
    """Whether most of it has an estimated time."""
    return usage.estimated * 2 > usage.total > 0


def is_away(usage: Usage) -> bool:
    """Whether nobody was counting and nothing is known."""
    return not usage.total and not usage.coverage


def is_partly(usage: Usage) -> bool:
    """Whether a part of the time that has passed was not observed."""
    return usage.coverage is not None and usage.coverage < WHOLE


def month(first: date, days: dict[date, Day], scale: Shades, units: str) -> Markup:
    """A month as a small calendar, weeks from Monday on."""
    length = monthrange(first.year, first.month)[1]
    dates = [first.replace(day=number) for number in range(1, length + 1)]
    cells = joined(_day(day, days.get(day), scale, units) for day in dates)
    total = sum(days[day].usage.total for day in dates if day in days)
    name = MONTHS[first.month - 1]
    label = f"{name}: {short(total, units)}" if any(day in days for day in dates) else f"{name}: not counted"
    return fill("month", label=label, cells=cells, name=name)


def bars(rows: Sequence[Bar], height: int, units: str) -> Markup:
    """Download and upload stacked, from zero, on one scale."""
    top = max((row.usage.total for row in rows), default=0)
    plot = height - 30
    wide = PLOT / max(1, len(rows))
    pieces = [*_axis(top, plot, units)]
    for place, row in enumerate(rows):
        pieces.append(_bar(row, place * wide + wide * 0.14, wide * 0.72, plot, top))
        middle = round(place * wide + wide / 2, 1)
        pieces.append(fill("label", x=middle, y=height - 8, kind="middle", words=row.tick))
    return joined(pieces)


def week(cells: Iterable[Cell], units: str) -> Markup:
    """Seven rows of 24 hours."""
    hours = list(cells)
    scale = shades(cell.total for cell in hours)
    names = (fill("label", x=0, y=15 + HOUR_Y * day, kind="", words=name[:3]) for day, name in enumerate(WEEKDAYS))
    ticks = (fill("label", x=HOUR_LEFT + HOUR_X * hour, y=184, kind="", words=f"{hour}:00") for hour in (0, 6, 12, 18))
    return joined([*names, *(_hour(cell, scale, units) for cell in hours), *ticks])


def squares() -> Markup:
    """The shades beside each other, for a legend."""
    return joined(fill("square", x=place * 12 + 0.5, kind=f"l{place}") for place in range(LEVELS + 1))


def _day(day: date, found: Day | None, scale: Shades, units: str) -> Markup:
    row = (day.replace(day=1).weekday() + day.day - 1) // 7
    place = {"x": round(day.weekday() * STEP, 1), "y": round(row * STEP, 1)}
    if found is None:
        return fill("no-day", **place)
    usage, title = found.usage, _title(found, units)
    if is_away(usage):
        return fill("day", **place, kind="away", title=title)
    kind = scale.kind(usage.total) + (" partly" if is_partly(usage) else "")
    return fill("guessed-day" if is_guess(usage) else "day", **place, kind=kind, title=title)


def _title(day: Day, units: str) -> str:
    usage = day.usage
    words = [f"{short_day(day.date)}: {'not observed' if is_away(usage) else short(usage.total, units)}"]
    if usage.estimated:
        words.append("time partly estimated")
    if is_partly(usage) and usage.coverage:
        words.append(f"{percent(usage.coverage)} observed")
    return ", ".join(words)


def _hour(cell: Cell, scale: Shades, units: str) -> Markup:
    place = {"x": round(HOUR_LEFT + HOUR_X * cell.hour, 1), "y": HOUR_Y * cell.weekday}
    title = f"{WEEKDAYS[cell.weekday]} {cell.hour}:00: {short(cell.total, units)}"
    return fill("hour", **place, kind=scale.kind(cell.total), title=title)


def _bar(row: Bar, x: float, width: float, plot: int, top: int) -> Markup:
    usage = row.usage
    down = _length(usage.received, plot, top)
    up = _length(usage.sent, plot, top)
    gap = 2 if down and up else 0
    return fill(
        "guessed-bar" if is_guess(usage) else "bar",
        title=row.title,
        x=round(x, 1),
        width=round(width, 1),
        down_y=round(plot - down, 1),
        down=down,
        up_y=round(plot - down - gap - up, 1),
        up=up,
        round=round(min(4, width / 6), 1),
    )


def _length(count: int, plot: int, top: int) -> float:
    """Never invisible where something moved."""
    return max(1.5, round(count * (plot - 12) / top, 1)) if count > 0 else 0


def _axis(top: int, plot: int, units: str) -> Iterable[Markup]:
    step = _step(top, units)
    for number in range(top // step + 1 if step else 1):
        y = round(plot - number * step * (plot - 12) / max(1, top), 1)
        yield fill("line", x=0, beyond=PLOT, y=y)
        if number:
            yield fill("label", x=600, y=y + 4, kind="end", words=_plain(short(number * step, units)))


def _step(top: int, units: str) -> int:
    """A round amount of which at most :data:`LINES` fit below the top; 0 for nothing."""
    ladder, size = BYTES[units], 1
    while top:
        for nice in NICE:
            if top < (LINES + 1) * nice * size:
                return nice * size
        size *= ladder.base
    return 0


def _plain(text: str) -> str:
    """2.00 GB reads 2 GB."""
    number, _, unit = text.partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"
