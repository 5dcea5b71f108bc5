"""Dates as people type them. The year must be one that computers counted traffic in."""

from datetime import date, timedelta

from packetbuddy.errors import WrongUsageError

EARLIEST = 1970
LATEST = 2999
LONGEST_YEARS = 50
"""A range beyond this is a slip of the keyboard."""


def parse_day(text: str, today: date, what: str) -> date:
    """A local day: ``YYYY-MM-DD``, ``today`` or ``yesterday``. ``what`` names the argument in the error.

    Raises:
        WrongUsageError: not a date, or one that doesn't exist.
    """
    word = text.strip().lower()
    if word == "today":
        return today
    if word == "yesterday":
        return today - timedelta(days=1)
    parts = _numbers(word, (4, 2, 2))
    if parts is None:
        raise WrongUsageError(f"{what} {text!r} is not a date", f"Write it like {today}, or today or yesterday")
    return _day(parts, f"{what} {text!r}")


def parse_month(text: str, what: str) -> date:
    """The first day of ``YYYY-MM``.

    Raises:
        WrongUsageError: not a month, or one that doesn't exist.
    """
    parts = _numbers(text.strip(), (4, 2))
    if parts is None:
        raise WrongUsageError(f"{what} {text!r} is not a month", "Write it like 2026-11")
    return _day((*parts, 1), f"{what} {text!r}")


def last_of_month(first: date) -> date:
    """The month's last day."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def check_range(first: date, last: date) -> None:
    """Refuse a range that cannot be meant.

    Raises:
        WrongUsageError: ends before it begins, or spans more than 50 years.
    """
    if first > last:
        raise WrongUsageError(f"--from {first} is after --to {last}", "Swap them")
    if last.year - first.year > LONGEST_YEARS:
        raise WrongUsageError(f"{first} to {last} is more than {LONGEST_YEARS} years", "Ask for a shorter range")


def _numbers(text: str, lengths: tuple[int, ...]) -> tuple[int, ...] | None:
    parts = text.split("-")
    if tuple(map(len, parts)) != lengths or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return tuple(map(int, parts))


def _day(parts: tuple[int, ...], what: str) -> date:
    year, month, day = parts
    if not EARLIEST <= year <= LATEST:
        raise WrongUsageError(f"{what}: the year must be {EARLIEST} to {LATEST}")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise WrongUsageError(f"{what} does not exist", "The calendar has no such day") from error
