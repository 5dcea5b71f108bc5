"""A question, and the one consistent sight of ledger and counters that it is answered from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from packetbuddy.errors import LedgerMissingError, ProbeError
from packetbuddy.metering.batch import ALL, Batch, Cell
from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND, Reading
from packetbuddy.metering.uplinks import Choice
from packetbuddy.probes import open_probe
from packetbuddy.probes.face import Probe
from packetbuddy.reports.model import Usage
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.storage.reader import Reader, State, Sum, reading, united

EXACT_POLLS = 3
SLACK_NS = 10 * SECOND
"""How late a living monitor's write may be."""


class Question(NamedTuple):
    """Who asks what: ``interface`` ``None`` = everything that counts; days are those of ``zone``."""

    home: Home
    settings: Settings
    now_ns: int
    interface: str | None
    zone: tzinfo
    zone_name: str


class Pending(NamedTuple):
    """What the counters hold beyond the ledger. ``covered`` is the time they account for, in wall nanoseconds."""

    cells: dict[Cell, list[int]]
    covered: tuple[int, int] | None
    reading: Reading | None
    choice: Choice
    note: str
    """Why nothing could be read, where that is so."""

    def total(self, interface: str | None, first: int, beyond: int) -> Sum:
        """Sum of the pending slots ``first`` ≤ slot < ``beyond``."""
        chosen = [
            (cell, amounts)
            for cell, amounts in self.cells.items()
            if first <= cell[0] < beyond and (cell[2] if interface is None else cell[1] == interface)
        ]
        return Sum(
            sum(amounts[0] for _, amounts in chosen),
            sum(amounts[1] for _, amounts in chosen),
            sum(amounts[2] for _, amounts in chosen),
            max((amounts[5] for _, amounts in chosen), default=0),
            len({cell[0] for cell, amounts in chosen if amounts[0] or amounts[1]}),
        )


NOTHING_PENDING = Pending({}, None, None, Choice(frozenset(), (), ()), "")


class Sight(NamedTuple):
    """One question's view: an open read transaction, and the counters read after it."""

    question: Question
    reader: Reader
    state: State
    pending: Pending

    @property
    def series(self) -> tuple[int, ...]:
        """Stored series that answer the question."""
        return self.reader.series(self.question.interface)

    def between(self, first: int, beyond: int) -> Sum:
        """Stored and pending usage of the slots ``first`` ≤ slot < ``beyond``."""
        stored = self.reader.total(self.series, first, beyond)
        return added(stored, self.pending.total(self.question.interface, first, beyond))

    def observed(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Observed stretches that touch this time, what is pending included."""
        stretches = self.reader.watched(start_ns, end_ns)
        if self.pending.covered is not None:
            stretches.append(self.pending.covered)
        return united(iter(sorted(stretches)))


def added(one: Sum, other: Sum) -> Sum:
    """Two sums of different bytes together."""
    return Sum(
        one.rx + other.rx,
        one.tx + other.tx,
        one.estimated + other.estimated,
        max(one.peak, other.peak),
        one.points + other.points,
    )


def usage_of(total: Sum, coverage: float | None) -> Usage:
    """A sum as everybody shows it: received is rx, sent is tx."""
    return Usage(total.tx, total.rx, total.peak or None, coverage, total.estimated)


def local(question: Question, at_ns: int) -> datetime:
    """An instant in the question's zone."""
    return datetime.fromtimestamp(at_ns // SECOND, UTC).astimezone(question.zone)


@contextmanager
def looking(question: Question) -> Iterator[Sight]:
    """Open the ledger, then read the counters: never the other order, or bytes would be seen twice.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
        WrongUsageError: the interface asked for was never recorded.
    """
    with reading(question.home.ledger, question.home.lock) as reader:
        state = reader.state()
        yield Sight(question, reader, state, _pending(question, reader, state))


def _pending(question: Question, reader: Reader, state: State) -> Pending:
    books = reader.books()
    if books.at is None:
        raise LedgerMissingError("nothing is counted yet", "start counting: pb service start")
    try:
        probe = open_probe()
    except ProbeError as exc:
        return NOTHING_PENDING._replace(note=f"the counters could not be read: {exc}")
    try:
        meter = Meter(books, selection=question.settings.monitoring.interface, policy=_policy(question, state))
        return _counted_since(meter, probe, state)
    except ProbeError as exc:
        return NOTHING_PENDING._replace(note=f"the counters could not be read: {exc}")
    finally:
        probe.close()


def _counted_since(meter: Meter, probe: Probe, state: State) -> Pending:
    seen = probe.look()
    elsewhere = state.alive and not any(place[1] == seen.namespace for place in meter.books.looks)
    if elsewhere:
        return NOTHING_PENDING._replace(note="the monitor counts in another network namespace")
    meter.look(seen)
    batch = meter.harvest().batches[-1][1]
    return Pending(_bytes_of(batch), _covered(batch), seen, meter.choice, "")


def _bytes_of(batch: Batch) -> dict[Cell, list[int]]:
    """Cells without speeds: the stretch since the last write is too long to be one."""
    return {cell: [*amounts[:3], 0, 0, 0] for cell, amounts in batch.cells.items() if cell[1] != ALL}


def _covered(batch: Batch) -> tuple[int, int] | None:
    return None if batch.since_ns is None else (batch.since_ns, batch.until_ns)


def _policy(question: Question, state: State) -> Policy:
    """A living monitor looked all the time since its last write, so that stretch is exact for the reader too."""
    exact = EXACT_POLLS * (state.poll_ns or SECOND)
    if state.alive:
        exact += state.write_ns + SLACK_NS
    return Policy(exact, question.settings.monitoring.max_rate)
