"""The forecast and the habits it is made of. Days of these tests are hour by hour; 2026-11-02 was a Monday."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.forecast import Ahead, outlook
from packetbuddy.billing.habits import HOURS, WEEK, Day, cell, expected, learn, missing

MONDAY = date(2026, 11, 2).toordinal()
GB = 10**9
ON, OFF = (1.0,) * HOURS, (0.0,) * HOURS
WHOLE = (1.0,) * HOURS


def steady(hourly: float) -> tuple[float, ...]:
    return (hourly,) * HOURS


def days(
    count: int, moved: Callable[[int], Sequence[float]], seen: Sequence[float] = ON, first: int = MONDAY
) -> list[Day]:
    return [Day(day, tuple(moved(day)), tuple(seen), WHOLE) for day in range(first, first + count)]


def ahead(first: int, count: int) -> list[Ahead]:
    return [Ahead(day, WHOLE) for day in range(first, first + count)]


def evenings(day: int) -> list[float]:
    """A gigabyte at eight on working days, two at the weekend."""
    return [0.0] * 20 + [2.0 * GB if day % 7 in {6, 0} else 1.0 * GB] + [0.0] * 3


USES = st.lists(
    st.tuples(st.lists(st.integers(0, 10**11), min_size=24, max_size=24), st.sampled_from([0.0, 0.05, 0.5, 1.0])),
    min_size=1,
    max_size=40,
)


def lived(uses: list[tuple[list[int], float]]) -> list[Day]:
    """Unwatched hours hold no bytes."""
    return [
        Day(MONDAY + place, tuple(float(each) if seen else 0.0 for each in moved), (seen,) * HOURS, WHOLE)
        for place, (moved, seen) in enumerate(uses)
    ]


@given(USES, st.integers(0, 2**50), st.integers(0, 31))
def test_the_range_holds_its_figure(uses: list[tuple[list[int], float]], used: int, length: int) -> None:
    """Whatever the past: used ≤ low ≤ expected ≤ high; at the cycle's end the figures meet unless time was missed."""
    past = lived(uses)
    found = outlook(past, ahead(MONDAY + len(past), length), used=used, limit=None, since=MONDAY + len(past))
    if sum(sum(day.seen) for day in past) < 24:
        assert found is None
        return
    assert found is not None
    low, middle, high = found.forecast
    assert used <= low <= middle <= high + 1
    if not length:
        assert low == middle == high == used


def test_nothing_is_said_of_the_first_day() -> None:
    """Before a whole day was observed there is no forecast, from then on there is one."""
    past = [Day(MONDAY, steady(GB), (1.0,) * 23 + (0.99,), WHOLE)]
    assert outlook(past, ahead(MONDAY + 1, 29), used=GB, limit=None, since=MONDAY) is None
    assert outlook(days(1, lambda _: steady(GB)), ahead(MONDAY + 1, 29), used=GB, limit=None, since=MONDAY) is not None


@pytest.mark.parametrize("count", [1, 3, 6])
def test_a_short_history_is_the_plain_average(count: int) -> None:
    """With less than a week: used / elapsed * length, whatever the hours and weekdays were."""
    past = days(count, evenings)
    used = sum(sum(day.moved) for day in past)
    found = outlook(past, ahead(MONDAY + count, 30 - count), used=int(used), limit=None, since=MONDAY)
    assert found is not None
    weights = [0.5 ** ((count - 1 - place) / 14) for place in range(count)]
    average = sum(w * sum(day.moved) for w, day in zip(weights, past, strict=True)) / sum(weights)
    assert found.forecast.expected == pytest.approx(used + average * (30 - count), rel=1e-9)


def test_weekdays_and_hours_are_learnt() -> None:
    """After two months evenings and heavier weekends are known: a week is right, a day within a tenth or so."""
    past = days(56, evenings)
    week = outlook(past, ahead(MONDAY + 56, 7), used=0, limit=None, since=MONDAY + 56)
    assert week is not None
    assert week.forecast.expected == pytest.approx(9 * GB, rel=0.03)
    monday = outlook(past, ahead(MONDAY + 56, 1), used=0, limit=None, since=MONDAY + 56)
    assert monday is not None
    assert monday.forecast.expected == pytest.approx(GB, rel=0.12)
    night = outlook(past, [Ahead(MONDAY + 56, (1.0,) * 20 + (0.0,) * 4)], used=0, limit=None, since=MONDAY + 56)
    assert night is not None
    assert night.forecast.expected < 0.2 * GB


def test_recent_weeks_count_more() -> None:
    """Habits that changed a month ago are nearly forgotten."""
    past = days(56, lambda day: steady(GB if day < MONDAY + 28 else 3 * GB))
    found = outlook(past, ahead(MONDAY + 56, 1), used=0, limit=None, since=MONDAY + 56)
    assert found is not None
    assert found.forecast.expected == pytest.approx(24 * 2.6 * GB, rel=0.05)


@pytest.mark.parametrize("hours", [24, 12])
def test_unobserved_time_makes_the_range_wider_and_no_figure_smaller(hours: int) -> None:
    """Three days of the cycle, whole or half, that nobody watched: expected as without, low lower, high higher."""
    past = days(40, lambda _: steady(GB))
    blind = tuple(float(hour >= hours) for hour in range(HOURS))
    holes = [
        day._replace(moved=tuple(GB * one for one in blind), seen=blind)
        if MONDAY + 32 <= day.day < MONDAY + 35
        else day
        for day in past
    ]
    used = 5 * 24 * GB
    since = MONDAY + 30
    whole = outlook(past, ahead(MONDAY + 40, 20), used=used, limit=None, since=since)
    torn = outlook(holes, ahead(MONDAY + 40, 20), used=used, limit=None, since=since)
    assert whole is not None
    assert torn is not None
    assert torn.forecast.expected >= whole.forecast.expected * 0.9999
    assert torn.forecast.low < whole.forecast.low
    assert torn.forecast.high >= whole.forecast.high + 3 * hours * GB * 0.99


