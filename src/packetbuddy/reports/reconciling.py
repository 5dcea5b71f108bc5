"""Our figure beside the ISP's: the answer, its body, and the series of earlier ones. Pure."""

from datetime import date, datetime
from typing import NamedTuple

from packetbuddy.billing.reconcile import Reason, leaves
from packetbuddy.reports.bodies import Body, Presentation
from packetbuddy.reports.quantities import amount


class Reconciliation(NamedTuple):
    """One reading: the days (both included), the ISP's figure as it was written and in bytes, and ours.

    ``ratio`` is ours as a share of theirs, ``None`` where theirs is nothing. ``coverage``: how much was observed.
    ``device`` and ``interface``: whose usage ours is, as the question had it.
    """

    number: int
    made_at: datetime
    first: date
    last: date
    isp: str
    isp_bytes: int
    sent: int
    received: int
    coverage: float | None
    device: str = "this"
    interface: str | None = None

    @property
    def whose(self) -> str:
        """Words for the device and the link that ours is of; empty for all that this device counts."""
        device = {"this": "", "all": "all devices"}.get(self.device, self.device)
        return ", ".join(filter(None, (device, self.interface)))

    @property
    def total(self) -> int:
        """Ours, both directions."""
        return self.sent + self.received

    @property
    def difference(self) -> int:
        """How much more theirs is."""
        return self.isp_bytes - self.total

    @property
    def ratio(self) -> float | None:
        """Ours as a share of theirs."""
        return self.total / self.isp_bytes if self.isp_bytes else None


class Compared(NamedTuple):
    """A reading, whether the two agree, and what could be behind the difference, the best explanation first."""

    reading: Reconciliation
    agrees: bool
    reasons: tuple[Reason, ...]


def compared_body(compared: Compared, how: Presentation) -> Body:
    """The reading, the difference and the reasons."""
    reading = compared.reading
    return {
        **reading_body(reading, how),
        "difference_bytes": reading.difference,
        "agrees": compared.agrees,
        "reasons": [_reason_body(each, reading.difference) for each in compared.reasons],
    }


def _reason_body(reason: Reason, difference: int) -> Body:
    """``explains_bytes``: so much, or where it is not ``exact`` up to so much; ``leaves_bytes``: of the difference."""
    return {
        "kind": reason.kind,
        "meaning": reason.words,
        "explains_bytes": reason.explains,
        "exact": reason.exact,
        "leaves_bytes": leaves(difference, reason),
    }


def series_body(readings: tuple[Reconciliation, ...], how: Presentation) -> Body:
    """All readings, oldest period first."""
    return {"reconciliations": [reading_body(each, how) for each in readings]}


def reading_body(reading: Reconciliation, how: Presentation) -> Body:
    """One reading."""
    return {
        "number": reading.number,
        "made_at": reading.made_at.isoformat(),
        "from": reading.first.isoformat(),
        "to": reading.last.isoformat(),
        "device": reading.device,
        "interface": reading.interface,
        "isp": reading.isp,
        "isp_bytes": reading.isp_bytes,
        "bytes_sent": reading.sent,
        "bytes_received": reading.received,
        "total_bytes": reading.total,
        "ratio": None if reading.ratio is None else round(reading.ratio, 6),
        "coverage": None if reading.coverage is None else round(reading.coverage, 6),
        "human_readable": {"isp": amount(reading.isp_bytes, how.units), "total": amount(reading.total, how.units)},
    }
