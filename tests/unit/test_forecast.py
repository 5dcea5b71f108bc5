"""The forecast and the habits it is made of. Days of these tests are hour by hour; 2026-11-02 was a Monday."""

import math
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.forecast import Ahead, outlook
from packetbuddy.billing.habits import HOURS, WEEK, Day, cell, expected, learn, missing
from packetbuddy.billing.trend import trend

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


def test_recent_days_count_more() -> None:
    """A day counts half as much as one two weeks later: what changed three weeks ago holds for a third."""
    past = days(21, lambda day: steady(GB if day < MONDAY + 14 else 3 * GB))
    found = outlook(past, ahead(MONDAY + 21, 1), used=0, limit=None, since=MONDAY + 21)
    assert found is not None
    weights = [0.5 ** ((20 - place) / 14) for place in range(21)]
    average = sum(w * (1 if place < 14 else 3) for place, w in enumerate(weights)) / sum(weights)
    assert found.forecast.expected == pytest.approx(24 * average * GB, rel=0.02)


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
    narrow, wide = (
        outlook(past, ahead(MONDAY + 42, 14), used=0, limit=None, since=MONDAY + 42) for past in (even, burst)
    )
    assert narrow is not None
    assert wide is not None
    assert wide.forecast.high - wide.forecast.low > 2 * (narrow.forecast.high - narrow.forecast.low)


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


MIXED = [
    Day(day, tuple(GB * (1 + (day * 7 + hour * 5) % 11) * (hour % 6 == day % 6) for hour in range(HOURS)), ON, WHOLE)
    for day in range(MONDAY, MONDAY + 31)
]


def by_hand(past: list[Day]) -> dict[tuple[int, int], float]:
    """The documented mixture, computed plainly: cell with its hour and weekday, those with the average."""
    today = past[-1].day
    weight = {day.day: 0.5 ** ((today - day.day) / 14) for day in past}

    def share(wanted: Callable[[int, int], bool]) -> tuple[float, float]:
        chosen = [(day, hour) for day in past for hour in range(HOURS) if wanted((day.day - 1) % 7, hour)]
        moved = sum(weight[day.day] * day.moved[hour] for day, hour in chosen)
        return moved, sum(weight[day.day] * day.seen[hour] for day, hour in chosen)

    everything = share(lambda _weekday, _hour: True)
    average = everything[0] / everything[1]
    of_hour = {}
    for hour in range(HOURS):
        moved, hours = share(lambda _weekday, other, hour=hour: other == hour)  # type: ignore[misc]  # bound at once
        of_hour[hour] = (moved + 6 * average) / (hours + 6)
    rates = {}
    for weekday in range(7):
        moved = share(lambda other, _hour, weekday=weekday: other == weekday)[0]  # type: ignore[misc]  # same
        cells = {
            hour: share(lambda one, other, at=(weekday, hour): (one, other) == at)  # type: ignore[misc]  # same
            for hour in range(HOURS)
        }
        usual = sum(of_hour[hour] * hours for hour, (_, hours) in cells.items())
        level = (moved + 48 * average) / (usual + 48 * average)
        for hour, (own, hours) in cells.items():
            rates[weekday, hour] = (own + 6 * of_hour[hour] * level) / (hours + 6)
    return rates


def test_the_rates_by_hand() -> None:
    """All 168 are the documented mixture of a cell with its hour, its weekday and the average, recent days first."""
    found, wanted = learn(MIXED, MIXED[-1].day).rates, by_hand(MIXED)
    assert found == pytest.approx([wanted[divmod(place, HOURS)] for place in range(WEEK)], rel=1e-12)
    assert learn(MIXED[:7], MONDAY + 6).rates == pytest.approx(
        [by_hand(MIXED[:7])[divmod(place, HOURS)] for place in range(WEEK)], rel=1e-12
    )


