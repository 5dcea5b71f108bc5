"""A question, and the one consistent sight of ledger and counters that it is answered from."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from functools import reduce
from typing import NamedTuple

from packetbuddy.answers.devices import choose
from packetbuddy.errors import LedgerMissingError, ProbeError, WrongUsageError
from packetbuddy.metering.batch import ALL, Batch, Cell
from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND, Reading
from packetbuddy.metering.stretches import united
from packetbuddy.metering.uplinks import Choice
from packetbuddy.probes import open_probe
from packetbuddy.probes.face import Probe
from packetbuddy.reports.model import Usage
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.storage.reader import Reader, State, Sum, reading

EXACT_POLLS = 3
FIRST_SECOND, LAST_SECOND = -62_135_510_400, 253_402_214_400
"""A day inside the years 1 and 9999, so that every zone can still write it."""
LAST_NS = (1 << 63) - 1
SLACK_NS = 10 * SECOND
"""How late a living monitor's write may be."""


def _nobody(_words: str) -> None:
    return


class Question(NamedTuple):
    """Who asks what: ``interface`` ``None`` = everything that counts; days are those of ``zone``.

    ``probe`` opens what reads the counters. ``tell`` hears what the answer had to leave out, in words for a person.
    """

    home: Home
    settings: Settings
    now_ns: int
    interface: str | None
    zone: tzinfo
    zone_name: str
    probe: Callable[[], Probe] = open_probe
    tell: Callable[[str], None] = _nobody
    device: str = "this"
    """Whose usage: ``this``, ``all``, or a device by its name or id."""


def committed(question: Question) -> Question:
    """The same, answered from what is written alone: the counters are not read."""
    return question._replace(probe=_not_asked)


def _not_asked() -> Probe:
    raise ProbeError("only what is written is asked for")


class Pending(NamedTuple):
    """What the counters hold beyond the ledger. ``covered`` is the time they account for, in wall nanoseconds."""

    cells: dict[Cell, list[int]]
    covered: tuple[int, int] | None
    reading: Reading | None
    choice: Choice
    note: str
    """Why nothing could be read, where that is so."""

    def by_slot(self, interface: str | None) -> dict[int, Sum]:
        """Usage of one interface, or of all that counts, by slot; ``points`` is 1."""
        slots: dict[int, Sum] = {}
        for (slot, name, counted), (rx, tx, estimated, *_) in self.cells.items():
            if (counted if interface is None else name == interface) and (rx or tx):
                before = slots.get(slot, Sum())
                slots[slot] = Sum(before.rx + rx, before.tx + tx, before.estimated + estimated, 0, 1)
        return slots

    def total(self, interface: str | None, first: int, beyond: int) -> Sum:
        """Sum of the pending slots ``first`` ≤ slot < ``beyond``."""
        return total_of(each for slot, each in self.by_slot(interface).items() if first <= slot < beyond)


NOTHING_PENDING = Pending({}, None, None, Choice(frozenset(), (), ()), "")


class Sight(NamedTuple):
    """One question's view: an open read transaction, and the counters read after it."""

    question: Question
    reader: Reader
    state: State
    pending: Pending
    series: tuple[int, ...]
    """Stored series that answer the question."""
    moved: dict[int, Sum]
    """What is pending of the question's interface, by slot."""
    began_ns: int | None
    """When observation began."""
    key: str = ""
    """Tells answers about other devices apart from those about this one, which have none."""
    spans: tuple[tuple[int, int], ...] = ()
    """From when until when each of several devices could be observed; 0 = until now."""

    def between(self, first: int, beyond: int) -> Sum:
        """Stored and pending usage of the slots ``first`` ≤ slot < ``beyond``."""
        stored = self.reader.total(self.series, first, beyond)
        return added(stored, total_of(each for slot, each in self.moved.items() if first <= slot < beyond))

    def share(self, observed_ns: int, start_ns: int, end_ns: int) -> float | None:
        """Coverage: the share of the part that has passed since observation began; ``None``: there is no such part."""
        if self.began_ns is None:
            return None
        now = self.question.now_ns
        spans = self.spans or ((self.began_ns, now),)
        passed = sum(max(0, min(end_ns, until or now, now) - max(start_ns, began)) for began, until in spans)
        return min(1.0, observed_ns / passed) if passed > 0 else None

    def observed(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Observed stretches that touch this time, what is pending included; only those of several devices overlap."""
        stretches = self.reader.watched(storable(start_ns), storable(end_ns))
        if self.pending.covered is not None:
            stretches.append(self.pending.covered)
        return united(sorted(stretches)) if not self.key else stretches


def storable(at_ns: int) -> int:
    """The instant, or the nearest that a row can hold (1677 to 2262): nothing is stored beyond."""
    return min(max(at_ns, -LAST_NS), LAST_NS)


def added(one: Sum, other: Sum) -> Sum:
    """Two sums of different bytes together."""
    return Sum(
        one.rx + other.rx,
        one.tx + other.tx,
        one.estimated + other.estimated,
        max(one.peak, other.peak),
        one.points + other.points,
    )


def total_of(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    return reduce(added, sums, Sum())


def usage_of(total: Sum, coverage: float | None) -> Usage:
    """A sum as everybody shows it: received is rx, sent is tx."""
    return Usage(total.tx, total.rx, total.peak or None, coverage, total.estimated)


def local(question: Question, at_ns: int) -> datetime:
    """An instant in the question's zone."""
    return moment(at_ns // SECOND, question.zone)


def moment(second: int, zone: tzinfo) -> datetime:
    """A second since 1970 in a zone, kept within what a calendar can write."""
    return datetime.fromtimestamp(min(max(second, FIRST_SECOND), LAST_SECOND), UTC).astimezone(zone)


@contextmanager
def looking(question: Question) -> Iterator[Sight]:
    """Open the ledger, then read the counters: never the other order, or bytes would be seen twice.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
        WrongUsageError: the interface asked for is not known.
    """
    with reading(question.home.ledger, question.home.lock) as reader:
        chosen = choose(reader, reader.state(), question.device, question.interface, question.now_ns)
        reader, state = chosen.reader, chosen.state  # noqa: PLW2901 - whoever answers from here on
        pending = _pending(question, reader, state) if chosen.own else NOTHING_PENDING
        series = reader.series(question.interface)
        if question.interface is not None and not series:
            _check_interface(question.interface, reader, pending)
        for words in chosen.notes:
            question.tell(words)
        if pending.note:
            since = local(question, state.heartbeat_ns).isoformat(" ", "seconds")
            question.tell(f"what moved since {since} is not included: {pending.note}")
        starts = (reader.watched_from(), pending.covered[0] if pending.covered else None)
        began = min((at for at in starts if at is not None), default=None)
        moved = pending.by_slot(question.interface)
        yield Sight(question, reader, state, pending, series, moved, began, chosen.key, chosen.spans)


def _check_interface(name: str, reader: Reader, pending: Pending) -> None:
    present = {link.name for link in pending.reading.links} if pending.reading else set()
    known = sorted({each.name for each in reader.interfaces()} | present)
    if name not in known:
        raise WrongUsageError(f"no interface {name!r} is known", f"Known: {', '.join(known) or 'none yet'}")


def _pending(question: Question, reader: Reader, state: State) -> Pending:
    books = reader.books()
    if books.at is None:
        raise LedgerMissingError("nothing is counted yet", "start counting: pb service start")
    try:
        probe = question.probe()
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
