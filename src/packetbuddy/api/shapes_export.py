"""The shape of an export as JSON."""

from packetbuddy.api.shapes import Count, Day, DayUsage, Instant, Shape, Share, Usage, Words


class ExportMeta(Shape, frozen=True):
    """Who made the export, of what. ``device`` is ``null`` where its name is left out."""

    generator: str
    version: str
    schema: int
    made_at: Instant
    device: str | None
    interface: str | None
    timezone: str
    units: str


class Tracking(Shape, frozen=True):
    """From when to when anything was tracked; ``null`` where nothing was."""

    first_day: Day | None
    last_day: Day | None
    days_tracked: Count
    coverage: Share | None


class Averages(Shape, frozen=True):
    """An average tracked day."""

    daily_sent_bytes: int
    daily_received_bytes: int
    daily_total_bytes: int
    human_readable: Words


class Peaks(Shape, frozen=True):
    """The highest recorded speed, bytes a second, and the day with the most bytes."""

    peak_speed: Count | None
    peak_speed_human: str | None
    peak_speed_at: Instant | None
    busiest_day: DayUsage | None


class YearUsage(Usage, frozen=True, kw_only=True):
    """A year, and how many of its days were tracked."""

    year: int
    days: Count


class MonthUsage(Usage, frozen=True, kw_only=True):
    """A month, and how many of its days were tracked."""

    month: str
    days: Count


class Export(Shape, frozen=True):
    """Everything, as far as anything was tracked."""

    meta: ExportMeta
    tracking: Tracking
    totals: Usage
    averages: Averages
    peaks: Peaks
    years: list[YearUsage]
    months: list[MonthUsage]
    days: list[DayUsage]
