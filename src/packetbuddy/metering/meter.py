"""From reading to batches: uplinks, accounting and clock epochs together, for the monitor and every reader. Pure."""

from typing import NamedTuple

from packetbuddy.metering.accounting import account
from packetbuddy.metering.batch import Batch
from packetbuddy.metering.books import PAUSED, Books, Event, Place, Policy
from packetbuddy.metering.epochs import SETTLED, STEP_NS, Epoch, Move, base_of, settle, trusted
from packetbuddy.metering.readings import Instant, Reading
from packetbuddy.metering.uplinks import Choice, Selection, resolve

_NOTHING = Choice(frozenset(), (), ())


class Harvest(NamedTuple):
    """Everything that waits for one transaction."""

    batches: tuple[tuple[int, Batch], ...]
    """(clock epoch, batch), oldest first."""
    dirty: frozenset[tuple[Place, int]]
    void: bool
    epochs: tuple[Epoch, ...]
    moves: tuple[Move, ...]


class Meter:
    """Owns the books and what is not committed yet. A look never fails; nothing is dropped before :meth:`committed`."""

    def __init__(
        self, books: Books, *, selection: Selection, policy: Policy, epochs: tuple[Epoch, ...] = (), highest: int = 0
    ) -> None:
        """Go on from stored books; ``epochs`` are this boot's unsettled ones, ``highest`` the last number given."""
        self.books = books
        self.policy = policy
        self.choice = _NOTHING
        self.reading: Reading | None = None
        self._selection = selection
        self._seen: Reading | None = None
        self._recorded: frozenset[int] = frozenset()
        self._epochs = epochs
        self._highest = highest
        self._leaving: tuple[Epoch, ...] = ()
        self._moves: tuple[Move, ...] = ()
        self._batches: list[tuple[int, Batch]] = []
        self._dirty: set[tuple[Place, int]] = set()
        self._void = False

    def look(self, reading: Reading) -> bool:
        """Account for a reading. True when readers must learn of it at once (reset, appearance, uplink change …)."""
        changed = self._resolve(reading)
        outcome = account(self.books, reading, self.choice.counted, self._recorded, self.policy)
        if outcome.anew:
            self._epochs = ()
            self._void = True
            self._dirty.clear()
            for _, batch in self._batches:
                batch.booked.clear()  # the baselines that it was booked on are void
        self.books.apply(outcome)
        self._dirty.update((outcome.place, identity) for identity in outcome.baselines)
        self._batch(reading.at).add(outcome)
        if outcome.stepped:
            self.note(Event(reading.at.wall_ns, "clock", "", _step_words(self.reading, reading)))
        if changed and self.reading is not None:
            self.note(Event(reading.at.wall_ns, "uplink", "", self._counted_words()))
        elsewhere = self.reading is None or self.reading.namespace != reading.namespace
        self.reading = reading
        return elsewhere or changed or outcome.urgent  # from here a reader cannot see what waits for another namespace

    def select(self, selection: Selection) -> None:
        """Take a changed ``[monitoring] interface``; it holds from the next look on."""
        if selection != self._selection:
            self._selection, self._seen = selection, None

    def note(self, event: Event) -> None:
        """Remember an event with the batch that is being filled."""
        if self._batches:
            self._batches[-1][1].note((event,))

    def harvest(self) -> Harvest:
        """What waits to be stored; ask again after a failed transaction."""
        known = self._epochs + self._leaving
        return Harvest(tuple(self._batches), frozenset(self._dirty), self._void, known, self._moves)

    def committed(self) -> None:
        """The harvest is stored: begin anew. Only now anything is let go."""
        self._batches.clear()
        self._dirty.clear()
        self._void = False
        self._leaving = ()
        self._moves = ()

    def pause(self) -> None:
        """Rest from the last look on: what moves until the next one, in whatever process, is left out."""
        if self.reading is not None:
            at = self.reading.at.wall_ns
            self.note(Event(at, "paused", "", "counting is paused; what moves until the next start is left out"))
            self.books.machine = PAUSED

    def rebase(self) -> None:
        """Prepare the books for another ledger file: all baselines are stored again, audited from here on."""
        booked: dict[tuple[Place, int], tuple[int, int]] = {}
        for _, batch in self._batches:
            for key, (rx, tx) in batch.booked.items():
                before = booked.get(key, (0, 0))
                booked[key] = before[0] + rx, before[1] + tx
        for place, baselines in self.books.baselines.items():
            for identity, baseline in baselines.items():
                rx, tx = booked.get((place, identity), (0, 0))
                counters = baseline.counters
                baselines[identity] = baseline._replace(
                    origin_rx=counters.rx_bytes - rx, origin_tx=counters.tx_bytes - tx
                )
                self._dirty.add((place, identity))
        self._void = True

    def _resolve(self, reading: Reading) -> bool:
        """Find the uplinks anew when a fact or route changed; true when another set of interfaces counts."""
        if self._seen is not None and _alike(self._seen, reading):
            self._seen = reading
            return False
        self._seen = reading
        before = self.choice.counted
        self.choice = resolve(reading.links, reading.routes, self._selection)
        self._recorded = frozenset(each.identity for each in self.choice.decisions if each.recorded)
        return self.choice.counted != before

    def _counted_words(self) -> str:
        names = ", ".join(each.name for each in self.choice.decisions if each.counted)
        return f"counting {names}" if names else "no interface leads to the internet now"

    def _batch(self, at: Instant) -> Batch:
        number = self._epoch(at)
        if not self._batches or self._batches[-1][0] != number:
            self._batches.append((number, Batch()))
        return self._batches[-1][1]

    def _epoch(self, at: Instant) -> int:
        """Number of the clock epoch that this instant belongs to; settles those that can be."""
        if self._epochs and not self._goes_on(at):
            self._settle(at)
        if trusted(at):
            return SETTLED
        base = base_of(at)
        for place, epoch in enumerate(self._epochs):
            if abs(epoch.base_ns - base) <= STEP_NS:
                self._epochs = (*self._epochs[:place], Epoch(epoch.number, base), *self._epochs[place + 1 :])
                return epoch.number
        self._highest += 1
        self._epochs = (*self._epochs, Epoch(self._highest, base))
        return self._highest

    def _goes_on(self, at: Instant) -> bool:
        """Whether the only epoch does, with nothing to settle: the common case where nothing keeps the clock."""
        return len(self._epochs) == 1 and abs(self._epochs[0].base_ns - base_of(at)) <= STEP_NS and not trusted(at)

    def _settle(self, at: Instant) -> None:
        moves = settle(self._epochs, at)
        if moves:
            gone = {move.number for move in moves}
            self._leaving += tuple(epoch for epoch in self._epochs if epoch.number in gone)
            self._epochs = tuple(epoch for epoch in self._epochs if epoch.number not in gone)
            self._moves += moves


def _alike(before: Reading, now: Reading) -> bool:
    """Whether all that uplinks are resolved from is the same; a probe repeats unchanged facts and routes."""
    return (
        len(before.links) == len(now.links)
        and (before.routes is now.routes or before.routes == now.routes)
        and all(
            one is other or (one.facts == other.facts and one.name == other.name and one.identity == other.identity)
            for one, other in zip(before.links, now.links, strict=True)
        )
    )


def _step_words(before: Reading | None, now: Reading) -> str:
    if before is None:
        return "the clock was set while nobody counted"
    seconds = (base_of(now.at) - base_of(before.at)) // 1_000_000_000
    return f"the clock was set by {seconds:+d} seconds"
