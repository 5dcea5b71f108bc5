"""What the bytes of a cycle cost: tiers by size, then the price beyond the cap. Exact, and rounded once at the end."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from packetbuddy.billing.money import EXACT, UNIT_BYTES, Price, rounded


class Tier(NamedTuple):
    """``rate`` per unit for the bytes up to ``up_to``; ``None``: all the rest."""

    up_to: int | None
    rate: Decimal


class Tariff(NamedTuple):
    """Prices of one cycle.

    ``flat`` holds where there are no tiers, and its currency and unit are everybody's. ``included`` is where
    ``overage_rate`` begins; without that rate the prices go on as they are.
    """

    flat: Price
    tiers: tuple[Tier, ...] = ()
    included: int | None = None
    overage_rate: Decimal | None = None


def bands(tariff: Tariff) -> tuple[Tier, ...]:
    """The prices by rising size; the last one has no end."""
    inside = tariff.tiers or (Tier(None, tariff.flat.rate),)
    if inside[-1].up_to is not None:
        inside = (*inside, Tier(None, inside[-1].rate))
    if tariff.overage_rate is None or tariff.included is None:
        return inside
    return (*_cut(inside, tariff.included), Tier(None, tariff.overage_rate))


def exact_cost(first: int, beyond: int, tariff: Tariff) -> Decimal:
    """The exact cost of a cycle's bytes ``first`` ≤ byte < ``beyond``, in the order in which they were used.

    Costs of parts add up to the cost of the whole.
    """
    total, start = Decimal(0), 0
    for tier in bands(tariff):
        end = beyond if tier.up_to is None else min(tier.up_to, beyond)
        count = max(0, end - max(start, first))
        total = EXACT.add(total, EXACT.multiply(Decimal(count), tier.rate))
        start = max(start, end)
    return EXACT.divide(total, Decimal(UNIT_BYTES[tariff.flat.unit]))


def cycle_cost(used: int, tariff: Tariff) -> Decimal:
    """The cost of a cycle in which so much was used, rounded once to the currency's smallest coin."""
    return rounded(exact_cost(0, used, tariff), tariff.flat.currency)


def _cut(tiers: Sequence[Tier], included: int) -> tuple[Tier, ...]:
    inside = [tier for tier in tiers if tier.up_to is not None and tier.up_to < included]
    return (*inside, Tier(included, tiers[len(inside)].rate))
