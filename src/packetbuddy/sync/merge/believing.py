"""What another's rows may say: anything else is refused, in words, and nothing of it reaches the ledger."""

from collections.abc import Sequence
from typing import NamedTuple

from packetbuddy.metering.quarters import NOTHING, QUARTER_SECONDS, QUARTERS, Column, UtcDay

MOST_BYTES = 100_000_000_000 * QUARTER_SECONDS
"""In a quarter of an hour and one direction: no interface is faster than 100 GB/s."""
MOST_SPEED = 1_000_000_000_000
MOST_IN_ALL = 1 << 61
"""Bytes of all that was pulled, so that sums of 64 bits hold them."""
FURTHEST_AHEAD_DAYS = 366
"""A clock may run ahead; what lies beyond is left out until its device has moved it."""
FUTURE = "it lies in the future: that device's clock is wrong"
LONGEST_NAME = 100
_OBSERVED = (QUARTER_SECONDS,) * QUARTERS


class Believed(NamedTuple):
    """A row that makes sense: the day and the revision it came with."""

    day: UtcDay
    revision: int


class RefusedError(Exception):
    """A row that makes none; its text is the reason. Never shown without the device's name."""


def believed(row: Sequence[object], *, today: int) -> Believed:
    """A row of the table ``days``: day, revision, five totals, five columns; ``today`` is the UTC day now.

    Raises:
        RefusedError: it is not what a PacketBuddy writes.
    """
    if len(row) != 12:
        raise RefusedError("it has other columns")
    day, revision = _whole(row[0], "day", 1 << 30), _whole(row[1], "revision", 1 << 62)
    if day > today + FURTHEST_AHEAD_DAYS:
        raise RefusedError(FUTURE)
    found = UtcDay(
        day,
        _column(row[7], "bytes received", MOST_BYTES, None),
        _column(row[8], "bytes sent", MOST_BYTES, None),
        _column(row[9], "estimated bytes", 2 * MOST_BYTES, NOTHING),
        _column(row[10], "speeds", MOST_SPEED, NOTHING),
        _column(row[11], "observed seconds", QUARTER_SECONDS, _OBSERVED),
    )
    sums = (sum(found.rx), sum(found.tx), sum(found.estimated), max(found.peak), found.seconds)
    if sums != tuple(row[2:7]) or any(type(each) is not int for each in row[2:7]):
        raise RefusedError("its totals differ from its quarters")
    return Believed(found, revision)


def is_emptied(row: Sequence[object]) -> bool:
    """Whether a row says that its day holds nothing any more: a clock was set right, and what it held has moved."""
    return len(row) == 12 and all(type(each) is int and each == 0 for each in row[2:7])


def plain(text: object, otherwise: str) -> str:
    """A name that may be shown: one line, printable, not too long."""
    if not isinstance(text, str):
        return otherwise
    clean = "".join(each if each.isprintable() else " " for each in text[: 4 * LONGEST_NAME])
    return " ".join(clean.split())[:LONGEST_NAME] or otherwise


def _whole(given: object, name: str, most: int) -> int:
    if type(given) is not int or not 0 <= given <= most:
        raise RefusedError(f"its {name} cannot be meant")
    return given


def _column(given: object, name: str, most: int, otherwise: Column | None) -> Column:
    if given is None and otherwise is not None:
        return otherwise
    if not isinstance(given, list) or len(given) != QUARTERS:
        raise RefusedError(f"its {name} are not {QUARTERS} numbers")
    if set(map(type, given)) != {int} or min(given) < 0 or max(given) > most:
        raise RefusedError(f"its {name} cannot be meant")
    return tuple(given)
