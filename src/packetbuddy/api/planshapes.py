"""What is answered about data plans; see :mod:`packetbuddy.api.shapes`."""

from packetbuddy.api.shapes import Count, Day, Priced, Shape, Share
from packetbuddy.reports.plans import State


class PlanCycle(Shape, frozen=True):
    """A plan's cycle, both days included; a prepaid bucket has no end. ``passed``: the share of its time."""

    start: Day
    end: Day | None
    days_left: Count | None
    passed: Share | None


class PlanForecast(Shape, frozen=True):
    """Bytes at the cycle's end: expected, and the range that holds in 8 of 10 cycles."""

    low: Count
    expected: Count
    high: Count


class PlanDay(Shape, frozen=True):
    """What was used up to the end of a day of the cycle."""

    date: Day
    used_bytes: int


class PlanShare(Shape, frozen=True):
    """What one device used of a plan that several share."""

    device: str
    used_bytes: int


class PlanWords(Shape, frozen=True):
    """Quantities as people read them."""

    used: str
    left: str | None
    allowance: str | None
    advice: str | None
    forecast: str | None


class UnknownInterface(Shape, frozen=True):
    """A name or glob of a plan's interfaces that fits none, and the name that was probably meant."""

    name: str
    nearest: str | None


class Plan(Shape, frozen=True):
    """A data plan. ``used_bytes`` are those that count against the cap; ``meaning`` says what to do about it.

    ``already_used_bytes`` of them were before counting began; ``counted_since``: the day on which it did, where
    nobody knows what was used in the cycle before.
    """

    name: str
    state: State
    cap_bytes: Count | None
    carried_bytes: Count
    allowance_bytes: Count | None
    cycle: PlanCycle
    used_bytes: int
    used_today_bytes: int
    already_used_bytes: Count
    counted_since: Day | None
    unknown_interfaces: list[UnknownInterface]
    unknown_devices: list[str]
    left_bytes: Count | None
    percent: float | None
    forecast: PlanForecast | None
    used_up_on: Day | None
    course: list[PlanDay]
    advice_bytes_per_day: Count | None
    shares: list[PlanShare]
    coverage: Share | None
    cost: Priced | None
    human_readable: PlanWords
    meaning: str


class Plans(Shape, frozen=True):
    """All plans, in the order of the settings."""

    date: Day
    timezone: str
    plans: list[Plan]
