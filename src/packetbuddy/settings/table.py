"""PURE: every section and key of ``config.toml`` with its default and its rule; the one place for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from packetbuddy.settings import model, rules
from packetbuddy.settings.commandline import is_command, mask_command
from packetbuddy.settings.currencies import is_currency
from packetbuddy.settings.plans import LINK, PLAN_KEYS
from packetbuddy.settings.redact import MASK, mask_secret, mask_source, mask_url, scheme_of
from packetbuddy.settings.rules import Key, Written

_DAY = 86_400


class Section(NamedTuple):
    """A table of the file, the settings it becomes, and its keys."""

    name: str
    build: Callable[..., Any]
    keys: tuple[Key, ...]


def is_loopback(host: str) -> bool:
    """Whether a listening address reaches this machine only: ``localhost``, ``::1``, 127.0.0.0/8."""
    parts = host.split(".")
    octets = len(parts) == 4 and all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts)
    return host in {"localhost", "::1"} or (octets and parts[0] == "127" and all(int(part) < 256 for part in parts))


def _is_host_name(host: str) -> bool:
    return host.isascii() and host.replace("-", "").replace(".", "").replace("_", "").isalnum()


def _is_zone_shape(name: str) -> bool:
    plain = name.isascii() and all(char.isalnum() or char in "/_+-" for char in name)
    return plain and name[0].isalpha() and "//" not in name


def _is_database(url: str) -> bool:
    """A URL of PostgreSQL that makes sense: one that had to be masked whole does not."""
    known = scheme_of(url) in {"postgres", "postgresql"}
    return known and " " not in url and not mask_url(url).endswith(f"://{MASK}")


def _is_channel(text: str) -> bool:
    return text == "desktop" or (bool(scheme_of(text)) and " " not in text and not text.endswith("://"))


def _link(name: str) -> str:
    if name.lower() == "auto":
        raise ValueError(name)
    return name


def _cost(rate_per_gb: str, currency: str, unit: str) -> model.Cost:
    return model.Cost(rate_per_gb, currency, unit)


_LOOPBACK = rules.text('a loopback address: "127.0.0.1", "::1" or "localhost"', test=is_loopback)
_HOSTS = rules.listing(
    rules.changed(rules.text("a host name", 253, _is_host_name), str.lower),
    "a list of host names, without port or scheme",
)
_LINKS = rules.listing(
    rules.changed(LINK, _link), "an interface's name, or a list of names and globs", empty=False, single=True
)
_CURRENCY = rules.text("an ISO 4217 code such as INR, EUR or USD", test=lambda code: is_currency(code.upper()))
_ZONE = rules.text('"local" or an IANA name such as "Asia/Kolkata"', 64, _is_zone_shape)
_DATABASE = rules.text('a URL such as "postgresql://user:password@host/database"', 4096, _is_database)
_CHANNELS = rules.listing(
    rules.text("a channel", 4096, _is_channel), 'a list of "desktop" and notification URLs', single=True
)
_COMMAND = rules.text("a program and its arguments, each quote closed", test=is_command)
_ON = rules.flag()

SECTIONS = (
    Section(
        "api",
        model.Api,
        (
            Key("host", "127.0.0.1", _LOOPBACK),
            Key("port", 7373, rules.whole(1, 65_535)),
            Key("allowed_hosts", [], _HOSTS),
            Key("cors_enabled", default=False, rule=_ON),
            Key("idle_timeout", 300, rules.number(10, _DAY, "seconds", zero="(always on)")),
        ),
    ),
    Section(
        "monitoring",
        model.Monitoring,
        (
            Key("poll_interval", 1, rules.number(0.2, 60, "seconds")),
            Key("batch_write_interval", 30, rules.number(1, 3600, "seconds")),
            Key("battery_saver", default=True, rule=_ON),
            Key("interface", "auto", rules.auto(_LINKS)),
            Key("max_rate", "auto", rules.auto(rules.whole(1_000, 10**15, "bytes per second"))),
        ),
    ),
    Section(
        "sync",
        model.Sync,
        (
            Key("enabled", "auto", rules.auto(_ON)),
            Key("interval", 60, rules.number(10, _DAY, "seconds")),
            Key("idle_interval", 900, rules.number(10, _DAY, "seconds")),
            Key("url", None, _DATABASE, mask_url),
        ),
    ),
    Section(
        "cost",
        _cost,
        (
            Key("rate_per_gb", Written("7.50"), rules.exact(1_000_000_000, "a price")),
            Key("currency", "INR", rules.changed(_CURRENCY, str.upper)),
            Key("unit", "GB", rules.words("GB", "GiB")),
        ),
    ),
    Section("plan", model.Plan, PLAN_KEYS),
    Section(
        "alerts",
        model.Alerts,
        (
            Key("notify", ["desktop"], _CHANNELS, mask_secret),
            Key("command", None, _COMMAND, mask_command),
        ),
    ),
    Section(
        "display",
        model.Display,
        (
            Key("units", "decimal", rules.words("decimal", "binary", "windows")),
            Key("speed", "bytes", rules.words("bytes", "bits")),
            Key("timezone", "local", _ZONE),
        ),
    ),
    Section(
        "storage",
        model.Storage,
        (
            Key("detail_days", 90, rules.whole(1, 36_500, "days")),
            Key("backups", 7, rules.whole(0, 365)),
        ),
    ),
    Section(
        "auto_update",
        model.AutoUpdate,
        (
            Key("enabled", default=True, rule=_ON),
            Key("check_on_startup", default=True, rule=_ON),
            Key("auto_apply", default=True, rule=_ON),
            Key("auto_restart", default=True, rule=_ON),
            Key("check_interval_hours", 6, rules.number(1, 720, "hours")),
            Key("source", None, rules.text("a repository's URL or folder"), mask_source),
            Key("signer", None, rules.text("a signing key's name or fingerprint")),
        ),
    ),
)

SECTION = {section.name: section for section in SECTIONS}

OLD_KEYS = {
    "monitoring": frozenset({"max_delta_bytes"}),
    "sync": frozenset({"retry_delay", "max_retries"}),
    "storage": frozenset(
        {"log_retention_days", "aggregate_retention_months", "cleanup_interval_hours", "vacuum_after_cleanup"}
        | {"max_storage_mb", "neon"}
    ),
    "database": frozenset({"neon_url", "pool_size"}),
}
"""What PacketBuddy 1.x wrote and nobody needs any more: read over, except ``database.neon_url`` (see ``old_url``)."""


def old_url(mapping: object) -> object:
    """The database URL of a 1.x file, ``None`` where it has none."""
    return (mapping.get("neon_url") or None) if isinstance(mapping, dict) else None