def deviation(off: dict[int, float], rest: float, length: float, today: int) -> float:
    """The documented deviation, computed plainly: days and weeks, an unknown usual day, how few count, the drift."""
    found = list(off.values())
    weeks = [sum(found[start : start + 7]) for start in range(0, len(found), 7)]
    squares = max(sum(one * one for one in found), sum(one * one for one in weeks))
    daily = (squares + 3 * (rest / length) ** 2) / (len(found) + 3)
    weights = [0.5 ** ((today - day) / 14) for day in off]
    known = sum(weights) ** 2 / sum(one * one for one in weights)
    return math.sqrt(daily * length * (1 + length / known) + (0.05 * rest) ** 2)


def test_the_range_by_hand() -> None:
    """Both ends from how days and weeks missed their habits and what is to come; the low one with holes as days."""
    past = [*MIXED[:20], MIXED[20]._replace(moved=OFF, seen=OFF), *MIXED[21:]]
    coming = [Ahead(MONDAY + 31, (0.0,) * 15 + (0.5,) + (1.0,) * 8), *ahead(MONDAY + 32, 6)]
    found = outlook(past, coming, used=1000 * GB, limit=None, since=MONDAY + 20)
    assert found is not None
    habits = learn(past, MONDAY + 30)
    usual = {day.day: sum(habits.rates[cell(day.day, hour)] for hour in range(HOURS)) for day in past}
    grown = trend(habits, MONDAY + 30)
    rest = sum(
        habits.rates[cell(each.day, hour)] * part * grown.on(each.day)
        for each in coming
        for hour, part in enumerate(each.hours)
    )
    lost, length = usual[MONDAY + 20], (8.5 + 6 * 24) / 24
    share = 1 - lost / (lost + sum(sum(day.moved) for day in past))
    off = {day.day: sum(day.moved) - usual[day.day] for day in past if any(day.seen)}
    torn = {day.day: sum(day.moved) - share * usual[day.day] for day in past}
    low = 1000 * GB + share * rest - 1.28155 * deviation(torn, share * rest, length, MONDAY + 30)
    high = 1000 * GB + rest + 1.28155 * deviation(off, rest, length, MONDAY + 30) + lost
    assert 1000 * GB < low < high
    assert found.forecast == pytest.approx((low, 1000 * GB + rest, high), rel=1e-9)
    earlier = outlook(past, coming, used=1000 * GB, limit=None, since=MONDAY + 21)
    assert earlier is not None
    assert earlier.forecast.high == pytest.approx(high - lost, rel=1e-9)


