"""What a data plan has used, what is left, and whether it lasts. Frozen; bytes, dates and money only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from packetbuddy.billing.allowance import a_day, left_of, percent_of

if TYPE_CHECKING:  # annotations only: `pb today` loads this module, and need not load the forecast
    from decimal import Decimal

    from packetbuddy.billing.forecast import Forecast


class Gauge(NamedTuple):
    """A plan's running cycle.

    ``cap`` ``None``: no cap. ``carried`` came along from the cycle before. ``end`` is the last day, ``None`` for a
    prepaid bucket, as are ``passed`` (the share of the cycle's time) and ``days_left`` (today among them). ``used`` is
    what counts against the cap. ``cost`` is ``None`` where cost is hidden.
    """

    name: str
    cap: int | None
    carried: int
    start: date
    end: date | None
    begun: bool
    passed: float | None
    days_left: int | None
    used: int
    used_today: int
    coverage: float | None
    cost: Decimal | None

    @property
    def allowance(self) -> int | None:
        """The cap and what came along."""
        return None if self.cap is None else self.cap + self.carried

    @property
    def left(self) -> int | None:
        """What may still be used."""
        return None if self.allowance is None else left_of(self.allowance, self.used)

    @property
    def percent(self) -> float | None:
        """How much of the allowance is used; 100 and more only when nothing is left."""
        return None if self.allowance is None else percent_of(self.allowance, self.used)

    @property
    def advice(self) -> int | None:
        """Bytes a day, today among them, that just last; ``None`` without a cap, an end, or a cycle that has begun."""
        if self.left is None or self.days_left is None or not self.begun:
            return None
        return a_day(self.left, self.used_today, self.days_left) if self.left else 0


class PlanRow(NamedTuple):
    """A gauge, and what is expected: the cycle's end, and the day on which nothing will be left, where it comes.

    ``course``: what was used up to the end of each day of the cycle so far, as far back as days are remembered.
    """

    gauge: Gauge
    forecast: Forecast | None = None
    reached: date | None = None
    course: tuple[tuple[date, int], ...] = ()

    @property
    def state(self) -> str:
        """One of: not_begun, no_cap, over (nothing is left), early (too early to say), fast, on_pace, running.

        A prepaid bucket, which has no end that it could last until, is ``running``.
        """
        gauge = self.gauge
        if not gauge.begun:
            return "not_begun"
        if gauge.allowance is None:
            return "no_cap"
        if not gauge.left:
            return "over"
        if gauge.end is None:
            return "running"
        if self.forecast is None:
            return "early"
        return "fast" if self.forecast.expected > gauge.allowance else "on_pace"


class Plans(NamedTuple):
    """All plans, in the order of the settings."""

    today: date
    timezone: str
    rows: tuple[PlanRow, ...]


NO_PLANS = Plans(date.min, "", ())
"""The answer where nobody set a plan."""
