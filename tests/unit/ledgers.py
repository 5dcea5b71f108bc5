"""A monitor that looks at a simulated machine, and the ledgers, in memory and real, that keep what it commits."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from packetbuddy.metering.batch import Cell
from packetbuddy.metering.books import Baseline, Books, Doubt, Place, Policy
from packetbuddy.metering.epochs import Epoch
from packetbuddy.metering.meter import Harvest, Meter
from packetbuddy.metering.readings import SECOND, Reading
from packetbuddy.metering.slots import SLOT_NS
from packetbuddy.storage.writer import Beat, Flush, Writer
from unit.truth import Truth
from unit.worlds import Deed, Shape, World

POLICY = Policy(3 * SECOND)
BEAT = Beat(version="2.0.0", started_ns=1, poll_ns=SECOND, write_ns=30 * SECOND, problem=None)

Row = tuple[int, Cell]
"""(clock epoch, cell)."""


def copied(books: Books) -> Books:
    """Books as a ledger gives them back: ``low`` and the clock's synchronisation are not kept."""
    copy = Books()
    copy.machine, copy.boot = books.machine, books.boot
    copy.at = None if books.at is None else books.at._replace(synchronized=None)
    copy.looks = {place: look._replace(at=look.at._replace(synchronized=None)) for place, look in books.looks.items()}
    for place, baselines in books.baselines.items():
        copy.baselines[place] = {identity: one._replace(low=False) for identity, one in baselines.items()}
    return copy


class Store:
    """A ledger file: what was committed."""

    def __init__(self) -> None:
        self.books = Books()
        self.rows: dict[Row, list[int]] = {}
        self.booked: dict[tuple[Place, int], list[int]] = {}
        self.epochs: dict[int, tuple[str, Epoch]] = {}
        self.doubts: list[Doubt] = []
        self.watched: list[tuple[int, int]] = []

    def commit(self, harvest: Harvest, books: Books) -> None:
        """Store a harvest as the writer does."""
        if harvest.void:
            self.booked.clear()
        self._keep(harvest, copied(books))
        bases = {epoch.number: epoch for epoch in harvest.epochs}
        for number, batch in harvest.batches:
            if number in bases:
                self.epochs[number] = (books.boot, bases[number])
            merge(self.rows, {(number, cell): amounts for cell, amounts in batch.cells.items()})
            self.doubts += batch.doubts
            for key, booked in batch.booked.items():
                if key[0] in books.looks:
                    merge(self.booked, {key: booked})
            if batch.since_ns is not None:
                self.watched.append((batch.since_ns, batch.until_ns))
        for move in harvest.moves:
            self._move(move.number, round(move.offset_ns / SLOT_NS))

    def meter(self, policy: Policy = POLICY) -> Meter:
        """What a new monitor goes on with."""
        ours = tuple(epoch for boot, epoch in self.epochs.values() if boot == self.books.boot)
        highest = max([0, *self.epochs, *(number for number, _ in self.rows)])
        return Meter(copied(self.books), selection=None, policy=policy, epochs=ours, highest=highest)

    def another(self) -> "Store":
        """An empty one in its place."""
        return Store()

    def _keep(self, harvest: Harvest, books: Books) -> None:
        """Store only the baselines that are said to have changed; that must be all that did."""
        before: dict[Place, dict[int, Baseline]] = {} if harvest.void else self.books.baselines
        now = {place: dict(before.get(place, {})) for place in books.looks}
        for place, identity in harvest.dirty:
            now[place][identity] = books.baselines[place][identity]
        assert now == books.baselines
        self.books = books

    def _move(self, number: int, slots: int) -> None:
        self.epochs.pop(number, None)
        for row in [row for row in self.rows if row[0] == number]:
            slot, interface, counted = row[1]
            merge(self.rows, {(0, (slot + slots, interface, counted)): self.rows.pop(row)})


