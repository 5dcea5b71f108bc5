"""Time in slots: five minutes of UTC, numbered from 1970. Bytes are split in whole numbers that sum exactly."""

from collections.abc import Iterator
from typing import NamedTuple

from packetbuddy.metering.readings import SECOND

SLOT_SECONDS = 300
SLOT_NS = SLOT_SECONDS * SECOND
QUARTER = 3
"""Slots in a quarter of an hour: every zone in use is a multiple of that away from UTC."""
SLOTS_PER_DAY = 86_400 // SLOT_SECONDS
MOST_PIECES = 3_000
"""A span is never cut into more pieces than this (ten days of slots), so that a year's gap stays small in memory."""


class Share(NamedTuple):
    """The part of a span that falls into one slot, in bytes."""

    slot: int
    rx: int
    tx: int


def slot_of(wall_ns: int) -> int:
    """Number of the slot that holds this UTC instant."""
    return wall_ns // SLOT_NS


def day_of_slot(slot: int) -> int:
    """Number of the UTC day (days since 1970) that holds this slot."""
    return slot // SLOTS_PER_DAY


def split(start_ns: int, end_ns: int, rx: int, tx: int) -> Iterator[Share]:
    """Spread bytes evenly over ``[start_ns, end_ns]``; the shares sum to exactly ``rx`` and ``tx``.

    An instant's end belongs to the slot before it. Spans of more than :data:`MOST_PIECES` slots are cut into
    coarser pieces of whole quarter hours, each booked in its first slot. Empty shares are left out.
    """
    first, last = slot_of(start_ns), slot_of(max(end_ns - 1, start_ns))
    if first == last:
        yield Share(first, rx, tx)
        return
    step = _step(last - first + 1)
    length = end_ns - start_ns
    given_rx = given_tx = 0
    for slot in range(first - first % step, last + 1, step):
        passed = min((slot + step) * SLOT_NS, end_ns) - start_ns
        upto_rx, upto_tx = rx * passed // length, tx * passed // length
        if upto_rx > given_rx or upto_tx > given_tx:
            yield Share(max(slot, first), upto_rx - given_rx, upto_tx - given_tx)
        given_rx, given_tx = upto_rx, upto_tx


def _step(count: int) -> int:
    if count <= MOST_PIECES:
        return 1
    return -(-count // (MOST_PIECES * QUARTER)) * QUARTER
