"""Reading exports back, each from its file alone, as somebody would who knows nothing but the documentation."""

import csv
import io
import json
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from toon_format import decode

from packetbuddy.reports.model import Day, Usage

NUMBERS = ("bytes_sent", "bytes_received", "total_bytes", "peak_speed", "coverage", "estimated_bytes")


def read_csv(text: str) -> list[Day]:
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    return [_day(row["date"], {name: row[name] or None for name in NUMBERS}) for row in rows]


def read_json(text: str) -> list[Day]:
    return [_day(row["date"], row) for row in json.loads(text)["days"]]


def read_official(text: str) -> list[Day]:
    return [_day(row["date"], row) for row in decode(text)["daily"]]


def read_toon(text: str) -> list[Day]:
    """From the file alone: dates from ``first`` on, but those skipped; what is not named is 1 and 0."""
    daily = tomllib.loads(text)["daily"]
    dates = (day for day in _dates(daily.get("first")) if day not in daily.get("skipped", []))
    columns = zip(dates, daily["bytes_sent"], daily["bytes_received"], daily["peak_speed_bps"], strict=False)
    return [
        Day(
            day,
            Usage(sent, received, peak or None, _named(daily, "coverage", day, 1), _named(daily, "estimated", day, 0)),
        )
        for day, sent, received, peak in columns
    ]


def _dates(first: date | None) -> Iterator[date]:
    while first is not None:
        yield first
        first += timedelta(1)


def _named(daily: dict[str, Any], name: str, day: date, otherwise: int) -> Any:
    found = daily.get(name, {}).get(f"{day:%Y-%m}", {}).get(str(day.day), otherwise)
    return None if found == "none" else found


def _day(text: str, row: dict[str, Any]) -> Day:
    sent, received, estimated = (int(row[name]) for name in ("bytes_sent", "bytes_received", "estimated_bytes"))
    peak, coverage = row["peak_speed"], row["coverage"]
    usage = Usage(sent, received, peak and int(peak), None if coverage is None else float(coverage), estimated)
    return Day(date.fromisoformat(text), usage)


READERS = {"csv": read_csv, "json": read_json, "official": read_official, "toon": read_toon}
