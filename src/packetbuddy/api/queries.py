"""What may be asked: a struct for each set of query parameters, and reading one out of a query string."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from packetbuddy.api.problems import invalid

EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
LONGEST_YEARS = 50
"""A range beyond this is a slip of the keyboard."""
MOST_DAYS = 3_700
"""Ten years and a bit: a row for each day of them is still an answer of 1.5 MB."""
MOST_PARAMETERS = 20
MOST_GROUPS = 5_000
SHORTEST_DAYS = {"5min": MOST_GROUPS // 288, "hour": MOST_GROUPS // 25, "day": MOST_DAYS}
"""So many days of short groups fit into one answer."""

_WHOLE = re.compile(r"-?[0-9]+")

Name = Annotated[str, Meta(min_length=1, max_length=255, description="only this interface; without: all that count")]
Device = Annotated[
    str, Meta(min_length=1, max_length=255, description="this, all, or a device by its name or id; without: this")
]
First = Annotated[date, Meta(description="first day, YYYY-MM-DD")]
Last = Annotated[date, Meta(description="last day, included, YYYY-MM-DD")]
Month = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}$", description="YYYY-MM; without: this month")]
By = Literal["5min", "hour", "day", "week", "month", "year", "cycle"]
Top = Annotated[int, Meta(ge=1, le=MOST_GROUPS, description="only the N biggest, biggest first")]


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class InterfaceQuery(Query, frozen=True):
    """Everything that counts, or one interface."""

    interface: Name | None = None


class DeviceQuery(InterfaceQuery, frozen=True):
    """Of this device, another one, or all together."""

    device: Device = "this"


class MonthQuery(DeviceQuery, frozen=True):
    """A calendar month."""

    month: Month | None = None


class RangeQuery(DeviceQuery, frozen=True, kw_only=True):
    """Days, both ends included."""

    first: First = msgspec.field(name="from")
    last: Last = msgspec.field(name="to")


class UsageQuery(DeviceQuery, frozen=True, kw_only=True):
    """Groups of local time."""

    by: By = "day"
    first: First | None = msgspec.field(name="from", default=None)
    last: Last | None = msgspec.field(name="to", default=None)
    top: Top | None = None


class HeatmapQuery(DeviceQuery, frozen=True, kw_only=True):
    """Days, both ends included; without them the last twelve weeks."""

    first: First | None = msgspec.field(name="from", default=None)
    last: Last | None = msgspec.field(name="to", default=None)


Format = Annotated[Literal["csv", "json", "html", "markdown", "toon"], Meta(description="html: the story of a year")]
Year = Annotated[int, Meta(ge=1970, le=2999, description="only this year")]
Redact = Annotated[bool, Meta(description="leave the machine's name out")]
Dialect = Annotated[Literal["official"], Meta(description="of toon: the public Token-Oriented Object Notation")]


class ExportQuery(DeviceQuery, frozen=True, kw_only=True):
    """A format, and everything, some days, or a year."""

    format: Format = "json"
    first: First | None = msgspec.field(name="from", default=None)
    last: Last | None = msgspec.field(name="to", default=None)
    year: Year | None = None
    redact: Redact = False
    dialect: Dialect | None = None


Asked = TypeVar("Asked", bound=Query)


def read_query(text: bytes, kind: type[Asked]) -> Asked:
    """The struct that a query string holds.

    Raises:
        ProblemError: 422, naming the parameter, what was given, and the nearest one that exists.
    """
    given: dict[str, str] = {}
    for name, value in _pairs(text):
        if name in given:
            raise invalid(f"the parameter {name!r} is given twice", "Give it once")
        given[name] = value
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name in given:
        if name not in known:
            raise invalid(f"there is no parameter {_short(name)!r} here", _nearest(name, known))
    return _converted(given, kind)


def _pairs(text: bytes) -> Iterator[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:
        hint = f"UTF-8, at most {MOST_PARAMETERS} parameters"
        raise invalid("the query string cannot be read", hint) from error
    yield from pairs


def _converted(given: dict[str, str], kind: type[Asked]) -> Asked:
    for name in ("top", "year"):
        if not _WHOLE.fullmatch(given.get(name, "1")):
            raise invalid(f"{name} {_short(given[name])!r} cannot be meant: Expected a whole number", _hint(name))
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        words, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`")
        if name in given:
            raise invalid(f"{name} {_short(given[name])!r} cannot be meant: {words}", _hint(name)) from error
        raise invalid(f"{words[:1].lower()}{words[1:]}", "GET /api/docs shows every parameter") from error


def _hint(name: str) -> str:
    """How a value is written."""
    day = "Write it like 2026-11-23"
    hints = {
        "from": day,
        "to": day,
        "month": "Write it like 2026-11",
        "year": "Write it like 2026",
        "top": f"Write it like 10, at most {MOST_GROUPS}",
    }
    return hints.get(name, "GET /api/docs shows every parameter")


def _nearest(name: str, known: list[str]) -> str:
    found = get_close_matches(name.lower()[:100], known, n=1, cutoff=0.5)
    if found:
        return f"Nearest: {found[0]}"
    return f"Known: {', '.join(known)}" if known else "This address takes no parameters"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def check_days(first: date, last: date) -> None:
    """Refuse days that cannot be meant.

    Raises:
        ProblemError: 422.
    """
    for name, day in (("from", first), ("to", last)):
        if not EARLIEST <= day <= LATEST:
            raise invalid(
                f"{name} {day}: the year must be {EARLIEST.year} to {LATEST.year}", "Write it like 2026-11-23"
            )
    if first > last:
        raise invalid(f"from {first} is after to {last}", "Swap them")
    if last.year - first.year > LONGEST_YEARS:
        raise invalid(f"{first} to {last} is more than {LONGEST_YEARS} years", "Ask for a shorter range")


def check_length(first: date, last: date) -> None:
    """Refuse more rows of days than anybody reads.

    Raises:
        ProblemError: 422.
    """
    if (last - first).days >= MOST_DAYS:
        raise invalid(f"{first} to {last} is more than {MOST_DAYS} days", "Ask for ten years at a time, or /api/usage")


def month_days(text: str) -> tuple[date, date]:
    """First and last day of ``YYYY-MM``.

    Raises:
        ProblemError: 422, no such month.
    """
    year, month = int(text[:4]), int(text[5:])
    if not EARLIEST.year <= year <= LATEST.year or not 1 <= month <= 12:
        raise invalid(f"the month {text} does not exist or is out of reach", f"{EARLIEST.year}-01 to {LATEST.year}-12")
    first = date(year, month, 1)
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
