"""The frozen settings. Names are those of ``config.toml``; values are converted once, when the file is read.

Money and shares are kept as the exact decimal text that was written (``*_text``) and become ``Decimal`` when somebody
asks: the monitor loads these settings too and never needs the 0.4 MB of :mod:`decimal`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal


def _decimal(text: str) -> Decimal:
    from decimal import Decimal  # noqa: PLC0415 - see the module's docstring

    return Decimal(text)


class Api(NamedTuple):
    """``[api]``. ``host`` is a loopback address, ``idle_timeout`` seconds, 0 = the API never leaves."""

    host: str
    port: int
    allowed_hosts: tuple[str, ...]
    cors_enabled: bool
    idle_timeout: float


class Monitoring(NamedTuple):
    """``[monitoring]``. Intervals in seconds; ``None`` stands for ``"auto"``; ``max_rate`` in bytes per second."""

    poll_interval: float
    batch_write_interval: float
    battery_saver: bool
    interface: tuple[str, ...] | None
    max_rate: int | None


class Sync(NamedTuple):
    """``[sync]``. Intervals in seconds; ``enabled`` is ``None`` for ``"auto"``.

    ``url`` holds a password: never show it. :mod:`packetbuddy.settings.database` says which URL counts.
    """

    enabled: bool | None
    interval: float
    idle_interval: float
    url: str | None


class Cost(NamedTuple):
    """``[cost]``. ``currency`` is an ISO 4217 code, ``unit`` is ``"GB"`` (10⁹ bytes) or ``"GiB"`` (2³⁰)."""

    rate_text: str
    currency: str
    unit: str

    @property
    def rate_per_gb(self) -> Decimal:
        """Price of one ``unit``, exactly as written; 0 hides cost everywhere."""
        return _decimal(self.rate_text)


class Cycle(NamedTuple):
    """When a plan begins anew.

    ========== ====== =====================================
    kind       days   starts
    ========== ====== =====================================
    monthly    None   day of the month, 1-31
    weekly     7      weekday, 1 = Monday … 7 = Sunday
    daily      1      1
    days       N      the date of some first day
    prepaid    None   the date it began
    ========== ====== =====================================
    """

    kind: str
    days: int | None
    starts: int | date


class Window(NamedTuple):
    """A daily time window in minutes after local midnight; ``end`` is exclusive and may lie before ``start``."""

    start: int
    end: int


class Tier(NamedTuple):
    """A price per unit for the bytes up to ``up_to``; ``None`` means all the rest."""

    up_to: int | None
    rate_text: str

    @property
    def rate(self) -> Decimal:
        """Price of one unit within this tier."""
        return _decimal(self.rate_text)


class Plan(NamedTuple):
    """One ``[[plan]]``. Sizes in bytes; ``interfaces`` ``None``: all; ``devices`` may hold ``"this"`` or ``"all"``."""

    name: str
    cap: int | None
    cycle: Cycle
    interfaces: tuple[str, ...] | None
    devices: tuple[str, ...]
    off_peak: tuple[Window, ...]
    off_peak_counts_text: str
    rollover: bool
    tiers: tuple[Tier, ...]
    overage_rate_text: str | None
    already_used: int
    alerts: tuple[int, ...]

    @property
    def off_peak_counts(self) -> Decimal:
        """How much of an off-peak byte counts against the cap, 0 to 1."""
        return _decimal(self.off_peak_counts_text)

    @property
    def overage_rate(self) -> Decimal | None:
        """Price per unit beyond the cap."""
        return None if self.overage_rate_text is None else _decimal(self.overage_rate_text)


class Alerts(NamedTuple):
    """``[alerts]``. ``notify`` holds ``"desktop"`` or notification URLs, which may carry passwords: never show them."""

    notify: tuple[str, ...]
    command: str | None


class Display(NamedTuple):
    """``[display]``. ``timezone`` is ``"local"`` or an IANA name (:mod:`.zones` checks more than its shape)."""

    units: str
    speed: str
    timezone: str


class Storage(NamedTuple):
    """``[storage]``. Days of 5-minute detail, number of daily backups."""

    detail_days: int
    backups: int


class AutoUpdate(NamedTuple):
    """``[auto_update]``. ``source`` and ``signer`` are ``None`` where they are to be found out."""

    enabled: bool
    check_on_startup: bool
    auto_apply: bool
    auto_restart: bool
    check_interval_hours: float
    source: str | None
    signer: str | None


class Settings(NamedTuple):
    """Everything ``config.toml`` can say."""

    api: Api
    monitoring: Monitoring
    sync: Sync
    cost: Cost
    plans: tuple[Plan, ...]
    alerts: Alerts
    display: Display
    storage: Storage
    auto_update: AutoUpdate
