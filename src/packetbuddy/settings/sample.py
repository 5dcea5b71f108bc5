"""PURE: the text of a new ``config.toml``: every key with its default and what it means."""

from __future__ import annotations

from packetbuddy.settings.rules import Key
from packetbuddy.settings.showing import toml_value
from packetbuddy.settings.table import SECTIONS, Section

MEANINGS = {
    "api.host": "loopback addresses only; from elsewhere use ssh -L or a reverse proxy",
    "api.port": "the dashboard is at http://127.0.0.1:7373/dashboard",
    "api.allowed_hosts": "host names that a reverse proxy may use, besides localhost",
    "api.cors_enabled": "for development: loopback origins only, GET only",
    "api.idle_timeout": "seconds without activity after which the API leaves; 0 = always on",
    "monitoring.poll_interval": "seconds between looks at the counters",
    "monitoring.batch_write_interval": "seconds between database writes",
    "monitoring.battery_saver": "on battery: poll half as often, write a sixth as often",
    "monitoring.interface": 'which count; or a name, or a list of names and globs: ["eth0", "wl*"]',
    "monitoring.max_rate": "bytes per second above which a change is doubted",
    "sync.enabled": '"auto": on when a database URL is known; true or false always wins',
    "sync.interval": "seconds between syncs while a dashboard is open",
    "sync.idle_interval": "seconds between syncs otherwise",
    "sync.url": "NEON_DB_URL and PACKETBUDDY_DB_URL come first",
    "cost.rate_per_gb": "price of one unit; 0 hides cost everywhere",
    "cost.currency": "ISO 4217",
    "cost.unit": '"GB" = 1000³ bytes, "GiB" = 1024³',
    "plan.name": "how the plan is called",
    "plan.cap": "what the plan includes",
    "plan.cycle": 'when it begins anew; or "weekly", "daily", "30 days", "prepaid"',
    "plan.starts": "day of the month; a weekday; or a date, for days and prepaid",
    "plan.interfaces": "only these links, names or globs; otherwise all",
    "plan.devices": 'which devices share it; or "all", or a list of names',
    "plan.off_peak": 'windows such as ["01:00-07:00"]',
    "plan.off_peak_counts": "how much of an off-peak byte counts against the cap",
    "plan.rollover": "what was left comes along once",
    "plan.tiers": 'prices by size: [{up_to = "50 GB", rate = 10}, {rate = 8}]',
    "plan.overage_rate": "price per unit beyond the cap",
    "plan.already_used": "used in the running cycle before PacketBuddy came",
    "plan.alerts": "percent of the cap, each told once per cycle",
    "alerts.notify": "where messages go; or notification URLs",
    "alerts.command": "a command that is run with the message",
    "display.units": '"decimal" kB, MB, GB; "binary" KiB, MiB, GiB; "windows" 1024-based KB, MB, GB',
    "display.speed": 'MB/s; or "bits", Mbit/s',
    "display.timezone": 'in which days begin; or an IANA name such as "Asia/Kolkata"; history follows at once',
    "storage.detail_days": "days of 5-minute detail; 15-minute after that, for ever",
    "storage.backups": "daily backups kept",
    "auto_update.enabled": "look for updates at all",
    "auto_update.check_on_startup": "10 s after the service starts",
    "auto_update.auto_apply": "install what was found",
    "auto_update.auto_restart": "and start it at once; false: at the next start",
    "auto_update.check_interval_hours": "hours between looks",
    "auto_update.source": "repository; found by itself otherwise",
    "auto_update.signer": "key that must have signed a release",
}
"""What each key means, in a few words."""

EXAMPLES = {
    "sync.url": "postgresql://user:password@host/database",
    "plan.cap": "100 GB",
    "plan.interfaces": ["wlan0"],
    "plan.overage_rate": 12,
    "alerts.command": "notify-send",
    "auto_update.source": "https://example.org/packetbuddy.git",
    "auto_update.signer": "maintainer@example.org",
}
"""What stands behind ``key =`` where the default is none."""

_HEAD = (
    "# PacketBuddy's settings. What is not said here has its default; the values below are the defaults.",
    "# `pb config set KEY VALUE` edits this file and keeps its comments; `pb config check` looks it over.",
    "# All keys are explained in docs/reference/configuration.md.",
)


def default_text() -> str:
    """A whole new file. It parses to the defaults; ``sync.enabled`` and what has no default are commented out."""
    lines = list(_HEAD)
    for section in SECTIONS:
        lines += ["", *_section_lines(section)]
    return "\n".join(lines) + "\n"


def _section_lines(section: Section) -> list[str]:
    if section.name == "plan":
        head = ["# A data plan; there may be several.", "# [[plan]]"]
        return head + [_key_line(section, key, silent=True) for key in section.keys]
    return [f"[{section.name}]", *(_key_line(section, key, silent=_is_silent(section, key)) for key in section.keys)]


def _is_silent(section: Section, key: Key) -> bool:
    return key.default is None or (section.name, key.name) == ("sync", "enabled")


def _key_line(section: Section, key: Key, *, silent: bool) -> str:
    name = f"{section.name}.{key.name}"
    value = EXAMPLES[name] if key.default is None else key.default
    line = f"{'# ' if silent else ''}{key.name} = {toml_value(value)}"
    return f"{line:<34}  # {MEANINGS[name]}"
