"""PURE: which database many devices meet in, and whether they do."""

from __future__ import annotations

from collections.abc import Mapping

from packetbuddy.settings.model import Settings

VARIABLES = ("NEON_DB_URL", "PACKETBUDDY_DB_URL")


def database_url(settings: Settings, environment: Mapping[str, str]) -> str | None:
    """The URL in force: ``NEON_DB_URL``, then ``PACKETBUDDY_DB_URL``, then ``[sync] url``. It holds a password."""
    for name in VARIABLES:
        url = environment.get(name, "").strip()
        if url:
            return url
    return settings.sync.url


def sync_enabled(settings: Settings, environment: Mapping[str, str]) -> bool:
    """Whether sync is on: what the file says, and with ``"auto"`` whether a URL is known."""
    if settings.sync.enabled is not None:
        return settings.sync.enabled
    return database_url(settings, environment) is not None
