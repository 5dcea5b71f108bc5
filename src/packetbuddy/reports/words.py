"""Dates, times and shares in words, the same everywhere. Pure, and the same in every locale."""

from datetime import date, datetime

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

COMMANDS = frozenset({"pb", "git", "pip", "python"})
"""Words with which a sentence may begin that are typed as they stand."""

WHOLE = 0.995
"""Coverage from here on reads as complete."""


def weekday_of(day: date) -> str:
    """Monday."""
    return WEEKDAYS[day.weekday()]


def short_day(day: date) -> str:
    """Mon 23 Nov 2026."""
    return f"{weekday_of(day)[:3]} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def long_month(day: date) -> str:
    """November 2026."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def moment(at: datetime) -> str:
    """Mon 23 Nov 2026 21:04."""
    return f"{short_day(at)} {at:%H:%M}"


def percent(share: float) -> str:
    """42 %; never 0 % of something, nor 100 % of less than all."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{round(share * 100)} %"


def whole_month(day: date) -> str:
    """2026-11."""
    return f"{day.year:04}-{day.month:02}"


def long_day(day: date) -> str:
    """23 November 2026."""
    return f"{day.day} {long_month(day)}"


def counted(number: int, one: str, many: str = "") -> str:
    """1 day, 2 days, 1,234 days."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def capitalised(words: str) -> str:
    """With a capital, as after a full stop; a command, an address, a file and a key stay as they are written."""
    first = words.partition(" ")[0].rstrip(".,;:!?")
    plain = first.replace("-", "").replace("'", "").isalpha() and first not in COMMANDS
    return words[:1].upper() + words[1:] if plain else words
