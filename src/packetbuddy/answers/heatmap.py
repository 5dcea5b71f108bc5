"""When traffic happens: bytes by weekday and hour of local time. Bytes of estimated times say nothing about that."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from packetbuddy.answers.localdays import day_start, ordinal_at, runs
from packetbuddy.answers.open import Question, Sight, looking
from packetbuddy.metering.slots import SLOTS_PER_DAY, slot_of
from packetbuddy.reports.model import Cell, Heatmap
from packetbuddy.storage.reader import Sum

HOURS, WEEK = 24, 168
SLOTS_PER_HOUR = SLOTS_PER_DAY // HOURS
FIRST_HOUR = 3 * HOURS
"""1 January 1970 was a Thursday: so many hours after a Monday."""
MOST_REMEMBERED = 8


class Remembered(NamedTuple):
    """Bytes of each of the 168 hours over past days, as of a revision of the ledger."""

    revision: int
    totals: tuple[int, ...]


Memory = dict[tuple[object, ...], Remembered]
"""What a process that lasts remembers between questions; losing it costs only time."""


def heatmap(question: Question, first: date, last: date, memory: Memory | None = None) -> Heatmap:
    """Bytes of the local days ``first`` … ``last``, both included, by weekday and hour.

    With ``memory`` the days before yesterday are read again only when they have changed.
    """
    zone = question.zone
    yesterday = ordinal_at(question.now_ns, zone) - 1
    start, beyond = slot_of(day_start(first.toordinal(), zone)), slot_of(day_start(last.toordinal() + 1, zone))
    edge = min(max(start, slot_of(day_start(yesterday, zone))), beyond)
    with looking(question) as sight:
        past = _past(sight, start, edge, {} if memory is None else memory)
        parts = (past, _stored(sight, edge, beyond), _pending(sight, start, beyond))
    return Heatmap(first, last, _cells(*parts))


def week_hours(sight: Sight, first: int, last: int) -> tuple[Cell, ...]:
    """The same cells of an open sight; days are ordinals."""
    zone = sight.question.zone
    start, beyond = slot_of(day_start(first, zone)), slot_of(day_start(last + 1, zone))
    return _cells(_stored(sight, start, beyond), _pending(sight, start, beyond))


def _timed(total: Sum) -> int:
    return total.rx + total.tx - total.estimated


def _cells(*parts: Sequence[int]) -> tuple[Cell, ...]:
    totals = map(sum, zip(*parts, strict=True))
    return tuple(Cell(*divmod(place, HOURS), total) for place, total in enumerate(totals))


def _past(sight: Sight, start: int, edge: int, memory: Memory) -> tuple[int, ...]:
    question = sight.question
    key = (sight.state.lineage, sight.key, question.zone, question.interface, start, edge)
    found = memory.get(key)
    if found is None or _changed(sight, found.revision, edge):
        found = Remembered(sight.state.revision, tuple(_stored(sight, start, edge)))
        if len(memory) >= MOST_REMEMBERED:
            memory.clear()
    memory[key] = found
    return found.totals


def _changed(sight: Sight, revision: int, edge: int) -> bool:
    """Whether any UTC day before this slot has changed since, or the ledger went back behind that revision."""
    if sight.state.revision < revision:
        return True
    return any(day * SLOTS_PER_DAY < edge for day in sight.reader.changed_days(revision))


def _stored(sight: Sight, start: int, beyond: int) -> list[int]:
    """Bytes of each of the 168 hours of a week in the ledger."""
    totals = [0] * WEEK
    series = sight.reader.series(sight.question.interface)
    for run in runs(sight.question.zone, start, beyond):
        found = sight.reader.grouped(series, run.first, run.beyond, period=SLOTS_PER_HOUR, offset=run.offset)
        for hour, total in found:
            totals[(hour + FIRST_HOUR) % WEEK] += _timed(total)
    return totals


def _pending(sight: Sight, start: int, beyond: int) -> list[int]:
    """The same of what is not written yet."""
    totals, wanted = [0] * WEEK, sight.question.interface
    for (slot, name, counted), amounts in sight.pending.cells.items():
        if start <= slot < beyond and (counted if wanted is None else name == wanted):
            offset = next(runs(sight.question.zone, slot, slot + 1)).offset
            totals[((slot + offset) // SLOTS_PER_HOUR + FIRST_HOUR) % WEEK] += _timed(Sum(*amounts[:3]))
    return totals
