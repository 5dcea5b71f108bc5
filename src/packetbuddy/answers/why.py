"""How a day's number came about."""

from collections.abc import Iterator
from datetime import date

from packetbuddy.answers.booked import booked
from packetbuddy.answers.imports import import_row
from packetbuddy.answers.localdays import Stretches, day_start
from packetbuddy.answers.open import Question, Sight, local, looking, storable, usage_of
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import slot_of
from packetbuddy.reports.model import CorrectionRow, DoubtRow, Gap, Happening, ImportRow, InterfaceRow, Why
from packetbuddy.storage.reader import Corrected, Doubted, Sum

SHORTEST_GAP_NS = 60 * SECOND


def why(question: Question, day: date) -> Why:
    """Interfaces, events, gaps, doubts and corrections of one local day."""
    start = day_start(day.toordinal(), question.zone)
    end = day_start(day.toordinal() + 1, question.zone)
    with looking(question) as sight:
        first, beyond = slot_of(start), slot_of(end)
        pending = sight.pending.total(question.interface, first, beyond)
        seen = sight.observed(start, end)
        return Why(
            date=day,
            timezone=question.zone_name,
            usage=usage_of(sight.between(first, beyond), sight.share(_passed(sight, seen, start, end), start, end)),
            interfaces=tuple(_interfaces(sight, first, beyond)),
            events=tuple(
                Happening(local(question, each.at_ns), each.kind, each.interface, _times(each.detail, each.times))
                for each in sight.reader.events(storable(start), storable(end))
            ),
            gaps=tuple(_gaps(sight, seen, start, end)),
            doubts=tuple(doubt_row(question, each) for each in sight.reader.doubts(storable(start), storable(end))),
            corrections=tuple(correction_row(question, each) for each in sight.reader.corrections(day.isoformat())),
            pending_bytes=pending.rx + pending.tx,
            imports=tuple(_imports(sight, first, beyond)),
        )


def doubt_row(question: Question, doubt: Doubted) -> DoubtRow:
    """A stored doubt as it is shown."""
    return DoubtRow(
        number=doubt.number,
        at=local(question, doubt.end_ns),
        start=local(question, doubt.start_ns),
        interface=doubt.interface,
        sent=doubt.tx,
        received=doubt.rx,
        reason=f"faster than {doubt.ceiling} bytes per second",
        state=doubt.state,
    )


def correction_row(question: Question, correction: Corrected) -> CorrectionRow:
    """A stored correction as it is shown."""
    return CorrectionRow(
        number=correction.number,
        date=date.fromisoformat(correction.date),
        sent=correction.tx,
        received=correction.rx,
        reason=correction.reason,
        made_at=local(question, correction.made_ns),
        undone_at=None if correction.undone_ns is None else local(question, correction.undone_ns),
    )


def _imports(sight: Sight, first: int, beyond: int) -> Iterator[ImportRow]:
    """What of the day was taken over from files."""
    found = sight.reader.imported(first, beyond)
    for each in sight.reader.imports():
        if each.number in found:
            rx, tx = found[each.number]
            yield import_row(sight.question, each._replace(rx=rx, tx=tx))


def _times(detail: str, times: int) -> str:
    return detail if times == 1 else f"{detail} ({times} times)"


def _passed(sight: Sight, seen: list[tuple[int, int]], start: int, end: int) -> int:
    """Observed time of the day, as far as the day has passed."""
    return Stretches(seen).within(start, min(end, max(start, sight.question.now_ns)))


def _gaps(sight: Sight, seen: list[tuple[int, int]], start: int, end: int) -> Iterator[Gap]:
    """Stretches of the day, since tracking began and up to now, in which nothing was observed."""
    at = max(start, end if sight.began_ns is None else sight.began_ns)
    last = min(end, sight.question.now_ns)
    for one, other in [*seen, (last, last)]:
        if min(one, last) - at >= SHORTEST_GAP_NS:
            yield Gap(local(sight.question, at), local(sight.question, min(one, last)))
        at = max(at, other)


def _interfaces(sight: Sight, first: int, beyond: int) -> Iterator[InterfaceRow]:
    now = {each.name: each for each in sight.pending.choice.decisions}
    stored = {each.name: each for each in sight.reader.interfaces()}
    asked = sight.question.interface
    names = stored.keys() | {cell[1] for cell in sight.pending.cells}
    for name in sorted(names if asked is None else names & {asked}):
        total = _of(sight, name, first, beyond)
        counted = _counted_of(sight, name, first, beyond)
        if total.rx or total.tx:
            decision = now.get(name)
            yield InterfaceRow(
                name=name,
                kind=stored[name].kind if name in stored else (decision.kind if decision else ""),
                present=decision is not None,
                counted=counted != 0,
                reason=_reason(name, stored[name].kind if name in stored else "", counted, total.rx + total.tx),
                uncertain=decision.uncertain if decision else False,
                sent=total.tx,
                received=total.rx,
                counted_bytes=counted,
            )


def _reason(name: str, kind: str, counted: int, total: int) -> str:
    if (reason := booked(name, kind)) is not None:
        return reason
    if counted == total:
        return "counted all day"
    return "counted part of the day" if counted else "did not lead to the internet"


def _of(sight: Sight, name: str, first: int, beyond: int) -> Sum:
    stored = sight.reader.total(sight.reader.series(name), first, beyond)
    pending = sight.pending.total(name, first, beyond)
    return Sum(stored.rx + pending.rx, stored.tx + pending.tx)


def _counted_of(sight: Sight, name: str, first: int, beyond: int) -> int:
    stored = sight.reader.total(sight.reader.series(name, counted_only=True), first, beyond)
    pending = sum(
        amounts[0] + amounts[1]
        for cell, amounts in sight.pending.cells.items()
        if cell[1] == name and cell[2] and first <= cell[0] < beyond
    )
    return stored.rx + stored.tx + pending
