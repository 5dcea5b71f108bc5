"""Monitors that look at a simulated machine and keep what they commit: in memory, with real crashes of everything else."""

from packetbuddy.metering.batch import Cell
from packetbuddy.metering.books import Books, Doubt, Place, Policy
from packetbuddy.metering.epochs import Epoch
from packetbuddy.metering.meter import Harvest, Meter
from packetbuddy.metering.readings import SECOND, Reading
from packetbuddy.metering.slots import SLOT_NS
from unit.worlds import Deed, Truth, World

POLICY = Policy(3 * SECOND)

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
        self.books = copied(books)
        self._check_dirty(harvest)
        bases = {epoch.number: epoch for epoch in harvest.epochs}
        for number, batch in harvest.batches:
            if number in bases:
                self.epochs[number] = (books.boot, bases[number])
            merge(self.rows, {(number, cell): amounts for cell, amounts in batch.cells.items()})
            self.doubts += batch.doubts
            for key, booked in batch.booked.items():
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

    def _check_dirty(self, harvest: Harvest) -> None:
        for place, identity in harvest.dirty:
            assert identity in self.books.baselines[place]

    def _move(self, number: int, slots: int) -> None:
        self.epochs.pop(number, None)
        for row in [row for row in self.rows if row[0] == number]:
            slot, interface, counted = row[1]
            merge(self.rows, {(0, (slot + slots, interface, counted)): self.rows.pop(row)})


def merge[K](into: dict[K, list[int]], new: dict[K, list[int]]) -> None:
    """Add up bytes (the first three numbers), keep the highest speeds (the others)."""
    for key, amounts in new.items():
        have = into.setdefault(key, [0] * len(amounts))
        for place, amount in enumerate(amounts):
            have[place] = have[place] + amount if place < 3 else max(have[place], amount)
