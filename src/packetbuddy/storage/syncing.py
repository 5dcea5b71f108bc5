"""What a synchronisation writes: how we stand, what was pulled, and what a restored ledger takes back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from packetbuddy.errors import LedgerBusyError
from packetbuddy.metering.quarters import QUARTER_NS, Quarter, UtcDay
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import QUARTER
from packetbuddy.storage.beside import beside
from packetbuddy.storage.connection import Connection, transaction
from packetbuddy.storage.far import TAKEN_BACK, Device, Sharing, Standing
from packetbuddy.storage.lock import held
from packetbuddy.storage.naming import SERIES_BITS, interface_id, series_id
from packetbuddy.storage.reader import Reader
from packetbuddy.storage.statements import statements


class Syncer:
    """Changes within one short transaction; made by :func:`syncing`."""

    def __init__(self, connection: Connection, reader: Reader) -> None:
        """Take a connection inside a write transaction, and a reader of the same."""
        self._connection, self.reader, self.sharing = connection, reader, Sharing(reader)
        self._sql, self._writing = statements("syncing.sql"), statements("writer.sql")

    def keep(self, standing: Standing) -> None:
        """Remember how we stand."""
        self._connection.execute(self._sql["keep"], standing._asdict())

    def device(self, device: Device) -> None:
        """Remember a device; its number, cursor and refusals are kept or begun."""
        self._connection.execute(self._sql["device"], device._asdict())

    def cursor(self, number: int, revision: int, day: int) -> None:
        """So far a device is pulled."""
        self._connection.execute(self._sql["cursor"], {"number": number, "revision": revision, "day": day})

    def refuse(self, number: int, reason: str) -> None:
        """Remember that a row could not be believed."""
        self._connection.execute(self._sql["refuse"], {"number": number, "reason": reason})

    def trust(self, number: int, reason: str) -> None:
        """What was refused for this reason is no more."""
        self._connection.execute(self._sql["trust"], {"number": number, "reason": reason})

    def forget(self, number: int, *, device_too: bool) -> None:
        """Take everything away that was pulled of a device; without the device itself it begins anew."""
        names = ("drop_days", "drop_quarters", "drop_device" if device_too else "trust_again")
        for name in names:
            self._connection.execute(self._sql[name], {"number": number})

    def day(self, number: int, day: UtcDay, revision: int) -> None:
        """Replace a pulled day; an empty one stays as zeros, so that answers learn of it."""
        self._connection.execute(self._sql["drop_quarters_of_day"], {"number": number, "first": day.first})
        totals = {"rx": sum(day.rx), "tx": sum(day.tx), "estimated": sum(day.estimated), "peak": max(day.peak)}
        key = {"number": number, "day": day.day, "revision": revision}
        self._connection.execute(self._sql["day"], {**key, **totals})
        rows = [(number, place, *each) for place, each in day.held()]
        self._connection.executemany(self._sql["quarter"], rows)

    def far_total(self) -> int:
        """Bytes of everything that was pulled."""
        return int(self._connection.execute(self._sql["far_total"]).fetchone()[0])

    def take_back(self, day: int, quarters: Sequence[tuple[int, Quarter]]) -> None:
        """Book what quarters (numbered since 1970) of a UTC day lacked; so many of their seconds are observed then.

        The day counts as changed in any case: what is known of it elsewhere is to become what this ledger says.
        """
        revision = int(self._connection.execute(self._writing["next_revision"]).fetchone()[0])
        self._connection.execute(self._writing["touch_day"], {"day": day, "revision": revision})
        if quarters:
            interface = interface_id(self._connection, TAKEN_BACK, TAKEN_BACK)
            series = series_id(self._connection, interface, counted=True, epoch=0)
            for quarter, lack in quarters:
                self._book(quarter, lack, series, {"day": day, "interface": interface, "revision": revision})
        self._connection.execute(self._writing["bump_revision"], {"revision": revision})

    def _book(self, quarter: int, lack: Quarter, series: int, key: dict[str, int]) -> None:
        amounts = {"rx": lack.rx, "tx": lack.tx, "estimated": lack.estimated, "peak": lack.peak}
        amounts |= {"peak_rx": 0, "peak_tx": 0}
        slot = quarter * QUARTER
        self._connection.execute(self._writing["slot"], {"id": slot << SERIES_BITS | series, **amounts})
        self._connection.execute(self._writing["day"], {**key, "counted": 1, **amounts})
        seen = {"start_ns": quarter * QUARTER_NS, "end_ns": quarter * QUARTER_NS + lack.observed * SECOND}
        self._connection.execute(self._sql["watched"], seen)


@contextmanager
def syncing(ledger: Path, lock: Path, *, lineage: str | None = None) -> Iterator[Syncer]:
    """Open the ledger for one short transaction, brought to the present schema first.

    ``lineage``: the ledger's when this run began; another file in its place is left alone.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be changed; nothing was.
    """
    with beside(ledger, lock, present=True) as connection, transaction(connection):
        if lineage not in {None, connection.execute(statements("syncing.sql")["lineage"]).fetchone()[0]}:
            raise LedgerBusyError("the ledger was replaced or its clock settled meanwhile", "it is tried again")
        yield Syncer(connection, Reader(connection, ledger, alive=held(lock)))
