"""The formats by name, and what a file of each is called."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from packetbuddy.exports.as_csv import csv
from packetbuddy.exports.as_json import json
from packetbuddy.exports.as_markdown import markdown
from packetbuddy.exports.as_official import official
from packetbuddy.exports.as_toon import COLUMNS, toon
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import History

Pieces = Callable[[History, Presentation], Iterator[str]]
UTF8 = "; charset=utf-8"


class Series(NamedTuple):
    """How a range of days is written, and how often that goes through the days."""

    pieces: Pieces
    passes: int = 1


class Kind(NamedTuple):
    """What a file of a format is: the ending of its name, and its media type."""

    suffix: str
    media: str


KINDS = {
    "csv": Kind("csv", f"text/csv{UTF8}; header=present"),
    "json": Kind("json", "application/json"),
    "html": Kind("html", f"text/html{UTF8}"),
    "markdown": Kind("md", f"text/markdown{UTF8}"),
    "toon": Kind("toon", "application/toml"),
    "official": Kind("toon", f"text/toon{UTF8}"),
}
"""By name; ``official`` is the dialect of ``toon``."""
SERIES = {
    "csv": Series(csv),
    "json": Series(json),
    "markdown": Series(markdown),
    "toon": Series(toon, passes=len(COLUMNS) + 3),
    "official": Series(official, passes=2),
}
"""Those that tell any range of days; HTML tells a year."""


def file_name(history: History, suffix: str) -> str:
    """What the file of a range is called."""
    first, last = history.total.first, history.total.last
    span = f"{first}" if first == last else f"{first}-to-{last}"
    return f"packetbuddy-{span}.{suffix}"
