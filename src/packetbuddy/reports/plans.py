"""What a data plan has used, what is left, and whether it lasts. Frozen; bytes, dates and money only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from packetbuddy.billing.allowance import a_day, left_of, percent_of

if TYPE_CHECKING:  # annotations only: `pb today` loads this module, and need not load the forecast
    from decimal import Decimal

    from packetbuddy.billing.forecast import Forecast

State = Literal["unknown", "not_begun", "no_cap", "over", "early", "fast", "on_pace", "running"]
"""How a plan stands: ``unknown``: none of its interfaces, or devices, is known; ``over``: nothing is left; ``early``:
too early to say; ``fast``: it will go beyond the cap.
"""
STATES: tuple[State, ...] = get_args(State)


class UnknownLink(NamedTuple):
    """A name or glob of a plan's interfaces that fits none which is or ever was there, and the name that was meant."""

    name: str
    nearest: str | None


class Gauge(NamedTuple):
    """A plan's running cycle, as it stands ``today``.

    ``cap`` ``None``: no cap. ``carried`` came along from the cycle before. ``end`` is the last day, ``None`` for a
    prepaid bucket, as are ``passed`` (the share of the cycle's time) and ``days_left`` (today among them). ``used`` is
    what counts against the cap; ``already_used`` of it was before counting began. ``counted_since``: the day in the
    cycle on which counting began, where nobody knows what was used before. ``cost`` is ``None`` where cost is hidden.
    ``unknown``: interfaces that do not exist; ``unknown_devices``: names that no device has, or more than one. Where
    that is all of them, ``known`` is false.
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
    today: date
    already_used: int = 0
    counted_since: date | None = None
    unknown: tuple[UnknownLink, ...] = ()
    known: bool = True
    unknown_devices: tuple[str, ...] = ()

    @property
    def allowance(self) -> int | None:
        """The cap and what came along."""
        return None if self.cap is None else self.cap + self.carried

    @property
    def left(self) -> int | None:
        """What may still be used; ``None`` without a cap, or where nobody knows what is used."""
        return None if self.allowance is None or not self.known else left_of(self.allowance, self.used)

    @property
    def percent(self) -> float | None:
        """How much of the allowance is used, ``None`` as with ``left``; 100 and more only when nothing is left."""
        return None if self.allowance is None or not self.known else percent_of(self.allowance, self.used)

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
    shares: tuple[tuple[str, int], ...] = ()
    """What each device used of a plan that several share, this one's first."""
    foreseen: bool = False
    """Whether enough is known to say how it goes on; ``reached`` ``None`` then means: not for long."""

    @property
    def state(self) -> State:
        """A prepaid bucket, which has no end that it could last until, is ``running``.

        Where counting began within the cycle it is too early to say while only what nobody counted
        could lead beyond the cap.
        """
        gauge = self.gauge
        if not gauge.known:
            return "unknown"
        if not gauge.begun:
            return "not_begun"
        if gauge.allowance is None:
            return "no_cap"
        return self._pace(gauge, gauge.allowance) if gauge.left else "over"

    def _pace(self, gauge: Gauge, allowance: int) -> State:
        if gauge.end is None:
            return "running" if self.foreseen else "early"
        if self.forecast is None:
            return "early"
        if self.forecast.expected > allowance:
            return "fast"
        return "early" if gauge.counted_since and self.forecast.high > allowance else "on_pace"


class Plans(NamedTuple):
    """All plans, in the order of the settings."""

    today: date
    timezone: str
    rows: tuple[PlanRow, ...]


NO_PLANS = Plans(date.min, "", ())
"""The answer where nobody set a plan."""