class File(Store):
    """A real ledger file; what it holds is read back from it. A reopened one is not closed first, as after a kill."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._writers = [Writer(path)]

    def commit(self, harvest: Harvest, books: Books) -> None:
        """One transaction."""
        self._writers[-1].commit(Flush(harvest, books, {"eth0": "hardware"}, BEAT))

    def meter(self, policy: Policy = POLICY) -> Meter:
        """As a new monitor begins."""
        self._writers.append(Writer(self.path))
        books = self._writers[-1].books()
        epochs, highest = self._writers[-1].epochs(books.boot)
        return Meter(books, selection=None, policy=policy, epochs=epochs, highest=highest)

    def another(self) -> "File":
        """An empty file in its place."""
        return File(self.path.with_name(self.path.name + "+"))

    def close(self) -> None:
        """Give back every descriptor."""
        for writer in self._writers:
            writer.close()


K = TypeVar("K")


def merge(into: dict[K, list[int]], new: Mapping[K, list[int]]) -> None:
    """Add up bytes (the first three numbers), keep the highest speeds (the others)."""
    for key, amounts in new.items():
        have = into.setdefault(key, [0] * len(amounts))
        for place, amount in enumerate(amounts):
            have[place] = have[place] + amount if place < 3 else max(have[place], amount)


class Story:
    """A world, the truth about it, and a monitor that looks, commits and crashes as the deeds say."""

    def __init__(
        self, shape: Shape, store: Store | None = None, *, eager: bool = True, max_rate: int | None = None
    ) -> None:
        self.world, self.truth, self.store = World(shape), Truth(), store or Store()
        self.policy = POLICY._replace(max_rate=max_rate)
        self.meter = self.store.meter(self.policy)
        self.eager, self.full = eager, False

    def tell(self, deeds: Iterable[Deed]) -> "Story":
        """Let everything happen."""
        for deed in deeds:
            self.do(deed)
        return self

    def do(self, deed: Deed) -> None:
        """Let one thing happen."""
        self.world.do(deed)
        self.full = (self.full or deed.kind == "full") and deed.kind != "roomy"
        if deed.kind in {"look", "partial"}:
            self.look(self.world.reading(deed.which if deed.kind == "partial" else None))
        elif deed.kind == "commit":
            self.commit()
        elif deed.kind == "crash":
            self.crash()
        elif deed.kind == "rebase":
            self.rebase()

    def look(self, reading: Reading) -> None:
        """Look, and write at once what is urgent, as the monitor does."""
        self.truth.look(self.world, reading)
        if self.meter.look(reading) and self.eager:
            self.commit()

    def commit(self) -> None:
        """A flush; on a full disk it fails and everything is kept."""
        harvest = self.meter.harvest()
        if not self.full:
            self.store.commit(harvest, self.meter.books)
            self.meter.committed()
            self.truth.commit(self.world)

    def crash(self) -> None:
        """``kill -9``: only what is committed goes on."""
        self.meter = self.store.meter(self.policy)
        self.truth.crash(self.world)

    def rebase(self) -> None:
        """The ledger's file is lost; the monitor goes on with an empty one."""
        self.store = self.store.another()
        self.meter.rebase()
        self.truth.rebase()
        self.commit()

    def rows(self) -> dict[Row, list[int]]:
        """Everything stored and pending together."""
        together = {row: list(amounts) for row, amounts in self.store.rows.items()}
        for number, batch in self.meter.harvest().batches:
            merge(together, {(number, cell): amounts for cell, amounts in batch.cells.items()})
        return together

    def booked(self) -> dict[tuple[Place, int], list[int]]:
        """Bytes booked per place and identity, stored and pending."""
        harvest = self.meter.harvest()
        together = {} if harvest.void else {key: list(amounts) for key, amounts in self.store.booked.items()}
        for _, batch in harvest.batches:
            merge(together, {key: amounts for key, amounts in batch.booked.items() if key[0] in self.meter.books.looks})
        return together

    def doubts(self) -> list[Doubt]:
        """Every doubt, stored and pending."""
        return self.store.doubts + [doubt for _, batch in self.meter.harvest().batches for doubt in batch.doubts]

    def totals(self, *, counted_only: bool = False) -> list[int]:
        """Bytes rx and tx of all slots and doubts."""
        total = [0, 0]
        for (_, (_, _, counted)), amounts in self.rows().items():
            if counted or not counted_only:
                total[0], total[1] = total[0] + amounts[0], total[1] + amounts[1]
        for doubt in self.doubts():
            if doubt.span.counted or not counted_only:
                total[0], total[1] = total[0] + doubt.span.rx, total[1] + doubt.span.tx
        return total
