"""Several resolutions of the same traffic, each kept for a time of its own: every byte is in one cell."""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import ImportFileError
from packetbuddy.imports import times
from packetbuddy.imports.figures import Cell, Figure, cells
from packetbuddy.imports.times import Row, Zoned, figures

FIRST = datetime(2026, 1, 29)  # noqa: DTZ001 - naive, as in files
ZONED = Zoned(UTC, 1_900_000_000 * 10**9)
PERIODS = (times.five_minutes, times.hour, times.day, times.month, times.year)
MOMENT = st.tuples(
    st.integers(0, 6 * 288 - 1).map(lambda slot: FIRST + timedelta(minutes=5 * slot)),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)


class Traffic(NamedTuple):
    """Five-minute rows, and from which day on each of the five resolutions is kept (6: nothing of it)."""

    rows: tuple[tuple[datetime, int, int], ...]
    kept: tuple[int, ...]

    def level(self, number: int) -> list[Row]:
        """A resolution's rows, as a tool would have kept them."""
        total: dict[datetime, tuple[int, int]] = {}
        for at, rx, tx in self.rows:
            start = PERIODS[number](at)[0]
            before = total.get(start, (0, 0))
            total[start] = before[0] + rx, before[1] + tx
        oldest = FIRST + timedelta(days=self.kept[number])
        return [Row(start, *total[start]) for start in sorted(total) if PERIODS[number](start)[1] > oldest]

    def cells(self) -> list[Cell]:
        """What becomes of them."""
        return list(cells(figures(self.level(number), period, ZONED) for number, period in enumerate(PERIODS)))

    def told(self, number: int) -> Counter[datetime]:
        """Bytes of both directions by period."""
        return Counter({row.at: row.rx + row.tx for row in self.level(number)})


# finer rows go first, as in every tool: each resolution is kept at least as long as the finer one
KEPT = st.lists(st.integers(0, 6), min_size=4, max_size=4).map(lambda days: (*sorted(days, reverse=True), 0))
TRAFFIC = st.builds(Traffic, st.lists(MOMENT, max_size=40).map(tuple), KEPT)


def by_period(found: list[Cell], number: int) -> Counter[datetime]:
    """Bytes of the cells that lie in one period of a resolution, by that period."""
    total: Counter[datetime] = Counter()
    for cell in found:
        starts = {PERIODS[number](_naive(edge))[0] for start, end in cell.stretches for edge in (start, end - 1)}
        if len(starts) == 1:
            total[starts.pop()] += cell.rx + cell.tx
    return total


def _naive(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // 10**9, UTC).replace(tzinfo=None)


@given(traffic=TRAFFIC)
def test_every_byte_once(traffic: Traffic) -> None:
    """All cells together hold what the years hold, in each direction."""
    found = traffic.cells()
    assert sum(cell.rx for cell in found) == sum(rx for _, rx, _ in traffic.rows)
    assert sum(cell.tx for cell in found) == sum(tx for _, _, tx in traffic.rows)


@given(traffic=TRAFFIC, number=st.integers(0, 4))
def test_each_kept_period_gets_its_own_figure(traffic: Traffic, number: int) -> None:
    """Where a row of an hour, a day or a month is kept, the cells within it hold exactly its bytes."""
    found = by_period(traffic.cells(), number)
    told = traffic.told(number)
    assert {start: found[start] for start in told} == dict(told)


@given(traffic=TRAFFIC)
def test_no_time_is_claimed_twice(traffic: Traffic) -> None:
    """Cells with time to themselves don't overlap."""
    spans = sorted(itertools.chain.from_iterable(cell.stretches for cell in traffic.cells() if cell.rx or cell.tx))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


@given(traffic=TRAFFIC)
def test_times_are_estimated_where_nobody_knows_the_hour(traffic: Traffic) -> None:
    """A cell is estimated exactly when it comes from a figure of more than an hour."""
    fine = {start for start, _, _ in traffic.rows}
    for cell in traffic.cells():
        whole = sum(end - start for start, end in cell.stretches)
        assert cell.estimated or whole <= 3600 * 10**9
        assert not cell.estimated or not fine or whole > 0


def test_a_finer_sum_beyond_a_coarse_figure_stands() -> None:
    """Rows that say more than their day: nothing is taken from them, and the month gives no difference again."""
    levels: list[Iterator[Figure]] = [
        iter([Figure(0, 10, 100, 0)]),
        iter([Figure(0, 100, 60, 5)]),
        iter([Figure(0, 1000, 100, 5)]),
    ]
    assert [(cell.rx, cell.tx) for cell in cells(levels) if cell.rx or cell.tx] == [(100, 0), (0, 5)]


def test_the_highest_speed_goes_where_most_moved() -> None:
    """A day's peak is put into the hour with most bytes; without hours, into its middle."""
    hours = [Figure(0, 10, 1, 1), Figure(10, 20, 5, 5), Figure(20, 30, 2, 2)]
    assert max(cells([iter(hours), iter([Figure(0, 100, 8, 8, 77)])]), key=lambda cell: cell.peak)[3:5] == (77, 10)
    assert [cell[3:5] for cell in cells([iter([Figure(0, 100, 8, 8, 77)])])] == [(77, 50)]


@pytest.mark.parametrize("second", [Figure(5, 15, 1, 1), Figure(0, 10, 1, 1)])
def test_overlapping_rows_are_refused(second: Figure) -> None:
    """Two rows of one resolution about the same time would double it."""
    with pytest.raises(ImportFileError, match="about the same time"):
        list(cells([iter([Figure(0, 10, 1, 1), second])]))
