"""Short changes beside the monitor: doubts decided, days corrected. Slots and day totals in the same transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import LedgerBusyError, WrongUsageError
from packetbuddy.metering.slots import Share, day_of_slot, split
from packetbuddy.storage.beside import beside
from packetbuddy.storage.connection import Connection, Row, transaction
from packetbuddy.storage.naming import SERIES_BITS, interface_id, series_id
from packetbuddy.storage.reader import Corrected, Doubted
from packetbuddy.storage.statements import statements

CORRECTION = "correction"
"""Name of the series that holds corrections, signed; together with the others it is never below zero."""


class Wanted(NamedTuple):
    """What a local day's counted bytes shall be: ``rx`` and ``tx`` of the slots ``first`` ≤ slot < ``beyond``.

    ``revision``: the ledger's when this was worked out; ``None`` = it does not matter.
    """

    date: str
    zone: str
    first: int
    beyond: int
    rx: int
    tx: int
    reason: str
    revision: int | None = None


class Amender:
    """Changes within one transaction; made by :func:`amending`."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection inside a write transaction."""
        self._connection = connection
        self._sql = statements("amending.sql") | {
            name: text
            for name, text in statements("writer.sql").items()
            if name in {"slot", "day", "next_revision", "bump_revision", "widen_epoch"}
        }

    def decide(self, number: int, *, accept: bool, at_ns: int) -> Doubted:
        """Flip an open doubt once; accepting books its bytes over its time, as estimated.

        Raises:
            WrongUsageError: no such doubt, or it is decided already.
        """
        row = self._one("doubt", {"number": number})
        if row is None:
            raise WrongUsageError(f"there is no doubt number {number}", "`pb why DATE` lists a day's doubts")
        if row["state"] != "open":
            raise WrongUsageError(f"doubt {number} is {row['state']} already", "A doubt is decided once")
        state = "accepted" if accept else "rejected"
        self._connection.execute(self._sql["decide"], {"number": number, "state": state, "at_ns": at_ns})
        if accept:
            shares = split(row["start_ns"], row["end_ns"], row["rx"], row["tx"])
            self._book(row["interface"], shares, epoch=row["epoch"], counted=bool(row["counted"]), estimated=True)
        return _doubted(row)._replace(state=state)

    def correct(self, wanted: Wanted, *, at_ns: int) -> Corrected:
        """Bring a day's counted bytes to what is wanted, in proportion to what its slots hold.

        Raises:
            LedgerBusyError: the monitor wrote since the wanted bytes were worked out.
        """
        if wanted.revision not in {None, self._connection.execute(self._sql["next_revision"]).fetchone()[0] - 1}:
            raise LedgerBusyError("the ledger was written to in this moment; nothing was changed", "try again")
        slots = self._connection.execute(
            self._sql["day_slots"], {"first": wanted.first << SERIES_BITS, "beyond": wanted.beyond << SERIES_BITS}
        ).fetchall()
        rx = _portions([(row["slot"], row["rx"]) for row in slots], wanted.rx, wanted.first)
        tx = _portions([(row["slot"], row["tx"]) for row in slots], wanted.tx, wanted.first)
        shares = [Share(slot, rx.get(slot, 0), tx.get(slot, 0)) for slot in sorted(rx.keys() | tx.keys())]
        row = self._connection.execute(
            self._sql["correction"],
            {
                "date": wanted.date,
                "zone": wanted.zone,
                "rx": sum(rx.values()),
                "tx": sum(tx.values()),
                "reason": wanted.reason,
                "made_ns": at_ns,
            },
        ).fetchone()
        self._book(CORRECTION, shares, epoch=0, counted=True, estimated=False)
        for share in shares:
            self._connection.execute(self._sql["correction_slot"], {"correction": row["id"], **share._asdict()})
        return _corrected(row)

    def undo(self, date: str, *, at_ns: int) -> Corrected:
        """Reverse the newest standing correction of a day to the byte.

        Raises:
            WrongUsageError: none stands.
        """
        row = self._one("standing", {"date": date})
        if row is None:
            raise WrongUsageError(f"no correction of {date} stands", "`pb why DATE` lists a day's corrections")
        slots = self._connection.execute(self._sql["correction_slots"], {"correction": row["id"]}).fetchall()
        shares = [Share(each["slot"], -each["rx"], -each["tx"]) for each in slots]
        self._book(CORRECTION, shares, epoch=0, counted=True, estimated=False)
        self._drop_emptied(shares)
        undone = self._one("undo", {"correction": row["id"], "at_ns": at_ns})
        return _corrected(undone if undone is not None else row)

    def _book(self, interface: str, shares: Iterable[Share], *, epoch: int, counted: bool, estimated: bool) -> None:
        number = interface_id(self._connection, interface, CORRECTION if interface == CORRECTION else "")
        series = series_id(self._connection, number, counted=counted, epoch=epoch)
        revision = self._connection.execute(self._sql["next_revision"]).fetchone()[0]
        for share in shares:
            amounts = {
                "rx": share.rx,
                "tx": share.tx,
                "estimated": share.rx + share.tx if estimated else 0,
                "peak_rx": 0,
                "peak_tx": 0,
                "peak": 0,
            }
            self._connection.execute(self._sql["slot"], {"id": share.slot << SERIES_BITS | series, **amounts})
            day = {"day": day_of_slot(share.slot), "interface": number, "counted": counted, "revision": revision}
            self._connection.execute(self._sql["day"], {**day, **amounts})
            self._connection.execute(self._sql["widen_epoch"], {"number": epoch, "slot": share.slot})
        self._connection.execute(self._sql["bump_revision"], {"revision": revision})

    def _drop_emptied(self, shares: Iterable[Share]) -> None:
        """A row of zeros would still be a slot with data."""
        number = interface_id(self._connection, CORRECTION, CORRECTION)
        series = series_id(self._connection, number, counted=True, epoch=0)
        for share in shares:
            self._connection.execute(self._sql["drop_emptied"], {"id": share.slot << SERIES_BITS | series})

    def _one(self, statement: str, row: dict[str, object]) -> Row | None:
        found: Row | None = self._connection.execute(self._sql[statement], row).fetchone()
        return found


@contextmanager
def amending(ledger: Path, lock: Path) -> Iterator[Amender]:
    """Open the ledger for one short transaction.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be changed; nothing was.
    """
    with beside(ledger, lock) as connection, transaction(connection):
        yield Amender(connection)


def _portions(slots: list[tuple[int, int]], wanted: int, empty: int) -> dict[int, int]:
    """Signed changes per slot that bring the sum to ``wanted``; no slot falls below zero.

    ``empty`` is the slot that a day without any usage gets it all in.
    """
    have = sum(amount for _, amount in slots)
    if have <= 0:
        return {empty: wanted - have} if wanted != have else {}
    changes: dict[int, int] = {}
    passed = given = 0
    for slot, amount in slots:
        passed += amount
        upto = wanted * passed // have
        if upto - given != amount:
            changes[slot] = upto - given - amount
        given = upto
    return changes


def _doubted(row: Row) -> Doubted:
    return Doubted(row["id"], *(row[name] for name in Doubted._fields[1:]))


def _corrected(row: Row) -> Corrected:
    return Corrected(row["id"], *(row[name] for name in Corrected._fields[1:]))
