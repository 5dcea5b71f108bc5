"""PURE: what a file says of stretches of time, in several resolutions, becomes cells in which every byte is once.

A month's figure holds the bytes of its days, a day's those of its hours. Finer figures go first; what a coarser one has
beyond them is a cell of its own, over the time that they leave.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packetbuddy.errors import ImportFileError
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.stretches import Stretch, without

HOUR_NS = 3600 * SECOND
LONGEST_DAY_NS = 26 * HOUR_NS
"""A local day has 23 to 25 hours; a file may keep a day of a zone that moved."""
MOST_BYTES = 1 << 62
"""More than any machine ever moved, and what a row can hold."""


class Figure(NamedTuple):
    """What a file says moved between two instants (wall nanoseconds), and the highest speed it saw (0: not known).

    ``busiest`` is an instant within the finer figures where most moved, ``None`` where there are none.
    """

    start_ns: int
    end_ns: int
    rx: int
    tx: int
    peak: int = 0
    busiest: int | None = None


class Cell(NamedTuple):
    """Bytes over stretches of time; no other cell of the same file holds any of them.

    ``peak`` was seen at about ``peak_ns``. ``estimated``: the figure is coarser than an hour, so times within are not
    known.
    """

    stretches: tuple[Stretch, ...]
    rx: int
    tx: int
    peak: int
    peak_ns: int
    estimated: bool


def cells(levels: Iterable[Iterator[Figure]]) -> Iterator[Cell]:
    """All cells of a file; ``levels`` from the finest to the coarsest, each in order of time.

    Raises:
        ImportFileError: figures of one level overlap.
    """
    items: Iterator[Cell | Figure] = iter(())
    for level in levels:
        items = _topped(items, _in_order(level))
    return (item for item in items if isinstance(item, Cell))


def _in_order(figures: Iterator[Figure]) -> Iterator[Figure]:
    before = None
    for figure in figures:
        if before is not None and figure.start_ns < before:
            raise ImportFileError("two of its rows are about the same time", "Nothing was imported")
        before = figure.end_ns
        yield figure


def _topped(finer: Iterator[Cell | Figure], coarser: Iterator[Figure]) -> Iterator[Cell | Figure]:
    """Pass cells on, and the figures that no coarser one holds; the others give way to it."""
    inside: list[Figure] = []
    whole = next(coarser, None)
    for item in finer:
        if isinstance(item, Cell):
            yield item
            continue
        while whole is not None and whole.end_ns <= item.start_ns:
            yield from _closed(whole, inside)
            whole, inside = next(coarser, None), []
        if whole is not None and whole.start_ns <= item.start_ns:
            inside.append(item)
        else:
            yield item
    while whole is not None:
        yield from _closed(whole, inside)
        whole, inside = next(coarser, None), []


def _closed(whole: Figure, inside: list[Figure]) -> Iterator[Cell | Figure]:
    """What a figure has beyond those inside it, as a cell, and the figure with at least what they have together."""
    rx, tx = sum(each.rx for each in inside), sum(each.tx for each in inside)
    most = max(inside, key=lambda each: each.rx + each.tx, default=None)
    if most is not None:
        whole = whole._replace(busiest=most.start_ns if most.busiest is None else most.busiest)
    rest = _rest(whole, inside, max(0, whole.rx - rx), max(0, whole.tx - tx))
    if rest is not None:
        yield rest
    yield whole._replace(rx=max(whole.rx, rx), tx=max(whole.tx, tx))


def _rest(whole: Figure, inside: list[Figure], rx: int, tx: int) -> Cell | None:
    """The cell, ``None`` where nothing is left to say.

    A day whose hours hold all of it still answers for the rest of the day: nothing moved then. A month does not answer
    for days that the file has no row of.
    """
    span = whole.end_ns - whole.start_ns
    left = without((whole.start_ns, whole.end_ns), [(each.start_ns, each.end_ns) for each in inside])
    if not rx and not tx and not whole.peak and (not left or span > LONGEST_DAY_NS):
        return None
    peak_ns = whole.start_ns + span // 2 if whole.busiest is None else whole.busiest
    stretches = tuple(left) or ((whole.start_ns, whole.end_ns),)
    return Cell(stretches, rx, tx, whole.peak, peak_ns, span > HOUR_NS)
