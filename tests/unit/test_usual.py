from packetbuddy.billing.usual import unusual_from

GB = 10**9


def test_too_few_days_know_no_usual() -> None:
    """Two weeks are needed."""
    assert unusual_from([GB] * 13) is None
    assert unusual_from([GB] * 14) == 3 * GB


def test_an_unusual_day_is_beyond_the_median_and_the_largest() -> None:
    """Three usual days, and half as much again as the largest: the higher of the two."""
    assert unusual_from([GB] * 20 + [5 * GB]) == round(7.5 * GB)
    assert unusual_from([2 * GB] * 20 + [3 * GB]) == 6 * GB


def test_nothing_is_unusual_where_nothing_moves() -> None:
    """Idle weeks make no first byte an alarm."""
    assert unusual_from([0] * 30) is None


def test_one_busy_day_sets_no_alarm_off() -> None:
    """An idle fortnight with a single busy day: beyond that day, not beyond nothing."""
    assert unusual_from([0] * 13 + [10]) == 15
    assert unusual_from([10] * 7 + [11] * 7) == round(3 * 10.5)