def test_hours_in_which_the_computer_is_off_are_a_habit() -> None:
    """An office machine, unwatched at night and on weekends, is not taken for one that runs all week."""

    def moved(day: int) -> list[float]:
        on = day % 7 in range(1, 6)
        return [float(GB) if on and 8 <= hour < 18 else 0.0 for hour in range(HOURS)]

    past = [
        Day(day, tuple(moved(day)), tuple(float(each > 0) for each in moved(day)), WHOLE)
        for day in range(MONDAY, MONDAY + 42)
    ]
    found = outlook(past, ahead(MONDAY + 42, 7), used=0, limit=None, since=MONDAY + 42)
    assert found is not None
    assert found.forecast.expected == pytest.approx(50 * GB, rel=0.03)
    habits = learn(past, MONDAY + 41)
    assert missing(habits, 0) == 0
    assert habits.rates[cell(MONDAY, 3)] < 0.15 * GB
    assert habits.rates[cell(MONDAY + 5, 12)] < 0.2 * GB


def test_a_hole_of_one_weekday_is_no_habit() -> None:
    """One Sunday that was missed is left out; Sundays that are always missed are a habit."""
    past = days(28, lambda _: steady(GB))
    sundays = {MONDAY + 6 + 7 * week for week in range(4)}
    once = [day._replace(moved=OFF, seen=OFF) if day.day == max(sundays) else day for day in past]
    always = [day._replace(moved=OFF, seen=OFF) if day.day in sundays else day for day in past]
    place = cell(MONDAY + 6, 12)
    assert learn(once, MONDAY + 27).rates[place] == pytest.approx(GB)
    assert learn(always, MONDAY + 27).rates[place] < 0.4 * GB
    assert missing(learn(once, MONDAY + 27), 0) == pytest.approx(24 * GB)
    assert missing(learn(once, MONDAY + 27), max(sundays)) == pytest.approx(24 * GB)
    assert missing(learn(once, MONDAY + 27), max(sundays) + 1) == 0
    assert missing(learn(always, MONDAY + 27), 0) == 0


def test_when_the_limit_is_reached() -> None:
    """The first day on which the running sum reaches it; none where it does not, or nobody set one."""
    past = days(28, lambda _: steady(GB))
    coming = ahead(MONDAY + 28, 10)
    day = 24 * GB

    def reached(limit: int | None, used: int = 0) -> int | None:
        found = outlook(past, coming, used=used, limit=limit, since=MONDAY + 28)
        assert found is not None
        return found.reached

    assert reached(3 * day - GB) == MONDAY + 30
    assert reached(3 * day + GB) == MONDAY + 31
    assert reached(11 * day) is None
    assert reached(None) is None
    assert reached(day, used=day) == MONDAY + 28


def test_irregular_days_make_a_wider_range() -> None:
    """The same bytes in a burst each week say less than the same each day."""
    even = days(42, lambda _: steady(GB))
    burst = days(42, lambda day: steady(7 * GB if day % 7 == day // 7 % 7 else 0))
    ranges = [outlook(past, ahead(MONDAY + 42, 14), used=0, limit=None, since=MONDAY + 42) for past in (even, burst)]
    assert ranges[0] is not None
    assert ranges[1] is not None
    narrow, wide = (each.forecast.high / each.forecast.low for each in ranges if each)
    assert narrow < 1.8
    assert wide > 1.5 * narrow


def test_less_to_come_is_surer() -> None:
    """Towards the end of the cycle the range closes."""
    past = days(42, evenings)
    widths = []
    for left in (20, 10, 3, 1):
        found = outlook(past, ahead(MONDAY + 42, left), used=40 * GB, limit=None, since=MONDAY + 42)
        assert found is not None
        widths.append(found.forecast.high - found.forecast.low)
    assert widths == sorted(widths, reverse=True)


def test_an_idle_past_expects_nothing() -> None:
    """Where nothing ever moved nothing is expected, and no range pretends otherwise."""
    found = outlook(days(30, lambda _: OFF), ahead(MONDAY + 30, 5), used=7, limit=None, since=MONDAY)
    assert found is not None
    assert tuple(found.forecast) == (7, 7, 7)
    assert learn([], MONDAY).rates == (0.0,) * WEEK


def test_a_skipped_hour_is_no_missing_one() -> None:
    """On the day the clock goes forward one hour has no length; on the day it goes back one has two."""
    past = days(28, lambda _: steady(GB))
    short = (1.0,) * 2 + (0.0,) + (1.0,) * 21
    long = (1.0,) * 2 + (2.0,) + (1.0,) * 21
    past[20] = Day(MONDAY + 20, tuple(GB * one for one in short), short, short)
    past[27] = Day(MONDAY + 27, tuple(GB * one for one in long), long, long)
    habits = learn(past, MONDAY + 27)
    assert habits.rates == pytest.approx((GB,) * WEEK)
    assert missing(habits, 0) == 0
    assert expected(habits, MONDAY + 28, long) == pytest.approx(25 * GB)
