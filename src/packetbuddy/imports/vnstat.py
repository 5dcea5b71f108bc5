"""vnStat 2: its database and what ``vnstat --json`` prints. Bytes by five minutes, hours, days, months, years.

Each resolution has its own table and keeps rows for a time of its own: nothing is counted twice because coarser figures
only give what finer ones lack. Days of its top list stand for days whose rows are gone. Times are local ones.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from packetbuddy.errors import ImportFileError
from packetbuddy.imports import times
from packetbuddy.imports.figures import Cell, Figure, cells
from packetbuddy.imports.source import Asked, Source, choose
from packetbuddy.imports.times import Bounds, Period, Row, count, figures, local_ns, local_time
from packetbuddy.metering.stretches import Stretch
from packetbuddy.storage.foreign import Visitor

KIND = "vnStat"
TABLES = frozenset({"info", "interface", "fiveminute", "hour", "day", "month", "year", "top"})
PERIODS: Mapping[str, Period] = {
    "fiveminute": times.five_minutes,
    "hour": times.hour,
    "day": times.day,
    "month": times.month,
    "year": times.year,
}
"""From the finest to the coarsest."""


class _Day(msgspec.Struct):
    year: int
    month: int = 1
    day: int = 1


class _Time(msgspec.Struct):
    hour: int = 0
    minute: int = 0


class _Moment(msgspec.Struct):
    date: _Day
    time: _Time = msgspec.field(default_factory=_Time)
    timestamp: int | None = None


class _Row(_Moment):
    rx: int = -1
    tx: int = -1


class _Link(msgspec.Struct):
    name: str
    created: _Moment
    updated: _Moment
    traffic: dict[str, msgspec.Raw]


class Printed(msgspec.Struct):
    """What ``vnstat --json`` prints."""

    vnstatversion: str
    jsonversion: str
    interfaces: list[_Link]


def of_database(visitor: Visitor, asked: Asked) -> Source:
    """A vnStat database.

    Raises:
        ImportFileError: it is broken, or which of its interfaces to take is not clear.
    """
    links = {name: (created, updated) for name, created, updated in visitor.rows("vnstat_interfaces")}
    names = choose([name for name in links if isinstance(name, str)], asked)
    bounds = _bounds([(local_time(links[name][0]), local_time(links[name][1])) for name in names], asked)
    version = next(visitor.rows("vnstat_version"), ("",))[0]

    def rows(table: str) -> Iterator[Row]:
        found = visitor.rows(f"vnstat_{table}", {"names": json.dumps(names)})
        return (Row(local_time(date), count(rx), count(tx)) for date, rx, tx in found)

    def read(_accounted: Sequence[Stretch]) -> Iterator[Cell]:
        levels = {table: figures(rows(table), period, asked.zoned, bounds) for table, period in PERIODS.items()}
        if len(names) == 1:  # several links have different top days
            levels["day"] = _with_top(levels["day"], figures(rows("top"), times.day, asked.zoned, bounds))
        return cells(levels.values())

    return Source(KIND, f"vnStat {version}, {', '.join(names)}", read)


def of_text(printed: Printed, asked: Asked) -> Source:
    """What ``vnstat --json`` printed.

    Raises:
        ImportFileError: it is of a version that counts in KiB, or which of its interfaces to take is not clear.
    """
    if printed.jsonversion != "2":
        raise ImportFileError("it is of vnStat 1, which kept KiB only", "vnStat 2 converts its database by itself")
    links = {link.name: link for link in printed.interfaces}
    names = choose(list(links), asked)
    taken = [links[name] for name in names]
    _check_zone(taken, asked)
    bounds = _bounds([(_local(link.created), _local(link.updated)) for link in taken], asked)

    def read(_accounted: Sequence[Stretch]) -> Iterator[Cell]:
        levels = {name: figures(_summed(taken, name), period, asked.zoned, bounds) for name, period in PERIODS.items()}
        if len(names) == 1:
            levels["day"] = _with_top(levels["day"], figures(_summed(taken, "top"), times.day, asked.zoned, bounds))
        return cells(levels.values())

    return Source(KIND, f"vnStat {printed.vnstatversion[:20]}, {', '.join(names)}", read)


def _with_top(days: Iterator[Figure], top: Iterator[Figure]) -> Iterator[Figure]:
    """Days, and the best ones of those whose rows are gone; in order of time. A top list is short."""
    listed = {figure.start_ns: figure for figure in top}
    waiting = sorted(listed)
    for figure in days:
        while waiting and waiting[0] < figure.start_ns:
            yield listed[waiting.pop(0)]
        if waiting and waiting[0] == figure.start_ns:
            waiting.pop(0)
        yield figure
    for start in waiting:
        yield listed[start]


def _bounds(known: list[tuple[datetime, datetime]], asked: Asked) -> Bounds:
    for edge in (edge for edges in known for edge in edges):
        times.checked(edge, asked.zoned)
    since, until = min(edges[0] for edges in known), max(edges[1] for edges in known)
    return Bounds(local_ns(since, asked.zoned.zone), local_ns(until, asked.zoned.zone))


def _summed(links: list[_Link], name: str) -> Iterator[Row]:
    """Rows of several interfaces together, in order of time."""
    total: dict[datetime, tuple[int, int]] = {}
    for link in links:
        for row in _decoded(link, name):
            at, before = _local(row), total.get(_local(row), (0, 0))
            total[at] = count(before[0] + count(row.rx)), count(before[1] + count(row.tx))
    return (Row(at, *total[at]) for at in sorted(total))


def _decoded(link: _Link, name: str) -> list[_Row]:
    if name not in link.traffic:
        return []
    try:
        return msgspec.json.decode(link.traffic[name], type=list[_Row])
    except msgspec.MsgspecError as exc:
        raise ImportFileError(f"its list {name!r} is not vnStat's: {exc}", "Nothing was imported") from exc


def _local(moment: _Moment) -> datetime:
    day, time = moment.date, moment.time
    try:
        return datetime(day.year, day.month, day.day, time.hour, time.minute)  # noqa: DTZ001 - local
    except ValueError as exc:
        raise ImportFileError(f"a date of it does not exist: {exc}", "Nothing was imported") from exc


def _check_zone(links: list[_Link], asked: Asked) -> None:
    """Its printed instants tell the zone of the machine it was printed on; a different one would shift every hour."""
    for row in (row for link in links for name in ("fiveminute", "hour") for row in _decoded(link, name)[-1:]):
        here = local_ns(_local(row), asked.zoned.zone) // 10**9
        if row.timestamp is not None and row.timestamp != here and not asked.zone_given:
            hours = (here - row.timestamp) / 3600
            raise ImportFileError(
                f"its times are of another time zone, {abs(hours):g} h {'east' if hours > 0 else 'west'} of yours",
                f"Name that zone with --zone, as in --zone {'Asia/Kolkata' if hours > 0 else 'America/New_York'}",
            )
