"""An export of one format out of the ledger: the same text, to the byte, for everybody who asks at one instant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from packetbuddy.answers.history import Bounds, Maker, history, wrapup, year_bounds
from packetbuddy.answers.open import Question
from packetbuddy.errors import WrongUsageError
from packetbuddy.exports.formats import KINDS, SERIES, Kind, file_name
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import History
from packetbuddy.reports.model import Day

TOLD_EACH = 50
"""So many days are read between two words of how far it is."""
Told = Callable[[float], None]
"""Hears how far it is, from 0 to 1."""


class Order(NamedTuple):
    """What is wanted: ``format`` and its ``dialect``, the days or the year."""

    format: str
    dialect: str | None = None
    bounds: Bounds = Bounds()
    year: int | None = None

    @property
    def kind(self) -> Kind:
        """What kind of file that makes."""
        return KINDS[self.dialect or self.format]


class Export(NamedTuple):
    """What the file is called, what it is, and its text in pieces, which are read while the export is open."""

    name: str
    kind: Kind
    pieces: Iterator[str]


def order(format_: str, *, dialect: str | None, bounds: Bounds, year: int | None) -> Order:
    """What was asked for, where that can be meant.

    Raises:
        WrongUsageError: a dialect of another format, a year and dates, or dates for the story of a year.
    """
    if dialect is not None and format_ != "toon":
        raise WrongUsageError(f"the dialect {dialect} is one of the format toon", "Ask for toon, or for no dialect")
    dated = bounds != Bounds()
    if year is not None and dated:
        raise WrongUsageError("a year and dates at once cannot be meant", "Give the year, or from and to")
    if format_ == "html" and dated:
        raise WrongUsageError("the HTML page tells a whole year, not dates", "Give a year")
    return Order(format_, dialect, bounds if year is None else year_bounds(year), year)


@contextmanager
def exported(
    question: Question, how: Presentation, wanted: Order, maker: Maker, told: Told = lambda _part: None
) -> Iterator[Export]:
    """Open the export; nothing is written before its pieces are read.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
        WrongUsageError: the interface asked for is not known.
    """
    if wanted.format == "html":
        from packetbuddy.exports.as_html import html  # noqa: PLC0415 - only the page needs its templates

        story = wrapup(question, wanted.year, maker)
        yield Export(f"packetbuddy-{story.year}.html", wanted.kind, html(story, how))
        return
    series = SERIES[wanted.dialect or wanted.format]
    with history(question, wanted.bounds, maker) as report:
        watched = _watched(report, series.passes, told)
        yield Export(file_name(report, wanted.kind.suffix), wanted.kind, series.pieces(watched, how))


def _watched(report: History, passes: int, told: Told) -> History:
    """The same report, that says how far its reader is."""
    done, whole = 0, max(1, report.length * passes)

    def days() -> Iterator[Day]:
        nonlocal done
        for day in report.days():
            done += 1
            if done % TOLD_EACH == 0:
                told(min(1.0, done / whole))
            yield day

    return report._replace(days=days)
