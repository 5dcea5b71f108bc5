"""PURE: which database many devices meet in, and whether they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from packetbuddy.settings.model import Settings

VARIABLES = ("NEON_DB_URL", "PACKETBUDDY_DB_URL")
_PORT = 5432


class Server(NamedTuple):
    """Where a database listens."""

    host: str
    port: int


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


def servers(url: str) -> tuple[Server, ...]:
    """The servers that a valid database URL names; none where it means a local socket."""
    address = url.partition("://")[2].rpartition("@")[2].partition("?")[0].partition("/")[0]
    return tuple(_server(place) for place in address.split(",") if place and not place.startswith(("%", ":")))


def _server(place: str) -> Server:
    host, mark, port = place.rpartition(":")
    if not mark or place.endswith("]"):
        host, port = place, ""
    return Server(host.strip("[]"), int(port or _PORT))
