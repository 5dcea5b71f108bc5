from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.allowance import Measured, a_day, carried, counted, left_of, percent_of, reached

GB = 10**9
BYTES = st.integers(0, 2**60)
CAPS = st.integers(1, 2**60)


@given(BYTES, BYTES, st.decimals(0, 1, places=6))
def test_what_counts_is_rounded_once(peak: int, off_peak: int, counts: Decimal) -> None:
    """Whole bytes: the exact weighed sum, rounded half up; never more than what moved."""
    found = counted(Measured(peak, off_peak), counts)
    exact = peak + off_peak * Fraction(counts)
    assert found == (2 * exact + 1) // 2
    assert peak <= found <= peak + off_peak


@given(CAPS, st.lists(BYTES, max_size=30))
def test_rollover_never_makes_bytes(cap: int, used: list[int]) -> None:
    """At most a cap comes along, and over any number of cycles at most a cap each can be used within the allowance."""
    assert 0 <= carried(cap, used) <= cap
    within = sum(min(amount, cap + carried(cap, used[:place])) for place, amount in enumerate(used))
    assert within + carried(cap, used) <= cap * (len(used) + 1)
    assert within <= cap * len(used)


@given(CAPS, st.lists(BYTES, min_size=1, max_size=10), BYTES)
def test_more_use_leaves_no_more(cap: int, used: list[int], more: int) -> None:
    """Using more in the last cycle never lets more come along."""
    assert carried(cap, [*used[:-1], used[-1] + more]) <= carried(cap, used)


def test_rollover_by_hand() -> None:
    """100 GB: 70 used leave 30; of 130, 90 use the 30 first and leave 40; nothing used leaves 100 and not 140."""
    assert carried(100, []) == 0
    assert carried(100, [70]) == 30
    assert carried(100, [70, 90]) == 40
    assert carried(100, [70, 90, 0]) == 100
    assert carried(100, [70, 140]) == 0
    assert carried(100, [0, 0, 0]) == 100


@given(CAPS, st.integers(1, 1000), BYTES)
def test_a_percentage_is_reached_at_its_byte(allowance: int, percent: int, used: int) -> None:
    """So many percent are used from exactly that byte on."""
    assert (used >= reached(allowance, percent)) == (used * 100 >= allowance * percent)


@given(CAPS, BYTES)
def test_percent_is_never_rounded_up(allowance: int, used: int) -> None:
    """100.0 means that nothing is left; less means that something is."""
    assert (percent_of(allowance, used) >= 100) == (left_of(allowance, used) == 0)
    assert percent_of(allowance, used) * allowance <= 100 * used * (1 + 1e-12)


def test_percent_by_hand() -> None:
    """One decimal, rounded down."""
    assert [percent_of(1000, used) for used in (0, 1, 555, 999, 1000, 1180)] == [0.0, 0.1, 55.5, 99.9, 100.0, 118.0]
    assert percent_of(3, 2) == 66.6
    assert left_of(10, 4) == 6
    assert left_of(10, 14) == 0


@given(BYTES, BYTES, st.integers(1, 400))
def test_advice_uses_up_what_is_left(left: int, used_today: int, days: int) -> None:
    """So much each day, today among them, is what is left, to less than a byte a day; it is not more."""
    advice = a_day(left, used_today, days)
    assert advice * days <= left + used_today < (advice + 1) * days


def test_advice_on_the_last_day() -> None:
    """On the last day it is all that is left beside what today has; a cycle that ended divides by nothing."""
    assert a_day(10, 5, 1) == 15
    assert a_day(10, 5, 0) == 15
    assert a_day(left=31 * GB, used_today=0, days_left=10) == 3_100_000_000


def test_nothing_measured() -> None:
    """A cycle begins at nothing; thousandths are cut where they would round up to all."""
    assert Measured() == (0, 0)
    assert percent_of(10**6, 999_999) == 99.9
    assert reached(10**4, 33) == 3300
