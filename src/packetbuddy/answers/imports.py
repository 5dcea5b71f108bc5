"""Imports as they are shown, and what an import must know of the ledger: the time that is accounted for already."""

from packetbuddy.answers.open import LAST_NS, Question, Sight, local, looking
from packetbuddy.metering.stretches import FOREVER, Stretch, united
from packetbuddy.reports.model import ImportRow
from packetbuddy.storage.imported import Imported


def import_row(question: Question, stored: Imported) -> ImportRow:
    """A stored import as it is shown."""
    return ImportRow(
        number=stored.number,
        kind=stored.kind,
        about=stored.about,
        file=stored.file,
        zone=stored.zone,
        sent=stored.tx,
        received=stored.rx,
        made_at=local(question, stored.made_ns),
        undone_at=None if stored.undone_ns is None else local(question, stored.undone_ns),
    )


def imports(question: Question) -> tuple[ImportRow, ...]:
    """Every import, undone ones included."""
    with looking(question) as sight:
        return tuple(import_row(question, each) for each in sight.reader.imports())


def accounted(sight: Sight) -> list[Stretch]:
    """Time that was observed (what is pending included), that imports answer for, and that is to come."""
    covered = sight.pending.covered
    coming = sight.state.heartbeat_ns if covered is None else min(covered[1], sight.question.now_ns)
    taken = [*sight.observed(-LAST_NS, LAST_NS), *sight.reader.import_spans(), (coming, FOREVER)]
    return united(sorted(taken))


def counted_links(sight: Sight) -> frozenset[str]:
    """Interfaces that count, or ever did."""
    stored = {each.name for each in sight.reader.interfaces() if each.counted_bytes}
    return frozenset(stored | {each.name for each in sight.pending.choice.decisions if each.counted})
