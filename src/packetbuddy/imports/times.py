"""PURE: naive local times of foreign files become instants of a zone; what no computer counted then is refused."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from packetbuddy.errors import ImportFileError
from packetbuddy.imports.figures import MOST_BYTES, Figure
from packetbuddy.metering.readings import SECOND

EARLIEST = datetime(1990, 1, 1)  # noqa: DTZ001 - local, as everything here
DAY_NS = 86_400 * SECOND


class Zoned(NamedTuple):
    """The zone that a file's times are of, and the instant at which it is read: nothing in it is later."""

    zone: tzinfo
    now_ns: int


def local_ns(at: datetime, zone: tzinfo) -> int:
    """The instant of a local time; of one that autumn repeats the first, of one that spring skips the one after."""
    whole = int(at.replace(microsecond=0, tzinfo=zone).timestamp())
    return whole * SECOND + at.microsecond * 1000


def local_time(text: object) -> datetime:
    """A date, or a date and a time, as SQLite and Python write them.

    Raises:
        ImportFileError: it is neither.
    """
    found = _parsed(text) if isinstance(text, str) and 10 <= len(text) <= 26 else None
    if found is None or found.tzinfo is not None:
        raise ImportFileError(f"{_shown(text)} is not a local date or time", "Nothing was imported")
    return found


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def count(value: object) -> int:
    """A number of bytes.

    Raises:
        ImportFileError: it is not one that can be.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_BYTES:
        raise ImportFileError(f"{_shown(value)} is not a number of bytes that can have moved", "Nothing was imported")
    return value


def five_minutes(start: datetime) -> tuple[datetime, datetime]:
    """The five minutes that hold it."""
    begin = start.replace(minute=start.minute - start.minute % 5, second=0, microsecond=0)
    return begin, begin + timedelta(minutes=5)


def hour(start: datetime) -> tuple[datetime, datetime]:
    """Its hour; in autumn that is two."""
    begin = start.replace(minute=0, second=0, microsecond=0)
    return begin, begin + timedelta(hours=1)


def day(start: datetime) -> tuple[datetime, datetime]:
    """Its day."""
    begin = _midnight(start.date())
    return begin, begin + timedelta(days=1)


def month(start: datetime) -> tuple[datetime, datetime]:
    """Its month."""
    begin = start.date().replace(day=1)
    return _midnight(begin), _midnight((begin + timedelta(days=31)).replace(day=1))


def year(start: datetime) -> tuple[datetime, datetime]:
    """Its year."""
    return _midnight(date(start.year, 1, 1)), _midnight(date(start.year + 1, 1, 1))


Period = Callable[[datetime], tuple[datetime, datetime]]
"""The begin and end of the period that holds a local time."""


class Row(NamedTuple):
    """One row of a file: a local time and what moved in the period that it stands for."""

    at: datetime
    rx: int
    tx: int
    peak: int = 0


class Bounds(NamedTuple):
    """From when to when a file knows anything, in wall nanoseconds."""

    since_ns: int
    until_ns: int


def figures(rows: Iterable[Row], period: Period, zoned: Zoned, bounds: Bounds | None = None) -> Iterator[Figure]:
    """Rows as figures, their periods cut to what the file knows.

    Raises:
        ImportFileError: a row is of a time in which nobody can have counted.
    """
    for row in rows:
        checked(row.at, zoned)
        begin, end = (local_ns(edge, zoned.zone) for edge in period(row.at))
        if bounds is not None and max(begin, bounds.since_ns) < min(end, bounds.until_ns):
            begin, end = max(begin, bounds.since_ns), min(end, bounds.until_ns)
        if begin < end:  # a day that the zone skipped
            yield Figure(begin, end, row.rx, row.tx, row.peak)


def checked(at: datetime, zoned: Zoned) -> None:
    """Refuse times before there was anything to count, and those to come."""
    if not EARLIEST <= at < _midnight(date(2200, 1, 1)) or local_ns(at, zoned.zone) > zoned.now_ns + DAY_NS:
        raise ImportFileError(f"{at.date()} is not a day that can have been counted", "Nothing was imported")


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)  # noqa: DTZ001 - local


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
