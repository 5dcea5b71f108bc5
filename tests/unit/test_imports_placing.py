"""Where cells go: into time that nobody answers for, whole or not at all, and no byte beyond what they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.imports.figures import HOUR_NS, Cell
from packetbuddy.imports.placing import fitted, shares
from packetbuddy.metering.slots import SLOT_NS, slot_of
from packetbuddy.metering.stretches import FOREVER, united, without

SPAN = st.tuples(st.integers(0, 50 * HOUR_NS), st.integers(1, 30 * HOUR_NS)).map(lambda pair: (pair[0], sum(pair)))
SPANS = st.lists(SPAN, max_size=5).map(lambda spans: united(sorted(spans)))
BYTES = st.integers(0, 10**12)
CELL = st.builds(
    Cell,
    SPANS.filter(bool).map(tuple),
    BYTES,
    BYTES,
    st.sampled_from([0, 5000]),
    st.integers(0, 50 * HOUR_NS),
    st.booleans(),
)


@given(cell=CELL, accounted=SPANS, held=st.tuples(BYTES, BYTES))
def test_rows_sum_to_what_is_taken(cell: Cell, accounted: list[tuple[int, int]], held: tuple[int, int]) -> None:
    """To the byte, in slots of free time only; nothing is taken where no time is free, all where all of it is."""
    fit = fitted(cell, accounted, lambda *_: held)
    rows = list(shares(fit))
    assert (sum(row.rx for row in rows), sum(row.tx for row in rows)) == (fit.rx, fit.tx)
    assert fit.rx <= cell.rx
    assert fit.tx <= cell.tx
    free = [part for span in cell.stretches for part in without(span, accounted)]
    assert list(fit.free) == free
    if not free:
        assert rows == []
    if free == list(cell.stretches):
        assert (fit.rx, fit.tx) == (cell.rx, cell.tx)
    touched = {row.slot for row in rows if row.rx or row.tx}
    assert all(any(start // SLOT_NS <= slot <= (end - 1) // SLOT_NS for start, end in free) for slot in touched)


@given(cell=CELL)
def test_estimates_are_marked(cell: Cell) -> None:
    """All bytes of an estimated cell are, and none of another."""
    rows = list(shares(fitted(cell, [], lambda *_: (0, 0))))
    assert sum(row.estimated for row in rows) == (cell.rx + cell.tx if cell.estimated else 0)


@pytest.mark.parametrize("past", [0, 15, 30, 45])
def test_a_day_is_spread_evenly_over_the_hours_of_its_zone(past: int) -> None:
    """Where midnight is not on an hour of UTC, no hour of the day gets more than another, or less, but for a byte."""
    start = (100 * 24 * 60 + past) * 60 * 10**9
    day = Cell(((start, start + 24 * HOUR_NS),), 24_000, 2_400, 0, start, estimated=True)
    rows = list(shares(fitted(day, [], lambda _first, _beyond: (0, 0))))
    assert [(row.slot - slot_of(start)) / 12 for row in rows] == list(range(24))
    assert {(row.rx, row.tx) for row in rows} == {(1000, 100)}


def test_topping_up() -> None:
    """A day that is accounted for in part gives what it has beyond that, into its free part."""
    day = Cell(((0, 24 * HOUR_NS),), 1000, 100, 0, 0, estimated=True)
    fit = fitted(day, [(0, 10 * HOUR_NS)], lambda *_: (400, 300))
    assert (fit.free, fit.rx, fit.tx) == (((10 * HOUR_NS, 24 * HOUR_NS),), 600, 0)


def test_the_highest_speed_needs_its_time_to_be_free() -> None:
    """It stands in the row of its time, and not at all where that time is somebody else's."""
    day = Cell(((0, 24 * HOUR_NS),), 2400, 0, 777, 12 * HOUR_NS + 5, estimated=True)
    rows = list(shares(fitted(day, [], lambda *_: (0, 0))))
    assert [row.slot for row in rows if row.peak == 777] == [12 * 12]
    taken = fitted(day, [(11 * HOUR_NS, 13 * HOUR_NS)], lambda *_: (0, 0))
    assert [row for row in shares(taken) if row.peak] == []
    hidden = fitted(day, [(0, FOREVER)], lambda *_: (0, 0))
    assert list(shares(hidden)) == []
