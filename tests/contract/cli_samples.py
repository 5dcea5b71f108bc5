"""Answers with every feature a page can show, shared by the tests of the command line."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from packetbuddy.cli.render.board import Board
from packetbuddy.cli.render.graph import Point
from packetbuddy.doctor.diagnosis import Diagnosis
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.metering.uplinks import Decision
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import (
    CorrectionRow,
    Day,
    Days,
    DeviceRow,
    DoubtRow,
    Gap,
    Groups,
    Happening,
    Health,
    InterfaceRow,
    Live,
    Period,
    Speed,
    Summary,
    SyncReport,
    Today,
    Usage,
    Why,
)
from packetbuddy.reports.plans import Gauge, PlanRow, Plans
from packetbuddy.reports.top import Moved, Talker, Top

ZONE = ZoneInfo("Asia/Kolkata")
HOW = Presentation(rate=Decimal("7.50"))
GOLDEN_HOW = Presentation(units="windows", rate=Decimal("7.50"))
MONDAY = date(2026, 11, 23)
GOLDEN = Today(MONDAY, "Asia/Kolkata", Usage(125829120, 524288000), None)


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant of November 2026 in the samples' zone."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZONE)


TODAY = Today(MONDAY, "Asia/Kolkata", Usage(346_000_000, 3_074_000_000, 94_100_000, 0.97, 120_000_000), 2_900_000_000)


def _usage_on(day: int) -> Usage:
    if day in {1, 2} or day > 23:
        return Usage()
    if day == 23:
        return TODAY.usage
    if day == 15:
        return Usage(coverage=0.0)
    whole = Usage(150_000_000 * (day * 7 % 5), 400_000_000 * (day * 11 % 13), 9_000_000, 0.4 if day == 16 else 1.0)
    return whole._replace(estimated=whole.total) if day == 10 else whole


DAYS = tuple(Day(date(2026, 11, day), _usage_on(day)) for day in range(1, 31))
TOTAL = Usage(
    sum(day.usage.sent for day in DAYS),
    sum(day.usage.received for day in DAYS),
    94_100_000,
    0.93,
    sum(day.usage.estimated for day in DAYS),
)
MONTH = Days(date(2026, 11, 1), date(2026, 11, 30), DAYS, TOTAL)
RANGE = Days(
    date(2026, 10, 31),
    date(2026, 11, 5),
    (Day(date(2026, 10, 31), Usage(10**9, 2 * 10**9, 5_000, 1.0)), *DAYS[:5]),
    Usage(sent=10**9 + DAYS[2].usage.sent, received=2 * 10**9, coverage=1.0),
)
HOURS = Groups(
    "hour",
    tuple(Period(at(23, h), at(23, h + 1), Usage(h * 10**6, h * 10**7, 5, 1.0)) for h in range(4)),
    Usage(6 * 10**6, 6 * 10**7, 5, 1.0),
)
SUMMARY = Summary(
    Usage(7_245_000_000, 10**15, 94_100_000, 0.93, 2_400_000_000),
    date(2026, 3, 4),
    264,
    3_260_000_000,
    at(12, 21, 4),
    75912,
    at(23, 21, 4),
    1,
)
LIVE = Live(at(23, 21, 4, 5), 412_000.4, 8_610_000.0, (Speed("eth0", 412_000.4, 8_610_000.0),), 1.0004)
SPEEDS = [float(number % 9) for number in range(60)]
INTERFACES = (
    InterfaceRow("eth0", "hardware", True, True, "carries the default route", False, 10**9, 9 * 10**9, 10**10),
    InterfaceRow(
        "docker0", "bridge", True, False, "no default route leads through it, its ports are veth only", False, 9, 8, 0
    ),
    InterfaceRow("tun\x1b[31m0", "tunnel", False, False, "carried by eth0", True, 0, 0, 0),
)
WHY = Why(
    MONDAY,
    "Asia/Kolkata",
    TODAY.usage,
    INTERFACES,
    (
        Happening(at(23, 8), "start", "", "the service started"),
        Happening(at(23, 9, 1, 2), "reset", "eth0", "its counters began again"),
        Happening(at(23, 9, 2), "rename", "wlan0", ""),
    ),
    (Gap(at(23, 1), at(23, 1, 30)), Gap(at(22, 23), at(23, 0, 30))),
    (DoubtRow(3, at(23, 9, 1), at(23, 9), "eth0", 10**12, 10**13, "faster than the link", "open"),),
    (
        CorrectionRow(1, MONDAY, -5_000_000, 10**9, "the router said so", at(23, 10), None),
        CorrectionRow(2, MONDAY, 5_000_000, -(10**9), "it did not", at(23, 10), at(23, 11)),
    ),
    123_456,
)
POINTS = tuple(Point(8_610_000.0 * (number % 23) / 22, 412_000.4 * (number % 7) / 6) for number in range(80))
PLAN = Gauge(
    "Home", 100 * 10**9, 0, date(2026, 11, 1), date(2026, 11, 30), True, 0.76, 8, 62_100_000_000, 0, 1.0, None, MONDAY
)
HEALTH = Health("running", "2.0.0", at(20, 8), at(23, 21), None)
NOW_NS = int(at(23, 21, 5).timestamp()) * 10**9


def _device(name: str, os: str, seen: datetime | None, usage: Usage) -> DeviceRow:
    return DeviceRow(f"id of {name}", name, os, seen, this=False, retired=False, accounts=1, usage=usage)


DEVICES = (
    _device("kitchen", "Linux", at(23, 21, 4), Usage(7_245_000_000, 10**12))._replace(this=True),
    _device("jürgen's laptop", "macOS", at(23, 21, 4, 30), Usage(10**9, 2 * 10**10))._replace(accounts=2),
    _device("attic", "Windows", at(20, 8), Usage(5, 700_000)),
    _device("a phone with a name that is long", "Linux", at(1), Usage(10**6, 10**7))._replace(retired=True),
    _device("odd\x1b[31m", "", None, Usage())._replace(
        refused="some of its days are left out: more than 100 GB a second"
    ),
)
SYNCED = SyncReport("ok", "postgresql://me:***@ep-1.eu.neon.tech/x", at(23, 21), at(23, 21), None, 5)
UNSYNCED = SYNCED._replace(
    state="failing",
    last_success=at(20, 8),
    problem="sync: ep-1.eu.neon.tech refuses user or password. Correct the URL in config.toml or NEON_DB_URL",
)
LINKS = (
    Decision(2, "eth0", "hardware", counted=True, recorded=True, uncertain=False, reason="carries the default route"),
    Decision(1, "lo", "loopback", counted=False, recorded=False, uncertain=False, reason="loopback never counts"),
)
BOARD = Board(LIVE, POINTS, TODAY, Plans(MONDAY, "Asia/Kolkata", (PlanRow(PLAN),)), HEALTH)
TOP = Top(
    at(23, 21, 4, 5),
    at(23, 21, 3),
    1.02,
    "TCP",
    False,
    (
        Talker("firefox", (4711,), 3, Moved(210_000, 8_100_000), Moved(2_000_000, 118_000_000)),
        Talker("rsync", (812, 813), 1, Moved(1_240_000, 12_000), Moved(40_000_000, 300_000)),
        Talker("a\x1b[31m very long name of + another program", (5, 6), 1, Moved(3, 4), Moved(30, 40)),
        Talker("idle", (99,), 0, Moved(), Moved(512, 2048)),
    ),
    Talker("", (), 2, Moved(2_000, 9_000), Moved(4_000, 90_000)),
    Talker("", (), 7, Moved(500, 70_000), Moved(1_000, 140_000)),
    Moved(1_700_000, 8_610_000),
    True,
)
SICK = Diagnosis(
    ("python", "home", "monitor", "ledger"),
    (
        Finding("monitor", BROKEN, "Nobody counts: PacketBuddy is not running.", "`pb service start` starts it"),
        Finding(
            "home",
            BROKEN,
            "The disk of /home/jürgen/.packetbuddy is full: 0 B are left.",
            "Free some space; what is counted meanwhile is kept in memory and written then",
        ),
        Finding(
            "launcher",
            WARNING,
            "/home/jürgen/.local/bin/pb leads to /home/jürgen/an-older-place/.packetbuddy/bin/pb, which is gone.",
            "Run setup again: it repairs that and loses nothing",
        ),
        Finding("clock", NOTE, "No time service\x1b[31m keeps this machine's clock.", "`timedatectl set-ntp true`"),
    ),
    ("The ledger has 1.20 MB and is whole.",),
    LINKS,
)
WELL = Diagnosis(
    SICK.looked_at,
    (),
    ("Counting on eth0; last written 3 s ago.", *SICK.seen, "After a reboot, `pb service start` starts it again."),
    LINKS,
)
NEARLY = WELL._replace(findings=SICK.findings[3:])
WORRIED = SICK._replace(findings=SICK.findings[2:])
