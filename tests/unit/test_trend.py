"""Growth from week to week: found where it stands out, not where it is chance."""

from statistics import correlation, fmean, linear_regression

import pytest

from packetbuddy.billing.forecast import Ahead, outlook
from packetbuddy.billing.habits import HOURS, Day, learn, weight
from packetbuddy.billing.trend import Trend, trend

MONDAY = 740_000 - 740_000 % 7 + 1
WHOLE, OFF = (1.0,) * HOURS, (0.0,) * HOURS
GB = 10**9
UNEVEN = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8)


def of_weeks(*sizes: float, seen: tuple[float, ...] = WHOLE) -> list[Day]:
    """Whole weeks of as many gigabytes an hour, Monday to Sunday; the last day is a Sunday."""
    return [
        Day(MONDAY + 7 * week + place, (size * GB,) * HOURS, seen, WHOLE)
        for week, size in enumerate(sizes)
        for place in range(7)
    ]


def found(past: list[Day]) -> Trend:
    today = past[-1].day
    return trend(learn(past, today), today)


def test_a_household_that_grows_is_followed() -> None:
    """A tenth more of the first week in each: the next weeks are met, where the habits alone are far below."""
    past = of_weeks(*(1 + week / 10 for week in range(12)))
    today = past[-1].day
    coming = [Ahead(day, WHOLE) for day in range(today + 1, today + 15)]
    seen = outlook(past, coming, used=0, limit=None, since=today + 1)
    assert seen is not None
    assert seen.forecast.expected == pytest.approx(7 * 24 * GB * (2.2 + 2.3), rel=0.04)
    assert seen.forecast.low > 7 * 24 * GB * 2 * 1.6
    shrinking = found(of_weeks(*(3 - week / 10 for week in range(12))))
    assert shrinking.growth < 0
    assert shrinking.on(today) < 1


def test_ups_and_downs_are_no_trend() -> None:
    """Weeks that go up and down, or are all the same, or too few, or idle: the habits as they are."""
    for past in (
        of_weeks(*UNEVEN),
        of_weeks(*[2] * 12),
        of_weeks(1, 2, 3),
        of_weeks(*[0] * 12),
        [Day(MONDAY, OFF, OFF, WHOLE)],
    ):
        assert found(past).growth == 0
        assert found(past).on(MONDAY + 500) == 1


def test_the_slope_by_hand() -> None:
    """Least squares over the weeks' shares of their habits, less six squares of its own uncertainty."""
    sizes = (2, 3, 3, 5, 4, 6, 7, 6, 8, 9)
    past = of_weeks(*sizes)
    today = past[-1].day
    habits = learn(past, today)
    usual = sum(habits.rates)
    weeks = [float(number) for number in range(-9, 1)]
    shares = [7 * 24 * GB * size / usual for size in sizes]
    explained = correlation(weeks, shares) ** 2
    slope = linear_regression(weeks, shares).slope * (1 - 6 * (1 - explained) / (8 * explained))
    line = trend(habits, today)
    assert line.growth == pytest.approx(slope / 7 / fmean(shares), rel=1e-9)
    counts = [weight(day.day, today) for day in past]
    assert line.around == pytest.approx(fmean([day.day for day in past], counts), rel=1e-12)


@pytest.mark.parametrize(("hours", "there"), [(12, True), (11, False)])
def test_a_week_of_which_little_is_known_says_nothing(hours: int, there: bool) -> None:
    """Four weeks make a trend; a week counts from half of its hours on."""
    half = (1.0,) * hours + (0.0,) * (HOURS - hours)
    past = of_weeks(1, 2, 3, 4)
    past[:7] = [day._replace(moved=tuple(GB * hour for hour in half), seen=half) for day in past[:7]]
    assert (found(past).growth > 0) is there


def test_a_trend_leads_so_far_and_no_farther() -> None:
    """Around its middle it is the habits; half of them more or less at most."""
    line = Trend(0.01, 100.0)
    assert [line.on(day) for day in (100, 110, 90, 150, 1000, -1000)] == pytest.approx([1, 1.1, 0.9, 1.5, 1.5, 0.5])
