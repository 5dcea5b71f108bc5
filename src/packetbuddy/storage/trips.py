"""What the monitor compares with: so many more bytes, or a moment, and somebody has to look whether an alert is due."""

from typing import NamedTuple

from packetbuddy.storage.connection import Connection
from packetbuddy.storage.statements import statements


class Trip(NamedTuple):
    """``size`` more counted bytes on these links (names and globs; none: all) are reason to look."""

    links: tuple[str, ...]
    size: int


class Waits(NamedTuple):
    """When somebody looked last, when it is time again in any case (both UTC), and what is reason to look before."""

    at_ns: int
    due_ns: int
    trips: tuple[Trip, ...]


def read_waits(connection: Connection) -> Waits | None:
    """What the last look left behind; ``None`` before the first one."""
    sql = statements("alerting.sql")
    looked = connection.execute(sql["last_look"]).fetchone()
    if looked is None:
        return None
    rows = connection.execute(sql["trips"]).fetchall()
    return Waits(looked["at_ns"], looked["due_ns"], tuple(Trip(_links(row["links"]), row["bytes"]) for row in rows))


def _links(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
