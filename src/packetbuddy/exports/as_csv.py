"""CSV as RFC 4180 has it: a row per day, numbers and dates only.

No text of anybody's making gets in, no name of a device or link: nothing that a spreadsheet could take for a formula.
"""

from collections.abc import Iterator

from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import History
from packetbuddy.reports.model import Day
from packetbuddy.reports.quantities import share_text

COLUMNS = (
    "date",
    "bytes_sent",
    "bytes_received",
    "total_bytes",
    "peak_speed",
    "coverage",
    "estimated_bytes",
)


def csv(history: History, _how: Presentation) -> Iterator[str]:
    """A line per day; a cell is empty where there is nothing to know."""
    yield _line(COLUMNS)
    for day in history.days():
        yield _line(_cells(day))


def _cells(day: Day) -> tuple[str, ...]:
    usage = day.usage
    return (
        day.date.isoformat(),
        str(usage.sent),
        str(usage.received),
        str(usage.total),
        "" if usage.peak is None else str(usage.peak),
        "" if usage.coverage is None else share_text(usage.coverage),
        str(usage.estimated),
    )


def _line(cells: tuple[str, ...]) -> str:
    return ",".join(cells) + "\r\n"
