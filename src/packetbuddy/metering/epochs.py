"""Clock epochs (rule 8): under which setting of the wall clock something was written, and which settings were wrong.

An epoch's *base* is the wall clock minus the elapsed clock. Within one boot the elapsed clock never steps, so two
bases tell how far the wall clock was set between them, and rows written under a wrong one move by exactly that. Pure.
"""

from collections.abc import Iterable
from typing import NamedTuple

from packetbuddy.metering.readings import SECOND, Instant

SETTLED = 0
"""The epoch of rows whose times need no more thought."""
STEP_NS = 60 * SECOND
"""Bases closer than this are one setting of the clock."""
RELEASE_NS = 1_793_000_000 * SECOND
"""Shortly before this program existed (October 2026): a wall clock before it is wrong."""


class Epoch(NamedTuple):
    """One setting of the wall clock within one boot; ``number`` > 0 tags the rows that were written under it."""

    number: int
    base_ns: int


class Move(NamedTuple):
    """Rows of epoch ``number`` belong ``offset_ns`` later (earlier when negative)."""

    number: int
    offset_ns: int


def base_of(at: Instant) -> int:
    """Wall minus elapsed clock, in nanoseconds."""
    return at.wall_ns - at.elapsed_ns


def stepped(before: Instant, now: Instant) -> bool:
    """Whether the wall clock was set between two looks of one boot."""
    return abs(base_of(now) - base_of(before)) > STEP_NS


def trusted(now: Instant) -> bool:
    """Whether what is written now needs no epoch: the system says that a time service keeps its clock."""
    return now.synchronized is True and now.wall_ns >= RELEASE_NS


def settle(epochs: Iterable[Epoch], now: Instant) -> tuple[Move, ...]:
    """Which of this boot's unsettled ``epochs``, oldest first, can be settled now, and by how much they move.

    A trusted clock settles all of them. Otherwise an epoch is known to be wrong once the clock is back from it:
    it lay before this program's release and the clock does not now, or an older epoch has the base of now, so that
    the clock went away and came back. What cannot be known stays as it is.
    """
    all_epochs = tuple(epochs)
    base = base_of(now)
    if trusted(now):
        return tuple(_move(epoch, base) for epoch in all_epochs)
    if now.wall_ns < RELEASE_NS:
        return ()
    first_like_now = next((place for place, epoch in enumerate(all_epochs) if _same(epoch.base_ns, base)), None)
    return tuple(
        _move(epoch, base)
        for place, epoch in enumerate(all_epochs)
        if not _same(epoch.base_ns, base)
        and (_before_release(epoch, now) or (first_like_now is not None and place > first_like_now))
    )


def _move(epoch: Epoch, base_ns: int) -> Move:
    return Move(epoch.number, 0 if _same(epoch.base_ns, base_ns) else base_ns - epoch.base_ns)


def _before_release(epoch: Epoch, now: Instant) -> bool:
    return epoch.base_ns + now.elapsed_ns < RELEASE_NS


def _same(one_ns: int, other_ns: int) -> bool:
    return abs(one_ns - other_ns) <= STEP_NS
