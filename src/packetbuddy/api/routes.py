"""The table of endpoints: path, what may be asked, what is answered, in words, and who makes it. All there is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from packetbuddy.api import answering, planshapes, queries, shapes, shapes_export
from packetbuddy.api.desk import Desk, Lane
from packetbuddy.api.exporting import export
from packetbuddy.api.large import Stored
from packetbuddy.api.scraping import OPENMETRICS, PLAIN
from packetbuddy.exports.formats import KINDS
from packetbuddy.reports.bodies import Body


class Endpoint(NamedTuple):
    """One row. ``make`` is ``None`` where the application itself answers; ``statuses`` are those that carry ``answer``.

    ``answer`` is ``None`` where it is text for scrapers, which has no shape.
    """

    path: str
    query: type[queries.Query]
    answer: type[shapes.Shape] | None
    summary: str
    make: Callable[[Desk, Any], Body | Stored] | None
    statuses: tuple[int, ...] = (200,)
    media: str = "application/json"
    lane: Lane = "usual"
    others: tuple[str, ...] = ()
    """Further media types of the answer, all of them text."""


ENDPOINTS = (
    Endpoint(
        "/api/health",
        queries.Query,
        shapes.Health,
        "Whether everything counts; 503 and degraded when not",
        answering.health,
        statuses=(200, 503),
        lane="quick",
    ),
    Endpoint("/api/live", queries.InterfaceQuery, shapes.Live, "Speeds, measured now over about a second", None),
    Endpoint(
        "/api/stream",
        queries.InterfaceQuery,
        shapes.Live,
        "Server-sent events: live each second, today as it changes, problem when there is one",
        None,
        media="text/event-stream",
    ),
    Endpoint("/api/today", queries.DeviceQuery, shapes.Today, "The running local day", answering.today, lane="quick"),
    Endpoint("/api/month", queries.MonthQuery, shapes.Month, "A row per day of a month", answering.month),
    Endpoint(
        "/api/range", queries.RangeQuery, shapes.Range, "A row per day between two dates", answering.days, lane="long"
    ),
    Endpoint(
        "/api/usage", queries.UsageQuery, shapes.Groups, "Usage in groups of local time", answering.usage, lane="long"
    ),
    Endpoint("/api/summary", queries.DeviceQuery, shapes.Summary, "Everything since tracking began", answering.summary),
    Endpoint("/api/heatmap", queries.HeatmapQuery, shapes.Heatmap, "Bytes by weekday and hour", answering.heatmap),
    Endpoint(
        "/api/interfaces",
        queries.InterfaceQuery,
        shapes.Interfaces,
        "Every interface, counted or not, and why",
        answering.interfaces,
        lane="quick",
    ),
    Endpoint("/api/devices", queries.Query, shapes.Devices, "Every device and everything it moved", answering.devices),
    Endpoint(
        "/api/plan",
        queries.DeviceQuery,
        planshapes.Plans,
        "What is left of each data plan, and whether it lasts",
        answering.plan,
    ),
    Endpoint(
        "/api/cost", queries.DeviceQuery, shapes.Costs, "What today, this month and everything cost", answering.cost
    ),
    Endpoint(
        "/api/export",
        queries.ExportQuery,
        shapes_export.Export,
        "Everything as a file: CSV, JSON, Markdown, TOON, or the year as an HTML page",
        export,
        lane="long",
        others=tuple(kind.media.partition(";")[0] for name, kind in KINDS.items() if name != "json"),
    ),
    Endpoint(
        "/metrics",
        queries.Query,
        None,
        "Counters, speeds, plans and coverage for Prometheus: OpenMetrics, or the older text where that is preferred",
        None,
        media=OPENMETRICS,
        others=(PLAIN,),
    ),
)
