"""An import from end to end: what the file holds, what of it is new here, and taking that over."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from packetbuddy.answers.imports import accounted, counted_links
from packetbuddy.answers.localdays import ordinal_at
from packetbuddy.answers.open import Question, Sight, looking
from packetbuddy.imports.placing import Fitted, Have, Share, fitted, shares
from packetbuddy.imports.recognising import recognised
from packetbuddy.imports.source import Asked, Source
from packetbuddy.imports.times import Zoned
from packetbuddy.metering.slots import QUARTER, SLOT_NS
from packetbuddy.storage.importing import Importer, Origin, importing

AT_ONCE = 1000
"""Rows that are prepared together."""


class Wish(NamedTuple):
    """What to import and how to read it. ``zone_given``: the question's zone was named for this file."""

    file: Path
    links: tuple[str, ...]
    zone_given: bool


class Plan(NamedTuple):
    """What a file holds and what of it is new here; ``number`` of the import that took it over, ``None`` so far."""

    origin: Origin
    received: int
    sent: int
    new_received: int
    new_sent: int
    days: tuple[date, ...]
    number: int | None = None


class _Count:
    """Adds up what passes by: bytes of the file, bytes that are new, and the local days they fall on."""

    def __init__(self, question: Question) -> None:
        self._zone = question.zone
        self._quarters: set[int] = set()
        self.received = self.sent = self.new_received = self.new_sent = 0

    def fits(self, each: Fitted) -> Fitted:
        """Note a cell."""
        self.received, self.sent = self.received + each.cell.rx, self.sent + each.cell.tx
        self.new_received, self.new_sent = self.new_received + each.rx, self.new_sent + each.tx
        return each

    def goes(self, share: Share) -> Share:
        """Note a row."""
        if share.rx or share.tx:
            self._quarters.add(share.slot // QUARTER)
        return share

    def days(self) -> tuple[date, ...]:
        """Local days that get bytes, in order."""
        ordinals = {ordinal_at(quarter * QUARTER * SLOT_NS, self._zone) for quarter in self._quarters}
        return tuple(date.fromordinal(ordinal) for ordinal in sorted(ordinals))


def preview(question: Question, wish: Wish) -> Plan:
    """What importing would do; the ledger is only read.

    Raises:
        ImportFileError: the file cannot be read or is not what it should be.
        LedgerError: the ledger cannot be read.
    """
    with looking(question) as sight, recognised(wish.file, _asked(sight, wish)) as source:
        count = _Count(question)
        for _ in _rows(source, sight, count):
            continue
        return _plan(question, wish, source, count)


def apply(question: Question, wish: Wish) -> Plan:
    """Take over what is new, in one transaction.

    Raises:
        ImportFileError, LedgerError: as :func:`preview`; nothing was imported.
    """
    home = question.home
    with ExitStack() as stack:
        importer = stack.enter_context(importing(home.ledger, home.lock))
        planned = importer.changes()
        sight = stack.enter_context(looking(question))
        source = stack.enter_context(recognised(wish.file, _asked(sight, wish)))
        count = _Count(question)
        _prepare(importer, _rows(source, sight, count))
        plan = _plan(question, wish, source, count)
        if not plan.new_received and not plan.new_sent:
            return plan
        return plan._replace(number=importer.commit(plan.origin, planned=planned, at_ns=question.now_ns).number)


def _asked(sight: Sight, wish: Wish) -> Asked:
    question = sight.question
    return Asked(
        Zoned(question.zone, question.now_ns), question.zone_name, wish.zone_given, wish.links, counted_links(sight)
    )


def _plan(question: Question, wish: Wish, source: Source, count: _Count) -> Plan:
    origin = Origin(source.kind, source.about, wish.file.name, question.zone_name)
    return Plan(origin, count.received, count.sent, count.new_received, count.new_sent, count.days())


def _rows(source: Source, sight: Sight, count: _Count) -> Iterator[tuple[Fitted, list[Share]]]:
    """Each cell with the rows that it becomes."""
    taken, have = accounted(sight), _have(sight)
    for cell in source.cells(taken):
        fit = count.fits(fitted(cell, taken, have))
        yield fit, [count.goes(share) for share in shares(fit)]


def _have(sight: Sight) -> Have:
    def have(first: int, beyond: int) -> tuple[int, int]:
        total = sight.between(
            first - first % QUARTER, beyond + -beyond % QUARTER
        )  # compaction keeps quarters of an hour
        return total.rx, total.tx

    return have


def _prepare(importer: Importer, rows: Iterator[tuple[Fitted, list[Share]]]) -> None:
    while some := list(islice(rows, AT_ONCE)):
        importer.stage(chain.from_iterable(placed for _, placed in some))
        importer.claim(span for fit, _ in some for span in fit.free)
