"""Numbers for names: interfaces and series, looked up first, so that an ordinary flush writes nothing for them."""

from packetbuddy.errors import LedgerError
from packetbuddy.storage.connection import Connection
from packetbuddy.storage.statements import statements

SERIES_BITS = 16
"""A slot row's id is slot * 65536 + series."""


def interface_id(connection: Connection, name: str, kind: str) -> int:
    """Number of an interface; made when it is new, its kind brought up to date when one is known."""
    sql = statements("writer.sql")
    connection.execute(sql["interface"], {"name": name, "kind": kind})
    return int(connection.execute(sql["interface_id"], {"name": name}).fetchone()[0])


def series_id(connection: Connection, interface: int, *, counted: bool, epoch: int) -> int:
    """Number of a series; made when it is new.

    Raises:
        LedgerError: more series than the slots' ids have room for.
    """
    sql = statements("writer.sql")
    row = {"interface": interface, "counted": counted, "epoch": epoch}
    connection.execute(sql["series"], row)
    number = int(connection.execute(sql["series_id"], row).fetchone()[0])
    if number >= 1 << SERIES_BITS:
        raise LedgerError("the ledger knows more than 65535 series of interfaces", "report this")
    return number
