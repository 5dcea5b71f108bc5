from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.answers.localdays import day_start, ordinal_at
from packetbuddy.billing.cycles import BEYOND, FIRST, Cycle, Rhythm, cycle_of, cycles, has_begun

DAYS = st.dates(date(1970, 1, 1), date(2150, 12, 31)).map(date.toordinal)
ANY_DAY = st.dates().map(date.toordinal)
STARTS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
RHYTHMS = st.one_of(
    st.builds(Rhythm, st.just("monthly"), st.none(), st.integers(1, 31)),
    st.builds(Rhythm, st.just("weekly"), st.just(7), st.integers(1, 7)),
    st.just(Rhythm("daily", 1, 1)),
    st.builds(Rhythm, st.just("days"), st.integers(1, 3660), STARTS),
    st.builds(Rhythm, st.just("prepaid"), st.none(), STARTS),
)
ZONES = st.sampled_from(
    [
        "UTC",
        "Asia/Kolkata",
        "America/New_York",
        "Pacific/Apia",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "America/Asuncion",
    ]
).map(ZoneInfo)


def day(*parts: int) -> int:
    return date(*parts).toordinal()


def monthly(starts: int) -> Rhythm:
    return Rhythm("monthly", None, starts)


@given(RHYTHMS, ANY_DAY)
def test_a_day_is_in_its_cycle(rhythm: Rhythm, at: int) -> None:
    """The cycle of a day holds the day, is never empty, and stays inside the calendar."""
    cycle = cycle_of(rhythm, at)
    assert FIRST <= cycle.first <= at
    assert cycle.beyond is None or at < cycle.beyond <= BEYOND


@given(RHYTHMS, ANY_DAY)
def test_cycles_tile_time(rhythm: Rhythm, at: int) -> None:
    """All days of a cycle have it; the day after it begins the next, the day before it ends the one before."""
    cycle = cycle_of(rhythm, at)
    assert cycle_of(rhythm, cycle.first) == cycle
    if cycle.first > FIRST:
        assert cycle_of(rhythm, cycle.first - 1).beyond == cycle.first
    if cycle.beyond is not None and cycle.beyond < BEYOND:
        assert cycle_of(rhythm, cycle.beyond - 1) == cycle
        assert cycle_of(rhythm, cycle.beyond).first == cycle.beyond


@given(RHYTHMS, ZONES, st.integers(157_766_400, 3_786_912_000))
def test_cycles_tile_instants_in_every_zone(rhythm: Rhythm, zone: ZoneInfo, second: int) -> None:
    """An instant lies in the cycle of its local day, from the cycle's first instant to before the next one's."""
    now = second * 10**9
    cycle = cycle_of(rhythm, ordinal_at(now, zone))
    assert day_start(cycle.first, zone) <= now
    assert cycle.beyond is None or now < day_start(cycle.beyond, zone)


@given(RHYTHMS, DAYS, st.integers(0, 900))
def test_cycles_of_a_stretch(rhythm: Rhythm, first: int, length: int) -> None:
    """They begin with the first day's, end with the last day's, and each begins where the one before ends."""
    found = list(cycles(rhythm, first, first + length))
    assert found[0] == cycle_of(rhythm, first)
    assert found[-1] == cycle_of(rhythm, first + length)
    assert [one.beyond for one in found[:-1]] == [one.first for one in found[1:]]


@given(st.integers(1, 31), DAYS)
def test_months_begin_on_their_day(starts: int, at: int) -> None:
    """A monthly cycle begins on its day of the month, or on the last day of a month that is too short."""
    begin = date.fromordinal(cycle_of(monthly(starts), at).first)
    next_day = date.fromordinal(begin.toordinal() + 1)
    assert begin.day == starts or (begin.day < starts and next_day.day == 1)


@pytest.mark.parametrize(
    ("rhythm", "at", "first", "beyond"),
    [
        (monthly(31), day(2028, 2, 29), day(2028, 2, 29), day(2028, 3, 31)),
        (monthly(31), day(2028, 2, 28), day(2028, 1, 31), day(2028, 2, 29)),
        (monthly(31), day(2026, 2, 28), day(2026, 2, 28), day(2026, 3, 31)),
        (monthly(30), day(2027, 3, 1), day(2027, 2, 28), day(2027, 3, 30)),
        (monthly(1), day(2026, 12, 31), day(2026, 12, 1), day(2027, 1, 1)),
        (monthly(15), day(2027, 1, 14), day(2026, 12, 15), day(2027, 1, 15)),
        (Rhythm("weekly", 7, 1), day(2026, 11, 22), day(2026, 11, 16), day(2026, 11, 23)),
        (Rhythm("weekly", 7, 7), day(2026, 11, 22), day(2026, 11, 22), day(2026, 11, 29)),
        (Rhythm("daily", 1, 1), day(2026, 11, 22), day(2026, 11, 22), day(2026, 11, 23)),
        (Rhythm("days", 28, date(2026, 11, 1)), day(2026, 11, 28), day(2026, 11, 1), day(2026, 11, 29)),
        (Rhythm("days", 28, date(2026, 11, 1)), day(2026, 10, 31), day(2026, 10, 4), day(2026, 11, 1)),
        (Rhythm("prepaid", None, date(2026, 11, 1)), day(2026, 11, 1), day(2026, 11, 1), None),
        (Rhythm("prepaid", None, date(2026, 11, 1)), day(2026, 10, 31), FIRST, day(2026, 11, 1)),
        (monthly(31), day(9999, 12, 31), day(9999, 12, 31), date.max.toordinal() + 1),
        (monthly(30), day(9999, 12, 29), day(9999, 11, 30), day(9999, 12, 30)),
        (monthly(2), 1, 1, 2),
        (Rhythm("weekly", 7, 3), 1, 1, 3),
        (Rhythm("weekly", 7, 3), day(9999, 12, 31), day(9999, 12, 29), date.max.toordinal() + 1),
        (Rhythm("prepaid", None, date(2026, 11, 1)), 1, 1, day(2026, 11, 1)),
    ],
)
def test_golden_cycles(rhythm: Rhythm, at: int, first: int, beyond: int | None) -> None:
    """By hand: short and leap Februaries, the turn of the year, weeks, before and after a date, the calendar's ends."""
    assert cycle_of(rhythm, at) == Cycle(first, beyond)


def test_only_a_bucket_has_a_before() -> None:
    """A prepaid bucket has begun from its first day on; every other plan always has."""
    bucket = Rhythm("prepaid", None, date(2026, 11, 1))
    assert [has_begun(bucket, day(2026, 10, 31)), has_begun(bucket, day(2026, 11, 1))] == [False, True]
    assert has_begun(Rhythm("days", 28, date(2026, 11, 1)), day(2026, 10, 31))
    assert has_begun(monthly(1), day(2026, 10, 31))
