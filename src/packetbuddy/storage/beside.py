"""Writing to the ledger without being its monitor: beside a living one, or where none lives."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from packetbuddy.storage.connection import SCHEMA_VERSION, Connection, connect_amender, speaking_of
from packetbuddy.storage.founding import check, found, refuse_empty
from packetbuddy.storage.lock import held, hold_readers


@contextmanager
def beside(ledger: Path, lock: Path, *, present: bool = False) -> Iterator[Connection]:
    """Open an existing ledger for short transactions; checkpoints only where no monitor lives to do it.

    Without a monitor, readers that take the ledger for unchanging are waited for and held off. ``present``: bring it to
    the present schema first.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be opened or changed.
    """
    with speaking_of(ledger), ExitStack() as stack:
        alive = held(lock)
        if not alive and ledger.exists():
            stack.enter_context(hold_readers(lock))
        connection = connect_amender(ledger, alone=not alive)
        stack.callback(connection.close)
        version = check(connection, ledger)
        refuse_empty(version, ledger)
        if present and version < SCHEMA_VERSION:
            found(connection, ledger)
        yield connection
