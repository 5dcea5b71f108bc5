"""What was tracked: from which day on, how many days, and when the highest speed was seen. Days are ordinals."""

from datetime import datetime

from packetbuddy.answers.localdays import LAST_ORDINAL, day_start, ordinal_at
from packetbuddy.answers.localtable import LocalTable
from packetbuddy.answers.open import Sight, local
from packetbuddy.metering.slots import SLOT_NS, slot_of


def first_tracked(sight: Sight, table: LocalTable) -> int | None:
    """The first day with data or observation.

    Of one interface the first on which it moved anything: the machine may have been observed for long before it came.
    """
    if sight.question.interface is None:
        return table.tally(1, LAST_ORDINAL).first
    return next((row.day for row in table.rows(1, LAST_ORDINAL) if row.rx or row.tx or row.points), None)


def tracked(sight: Sight, table: LocalTable, first: int, last: int) -> int:
    """How many of the days have data or observation, today among them."""
    today = ordinal_at(sight.question.now_ns, sight.question.zone)
    today_is_missing = first <= today <= last and not table.rows(today, today)
    return table.tally(first, last).days + today_is_missing


def peak_at(sight: Sight, day: int) -> datetime | None:
    """The slot in which the highest speed of a day was seen, ``None`` without one."""
    zone = sight.question.zone
    first, beyond = slot_of(day_start(day, zone)), slot_of(day_start(day + 1, zone))
    slot = sight.reader.peak_slot(sight.series, first, beyond)
    return None if slot is None else local(sight.question, slot * SLOT_NS)
