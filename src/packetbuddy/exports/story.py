"""What a year has to tell: streaks, habits, comparisons. Facts out of the report, in words where words say more."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from packetbuddy.reports.history import Stretch, Wrapup
from packetbuddy.reports.model import Cell, Day, Usage
from packetbuddy.reports.words import WEEKDAYS, WHOLE, percent

PARTS = (
    ("Night owl", "midnight and 6:00"),
    ("Early bird", "6:00 and 12:00"),
    ("Afternoon person", "12:00 and 18:00"),
    ("Evening person", "18:00 and midnight"),
)
HABITS = (
    (0.95, "A reader", "almost everything came in, hardly anything went out"),
    (0.8, "A watcher", "most came in, a little went out"),
    (0.6, "Give and take", "more came in than went out"),
    (0.4, "In balance", "as much went out as came in"),
    (0.0, "A giver", "more went out than came in"),
)
"""From this share of downloads on."""
SAME = 0.03
"""So little difference is none."""
NOTABLE = 1.5
"""From so many times an average day on, a day is told beside it."""


class Streak(NamedTuple):
    """Days in a row."""

    length: int
    first: date
    last: date


class Observed(NamedTuple):
    """How many days were watched in full, in part, and not at all."""

    whole: int
    part: int
    none: int


def streak(days: Iterable[Day], holds: Callable[[Usage], bool]) -> Streak | None:
    """The longest run of days for which something holds, the first of equals; ``None``: for no day."""
    best: Streak | None = None
    first: date | None = None
    length = 0
    for day in days:
        length = length + 1 if holds(day.usage) else 0
        first = day.date if length == 1 else first
        if length and first is not None and (best is None or length > best.length):
            best = Streak(length, first, day.date)
    return best


def average(stretch: Stretch) -> int:
    """Bytes of an average tracked day."""
    return stretch.usage.total // max(1, stretch.tracked)


def most_uploaded(days: Iterable[Day]) -> Day | None:
    """The day on which most went out."""
    return max((day for day in days if day.usage.sent), key=lambda day: day.usage.sent, default=None)


def quietest(story: Wrapup) -> Day | None:
    """The day with the fewest bytes among those that are over and were watched in full."""
    over = story.days[:-1] if story.running else story.days
    return min((day for day in over if is_whole(day.usage)), key=lambda day: day.usage.total, default=None)


def best_month(story: Wrapup) -> Stretch | None:
    """The month with the most bytes."""
    return max((month for month in story.months if month.usage.total), key=lambda each: each.usage.total, default=None)


def fullest_hour(hours: Iterable[Cell]) -> str:
    """The hour of the week with the most bytes: "Saturday, 21:00 to 22:00"."""
    cell = max(hours, key=lambda each: each.total)
    return f"{WEEKDAYS[cell.weekday]}, {cell.hour}:00 to {cell.hour + 1}:00"


def part_of_day(hours: Iterable[Cell]) -> tuple[str, str, str]:
    """Who uses the net at such hours, between which hours, and how much of everything moved then."""
    totals = [0, 0, 0, 0]
    for cell in hours:
        totals[cell.hour // 6] += cell.total
    place = totals.index(max(totals))
    return *PARTS[place], percent(totals[place] / max(1, sum(totals)))


def habit(usage: Usage) -> tuple[str, str]:
    """Who downloads and uploads like that, and in what way."""
    share = usage.received / max(1, usage.total)
    return next((name, words) for least, name, words in HABITS if share >= least or not least)


def for_each(usage: Usage) -> str:
    """For every byte sent, 5.9 came in."""
    sent, received = max(1, usage.sent), max(1, usage.received)
    if received >= sent:
        return f"For every byte sent, {ratio(received / sent)} came in."
    return f"For every byte that came in, {ratio(sent / received)} went out."


def against(now: int, before: int, year: int) -> str:
    """23 % more a day than in 2025."""
    times = now / max(1, before)
    if abs(times - 1) < SAME:
        return f"about as much a day as in {year}"
    if times >= 2:
        return f"{ratio(times)} times as much a day as in {year}"
    return f"{percent(abs(times - 1))} {'more' if times > 1 else 'less'} a day than in {year}"


def observed(days: Iterable[Day]) -> Observed:
    """How many days were watched in full, in part, and not at all."""
    shares = [day.usage.coverage for day in days]
    whole = sum(share is not None and share >= WHOLE for share in shares)
    none = sum(not share for share in shares)
    return Observed(whole, len(shares) - whole - none, none)


def is_whole(usage: Usage) -> bool:
    """Whether the day was watched in full."""
    return usage.coverage is not None and usage.coverage >= WHOLE


def ratio(number: float) -> str:
    """How many times: 5.9, 14."""
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"
