"""The accounting under every story that a machine and a crashing monitor can tell (DESIGN 3, rule 9)."""

from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from packetbuddy.metering.meter import Meter
from packetbuddy.metering.slots import slot_of
from unit.ledgers import Story, merge
from unit.worlds import CALM, NARROW, PACKETLESS, VIRTUAL, WIDE, Deed, Shape, deeds, shapes

LONG = settings(max_examples=4000, deadline=None)
SHORT = settings(max_examples=120, deadline=None)
LOOK = Deed("look", 0, 0, 33_333)
rates = st.sampled_from([None, 1, 10_000_000])


def audit(story: Story) -> None:
    """Books, bookings and truth agree to the byte, per identity and in sum; nothing is negative."""
    known, booked = story.truth.live, story.booked()
    if not known.unsure:
        assert {key: amounts for key, amounts in booked.items() if any(amounts)} == {
            ((story.meter.books.boot, key[0][1]), key[1]): amounts
            for key, amounts in known.booked.items()
            if any(amounts)
        }
        assert story.totals() == known.total
        assert story.totals(counted_only=True) == known.counted
    for place, baselines in story.meter.books.baselines.items():
        for identity, baseline in baselines.items():
            counters = baseline.counters
            moved = [counters.rx_bytes - baseline.origin_rx, counters.tx_bytes - baseline.origin_tx]
            assert moved == booked.get((place, identity), [0, 0])
    for row, amounts in story.rows().items():
        assert min(amounts) >= 0, row
        assert amounts[2] <= amounts[0] + amounts[1]
    assert all(start <= end for start, end in story.store.watched)


def conserves(story: Story, told: Iterable[Deed]) -> None:
    for deed in told:
        story.do(deed)
        if deed.kind in {"look", "partial", "commit", "crash", "rebase"}:
            audit(story)
    story.do(LOOK)
    audit(story)


@SHORT
@given(shapes, deeds(), rates)
def test_every_byte_is_booked_once_whatever_happens(shape: Shape, told: list[Deed], rate: int | None) -> None:
    """Usage + doubts is what moved, per identity and boot; counters - origin is what was booked."""
    conserves(Story(shape, max_rate=rate), told)


@pytest.mark.long
@LONG
@given(shapes, deeds(most=80), rates)
def test_every_byte_is_booked_once_in_long_stories(shape: Shape, told: list[Deed], rate: int | None) -> None:
    """The same for longer stories and more of them."""
    conserves(Story(shape, max_rate=rate), told)


@SHORT
@given(shapes, deeds(tuple(CALM)), st.sets(st.integers(0, 40)))
def test_a_crash_anywhere_changes_no_total(shape: Shape, told: list[Deed], crashes: set[int]) -> None:
    """Where every counter lives on, a crash after any deed leaves the same totals as no crash."""
    wide = shape._replace(ports=tuple(WIDE if port == NARROW else port for port in shape.ports))
    quiet, crashed = Story(wide), Story(wide)
    for place, deed in enumerate([LOOK, *told, LOOK]):
        quiet.do(deed)
        crashed.do(deed)
        if place in crashes and place > 0:
            crashed.crash()
    for story in (quiet, crashed):
        story.do(LOOK)
    assert crashed.totals() == quiet.totals() == quiet.truth.live.total
    assert crashed.booked() == quiet.booked()


@SHORT
@given(st.booleans(), st.sampled_from([True, False]), deeds(), st.sets(st.integers(0, 40)))
def test_flushes_change_nothing(certain: bool, synchronized: bool, told: list[Deed], flushes: set[int]) -> None:
    """However readings are cut into flushes: the same bytes, estimates and peaks in slots, the same baselines."""
    shape = Shape(certain, synchronized, (WIDE, PACKETLESS, VIRTUAL))
    lazy, busy = Story(shape, eager=False), Story(shape)
    for place, deed in enumerate([LOOK, *told, LOOK]):
        for story in (lazy, busy):
            if deed.kind not in {"commit", "crash", "full", "boot", "rebase"}:
                story.do(deed)
        if place in flushes:
            busy.commit()
    lazy.commit()
    busy.commit()
    assert busy.store.rows == lazy.store.rows
    assert busy.store.booked == lazy.store.booked
    assert busy.store.books.baselines == lazy.store.books.baselines
    assert busy.store.doubts == lazy.store.doubts
    assert busy.store.epochs == lazy.store.epochs


@SHORT
@given(deeds())
@example([Deed("grow", 0, 0, 1), *[Deed("namespace", 0, 0, 0)] * 3])
def test_a_reader_comes_to_what_a_living_monitor_holds(told: list[Deed]) -> None:
    """While a monitor lives, a reader's pending bytes per interface are those that the monitor would write now.

    Except what it cannot know: a counter that stands below its mark at this moment.
    """
    story = Story(Shape(ports=(WIDE, NARROW, VIRTUAL)))
    for deed in [LOOK, *told]:
        if deed.kind not in {"full", "crash"}:
            story.do(deed)
        if deed.kind in NOTICED:
            story.do(LOOK)
    for port in story.world.ports:
        port.deficit = [0, 0]
    story.world.do(LOOK)
    reading = story.world.reading()
    reader = story.store.meter()
    reader.look(reading)
    story.meter.look(reading)
    assert by_name(reader) == by_name(story.meter)


PLAIN = ("grow", "grow", "pass", "look", "look", "commit", "sleep", "reset", "recreate", "add", "rename")


@SHORT
@given(deeds(PLAIN))
def test_a_reader_puts_bytes_where_the_monitor_looks(told: list[Deed]) -> None:
    """A reader's pending bytes lie in slots of the time that the monitor covers with what it has not written yet."""
    story = Story(Shape()).tell([LOOK, *told])
    story.world.do(LOOK)
    reading = story.world.reading()
    reader = story.store.meter()
    reader.look(reading)
    story.meter.look(reading)
    batch, pending = story.meter.harvest().batches[0][1], reader.harvest().batches[0][1]
    since, until = batch.since_ns or 0, batch.until_ns
    assert (pending.since_ns, pending.until_ns) == (since, until)
    assert all(slot_of(since) <= slot <= slot_of(until) for slot, _, _ in pending.cells)


NOTICED = {"reset", "boot", "namespace", "uplink", "rename", "recreate", "add", "vanish", "return"}
"""A living monitor looks as soon as links or routes change, and writes what is urgent."""


def by_name(meter: Meter) -> dict[tuple[str, bool], list[int]]:
    """Pending rx and tx of each interface."""
    found: dict[tuple[str, bool], list[int]] = {}
    for _, batch in meter.harvest().batches:
        for (_, name, counted), amounts in batch.cells.items():
            if amounts[0] or amounts[1]:
                merge(found, {(name, counted): amounts[:2]})
    return found
