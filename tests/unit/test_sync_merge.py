"""The rules of the synchronisation: who is who, what can be believed, what becomes of days that exist twice."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.quarters import (
    EMPTY,
    NOTHING,
    QUARTER_NS,
    QUARTER_SECONDS,
    QUARTERS,
    Quarter,
    UtcDay,
    day_of,
    observed_seconds,
)
from packetbuddy.sync.merge.accounts import correction, united
from packetbuddy.sync.merge.believing import MOST_BYTES, RefusedError, believed, plain
from packetbuddy.sync.merge.returning import lacking
from packetbuddy.sync.merge.standing import Ours, Theirs, Verdict, judge

TODAY = 20_000
quarters = st.builds(
    Quarter,
    rx=st.sampled_from([0, 1, 5, 10**9]),
    tx=st.sampled_from([0, 2]),
    estimated=st.sampled_from([0, 0, 1]),
    peak=st.sampled_from([0, 7]),
    observed=st.sampled_from([0, 0, 300, 900]),
)


def today(quarters: Sequence[Quarter]) -> UtcDay:
    """A day that begins with these."""
    return day_of(TODAY, enumerate(quarters, TODAY * QUARTERS))


days = st.lists(quarters, min_size=4, max_size=4).map(today)


def written(day: UtcDay, revision: int = 3) -> list[object]:
    """A row as the database gives it back."""
    totals = [sum(day.rx), sum(day.tx), sum(day.estimated), max(day.peak), day.seconds]
    return [day.day, revision, *totals, *(list(column) for column in day[1:])]


@given(days)
def test_a_row_comes_back_as_it_went(day: UtcDay) -> None:
    """What a PacketBuddy writes is believed and means the same day."""
    assert believed(written(day), today=TODAY).day == day


def test_columns_that_say_nothing_may_be_missing() -> None:
    """Nothing estimated, no speeds, everything observed: those columns are null in the database."""
    row = written(UtcDay(TODAY, rx=(1, *NOTHING[1:]), observed=(QUARTER_SECONDS,) * QUARTERS))
    row[9:12] = [None, None, None]
    assert believed(row, today=TODAY).day.seconds == 86_400


HOSTILE: dict[str, tuple[int, object]] = {
    "negative day": (0, -1),
    "day in words": (0, "today"),
    "no day": (0, None),
    "day of a clock years ahead": (0, TODAY + 367),
    "day beyond calendars": (0, 1 << 40),
    "revision true": (1, True),
    "negative revision": (1, -5),
    "huge revision": (1, 1 << 63),
    "total that differs": (2, 1),
    "total as a fraction": (2, 0.0),
    "speed that differs": (5, 9),
    "observed more than there is": (6, 90_000),
    "no column": (7, None),
    "column in words": (7, "{0,0}"),
    "too few quarters": (7, [0] * 95),
    "too many quarters": (8, [0] * 97),
    "nested quarters": (7, [[0]] * 96),
    "negative bytes": (7, [-1, 1, *NOTHING[2:]]),
    "more than a wire carries": (7, [MOST_BYTES + 1, *NOTHING[1:]]),
    "a missing quarter": (8, [None, *NOTHING[1:]]),
    "negative estimate": (9, [-1, 1, *NOTHING[2:]]),
    "speed beyond physics": (10, [10**13, *NOTHING[1:]]),
    "quarters of longer hours": (11, [901, *NOTHING[1:]]),
}


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_a_row_that_makes_no_sense_is_refused(case: str) -> None:
    """Each value that a PacketBuddy would not write is refused with a reason in words."""
    place, value = HOSTILE[case]
    row = written(UtcDay(TODAY))
    row[place] = value
    with pytest.raises(RefusedError, match=r"^its? |columns"):
        believed(row, today=TODAY)


def test_other_columns_are_refused() -> None:
    """A table of another shape is not read as ours."""
    with pytest.raises(RefusedError, match="other columns"):
        believed([1, 2, 3], today=TODAY)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("laptop", "laptop"),
        ("  a \n b ", "a b"),
        ("\x1b[31mred", "[31mred"),
        ("", "x"),
        (None, "x"),
        ("é" * 300, "é" * 100),
    ],
)
def test_names_are_cleaned(given_name: object, shown: str) -> None:
    """A name is one printable line of a hundred characters, or the fallback."""
    assert plain(given_name, "x") == shown


OURS = Ours("b", "mine", "next", 5)


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [
        (None, Verdict.BEGIN),
        (Theirs("b", "mine", 5), Verdict.GO_ON),
        (Theirs("b", "next", 6), Verdict.GO_ON),
        (Theirs("b", "mine", 4), Verdict.WENT_BACK),
        (Theirs("b", "older", 4), Verdict.WENT_BACK),
        (Theirs("b", "stranger", 6), Verdict.TAKE_OVER),
        (Theirs("another", "mine", 5), Verdict.TAKE_OVER),
    ],
)
def test_what_a_row_means(theirs: Theirs | None, verdict: Verdict) -> None:
    """Each state of our row there has one meaning."""
    assert judge(OURS, theirs) is verdict


def test_a_stranger_that_returns_is_a_copy_that_lives() -> None:
    """After a takeover the next stranger's token makes us leave; our own goes on."""
    lately = OURS._replace(took_over=True)
    assert judge(lately, Theirs("b", "stranger", 9)) is Verdict.LEAVE
    assert judge(lately, Theirs("b", "mine", 9)) is Verdict.GO_ON


