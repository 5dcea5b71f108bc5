"""The public Token-Oriented Object Notation, written by its official library, which is loaded only here and now."""

from collections.abc import Callable, Iterator
from itertools import islice

from packetbuddy.exports import bodies
from packetbuddy.reports.bodies import Body, Presentation
from packetbuddy.reports.history import History, Stretch
from packetbuddy.reports.model import Day, Usage
from packetbuddy.reports.quantities import brief, share
from packetbuddy.reports.words import whole_month

ROWS = 366
"""Days that are encoded at once."""
DAYS = "daily"
Encode = Callable[[object], str]


def official(history: History, how: Presentation) -> Iterator[str]:
    """The document, days last; the same as if the library had encoded all of it at once."""
    from toon_format import encode  # noqa: PLC0415 - only who asks for this dialect pays for it

    yield encode(_head(history, how))
    yield from _table(history, encode)


def _head(history: History, how: Presentation) -> Body:
    return {
        "meta": bodies.meta(history, how),
        "tracking": bodies.tracking(history),
        "totals": {**_row(history.total.usage), "human": _human(history.total.usage, how)},
        "averages": bodies.averages(history, how),
        "records": _records(history, how),
        "yearly": [{"year": each.first.year, **_stretch(each)} for each in history.years],
        "monthly": [{"month": whole_month(each.first), **_stretch(each)} for each in history.months],
    }


def _records(history: History, how: Presentation) -> Body:
    found = bodies.peaks(history, how)
    busiest = history.records.busiest
    return {**found, "busiest_day": busiest and _day(busiest)}


def _stretch(part: Stretch) -> Body:
    return {"days": part.tracked, **_row(part.usage)}


def _day(day: Day) -> Body:
    return {"date": day.date.isoformat(), **_row(day.usage)}


def _row(usage: Usage) -> Body:
    return {
        "bytes_sent": usage.sent,
        "bytes_received": usage.received,
        "peak_speed": usage.peak,
        "coverage": None if usage.coverage is None else share(usage.coverage),
        "estimated_bytes": usage.estimated,
    }


def _human(usage: Usage, how: Presentation) -> Body:
    words = {"sent": usage.sent, "received": usage.received, "total": usage.total}
    return {name: brief(count, how.units) for name, count in words.items()}


def _table(history: History, encode: Encode) -> Iterator[str]:
    """Each piece is encoded as a table of its own; the first one's header gets the count of all."""
    count = sum(1 for _ in history.days())
    days = history.days()
    piece = list(map(_day, islice(days, ROWS)))
    if not piece:
        yield f"\n{encode({DAYS: []})}\n"
    else:
        header = encode({DAYS: piece[:1]}).partition("\n")[0]
        yield f"\n{header.replace('[1]', f'[{count}]', 1)}\n"
    while piece:
        yield encode({DAYS: piece}).partition("\n")[2] + "\n"
        piece = list(map(_day, islice(days, ROWS)))
