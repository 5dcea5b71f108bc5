"""Our own CSV and JSON: a row per local day. Days on which nothing moved say nothing."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

import msgspec

from packetbuddy.errors import ImportFileError
from packetbuddy.imports import times
from packetbuddy.imports.figures import Cell, cells
from packetbuddy.imports.source import Asked, Source
from packetbuddy.imports.times import Row, count, figures, local_time
from packetbuddy.metering.stretches import Stretch
from packetbuddy.reports.words import counted

NEEDED = ("date", "bytes_sent", "bytes_received")
PEAK = "peak_speed"
TOTAL = "total_bytes"
MOST_ROWS = 100_000
"""More days than anybody has counted."""


class _Day(msgspec.Struct):
    date: str
    bytes_sent: int
    bytes_received: int
    peak_speed: int | None = None


class _Meta(msgspec.Struct):
    timezone: str | None = None


class Days(msgspec.Struct):
    """What of our JSON is read; the rest is worked out again."""

    days: list[_Day]
    meta: _Meta = msgspec.field(default_factory=_Meta)


def of_csv(file: TextIO, asked: Asked) -> Source:
    """A CSV of ours; columns may come in any order and more may be there.

    Raises:
        ImportFileError: it has another shape.
    """
    try:
        rows = list(_read(csv.reader(file, strict=True)))
    except csv.Error as exc:
        raise ImportFileError(f"it is no CSV: {exc}", "Nothing was imported") from exc
    return _source("PacketBuddy CSV", rows, asked)


def of_json(days: Days, asked: Asked) -> Source:
    """Our JSON.

    Raises:
        ImportFileError: a value in it cannot be, or its days are those of another zone than asked for.
    """
    zone = days.meta.timezone
    if zone is not None and zone != asked.zone_name and not asked.zone_given:
        hint = f"Read them as such with --zone {zone[:60]}"
        raise ImportFileError(f"its days are those of {zone[:60]}, yours those of {asked.zone_name}", hint)
    rows = [
        Row(local_time(day.date), count(day.bytes_received), count(day.bytes_sent), count(day.peak_speed or 0))
        for day in days.days
    ]
    return _source("PacketBuddy JSON", rows, asked)


def _source(kind: str, rows: list[Row], asked: Asked) -> Source:
    told = sorted(row for row in rows if row.rx or row.tx)

    def read(_accounted: Sequence[Stretch]) -> Iterator[Cell]:
        return cells([figures(told, times.day, asked.zoned)])

    return Source(kind, f"{counted(len(told), 'day')} with usage", read)


def _read(lines: Iterable[list[str]]) -> Iterator[Row]:
    header: list[str] = []
    for number, line in enumerate(lines, 1):
        if number == 1:
            header = [name.strip().lower() for name in line]
            continue
        if number > MOST_ROWS:
            raise ImportFileError(f"it has more than {MOST_ROWS:,} rows", "Nothing was imported")
        if line:
            yield _row(header, line, number)


def _row(header: list[str], line: list[str], number: int) -> Row:
    """A line that was cut off in the middle, or whose cells moved, must not become a smaller number."""
    values = dict(zip(header, line, strict=False))
    if missing := [name for name in NEEDED if name not in values]:
        raise ImportFileError(f"line {number} has no {missing[0]}", "Nothing was imported")
    if len(line) != len(header):
        raise ImportFileError(f"line {number} has {len(line)} values for {len(header)} columns", "Nothing was imported")
    try:
        sent, received = _number(values["bytes_sent"]), _number(values["bytes_received"])
        _check_sum(values.get(TOTAL), sent + received)
        return Row(local_time(values["date"]), received, sent, _number(values.get(PEAK) or "0"))
    except ImportFileError as exc:
        raise ImportFileError(f"line {number}: {exc}", exc.hint) from exc


def _check_sum(told: str | None, total: int) -> None:
    if told and _number(told) != total:
        raise ImportFileError(f"{TOTAL} is not the sum of the other two", "Nothing was imported")


def _number(text: str) -> int:
    plain = text.isascii() and text.isdigit() and len(text) < 20
    return count(int(text) if plain else text)
