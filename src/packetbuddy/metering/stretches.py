"""Stretches of time, each a start and an end in nanoseconds: united, and what is left of them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Stretch = tuple[int, int]
FOREVER = (1 << 63) - 1
"""Later than anything that a row can hold."""


def united(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order of their start, merged where they touch or overlap."""
    merged: list[Stretch] = []
    for start, end in stretches:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def without(stretch: Stretch, taken: Sequence[Stretch]) -> list[Stretch]:
    """What is left of a stretch; ``taken`` is in order and without overlaps."""
    left, (at, end) = [], stretch
    for start, stop in taken[max(0, bisect_right(taken, (at, FOREVER)) - 1) :]:
        if start >= end:
            break
        if start > at:
            left.append((at, start))
        at = max(at, stop)
    if at < end:
        left.append((at, end))
    return left


def length(stretches: Iterable[Stretch]) -> int:
    """Nanoseconds of all of them together."""
    return sum(end - start for start, end in stretches)
