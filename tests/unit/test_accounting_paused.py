"""A pause: the next look, wherever and whenever it comes, is where counting begins anew."""

import pytest

from packetbuddy.metering.books import PAUSED, Books
from packetbuddy.metering.meter import Meter
from unit.looks import POLICY, Look, at, begun, eth, kinds, moved

LATER = [
    at(1060.0),
    at(1060.0, namespace="n2"),
    at(500.0, boot="b2"),
    at(500.0, certain=False),
    at(1060.0, machine="m2"),
    at(1060.0, machine=""),
    at(1060.0, off=7200),
]
"""Looks that end a pause: soon, elsewhere, after a start of the computer, on another computer, by another clock."""


@pytest.mark.parametrize("look", LATER)
def test_what_moved_in_the_pause_is_left_out_wherever_it_ends(look: Look) -> None:
    """No span, no doubt, whatever has changed; the time between is not covered; from then on all counts as ever."""
    ledger = begun()
    ledger.books.machine = PAUSED
    resumed = ledger.look(look, eth(9000, 9000), eth(700, identity=3, name="usb0"))
    assert (moved(resumed), resumed.doubts, resumed.anew) == ([], (), True)
    assert resumed.since_ns == resumed.at.wall_ns
    assert kinds(resumed) == ["resumed"]
    assert ledger.books.machine == look.machine
    after = ledger.look(look._replace(elapsed=look.elapsed + 1), eth(9100, 9010), eth(700, identity=3, name="usb0"))
    assert moved(after) == [(100, 10)]
    assert kinds(after) == []


def test_what_is_looked_at_while_paused_changes_nothing() -> None:
    """A reader's look at paused books sees nothing pending, however often it looks."""
    ledger = begun()
    ledger.books.machine = PAUSED
    for elapsed in (1001.0, 1500.0):
        books = ledger.books
        reader = Meter(books, selection=None, policy=POLICY)
        state = (books.machine, dict(books.looks), books.at)
        reader.look(at(elapsed).of(eth(5000 + int(elapsed))))
        assert [span for _, batch in reader.harvest().batches for span in batch.cells] == []
        books.machine, books.looks, books.at = state


def test_a_meter_pauses_after_a_look() -> None:
    """Pausing marks the books and tells it, with what the look has found; without a look there is nothing to pause."""
    books = begun().books
    meter = Meter(books, selection=None, policy=POLICY)
    meter.pause()
    assert books.machine == "m1"
    meter.look(at(1001.0).of(eth(1300, 500)))
    meter.pause()
    assert books.machine == PAUSED
    [(_, batch)] = meter.harvest().batches
    assert [event.kind for event, _ in batch.events.values()] == ["paused"]
    assert batch.cells


def test_empty_books_are_not_paused() -> None:
    """A new ledger begins as new, not as one that rested."""
    assert Books().machine != PAUSED
