"""What is answered: a struct for each body of SPEC 5. They make the OpenAPI document and check every answer sent."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]
Instant = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class Shape(msgspec.Struct, frozen=True):
    """A JSON object of the API."""


class ErrorDetail(Shape, frozen=True):
    """A word for programs, a line for people, and what to do about it (may be empty)."""

    code: str
    message: str
    hint: str


class Error(Shape, frozen=True):
    """The one shape of everything that went wrong."""

    error: ErrorDetail


class Words(Shape, frozen=True):
    """Quantities as people read them."""

    sent: str
    received: str
    total: str


class Priced(Shape, frozen=True):
    """An amount of money."""

    cost: float
    cost_formatted: str


class Cost(Shape, frozen=True):
    """What the bytes cost."""

    total: Priced
    upload: Priced
    download: Priced
    rate_per_gb: float
    currency: str


class Usage(Shape, frozen=True, kw_only=True):
    """Bytes over a time. ``peak_speed`` in bytes a second, ``coverage`` the share of the time that was observed."""

    bytes_sent: int
    bytes_received: int
    total_bytes: int
    human_readable: Words
    peak_speed: Count | None
    coverage: Share | None
    estimated_bytes: int
    cost: Cost | UnsetType = UNSET


class Today(Usage, frozen=True, kw_only=True):
    """The running local day; ``usual_bytes``: what this weekday usually has by this time."""

    date: Day
    timezone: str
    usual_bytes: int | None
    all_devices: Usage | UnsetType = UNSET


class DayUsage(Usage, frozen=True, kw_only=True):
    """One local day."""

    date: Day


class Month(Shape, frozen=True):
    """The days of a month."""

    month: str
    days: list[DayUsage]
    summary: Usage


class Range(Shape, frozen=True, kw_only=True):
    """Days, both ends included."""

    first: Day = msgspec.field(name="from")
    last: Day = msgspec.field(name="to")
    days: list[DayUsage]
    summary: Usage


class Group(Usage, frozen=True, kw_only=True):
    """One group; ``end`` is exclusive."""

    start: Instant
    end: Instant


class Groups(Shape, frozen=True):
    """Usage in groups of local time."""

    by: str
    groups: list[Group]
    summary: Usage


class Summary(Usage, frozen=True, kw_only=True):
    """Everything since tracking began."""

    first_day: Day | None
    observed_since: Day | None
    days_tracked: Count
    average_daily_bytes: int
    peak_speed_at: Instant | None
    data_points: Count
    last_update: Instant | None
    active_devices: Count
    all_devices: Usage | UnsetType = UNSET


class InterfaceSpeed(Shape, frozen=True):
    """Speed of one interface, bytes a second."""

    name: str
    bytes_sent_per_second: Count
    bytes_received_per_second: Count
    total_bytes_per_second: Count


class Live(Shape, frozen=True):
    """Speeds now, bytes a second, over ``measured_seconds``."""

    at: Instant
    bytes_sent_per_second: Count
    bytes_received_per_second: Count
    total_bytes_per_second: Count
    human_readable: Words
    interfaces: list[InterfaceSpeed]
    measured_seconds: float


class Interface(Shape, frozen=True):
    """An interface: whether it counts now, why, and what it moved since tracking began."""

    name: str
    kind: str
    present: bool
    counted: bool
    reason: str
    uncertain: bool
    bytes_sent: int
    bytes_received: int
    counted_bytes: int


class Interfaces(Shape, frozen=True):
    """Every interface that is there or was ever recorded."""

    interfaces: list[Interface]


class Device(Shape, frozen=True, kw_only=True):
    """A device: when the database last heard of it, and everything it moved. ``problem``: why days are left out."""

    id: str
    name: str
    os: str
    last_seen: Instant | None
    this: bool
    retired: bool
    accounts: Annotated[int, Meta(ge=1)]
    problem: str | None
    usage: Usage


class Devices(Shape, frozen=True):
    """This device first, then the others in the order in which they came."""

    devices: list[Device]


Cell = Annotated[list[int], Meta(min_length=3, max_length=3, description="weekday, hour, bytes")]


class Heatmap(Shape, frozen=True, kw_only=True):
    """Bytes by weekday (0 is Monday) and hour, local time: 168 cells."""

    first: Day = msgspec.field(name="from")
    last: Day = msgspec.field(name="to")
    cells: Annotated[list[Cell], Meta(min_length=168, max_length=168)]


class CycleCost(Shape, frozen=True):
    """What the running cycle of a plan costs so far, by its own prices."""

    name: str
    cycle: Priced | None


class Costs(Shape, frozen=True):
    """What today, this month and everything cost; without a price (rate 0) all ``null``."""

    rate_per_gb: float
    unit: str
    currency: str
    today: Cost | None
    month: Cost | None
    lifetime: Cost | None
    plans: list[CycleCost]


class MonitorState(Shape, frozen=True):
    """The counting process: ``state`` is running, stale (lives, does not write), starting or stopped."""

    state: Literal["running", "stale", "starting", "stopped"]
    last_reading: Instant | None
    last_write: Instant | None
    interfaces: list[str]
    problem: str | None


class SyncState(Shape, frozen=True):
    """The synchronisation with other devices."""

    state: Literal["off", "waiting", "ok", "failing"]
    database: str | None
    last_try: Instant | None
    last_success: Instant | None
    problem: str | None
    devices: Count


class StorageState(Shape, frozen=True):
    """The ledger."""

    state: Literal["ok", "no_data", "unreadable"]
    problem: str | None
    size_bytes: Count


class ConfigState(Shape, frozen=True):
    """The settings; with a ``problem`` the last good ones hold."""

    problem: str | None


class LastUpdate(Shape, frozen=True, kw_only=True):
    """The last update: ``result`` is waiting, trial, confirmed, reverted, rolled_back, failed or interrupted."""

    at: Instant
    old: str = msgspec.field(name="from")
    new: str = msgspec.field(name="to")
    result: str
    words: str


class UpdateState(Shape, frozen=True):
    """Updates: ``state`` is the last check's one word (``null``: none yet), ``available`` a newer version."""

    state: str | None
    told: str | None
    available: str | None
    checked_at: Instant | None
    last: LastUpdate | None


class Health(Shape, frozen=True):
    """Whether everything counts."""

    status: Literal["ok", "degraded"]
    hostname: str
    version: str
    device_id: str | None
    os: str
    started_at: Instant | None
    monitor: MonitorState
    sync: SyncState
    storage: StorageState
    config: ConfigState
    update: UpdateState