def test_a_new_row_of_ours_is_ours() -> None:
    """A row that was just made has no token, and neither have we."""
    assert judge(Ours("b", "", "", 0), Theirs("b", "", 0)) is Verdict.GO_ON


@given(st.lists(days, min_size=1, max_size=3))
def test_accounts_are_united_in_any_order(several: list[UtcDay]) -> None:
    """The order does not matter, and what is united with itself stays."""
    whole = united(several)
    assert all(united(order) == whole for order in itertools.permutations(several))
    assert united([whole, whole]) == whole
    assert united([several[0]]) == several[0]


@given(st.lists(days, min_size=1, max_size=3))
def test_united_accounts_invent_nothing(several: list[UtcDay]) -> None:
    """Each quarter is one that some ledger holds; where the one that saw most saw anything, it is its own."""
    whole = united(several)
    known = [dict(day.held()) for day in several]
    for number, quarter in whole.held():
        assert quarter in [day.get(number, EMPTY) for day in known]
    assert whole.seconds >= max(day.seconds for day in several)


@given(st.lists(days, min_size=1, max_size=3))
def test_corrected_parts_are_the_whole(several: list[UtcDay]) -> None:
    """Parts and their correction add up to the united day in bytes, estimates and observed time."""
    whole = united(several)
    parts = [*several, correction(whole, several)]
    for column in ("rx", "tx", "estimated", "observed"):
        sums = [sum(each) for each in zip(*(getattr(part, column) for part in parts), strict=True)]
        assert tuple(sums) == getattr(whole, column)


def grown(day: UtcDay, returned: Sequence[tuple[int, Quarter]]) -> UtcDay:
    """The day once what it lacked is booked."""
    filled = dict(day.held())
    for number, more in returned:
        here = filled.get(number, EMPTY)
        sums = (here.rx + more.rx, here.tx + more.tx, here.estimated + more.estimated)
        filled[number] = Quarter(*sums, here.peak, max(here.observed, more.observed))
    return day_of(day.day, filled.items())


@given(days, days)
def test_taking_back_comes_to_rest(mine: UtcDay, theirs: UtcDay) -> None:
    """What was lacking is lacking no more; nothing is ever taken away."""
    end = mine.first + QUARTERS
    after = grown(mine, lacking(mine, theirs, final=end))
    assert all(one >= other for one, other in zip(after.rx + after.tx, mine.rx + mine.tx, strict=True))
    assert [each for each in lacking(after, theirs, final=end) if each[1].rx or each[1].tx] == []


@given(days, days)
def test_only_what_is_over_is_taken_back(mine: UtcDay, theirs: UtcDay) -> None:
    """From the quarter of the last look on the counters tell; estimated quarters are left as they are."""
    found = lacking(mine, theirs, final=mine.first + 2)
    here = dict(mine.held())
    assert all(number < mine.first + 2 and not here.get(number, EMPTY).estimated for number, _ in found)


def test_a_restored_ledger_gets_its_afternoon_back() -> None:
    """A backup of the morning and rows of the whole day make the whole day."""
    morning, whole = today([Quarter(10, 1, 0, 0, 900)] * 4), today([Quarter(10, 1, 0, 0, 900)] * 8)
    assert sum(grown(morning, lacking(morning, whole, final=morning.first + 96)).rx) == sum(whole.rx)


def test_observed_seconds_are_those_of_each_quarter() -> None:
    """A stretch over the edge of quarters, and of the day, is split at the edges."""
    start = TODAY * QUARTERS * QUARTER_NS
    seen = observed_seconds(
        TODAY, [(start - QUARTER_NS, start + QUARTER_NS // 2), (start + QUARTER_NS, start + 3 * QUARTER_NS)]
    )
    assert seen[:4] == (450, 900, 900, 0)
    assert sum(seen) == 2250
