"""What every chapter is made of: the card, quantities, directions, tables."""

from collections.abc import Iterable

from packetbuddy.exports.template import Markup, fill, joined
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.quantities import short

DIRECTIONS = {"down": ("↓", "downloaded"), "up": ("↑", "uploaded")}


def chapter(kind: str, title: str, body: Markup) -> Markup:
    """A card with its heading; ``kind`` is its identity on the page."""
    return fill("chapter", kind=kind, title=title, body=body)


def quantity(count: int, how: Presentation) -> Markup:
    """3.42 GB, the unit smaller."""
    number, _, unit = short(count, how.units).partition(" ")
    return fill("quantity", number=number, unit=unit)


def direction(way: str, count: int, how: Presentation) -> Markup:
    """Bytes with the arrow, the word and the colour of their way: ``down`` or ``up``."""
    arrow, what = DIRECTIONS[way]
    return fill("direction", kind=way, arrow=arrow, what=what, total=quantity(count, how))


def table(title: str, head: Iterable[str], rows: Iterable[list[str]]) -> Markup:
    """A table behind a line to open it; the first cell of a row is its name."""
    body = joined(fill("row", cells=_row(row)) for row in rows)
    return fill("table", title=title, head=joined(fill("head", words=words) for words in head), rows=body)


def _row(cells: list[str]) -> Markup:
    return joined([fill("name", words=cells[0]), *(fill("cell", words=words) for words in cells[1:])])
