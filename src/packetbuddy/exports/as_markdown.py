"""Markdown: a report for people, with human-readable tables."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from packetbuddy.billing.money import cost_of, money, rate_text
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import ALL_DEVICES, History, Stretch
from packetbuddy.reports.model import Day, Usage
from packetbuddy.reports.quantities import short, speed
from packetbuddy.reports.words import counted, long_day, long_month, moment, percent, short_day, weekday_of

SPECIAL = frozenset("\\`*_[]<>|&~$")
"""Signs that mean something in the middle of a line."""
NOTHING = "-"


def markdown(history: History, how: Presentation) -> Iterator[str]:
    """Title, the whole in a few lines, then years, months and days."""
    yield from _opening(history, how)
    if not history.months:
        yield "\nNothing was counted in that time.\n"
        return
    yield from _whole(history, how)
    if len(history.years) > 1:
        yield from _stretches("Years", history.years, how)
    yield from _stretches("Months", history.months, how)
    yield from _days(history, how)
    if history.total.usage.estimated:
        yield "\n≈ exact bytes, of which a part has an estimated time.\n"


def plain(text: str) -> str:
    """Text that Markdown takes for nothing but text, on one line, of which it is not the beginning."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in line)


def _whose(device: str) -> str:
    return "All devices" if device == ALL_DEVICES else f"Device {plain(device)}"


def _opening(history: History, how: Presentation) -> Iterator[str]:
    total, origin = history.total, history.origin
    yield f"# Internet usage, {_span(total.first, total.last)}\n\n"
    of = [] if origin.device is None else [_whose(origin.device)]
    of.append("All counted links" if origin.interface is None else f"Only {plain(origin.interface)}")
    if how.price is not None:
        of.append(rate_text(how.price))
    made = f"made {moment(origin.made_at)} ({plain(origin.timezone)}) by PacketBuddy {plain(origin.version)}"
    yield " · ".join([*of, made]) + "\n"


def _span(first: date, last: date) -> str:
    return long_day(first) if first == last else f"{long_day(first)} to {long_day(last)}"


def _whole(history: History, how: Presentation) -> Iterator[str]:
    total, (peak, at, busiest) = history.total, history.records
    usage = total.usage
    yield f"\n- **{_bytes(usage, how)}** in {counted(total.tracked, 'day')}: {_both(usage, how)}{_cost(usage, how)}\n"
    yield f"- Average day: {short(usage.total // max(1, total.tracked), how.units)}\n"
    if busiest is not None:
        yield f"- Busiest day: {short_day(busiest.date)} with {_bytes(busiest.usage, how)}\n"
    if peak is not None and at is not None:
        yield f"- Fastest: {speed(peak, how.units, how.speed)} on {moment(at)}\n"
    yield f"- Observed: {'none' if usage.coverage is None else percent(usage.coverage)} of the time\n"


def _both(usage: Usage, how: Presentation) -> str:
    return f"{short(usage.received, how.units)} downloaded, {short(usage.sent, how.units)} uploaded"


def _stretches(title: str, parts: Iterable[Stretch], how: Presentation) -> Iterator[str]:
    yield f"\n## {title}\n\n"
    yield _table(
        [title[:-1], "Days", "Downloaded", "Uploaded", "Total", *(["Cost"] if how.price else []), "Fastest", "Observed"]
    )
    for part in parts:
        name = long_month(part.first) if title == "Months" else f"{part.first.year}"
        cost = [money(cost_of(part.usage.total, how.price), how.currency)] if how.price else []
        yield _row([name, str(part.tracked), *_quantities(part.usage, how), *cost, *_quality(part.usage, how)])


def _days(history: History, how: Presentation) -> Iterator[str]:
    yield "\n## Days\n"
    for month, days in groupby(history.days(), lambda day: day.date.replace(day=1)):
        yield f"\n### {long_month(month)}\n\n"
        yield _table(["Day", "Downloaded", "Uploaded", "Total", "Fastest", "Observed"])
        yield "".join(_row([_name(day), *_quantities(day.usage, how), *_quality(day.usage, how)]) for day in days)


def _name(day: Day) -> str:
    return f"{weekday_of(day.date)[:3]} {day.date.day}"


def _quantities(usage: Usage, how: Presentation) -> list[str]:
    return [short(usage.received, how.units), short(usage.sent, how.units), _bytes(usage, how)]


def _quality(usage: Usage, how: Presentation) -> list[str]:
    return [NOTHING if usage.peak is None else speed(usage.peak, how.units, how.speed), _observed(usage)]


def _bytes(usage: Usage, how: Presentation) -> str:
    return f"{'≈ ' if usage.estimated else ''}{short(usage.total, how.units)}"


def _cost(usage: Usage, how: Presentation) -> str:
    return "" if how.price is None else f", {money(cost_of(usage.total, how.price), how.currency)}"


def _observed(usage: Usage) -> str:
    return NOTHING if usage.coverage is None else percent(usage.coverage)


def _table(titles: list[str]) -> str:
    return f"{_row(titles)}{_row(['---', *['--:'] * (len(titles) - 1)])}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
