"""Metrics become families: every name that ``/metrics`` knows is made here. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from packetbuddy.exports.exposition import Family, Labels, Sample, label_text
from packetbuddy.reports.metrics import Metrics
from packetbuddy.reports.model import Usage
from packetbuddy.reports.plans import STATES, PlanRow

STATE = "packetbuddy_plan_state"


class Speed(NamedTuple):
    """What an interface moves now, bytes a second."""

    interface: str
    sent: float
    received: float


class _Both(NamedTuple):
    """A figure in both directions, and what it is of."""

    labels: Labels
    received: float
    sent: float


def families(metrics: Metrics, speeds: Iterable[Speed]) -> list[Family]:
    """Everything; ``speeds`` of the interfaces that count, none where they could not be measured."""
    return [*_state(metrics), *_counters(metrics), _speeds(speeds), *_usage(metrics), *_plans(metrics)]


def _state(metrics: Metrics) -> Iterator[Family]:
    version = Sample((("version", metrics.version),), 1)
    yield Family("packetbuddy_build", "info", "", "The running PacketBuddy.", [version])
    up = int(metrics.counting)
    yield _gauge("packetbuddy_monitor_up", "", "1 while the monitor counts and writes, else 0.", [((), up)])
    written = [((), metrics.written)]
    yield _gauge("packetbuddy_last_write_timestamp_seconds", "seconds", "When the monitor last wrote.", written)
    doubts = [((), metrics.doubts)]
    yield _gauge("packetbuddy_open_doubts", "", "Changes that were not believed and wait for a decision.", doubts)


def _counters(metrics: Metrics) -> Iterator[Family]:
    counted = [_Both((), one.received, one.sent) for one in metrics.metered if one.counted]
    words = "Internet bytes that were metered."
    yield _counter("packetbuddy_usage_bytes", words, [_Both((), 0, 0), *counted], metrics)
    each = [
        _Both((*_named(one.interface), ("counted", "yes" if one.counted else "no")), one.received, one.sent)
        for one in metrics.metered
    ]
    words = "Bytes that an interface moved while it counted as internet (yes), and while it did not (no)."
    yield _counter("packetbuddy_interface_bytes", words, each, metrics)


def _speeds(speeds: Iterable[Speed]) -> Family:
    rows = [_Both(_named(one.interface), one.received, one.sent) for one in speeds]
    words = "Speed of the last second, of each interface that counts."
    return _gauge("packetbuddy_speed_bytes_per_second", "bytes_per_second", words, _directed(rows))


def _usage(metrics: Metrics) -> Iterator[Family]:
    words = "Everything there is, corrections and imports too, as `pb summary` tells it."
    yield _gauge("packetbuddy_lifetime_bytes", "bytes", words, _directed([_of(metrics.lifetime)]))
    yield _gauge("packetbuddy_today_bytes", "bytes", "The running local day.", _directed([_of(metrics.today)]))
    estimated = [((), metrics.lifetime.estimated)]
    words = "How many of the lifetime's bytes have an estimated time."
    yield _gauge("packetbuddy_estimated_bytes", "bytes", words, estimated)
    shares = (("today", metrics.today.coverage), ("lifetime", metrics.lifetime.coverage))
    known = [((("period", period),), share) for period, share in shares]
    yield _gauge("packetbuddy_coverage_ratio", "ratio", "The share of the time that was observed.", known)


PLAN_GAUGES: tuple[tuple[str, str, str, Callable[[PlanRow], float | None]], ...] = (
    ("cap_bytes", "bytes", "The cap.", lambda row: row.gauge.cap),
    ("allowance_bytes", "bytes", "The cap and what came along from before.", lambda row: row.gauge.allowance),
    ("used_bytes", "bytes", "What counts against the cap.", lambda row: row.gauge.used),
    ("left_bytes", "bytes", "What may still be used.", lambda row: row.gauge.left),
    ("advice_bytes", "bytes", "So much a day, today among them, just lasts.", lambda row: row.gauge.advice),
    ("passed_ratio", "ratio", "The share of the cycle's time that has passed.", lambda row: row.gauge.passed),
    ("coverage_ratio", "ratio", "The share of the cycle so far that was observed.", lambda row: row.gauge.coverage),
)
"""``packetbuddy_plan_…``: ending, unit, words, and where the figure comes from."""


def _plans(metrics: Metrics) -> Iterator[Family]:
    rows = metrics.plans.rows
    for name, unit, words, value in PLAN_GAUGES:
        yield _gauge(f"packetbuddy_plan_{name}", unit, words, [(_plan(row), value(row)) for row in rows])
    ends = [(_plan(row), end) for row, end in zip(rows, metrics.ends, strict=True)]
    yield _gauge("packetbuddy_plan_end_timestamp_seconds", "seconds", "When the next cycle begins.", ends)
    forecasts = [(row, row.forecast._asdict()) for row in rows if row.forecast is not None]
    bounds = [((*_plan(row), ("bound", bound)), value) for row, each in forecasts for bound, value in each.items()]
    yield _gauge("packetbuddy_plan_forecast_bytes", "bytes", "What the cycle is expected to use.", bounds)
    states = [Sample((*_plan(row), (STATE, state)), int(row.state == state)) for row in rows for state in STATES]
    yield Family(STATE, "stateset", "", "How the plan stands: one of them is 1.", states)


def _gauge(name: str, unit: str, words: str, values: Iterable[tuple[Labels, float | None]]) -> Family:
    """What is not known is left out."""
    samples = [Sample(labels, value) for labels, value in values if value is not None]
    return Family(name, "gauge", unit, words, samples)


def _counter(name: str, words: str, rows: Iterable[_Both], metrics: Metrics) -> Family:
    ledger = ("ledger", metrics.ledger)
    samples = [Sample((*labels, ledger), value, metrics.began) for labels, value in _directed(rows)]
    return Family(name, "counter", "bytes", words, samples)


def _directed(rows: Iterable[_Both]) -> list[tuple[Labels, float]]:
    """A value for each direction. Those that no label tells apart are one: no name may occur twice."""
    sums: dict[Labels, float] = {}
    for row in rows:
        for direction, value in (("received", row.received), ("sent", row.sent)):
            labels = (*row.labels, ("direction", direction))
            sums[labels] = sums.get(labels, 0) + value
    return list(sums.items())


def _of(usage: Usage) -> _Both:
    return _Both((), usage.received, usage.sent)


def _named(interface: str) -> Labels:
    return (("interface", label_text(interface)),)


def _plan(row: PlanRow) -> Labels:
    return (("plan", label_text(row.gauge.name)),)
