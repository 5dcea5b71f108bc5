"""Alerts that are told once: each is kept with its ways to the channels, and what became of each of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packetbuddy.storage.beside import beside
from packetbuddy.storage.connection import Connection, transaction
from packetbuddy.storage.statements import statements
from packetbuddy.storage.trips import Waits


class Fresh(NamedTuple):
    """An alert to be told. ``covered``: keys of lesser ones that count as told with it."""

    key: str
    title: str
    message: str
    covered: tuple[str, ...] = ()


class Delivery(NamedTuple):
    """An alert on its way to one channel, which is named by its fingerprint."""

    alert: int
    channel: str
    attempts: int
    due_ns: int
    title: str
    message: str


class Register:
    """Short transactions on an open ledger; made by :func:`alerting`.

    The intent to send is committed before the act and its outcome after it. Whoever is killed in between leaves
    ``sending`` behind, and that is never sent again: an alert may be lost then, it is not told twice.
    """

    def __init__(self, connection: Connection) -> None:
        """Take an open connection."""
        self._connection = connection
        self._sql = statements("alerting.sql")

    def told(self) -> frozenset[str]:
        """Keys of all alerts that there ever were."""
        return frozenset(row["key"] for row in self._connection.execute(self._sql["told"]))

    def add(self, alerts: Iterable[Fresh], channels: Iterable[str], at_ns: int) -> None:
        """Keep alerts that are not known yet, each waiting for every channel."""
        wanted = list(channels)
        with transaction(self._connection):
            for alert in alerts:
                for key in alert.covered:
                    self._insert(alert._replace(key=key), at_ns)
                number = self._insert(alert, at_ns)
                for channel in wanted if number is not None else ():
                    row = {"alert": number, "channel": channel, "due_ns": at_ns}
                    self._connection.execute(self._sql["add_delivery"], row)

    def lose(self) -> int:
        """Give up what somebody was sending who is dead now; how many."""
        with transaction(self._connection):
            return self._connection.execute(self._sql["lost"]).rowcount

    def waiting(self) -> list[Delivery]:
        """What is still to be sent, the most urgent first."""
        return [Delivery(**dict(row)) for row in self._connection.execute(self._sql["waiting"])]

    def intend(self, delivery: Delivery) -> bool:
        """Commit that it is sent now; false when somebody else did."""
        with transaction(self._connection):
            return self._connection.execute(self._sql["intend"], _key(delivery)).rowcount == 1

    def settle(self, delivery: Delivery, state: str, *, due_ns: int, problem: str | None) -> None:
        """Commit what became of it: sent, waiting (for another attempt), unknown or given up."""
        with transaction(self._connection):
            row = {**_key(delivery), "state": state, "due_ns": due_ns, "problem": problem}
            self._connection.execute(self._sql["settle"], row)

    def wait_for(self, waits: Waits) -> None:
        """Leave behind what the monitor compares with."""
        with transaction(self._connection):
            self._connection.execute(self._sql["drop_trips"])
            for trip in waits.trips:
                self._connection.execute(self._sql["trip"], {"links": "\n".join(trip.links), "bytes": trip.size})
            self._connection.execute(self._sql["looked"], {"at_ns": waits.at_ns, "due_ns": waits.due_ns})

    def _insert(self, alert: Fresh, at_ns: int) -> int | None:
        row = {"key": alert.key, "made_ns": at_ns, "title": alert.title, "message": alert.message}
        found = self._connection.execute(self._sql["add"], row).fetchone()
        return None if found is None else int(found[0])


@contextmanager
def alerting(ledger: Path, lock: Path) -> Iterator[Register]:
    """Open the ledger beside the monitor.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: it could not be read or written.
    """
    with beside(ledger, lock) as connection:
        yield Register(connection)


def _key(delivery: Delivery) -> dict[str, object]:
    return {"alert": delivery.alert, "channel": delivery.channel}
