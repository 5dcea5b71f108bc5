"""Every interface: counted or not, why, and what it moved."""

from contextlib import closing

from packetbuddy.answers.booked import booked
from packetbuddy.answers.open import Question, Sight, added, looking
from packetbuddy.errors import LedgerMissingError
from packetbuddy.metering.uplinks import Decision
from packetbuddy.reports.model import InterfaceRow
from packetbuddy.storage.imported import KIND
from packetbuddy.storage.reader import Moved, Sum

GONE = "not there now"


def interfaces(question: Question) -> tuple[InterfaceRow, ...]:
    """All interfaces that are there now and all that were ever recorded, by name."""
    with looking(question) as sight:
        return rows_of(sight)


def names(question: Question) -> list[str]:
    """What they are called; before anything was counted those that are there now.

    Raises:
        ProbeError: nothing was counted yet, and the system does not tell.
    """
    try:
        return [row.name for row in interfaces(question)]
    except LedgerMissingError:
        with closing(question.probe()) as probe:
            return sorted({link.name for link in probe.look().links})


def rows_of(sight: Sight) -> tuple[InterfaceRow, ...]:
    """The rows of an open sight."""
    stored = {each.name: each for each in sight.reader.interfaces()}
    now = {each.name: each for each in sight.pending.choice.decisions}
    names = sorted(stored.keys() | now.keys())
    rows = (_row(sight, name, stored.get(name), now.get(name)) for name in names)
    return tuple(row for row in rows if sight.question.interface in {None, row.name} and not _undone(row))


def _undone(row: InterfaceRow) -> bool:
    """An import that was taken back keeps its name and nothing else."""
    return row.kind == KIND and not row.sent + row.received


def _row(sight: Sight, name: str, stored: Moved | None, now: Decision | None) -> InterfaceRow:
    pending = sight.pending.total(name, 0, 1 << 60)
    total = added(Sum(stored.rx, stored.tx), pending) if stored else pending
    counted_now = sum(
        amounts[0] + amounts[1] for cell, amounts in sight.pending.cells.items() if cell[1] == name and cell[2]
    )
    return InterfaceRow(
        name=name,
        kind=now.kind if now else (stored.kind if stored else ""),
        present=now is not None,
        counted=now.counted if now else False,
        reason=_reason(sight, name, stored.kind if stored else "", now),
        uncertain=now.uncertain if now else False,
        sent=total.tx,
        received=total.rx,
        counted_bytes=(stored.counted_bytes if stored else 0) + counted_now,
    )


def _reason(sight: Sight, name: str, kind: str, now: Decision | None) -> str:
    return booked(name, kind) or (now.reason if now else sight.pending.note or GONE)
