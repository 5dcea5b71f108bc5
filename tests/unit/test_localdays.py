"""Where local days begin, how a zone's time is cut, and observed time of any period."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.answers.localdays import LAST_ORDINAL, Stretches, day_start, offsets, ordinal_at, ranges, runs
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_SECONDS, SLOTS_PER_DAY, slot_of

DAY_NS = 86_400 * SECOND
ZONES = st.sampled_from(
    [
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Havana",
        "Pacific/Apia",
        "Africa/Casablanca",
        "UTC",
    ]
)
SECONDS = st.integers(min_value=1_200_000_000, max_value=2_400_000_000)


def edges(zone: str, *day: int) -> tuple[datetime, datetime]:
    """A local day's first instant and the first after it, in UTC."""
    ordinal = date(*day).toordinal()
    starts = (day_start(each, ZoneInfo(zone)) // SECOND for each in (ordinal, ordinal + 1))
    one, other = (datetime.fromtimestamp(start, UTC) for start in starts)
    return one, other


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Asia/Kolkata", (2026, 11, 23), "2026-11-22T18:30", 24),
        ("Asia/Kathmandu", (2026, 11, 23), "2026-11-22T18:15", 24),
        ("Australia/Lord_Howe", (2027, 4, 4), "2027-04-03T13:00", 24.5),
        ("Australia/Lord_Howe", (2027, 10, 3), "2027-10-02T13:30", 23.5),
        ("America/New_York", (2027, 3, 14), "2027-03-14T05:00", 23),
        ("America/New_York", (2027, 11, 7), "2027-11-07T04:00", 25),
        ("America/Sao_Paulo", (2018, 11, 4), "2018-11-04T03:00", 23),
        ("America/Havana", (2027, 11, 7), "2027-11-07T04:00", 25),
        ("Pacific/Apia", (2011, 12, 30), "2011-12-30T10:00", 0),
        ("Pacific/Apia", (2011, 12, 31), "2011-12-30T10:00", 24),
    ],
)
def test_days_of_all_lengths(zone: str, day: tuple[int, int, int], start: str, hours: float) -> None:
    """A day begins at its first instant, where midnight is skipped or comes twice too, and is as long as it is."""
    one, other = edges(zone, *day)
    assert one.replace(tzinfo=None).isoformat(timespec="minutes") == start
    assert (other - one).total_seconds() / 3600 == hours


@given(zone=ZONES, second=SECONDS)
def test_every_instant_is_in_its_day(zone: str, second: int) -> None:
    """An instant lies between the start of the day that the calendar names and the start of the next."""
    rules = ZoneInfo(zone)
    day = ordinal_at(second * SECOND, rules)
    assert date.fromordinal(day) == datetime.fromtimestamp(second, rules).date()
    assert day_start(day, rules) <= second * SECOND < day_start(day + 1, rules)


def test_the_last_day_of_the_calendar() -> None:
    """The day after the last date begins a day later, so that the last one has an end."""
    assert day_start(LAST_ORDINAL + 1, UTC) - day_start(LAST_ORDINAL, UTC) == DAY_NS
    assert ordinal_at(day_start(LAST_ORDINAL, UTC), UTC) == LAST_ORDINAL


@given(zone=ZONES, second=SECONDS, length=st.integers(min_value=1, max_value=900 * SLOTS_PER_DAY))
def test_runs_tile_and_keep_one_offset(zone: str, second: int, length: int) -> None:
    """Runs leave no slot out and none twice, and in each the zone is as far from UTC as it says, to its very ends."""
    rules = ZoneInfo(zone)
    first = slot_of(second * SECOND)
    found = list(runs(rules, first, first + length))
    assert (found[0].first, found[-1].beyond) == (first, first + length)
    assert all(one.beyond == other.first for one, other in pairwise(found))
    for run in found:
        assert run.first < run.beyond
        for slot in (run.first, (run.first + run.beyond) // 2, run.beyond - 1):
            offset = datetime.fromtimestamp(slot * SLOT_SECONDS, UTC).astimezone(rules).utcoffset()
            assert offset is not None
            assert offset.total_seconds() == run.offset * SLOT_SECONDS


@given(
    cuts=st.lists(st.integers(0, 1000), min_size=2, max_size=20, unique=True),
    start=st.integers(-10, 1010),
    length=st.integers(0, 600),
)
def test_observed_time_of_a_period(cuts: list[int], start: int, length: int) -> None:
    """Observed time of a period is the count of its instants that lie in a stretch."""
    ordered = sorted(cuts)
    stretches = list(zip(ordered[::2], ordered[1::2], strict=False))
    instants = {at for one, other in stretches for at in range(one, other)}
    assert Stretches(stretches).within(start, start + length) == len(instants & set(range(start, start + length)))


def test_nothing_observed() -> None:
    """Without a stretch there is no observed time."""
    assert Stretches([]).within(0, 10**20) == 0


@given(st.sets(st.integers(0, 60)))
def test_ranges_hold_exactly_the_days(days: set[int]) -> None:
    """Stretches of neighbouring days hold each of them once and no other, and never touch."""
    found = list(ranges(days))
    assert [day for first, last in found for day in range(first, last + 1)] == sorted(days)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(found))


def test_rules_tell_zones_apart() -> None:
    """The short form of a zone's rules differs where the rules do, and is the same for the same."""
    zones = ("Asia/Kolkata", "America/New_York", "America/Lima", "Europe/Berlin", "UTC")
    assert len({offsets(ZoneInfo(zone), 2030) for zone in zones}) == len(zones)
    assert offsets(ZoneInfo("Asia/Kolkata"), 2030) == offsets(ZoneInfo("Asia/Calcutta"), 2030)
