"""The reader's time zone, with its daylight-saving rules: the system's own, or the one that the settings name."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timezone, tzinfo
from typing import NamedTuple

from packetbuddy.errors import SettingsError

LOCALTIME = "/etc/localtime"
UTC_NAMES = {"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"}
"""Names of plain UTC, for which no rules need to be loaded."""


class Zone(NamedTuple):
    """The rules, and the name to show: an IANA name, or "UTC+05:30" where the system tells no more."""

    rules: tzinfo
    name: str


def zone_for(setting: str, environment: Mapping[str, str], now_ns: int, localtime: str = LOCALTIME) -> Zone:
    """The zone of ``[display] timezone``; ``"local"`` follows ``TZ``, then ``localtime``, then the C library.

    A fixed offset is the last resort: it would put the traffic of the other half of the year on wrong hours.

    Raises:
        SettingsError: the settings name a zone that this machine does not know.
    """
    if setting == "local":
        return _local(environment, localtime) or _fixed(now_ns)
    found = _known(setting)
    if found is None:
        from packetbuddy.settings.zones import check_timezone  # noqa: PLC0415 - it has the words for this mistake

        check_timezone(setting)
        raise SettingsError(f"display.timezone: the rules of {setting!r} cannot be read")
    return found


def complaint(environment: Mapping[str, str]) -> str:
    """Why ``TZ`` says nothing about the local zone, in a few words; empty where it does, or is not set.

    The C library takes a nonsense ``TZ`` for UTC without a word. POSIX rules such as ``<+0545>-5:45`` are no nonsense:
    it knows their offset.
    """
    told = environment.get("TZ", "")
    name = told.removeprefix(":")
    if not name or _is_posix(name) or _local(environment, LOCALTIME) is not None:
        return ""
    shown = "".join(each if each.isprintable() else "?" for each in told[:60])
    return f"TZ is {shown!r}, which names no time zone here, so that local times are those of UTC"


def is_broken(localtime: str = LOCALTIME) -> bool:
    """Whether the system's zone file is there and cannot be understood."""
    return os.path.exists(localtime) and _from_file(localtime) is None  # noqa: PTH110 - pathlib is not needed


def _is_posix(name: str) -> bool:
    from re import match  # noqa: PLC0415 - asked only where TZ is set

    return match(r"([A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?[0-9]", name) is not None


def _local(environment: Mapping[str, str], localtime: str) -> Zone | None:
    told = environment.get("TZ")
    if told is None:
        return _from_file(localtime) or _from_windows()
    name = told.removeprefix(":")
    if name.startswith("/"):
        return _from_file(name)
    return _known(name) if name else Zone(UTC, "UTC")


def _known(name: str) -> Zone | None:
    """The zone of an IANA name (or a POSIX one that is also a file: EST5EDT), ``None`` if there is none."""
    if name in UTC_NAMES:
        return Zone(UTC, name)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - UTC needs no rules

    try:
        return Zone(ZoneInfo(name), name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _from_file(path: str) -> Zone | None:
    """The zone of a rules file: named by where a symlink leads, by Debian's /etc/timezone, else by its own rules."""
    name = _zone_part(os.path.realpath(path))
    if name:
        found = _known(name)
        if found is not None:
            return found
    return _rules_in(path)


def _zone_part(path: str) -> str:
    """The IANA part of ``/usr/share/zoneinfo/Asia/Kolkata``."""
    name = path.replace("\\", "/").partition("/zoneinfo/")[2]
    for flavour in ("posix/", "right/"):
        name = name.removeprefix(flavour)
    return name


def _rules_in(path: str) -> Zone | None:
    """A copied rules file has no name, but its rules are right; it is called by its offset's abbreviation."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only where no name was found

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not needed for one file
            return Zone(ZoneInfo.from_file(file, key="local"), "local")
    except (OSError, ValueError):
        return None


def _from_windows() -> Zone | None:
    """Windows names zones its own way; its registry key holds that name."""
    if sys.platform != "win32":
        return None
    import winreg  # noqa: PLC0415 - exists on Windows only

    try:
        where = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, where) as key:
            windows_name = str(winreg.QueryValueEx(key, "TimeZoneKeyName")[0]).split("\0", 1)[0]
    except OSError:
        return None
    from packetbuddy.answers.windows_zones import IANA  # noqa: PLC0415 - Windows only

    return _known(IANA.get(windows_name, ""))


def _fixed(now_ns: int) -> Zone:
    """The C library's offset of this moment."""
    offset = datetime.fromtimestamp(now_ns / 1e9, UTC).astimezone().utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    if offset is None or not minutes:
        return Zone(UTC, "UTC")
    hours, rest = divmod(abs(minutes), 60)
    name = f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
    return Zone(timezone(offset, name), name)
