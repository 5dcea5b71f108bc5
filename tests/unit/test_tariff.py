from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.money import MINOR_DIGITS, Price, cost_of, rounded
from packetbuddy.billing.tariff import Tariff, Tier, bands, cycle_cost, exact_cost

GB = 10**9
RUPEES = Price(Decimal("7.50"), "INR", "GB")
RATES = st.decimals(0, 10**5, places=4)
BOUNDS = st.lists(st.integers(1, 2**50), unique=True, max_size=5).map(sorted)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    """Any tariff that the settings allow."""
    bounds: list[int | None] = [*draw(BOUNDS)]
    if draw(st.booleans()):
        bounds.append(None)
    price = Price(draw(RATES), draw(st.sampled_from(["INR", "JPY", "KWD"])), draw(st.sampled_from(["GB", "GiB"])))
    return Tariff(
        price,
        tuple(Tier(bound, draw(RATES)) for bound in bounds),
        draw(st.none() | st.integers(1, 2**50)),
        draw(st.none() | RATES),
    )


@given(tariffs())
def test_bands_cover_every_size_once(tariff: Tariff) -> None:
    """The prices rise by size without a gap; only the last has no end."""
    ends = [band.up_to for band in bands(tariff)]
    assert ends[-1] is None
    assert None not in ends[:-1]
    assert ends[:-1] == sorted(filter(None, ends[:-1]))


@given(tariffs(), st.lists(st.integers(0, 2**51), min_size=3, max_size=8).map(sorted))
def test_parts_cost_what_the_whole_costs(tariff: Tariff, cuts: list[int]) -> None:
    """The exact costs of a cycle's parts add up to the whole's; rounded, they differ by at most half a coin a part."""
    parts = [exact_cost(one, other, tariff) for one, other in pairwise(cuts)]
    whole = exact_cost(cuts[0], cuts[-1], tariff)
    assert sum(map(Fraction, parts)) == Fraction(whole)
    coin = Decimal(1).scaleb(-MINOR_DIGITS.get(tariff.flat.currency, 2))
    apart = sum(rounded(part, tariff.flat.currency) for part in parts)
    assert abs(apart - rounded(whole, tariff.flat.currency)) <= coin * (len(parts) + 1) / 2


@given(tariffs(), st.integers(0, 2**51), st.integers(0, 2**51))
def test_more_never_costs_less(tariff: Tariff, used: int, more: int) -> None:
    """No price is negative, so a cycle's cost only rises."""
    assert cycle_cost(used + more, tariff) >= cycle_cost(used, tariff) >= 0


@given(st.integers(0, 2**60))
def test_without_tiers_the_flat_price_holds(used: int) -> None:
    """A plan without prices of its own costs what the bytes cost everywhere else."""
    assert cycle_cost(used, Tariff(RUPEES)) == cost_of(used, RUPEES)


TIERS = (Tier(50 * GB, Decimal(10)), Tier(100 * GB, Decimal(8)), Tier(None, Decimal(5)))


@pytest.mark.parametrize(
    ("used", "cost"),
    [
        (0, "0.00"),
        (10 * GB, "100.00"),
        (50 * GB, "500.00"),
        (75 * GB, "700.00"),
        (100 * GB, "900.00"),
        (130 * GB, "1050.00"),
    ],
)
def test_three_tiers_by_hand(used: int, cost: str) -> None:
    """50 at 10, 50 at 8, the rest at 5."""
    assert cycle_cost(used, Tariff(RUPEES, TIERS)) == Decimal(cost)


@pytest.mark.parametrize(
    ("used", "cost"), [(50 * GB, "500.00"), (80 * GB, "740.00"), (100 * GB, "1140.00"), (200 * GB, "3140.00")]
)
def test_beyond_the_cap_its_own_price(used: int, cost: str) -> None:
    """A cap of 80 with 20 beyond it: 50 at 10, 30 at 8, then 20 whatever the tiers say."""
    assert cycle_cost(used, Tariff(RUPEES, TIERS, 80 * GB, Decimal(20))) == Decimal(cost)


def test_a_cap_on_the_edge_of_a_tier() -> None:
    """A cap where a tier ends cuts nothing in two; without a price beyond it a cap changes no price."""
    assert bands(Tariff(RUPEES, TIERS, 50 * GB, Decimal(20))) == (TIERS[0], Tier(None, Decimal(20)))
    assert bands(Tariff(RUPEES, TIERS, 50 * GB)) == TIERS
    assert bands(Tariff(RUPEES, TIERS, None, Decimal(20))) == TIERS


def test_tiers_that_end_go_on_at_the_last_price() -> None:
    """Beyond the last bound the last price holds."""
    assert cycle_cost(200 * GB, Tariff(RUPEES, TIERS[:2])) == Decimal("1700.00")
    assert bands(Tariff(RUPEES, TIERS[:2]))[-1] == Tier(None, Decimal(8))


def test_a_flat_price_with_overage() -> None:
    """100 GB at the flat price, then 12 a GB."""
    tariff = Tariff(RUPEES, (), 100 * GB, Decimal(12))
    assert cycle_cost(101 * GB, tariff) == Decimal("762.00")


def test_per_gibibyte() -> None:
    """The unit is the flat price's."""
    assert cycle_cost(2**30, Tariff(Price(Decimal(1), "USD", "GiB"), (Tier(None, Decimal(3)),))) == Decimal("3.00")


def test_from_the_first_byte_on() -> None:
    """The first byte costs what the others cost, and no bytes cost nothing."""
    assert exact_cost(0, 1, Tariff(RUPEES)) == Decimal("7.50") / GB
    assert exact_cost(0, 0, Tariff(RUPEES)) == exact_cost(5, 5, Tariff(RUPEES)) == 0
    assert cycle_cost(10**9, Tariff(Price(Decimal("0.004"), "INR", "GB"))) == Decimal("0.00")
    assert cycle_cost(1, Tariff(Price(Decimal(10**9), "JPY", "GB"))) == 1
