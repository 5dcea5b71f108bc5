"""PURE: where a file's cells go. Only time that nobody has answered for takes bytes, so that no byte is doubled.

What PacketBuddy observed itself, what an earlier import answered for, and what is to come is *accounted for*. A cell in
free time is taken whole; one in accounted time not at all. One in both tops up: it gives what it has beyond what the
ledger holds there, into the free part.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from packetbuddy.imports.figures import HOUR_NS, Cell
from packetbuddy.metering.slots import QUARTER, SLOT_NS, slot_of
from packetbuddy.metering.stretches import Stretch, length, without

QUARTER_NS = QUARTER * SLOT_NS
Have = Callable[[int, int], tuple[int, int]]
"""Counted bytes rx and tx that the ledger holds in the slots first ≤ slot < beyond."""


class Share(NamedTuple):
    """A row to store: a slot, what moved in it, how much of that is at an estimated time, the highest speed."""

    slot: int
    rx: int
    tx: int
    estimated: int = 0
    peak: int = 0


class Fitted(NamedTuple):
    """A cell and what is taken of it: bytes, and the free time that they go into and that is accounted for then."""

    cell: Cell
    free: tuple[Stretch, ...]
    rx: int
    tx: int


def fitted(cell: Cell, accounted: Sequence[Stretch], have: Have) -> Fitted:
    """How much of a cell is taken; ``accounted`` is in order and without overlaps."""
    free = tuple(part for stretch in cell.stretches for part in without(stretch, accounted))
    if not free:
        return Fitted(cell, (), 0, 0)
    if length(free) == length(cell.stretches):
        return Fitted(cell, free, cell.rx, cell.tx)
    there = [have(slot_of(start), slot_of(end - 1) + 1) for start, end in cell.stretches]
    rx, tx = sum(each[0] for each in there), sum(each[1] for each in there)
    return Fitted(cell, free, max(0, cell.rx - rx), max(0, cell.tx - tx))


def shares(each: Fitted) -> Iterator[Share]:
    """Rows that hold exactly what is taken, spread evenly over the free time; none where nothing is."""
    pieces = list(_pieces(each)) if each.rx or each.tx else []
    total, passed, given_rx, given_tx = length(pieces), 0, 0, 0
    for start, end in pieces:
        passed += end - start
        upto_rx, upto_tx = each.rx * passed // total, each.tx * passed // total
        rx, tx = upto_rx - given_rx, upto_tx - given_tx
        given_rx, given_tx = upto_rx, upto_tx
        if rx or tx:
            yield Share(slot_of(start), rx, tx, rx + tx if each.cell.estimated else 0)
    if each.cell.peak and _knows_peak(each):
        at = each.cell.peak_ns
        yield Share(slot_of(next((start for start, end in pieces if start <= at < end), at)), 0, 0, 0, each.cell.peak)


def _knows_peak(each: Fitted) -> bool:
    """The highest speed belongs to the time where most moved, and counts where that is free."""
    inside = any(start <= each.cell.peak_ns < end for start, end in each.free)
    return inside or length(each.free) == length(each.cell.stretches)


def _pieces(each: Fitted) -> Iterator[Stretch]:
    """The free time cut at every slot, or at every hour of the cell's zone: some are off by quarters."""
    step_ns = HOUR_NS if each.cell.estimated else SLOT_NS
    past = each.cell.stretches[0][0] % step_ns // QUARTER_NS * QUARTER_NS
    for start, end in each.free:
        edges = [start, *range(start - (start - past) % step_ns + step_ns, end, step_ns), end]
        yield from pairwise(edges)
