"""A stored import, as the readers and the importer know it."""

from typing import NamedTuple

from packetbuddy.storage.connection import Row

KIND = "import"
"""Kind of the interfaces that imported bytes stand under; see :func:`series_name`."""


class Imported(NamedTuple):
    """A stored import: what the file was, what it told about itself, its name, the zone it was read in."""

    number: int
    kind: str
    about: str
    file: str
    zone: str
    rx: int
    tx: int
    made_ns: int
    undone_ns: int | None


def imported(row: Row) -> Imported:
    """A row of ``imports``."""
    return Imported(row["id"], *(row[name] for name in Imported._fields[1:]))


def series_name(number: int) -> str:
    """The interface that an import's bytes are stored under; with its blank no system's interface is called so."""
    return f"{KIND} {number}"
