"""Readings in a line each, for examples of the accounting rules."""

from typing import Any, NamedTuple

from packetbuddy.metering.accounting import account
from packetbuddy.metering.books import Books, Outcome, Policy
from packetbuddy.metering.readings import SECOND, Boot, Counters, Facts, Instant, Link, Reading, Route

WALL = 1_795_500_000 * SECOND
POLICY = Policy(3 * SECOND)
GB = 1_000_000_000


class Look(NamedTuple):
    """A reading's circumstances; seconds of the elapsed and awake clocks, ``off`` = the wall clock set ahead."""

    elapsed: float = 1000.0
    slept: float = 100.0
    off: int = 0
    boot: str = "b1"
    certain: bool = True
    namespace: str = "n1"
    machine: str = "m1"
    complete: bool = True
    synchronized: bool | None = True

    def instant(self) -> Instant:
        elapsed, awake = int(self.elapsed * SECOND), int((self.elapsed - self.slept) * SECOND)
        return Instant(WALL + (self.off - 1000) * SECOND + elapsed, elapsed, awake, self.synchronized)

    def of(self, *links: Link, uplinks: tuple[int, ...] = (2,)) -> Reading:
        routes = tuple(Route(4, 0, 0, each.identity, gateway=True) for each in links if each.identity in uplinks)
        boot = Boot(self.boot, self.certain)
        return Reading(self.instant(), boot, self.namespace, self.machine, links, routes, self.complete)


def eth(rx: int, tx: int = 0, packets: int | None = 1, *, identity: int = 2, name: str = "eth0") -> Link:
    """A 64-bit hardware interface; ``packets`` in each direction."""
    return Link(identity, name, Counters(rx, tx, packets, packets), Facts("hardware"))


def at(elapsed: float, **more: Any) -> Look:
    return Look(elapsed)._replace(**more)


class Ledger:
    """Books that take one look after the other; hardware is recorded, what ``counted`` names counts."""

    def __init__(self, *, policy: Policy = POLICY) -> None:
        self.books, self.policy = Books(), policy

    def look(
        self, look: Look, *links: Link, counted: tuple[int, ...] = (2,), recorded: tuple[int, ...] = (2, 3)
    ) -> Outcome:
        outcome = account(self.books, look.of(*links), frozenset(counted), frozenset(recorded), self.policy)
        self.books.apply(outcome)
        return outcome


def kinds(outcome: Outcome) -> list[str]:
    """What was told."""
    return [event.kind for event in outcome.events]


def moved(outcome: Outcome) -> list[tuple[int, int]]:
    return [(span.rx, span.tx) for span in outcome.spans]


def begun(**more: Any) -> Ledger:
    """A ledger that has seen eth0 at 1000 bytes in, 500 out, one packet."""
    ledger = Ledger()
    ledger.look(at(1000.0, **more), eth(1000, 500))
    return ledger
