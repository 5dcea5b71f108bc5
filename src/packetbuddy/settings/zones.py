"""Time zones by name, for commands; the monitor keeps no local time and never loads this."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from packetbuddy.errors import SettingsError


def check_timezone(name: str) -> None:
    """Say whether this machine knows the zone of ``display.timezone``; ``"local"`` is always known.

    Raises:
        SettingsError: it does not, with the nearest name that it knows.
    """
    if name == "local":
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f'display.timezone is "{name}"; {_nearest(name)}') from error


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only after a mistake
    from zoneinfo import available_timezones  # noqa: PLC0415 - walks the zone files

    known = {zone.lower(): zone for zone in available_timezones()}
    found = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return f"nearest: {known[found[0]]}" if found else 'allowed: "local" or an IANA name such as "Asia/Kolkata"'