def test_a_heavy_week_makes_the_range_wider_than_its_days() -> None:
    """Weeks that are heavy as a whole say more about what may come than each of their days."""
    past = days(38, lambda day: steady(GB * (5 if (day - MONDAY) // 7 == 2 else 1)))
    found = outlook(past, ahead(MONDAY + 38, 9), used=0, limit=9 * GB, since=MONDAY + 38)
    assert found is not None
    off = learn(past, MONDAY + 37).off()
    one_by_one = list(off.values())
    weeks = [sum(one_by_one[start : start + 7]) for start in range(0, 38, 7)]
    assert sum(one * one for one in weeks) > 2 * sum(one * one for one in one_by_one)
    rest = found.forecast.expected
    assert found.forecast.high == pytest.approx(rest + 1.28155 * deviation(off, rest, 9, MONDAY + 37), rel=1e-9)


def test_the_widest_range() -> None:
    """However wild the past, the range says something: at most one and a half of what is to come to each side."""
    past = days(84, lambda day: steady(10_000 * GB if day == MONDAY + 3 else 1))
    found = outlook(past, ahead(MONDAY + 84, 1), used=7, limit=None, since=MONDAY + 84)
    assert found is not None
    low, middle, high = found.forecast
    assert low == 7
    assert high - middle == pytest.approx(1.28155 * 1.5 * (middle - 7), rel=1e-9)


def test_a_range_in_which_much_went_unseen_begins_lower() -> None:
    """Of a machine that is away for a week of four the low end expects the next such week, the expected figure none."""
    past = days(56, lambda _: steady(GB))
    away = [day._replace(moved=OFF, seen=OFF) if (day.day - MONDAY) // 7 % 4 == 2 else day for day in past]
    found = outlook(away, ahead(MONDAY + 56, 14), used=0, limit=None, since=MONDAY + 56)
    assert found is not None
    assert found.forecast.expected == pytest.approx(14 * 24 * GB, rel=1e-6)
    assert found.forecast.low < 7 * 24 * GB
    assert found.forecast.high < 20 * 24 * GB


def test_time_of_the_cycle_before_counting_began() -> None:
    """Ten days of the cycle in which nobody counted yet could have had the usual bytes: the high end has them."""
    past = days(20, lambda _: steady(GB))
    coming, before = ahead(MONDAY + 20, 10), ahead(MONDAY - 10, 10)
    told = outlook(past, coming, used=480 * GB, limit=None, since=MONDAY - 10)
    unknown = outlook(past, coming, used=480 * GB, limit=None, since=MONDAY - 10, before=before)
    assert told is not None
    assert unknown is not None
    assert unknown.forecast[:2] == told.forecast[:2]
    assert unknown.forecast.high == pytest.approx(told.forecast.high + 240 * GB, abs=2)


TWENTY = (1.0,) * 20 + (0.0,) * 4


@pytest.mark.parametrize(("watched", "there"), [(2, True), (1, False)])
def test_a_day_that_was_hardly_watched_is_missing(watched: int, there: bool) -> None:
    """From a tenth of it on a day is there; below, all of it is missing."""
    past = [Day(day, (float(GB),) * 20 + (0.0,) * 4, TWENTY, TWENTY) for day in range(MONDAY, MONDAY + 20)]
    seen = (1.0,) * watched + (0.0,) * (HOURS - watched)
    past[9] = past[9]._replace(moved=tuple(GB * one for one in seen), seen=seen)
    gone = missing(learn(past, MONDAY + 19), MONDAY)
    assert gone == pytest.approx((20 - watched if there else 20) * GB, rel=0.1)


@pytest.mark.parametrize(("watched", "day_and_night"), [(18, True), (17, False)])
def test_who_runs_day_and_night(watched: int, day_and_night: bool) -> None:
    """Nine tenths of the usual day: then what is missing is missing, below it is a habit."""
    seen = (1.0,) * watched + (0.0,) * (HOURS - watched)
    past = [Day(day, tuple(GB * one for one in seen), seen, TWENTY) for day in range(MONDAY, MONDAY + 20)]
    assert (missing(learn(past, MONDAY + 19), MONDAY) > 0) is day_and_night


def test_weekdays_off_need_two_of_their_kind() -> None:
    """One Sunday off is an exception; of two Sundays, one half watched, the median is there."""
    past = days(13, lambda _: steady(GB))
    past[6] = past[6]._replace(moved=OFF, seen=OFF)
    assert missing(learn(past, MONDAY + 12), 0) > 0
    both = days(14, lambda _: steady(GB))
    both[6] = both[6]._replace(moved=OFF, seen=OFF)
    both[13] = both[13]._replace(moved=OFF, seen=OFF)
    assert missing(learn(both, MONDAY + 13), 0) == 0
    hardly = (0.2,) * HOURS
    both[13] = both[13]._replace(seen=hardly)
    assert missing(learn(both, MONDAY + 13), 0) > 0


def test_days_of_no_length_tell_nothing() -> None:
    """A day that has just begun, with not a second passed, changes nothing."""
    past = days(20, lambda _: steady(GB))
    begun = [*past, Day(MONDAY + 20, OFF, OFF, OFF)]
    assert learn(begun, MONDAY + 19).rates == learn(past, MONDAY + 19).rates
    assert learn(begun, MONDAY + 19).off() == learn(past, MONDAY + 19).off()
    assert learn([Day(MONDAY, OFF, OFF, WHOLE)], MONDAY).rates == (0.0,) * WEEK


def test_the_limit_is_reached_at_its_byte() -> None:
    """The day on which the sum is exactly the limit is the day."""
    past = days(28, lambda _: steady(1.0))
    habits = learn(past, MONDAY + 27)
    limit = round(sum(expected(habits, MONDAY + 28 + step, WHOLE) for step in range(2)))
    found = outlook(past, ahead(MONDAY + 28, 5), used=0, limit=limit, since=MONDAY + 28)
    assert limit == 48
    assert found is not None
    assert found.reached in {MONDAY + 29, MONDAY + 30}
