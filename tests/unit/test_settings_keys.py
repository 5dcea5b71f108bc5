"""Every key: what it takes, where its bounds are, what it refuses."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from packetbuddy.errors import SettingsError
from packetbuddy.settings.load import parse, parse_text
from packetbuddy.settings.model import Cycle, Settings, Tier, Window
from packetbuddy.settings.table import SECTIONS

GB, TIB = 10**9, 2**40
FLAGS = [
    "api.cors_enabled",
    "monitoring.battery_saver",
    "plan.rollover",
    "auto_update.enabled",
    "auto_update.check_on_startup",
    "auto_update.auto_apply",
    "auto_update.auto_restart",
]
GOOD: list[tuple[str, str, Any]] = [
    *[(name, text, value) for name in FLAGS for text, value in (("true", True), ("false", False))],
    ("api.host", '"::1"', "::1"),
    ("api.host", '"127.255.0.3"', "127.255.0.3"),
    ("api.host", '"localhost"', "localhost"),
    ("api.port", "1", 1),
    ("api.port", "65535", 65535),
    ("api.allowed_hosts", '["Stats.Example.org", "nas"]', ("stats.example.org", "nas")),
    ("api.idle_timeout", "0", 0.0),
    ("api.idle_timeout", "10", 10.0),
    ("api.idle_timeout", "86400", 86400.0),
    ("monitoring.poll_interval", "0.2", 0.2),
    ("monitoring.poll_interval", "2.5", 2.5),
    ("monitoring.batch_write_interval", "1", 1.0),
    ("monitoring.batch_write_interval", "3600", 3600.0),
    ("monitoring.interface", '"auto"', None),
    ("monitoring.interface", '"eth0"', ("eth0",)),
    ("monitoring.interface", '["eth0", "wl*"]', ("eth0", "wl*")),
    ("monitoring.interface", '"Wi-Fi 2"', ("Wi-Fi 2",)),
    ("monitoring.max_rate", '"auto"', None),
    ("monitoring.max_rate", "1_000", 1000),
    ("sync.enabled", '"auto"', None),
    ("sync.enabled", "true", True),
    ("sync.enabled", "false", False),
    ("sync.interval", "10", 10.0),
    ("sync.interval", "86400", 86400.0),
    ("sync.idle_interval", "10", 10.0),
    ("sync.url", '"postgresql://u:p@[::1]:5432/d?sslmode=require"', "postgresql://u:p@[::1]:5432/d?sslmode=require"),
    ("sync.url", '"postgres://h1:1,h2:2/d"', "postgres://h1:1,h2:2/d"),
    ("cost.rate_per_gb", "0.1", Decimal("0.1")),
    ("cost.rate_per_gb", "0", Decimal(0)),
    ("cost.rate_per_gb", "-0.0", Decimal(0)),
    ("cost.rate_per_gb", "1_000.05", Decimal("1000.05")),
    ("cost.rate_per_gb", "1e3", Decimal(1000)),
    ("cost.rate_per_gb", "1000000000", Decimal(10**9)),
    ("cost.currency", '"eur"', "EUR"),
    ("cost.unit", '"gib"', "GiB"),
    ("plan.name", '"Home"', "Home"),
    ("plan.cap", '"100 GB"', 100 * GB),
    ("plan.cap", '"1.5TiB"', 3 * TIB // 2),
    ("plan.cycle", '"weekly"', Cycle("weekly", 7, 1)),
    ("plan.cycle", '"Daily"', Cycle("daily", 1, 1)),
    ("plan.cycle", '"monthly"', Cycle("monthly", None, 1)),
    ("plan.interfaces", '"wl*"', ("wl*",)),
    ("plan.devices", '"all"', ("all",)),
    ("plan.devices", '["laptop", "nas"]', ("laptop", "nas")),
    ("plan.off_peak", '["01:00-07:00", "23:30-0:15"]', (Window(60, 420), Window(1410, 15))),
    ("plan.off_peak", '"18:00-24:00"', (Window(1080, 1440),)),
    ("plan.off_peak_counts", "0.5", Decimal("0.5")),
    ("plan.off_peak_counts", "1", Decimal(1)),
    ("plan.tiers", '[{up_to = "50 GB", rate = 10}, {rate = 8.25}]', (Tier(50 * GB, "10"), Tier(None, "8.25"))),
    ("plan.overage_rate", "12.30", Decimal("12.30")),
    ("plan.already_used", '"0 B"', 0),
    ("plan.alerts", "[100, 80, 80]", (80, 100)),
    ("plan.alerts", "[]", ()),
    ("alerts.notify", "[]", ()),
    ("alerts.notify", '"ntfy://topic"', ("ntfy://topic",)),
    ("alerts.command", '"notify-send"', "notify-send"),
    ("display.units", '"WINDOWS"', "windows"),
    ("display.speed", '"bits"', "bits"),
    ("display.timezone", '"America/Argentina/Buenos_Aires"', "America/Argentina/Buenos_Aires"),
    ("display.timezone", '"Etc/GMT+5"', "Etc/GMT+5"),
    ("storage.detail_days", "1", 1),
    ("storage.detail_days", "36500", 36500),
    ("storage.backups", "0", 0),
    ("storage.backups", "365", 365),
    ("auto_update.check_interval_hours", "0x10", 16.0),
    ("auto_update.check_interval_hours", "720", 720.0),
    ("auto_update.source", '"/srv/packetbuddy.git"', "/srv/packetbuddy.git"),
    ("auto_update.signer", '"ABCD 1234"', "ABCD 1234"),
]
BAD: list[tuple[str, str]] = [
    *[(name, text) for name in FLAGS for text in ("1", '"true"', "[]")],
    *[("api.host", text) for text in ('"0.0.0.0"', '"128.0.0.1"', '"127.0.0.256"', '"127.0.0"', '""', "1", '"::"')],
    *[("api.port", text) for text in ("0", "65536", "-1", "80.0", "true", '"80"')],
    *[("api.allowed_hosts", text) for text in ('"nas"', '["a b"]', '["http://a"]', '["a:80"]', '["*"]', '[""]', "[1]")],
    *[("api.idle_timeout", text) for text in ("9", "-1", "86401", "nan", "inf", '"0"', "false")],
    *[("monitoring.poll_interval", text) for text in ("0", "0.19", "60.1", "-1", "nan", "inf", "1e99", "true", '"1"')],
    *[("monitoring.batch_write_interval", text) for text in ("0.9", "3601", "nan", "[30]", "{}", "2026-11-01")],
    *[("monitoring.interface", text) for text in ("[]", '""', '["auto"]', "[1]", "1", '"a\\u0000b"', '"a\\nb"')],
    *[("monitoring.max_rate", text) for text in ("0", "999", "1.5", "true", "-5", '"fast"')],
    *[("sync.enabled", text) for text in ("1", '"yes"', "[]")],
    *[(f"sync.{name}", text) for name in ("interval", "idle_interval") for text in ("9", "86401", "nan", '"60"')],
    *[("sync.url", text) for text in ('""', '"h/d"', '"mysql://h/d"', '"postgres://u:p"', '"postgres://h/a b"', "1")],
    *[("cost.rate_per_gb", text) for text in ("-0.01", "1000000001", "nan", "inf", '"7.50"', "true", "[7]", "1e400")],
    ("cost.rate_per_gb", "1.0000000000000000000000000000001"),
    *[("cost.currency", text) for text in ('"INRR"', '"XYZ"', '"D A"', '"₹"', "1", '""')],
    *[("cost.unit", text) for text in ('"MB"', "1", '""')],
    *[("plan.name", text) for text in ('" "', "1", '"' + "n" * 101 + '"')],
    *[
        ("plan.cap", text)
        for text in ("100", '"100"', '"0 GB"', '"-1 GB"', '"1,5 GB"', '"1 XB"', '"9999999 PB"', '"GB"')
    ],
    *[
        ("plan.cycle", text)
        for text in ('"yearly"', '"0 days"', '"3661 days"', '"x days"', "30", '"30 days"', '"prepaid"')
    ],
    *[("plan.starts", text) for text in ("0", "32", "true", '"monday"', "2026-11-01", "1.0")],
    *[("plan.interfaces", text) for text in ("[]", "1", '[""]', "[[]]")],
    *[("plan.devices", text) for text in ("[]", "1", '[""]')],
    *[
        ("plan.off_peak", text)
        for text in (
            '["1-7"]',
            '["01:00"]',
            '["01:60-02:00"]',
            '["24:01-01:00"]',
            '["01:00-01:00"]',
            "[1]",
            '["aa:00-01:00"]',
        )
    ],
    *[("plan.off_peak_counts", text) for text in ("-0.1", "1.01", '"0"', "nan", "true")],
    *[
        ("plan.tiers", text)
        for text in (
            "[1]",
            "[{}]",
            "{}",
            '[{up_to = "1 GB"}]',
            "[{rate = 1}, {rate = 2}]",
            '[{up_to = "2 GB", rate = 1}, {up_to = "1 GB", rate = 1}]',
            '[{up_to = "1 GB", rate = 1}, {up_to = "1 GB", rate = 1}]',
            "[{up_to = 5, rate = 1}]",
            "[{rate = -1}]",
            "[{rate = 1, rat = 2}]",
        )
    ],
    *[("plan.overage_rate", text) for text in ("-1", '"1"', "inf")],
    *[("plan.already_used", text) for text in ("0", '"0"', '"-1 GB"')],
    *[("plan.alerts", text) for text in ("50", "[0]", "[1001]", "[50.5]", "[true]", '["50"]')],
    *[("alerts.notify", text) for text in ('["mail"]', '["://x"]', '["ntfy://"]', "[1]", '["ntfy://a b"]')],
    *[("alerts.command", text) for text in ('""', "[]", "1", '"a\\nb"', '"tell \'me"', "'say \"x'", "\"''\"")],
    *[("display.units", text) for text in ('"metric"', "1", "[]")],
    *[("display.speed", text) for text in ('"baud"', "8")],
    *[
        ("display.timezone", text)
        for text in ('"../etc/passwd"', '"/etc/localtime"', '"a//b"', '"UTC\\u0000"', '""', "5.5")
    ],
    *[("storage.detail_days", text) for text in ("0", "36501", "1.0", "true")],
    *[("storage.backups", text) for text in ("-1", "366", '"7"')],
    *[("auto_update.check_interval_hours", text) for text in ("0", "0.5", "721", "nan")],
    *[("auto_update.source", text) for text in ('""', "1", "[]")],
    *[("auto_update.signer", text) for text in ('" "', "false")],
]


def value_of(settings: Settings, name: str) -> Any:
    section, _, key = name.partition(".")
    return getattr(settings.plans[0] if section == "plan" else getattr(settings, section), key)


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_key_takes_what_is_allowed(name: str, text: str, value: Any) -> None:
    """Each allowed value, the bounds included, becomes exactly the value the settings promise."""
    found = value_of(parse(parse_text(f"{name} = {text}")), name)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("name", "text"), BAD)
def test_key_refuses_in_words(name: str, text: str) -> None:
    """Each value beyond is refused with the key, what was given and what is allowed, on one printable line."""
    with pytest.raises(SettingsError) as refused:
        parse(parse_text(f"{name} = {text}"))
    message = str(refused.value)
    assert message.startswith((f"{name} is ", "plan.starts is ", "plan.tiers["))
    assert "; allowed: " in message
    assert message.isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", 'plan.tiers[1] is 1; allowed: a table such as {up_to = "50 GB", rate = 10}'),
        ("[{}]", "plan.tiers[1].rate is missing; allowed: a price per unit from 0 to 1000000000"),
        ('[{rate = 2}, {up_to = "9 GB"}]', "plan.tiers[1].up_to is missing; allowed: a size in quotes such as"),
        ('[{up_to = "1 GB", rate = 3}, {rate = "free"}]', 'plan.tiers[2].rate is "free"; allowed: a price per unit'),
        ("[{up_to = 5, rate = 1}]", "plan.tiers[1].up_to is 5; allowed: a size in quotes such as"),
        ("[{rate = 1, rat = 2}]", "plan.tiers[1].rat is 2; allowed: nothing beside up_to and rate"),
        (
            '[{up_to = "60 GB", rate = 1}, {up_to = "50 GB", rate = 2}]',
            'plan.tiers[2].up_to is "50 GB"; allowed: more than the "60 GB" of the tier before',
        ),
        ("5", "plan.tiers is 5; allowed: prices by rising size"),
    ],
)
def test_a_bad_tier_is_told_by_its_number(text: str, words: str) -> None:
    """Which one, which part of it, what was given, and what is allowed there."""
    with pytest.raises(SettingsError) as refused:
        parse(parse_text(f"plan.tiers = {text}"))
    assert str(refused.value).startswith(words)


def test_no_key_is_left_out_of_these_tables() -> None:
    """Whoever adds a key must add here what it takes and what it refuses."""
    known = {f"{section.name}.{key.name}" for section in SECTIONS for key in section.keys}
    assert {name for name, _, _ in GOOD} | {"plan.starts"} == known
    assert {name for name, _ in BAD} == known


@pytest.mark.parametrize(
    ("cycle", "starts", "expected"),
    [
        ("monthly", "31", Cycle("monthly", None, 31)),
        ("weekly", '"Sunday"', Cycle("weekly", 7, 7)),
        ("weekly", '"wed"', Cycle("weekly", 7, 3)),
        ("weekly", "7", Cycle("weekly", 7, 7)),
        ("28 days", "2026-11-01", Cycle("days", 28, date(2026, 11, 1))),
        ("1 day", '"2026-11-01"', Cycle("days", 1, date(2026, 11, 1))),
        ("prepaid", "2026-02-28", Cycle("prepaid", None, date(2026, 2, 28))),
    ],
)
def test_start_fits_its_cycle(cycle: str, starts: str, expected: Cycle) -> None:
    """A start is read in the sense of its cycle."""
    plan = parse(parse_text(f'[plan]\ncycle = "{cycle}"\nstarts = {starts}')).plans[0]
    assert plan.cycle == expected


@pytest.mark.parametrize(
    ("cycle", "starts"),
    [
        ("weekly", '"someday"'),
        ("weekly", "8"),
        ("daily", "2"),
        ("28 days", "1"),
        ("28 days", '"2026-02-30"'),
        ("28 days", "1999-12-31"),
        ("prepaid", "2026-11-01T10:00:00"),
        ("prepaid", '"20261101"'),
    ],
)
def test_start_that_does_not_fit_is_refused(cycle: str, starts: str) -> None:
    """A start of another cycle's kind, or a date that does not exist, is told with the cycle in question."""
    with pytest.raises(SettingsError, match=r"^plan\.starts is .*; allowed: for .*cycle"):
        parse(parse_text(f'[plan]\ncycle = "{cycle}"\nstarts = {starts}'))
