"""Reading what was pulled from the shared database: devices, and their usage as the ledger's reader tells it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from packetbuddy.metering.quarters import QUARTER_NS, QUARTERS, Quarter, UtcDay, day_of
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import QUARTER
from packetbuddy.storage.reader import Reader, Sum
from packetbuddy.storage.statements import statements

TABLES = 4
TAKEN_BACK = "sync"
"""Name and kind of the series that holds what a restored ledger took back from the shared database."""
OWN = 0
"""The number under which this machine's accounts are corrected; another machine's is its first ledger's, negative."""
_SUMS = """sum(rx) AS rx, sum(tx) AS tx, sum(estimated) AS estimated, max(peak) AS peak,
    count(DISTINCT CASE WHEN rx <> 0 OR tx <> 0 THEN quarter END) AS points"""


class Standing(NamedTuple):
    """How this ledger stands with the shared database; see the table ``sync`` in schema.sql."""

    device: str
    machine: str
    alone: int = 0
    cut: int = 0
    cut_rx: int = 0
    cut_tx: int = 0
    cut_estimated: int = 0
    name: str = ""
    born: str = ""
    token: str = ""
    intent: str = ""
    revision: int = 0
    highest: int = 0
    pushed: int = 0
    pushed_day: int = 0
    upto_day: int = 0
    upto_sum: int = 0
    edge: int = 0
    edge_rx: int = 0
    edge_tx: int = 0
    edge_estimated: int = 0
    took_over_ns: int | None = None
    listed: str = ""
    accounts: str = ""
    united: int = 0
    united_day: int = 0
    united_pulled: int = 0
    pulled: int = 0
    generation: int = 0
    tried_ns: int | None = None
    done_ns: int | None = None
    problem: str | None = None


class Device(NamedTuple):
    """A pulled device; see the table ``devices`` in schema.sql."""

    number: int
    id: str
    machine: str
    name: str
    os: str
    created_ns: int
    seen_ns: int
    retired_ns: int | None
    born: str
    revision: int
    day: int
    refused: int
    reason: str


class Sharing:
    """What an open ledger knows of the shared database."""

    def __init__(self, reader: Reader) -> None:
        """Of that reader's one consistent state."""
        self._connection, self._sql = reader.connection, statements("far.sql")
        self._known = self._connection.execute(self._sql["known"]).fetchone()[0] == TABLES

    def standing(self) -> Standing | None:
        """``None`` until the first run; also where an older PacketBuddy founded the ledger and no newer one counted."""
        row = self._connection.execute(self._sql["standing"]).fetchone() if self._known else None
        return None if row is None else Standing(*tuple(row)[1:])

    def devices(self) -> list[Device]:
        """Every other ledger that was pulled, the oldest first."""
        return [Device(*row) for row in self._connection.execute(self._sql["devices"])] if self._known else []

    def machines(self) -> dict[int, list[Device]]:
        """Ledgers by machine, the oldest first in each, by the number of what corrects them, :data:`OWN` for this one.

        Accounts of one machine are one device. This machine is always there, mostly without another account.
        """
        standing = self.standing()
        mine = standing.machine if standing is not None and not standing.alone else ""
        groups: dict[str, list[Device]] = {mine: []}
        for device in self.devices():
            groups.setdefault(device.machine or device.id, []).append(device)
        own = groups.pop(mine)
        return {OWN: own, **{-members[0].number: members for members in groups.values()}}

    def corrected(self) -> list[int]:
        """Numbers under which accounts of one machine are corrected now."""
        return [row[0] for row in self._connection.execute(self._sql["corrected"])]

    def pulled_from(self, number: int) -> tuple[int, int] | None:
        """When the first known quarter of a device began, and how many nanoseconds of it were observed."""
        row = self._connection.execute(self._sql["pulled_from"], {"device": number}).fetchone()
        return None if row is None else (row[0] * QUARTER_NS, row[1] * SECOND)

    def day(self, number: int, day: int) -> UtcDay:
        """A pulled day, empty where nothing is known of it."""
        rows = self._connection.execute(self._sql["pulled_day"], {"device": number, "first": day * QUARTERS})
        return day_of(day, ((place, Quarter(*values)) for place, *values in rows))

    def days_of(self, number: int, pulled: int = -1) -> list[int]:
        """Days that are known of a device and came later than so much of what was pulled."""
        return [row[0] for row in self._connection.execute(self._sql["days_of"], {"device": number, "pulled": pulled})]

    def pushable_days(self, revision: int, day: int) -> list[tuple[int, int]]:
        """UTC days that changed after this revision of the ledger and this day of it, each with its last revision.

        They are in the order of those changes.
        """
        bounds = {"revision": revision, "day": day}
        return [(row[0], row[1]) for row in self._connection.execute(self._sql["pushable_days"], bounds)]

    def became_ns(self) -> int | None:
        """When the ledger last noticed that it counts on another machine than before."""
        found: int | None = self._connection.execute(self._sql["became"]).fetchone()[0]
        return found


class FarReader(Reader):
    """Answers about pulled devices as a reader of the ledger does about this one.

    A quarter of an hour stands in its first slot, as in compacted detail. What belongs to a ledger alone (books,
    events, doubts …) is still this one's.
    """

    def __init__(self, own: Reader, numbers: Sequence[int]) -> None:
        """Of these devices together, within ``own``'s read transaction."""
        super().__init__(own.connection, own.path, alive=own.state().alive)
        self._only = f"device IN ({','.join(map(str, numbers))})"

    def series(self, interface: str | None, *, counted_only: bool = False) -> tuple[int, ...]:  # noqa: ARG002 - the reader's face
        """Links are not shared."""
        return ()

    def lifetime(self, interface: str | None) -> Sum:  # noqa: ARG002 - the reader's face
        """Everything there is, from the day totals; ``points`` stays 0."""
        query = f"""SELECT coalesce(sum(rx), 0), coalesce(sum(tx), 0), coalesce(sum(estimated), 0), max(peak)
            FROM far_days WHERE {self._only}"""  # noqa: S608 - numbers only
        rx, tx, estimated, peak = self.connection.execute(query).fetchone()
        return Sum(rx, tx, estimated, peak or 0)

    def total(self, series: tuple[int, ...], first: int, beyond: int) -> Sum:  # noqa: ARG002 - the reader's face
        """Sum of the slots ``first`` ≤ slot < ``beyond``."""
        query = f"SELECT {_SUMS} FROM far_quarters WHERE {self._only} AND quarter >= ? AND quarter < ?"  # noqa: S608 - numbers only
        row = self.connection.execute(query, _quarters(first, beyond)).fetchone()
        return Sum() if row["rx"] is None else Sum(*row)

    def grouped(
        self,
        series: tuple[int, ...],  # noqa: ARG002 - the reader's face
        first: int,
        beyond: int,
        *,
        period: int,
        offset: int,
    ) -> Iterator[tuple[int, Sum]]:
        """Sums by ``(slot + offset) // period``, in order; empty groups left out."""
        query = f"""SELECT (quarter * {QUARTER} + ?) / ? AS part, {_SUMS} FROM far_quarters
            WHERE {self._only} AND quarter >= ? AND quarter < ? GROUP BY part ORDER BY part"""  # noqa: S608 - numbers only
        for row in self.connection.execute(query, (offset, period, *_quarters(first, beyond))):
            if row["points"]:
                yield row[0], Sum(*tuple(row)[1:])

    def moved(
        self,
        series: tuple[int, ...],  # noqa: ARG002 - the reader's face
        first: int,
        beyond: int,
        *,
        period: int,
        offset: int,
    ) -> Iterator[tuple[int, int]]:
        """Bytes alone by ``(slot + offset) // period``, in order; empty groups left out."""
        groups = self.grouped((), first, beyond, period=period, offset=offset)
        return ((part, total.rx + total.tx) for part, total in groups)

    def peak_slot(self, series: tuple[int, ...], first: int, beyond: int) -> int | None:  # noqa: ARG002 - the reader's face
        """The slot in which the highest speed of the stretch was seen."""
        query = f"""SELECT quarter FROM far_quarters WHERE {self._only} AND quarter >= ? AND quarter < ?
            ORDER BY peak DESC LIMIT 1"""  # noqa: S608 - numbers only
        row = self.connection.execute(query, _quarters(first, beyond)).fetchone()
        return None if row is None else int(row[0]) * QUARTER

    def changed_days(self, revision: int) -> list[int]:
        """UTC days that changed since this revision of what was pulled."""
        query = f"SELECT DISTINCT day FROM far_days WHERE {self._only} AND revision > ? ORDER BY day"  # noqa: S608 - numbers only
        return [row[0] for row in self.connection.execute(query, (revision,))]

    def watched(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """As many seconds as were observed of each quarter, by all devices together: they may overlap."""
        query = f"""SELECT quarter, sum(observed) FROM far_quarters
            WHERE {self._only} AND quarter >= ? AND quarter <= ? GROUP BY quarter ORDER BY quarter"""  # noqa: S608 - numbers only
        rows = self.connection.execute(query, (start_ns // QUARTER_NS, end_ns // QUARTER_NS))
        found = ((row[0] * QUARTER_NS, part) for row in rows for part in _parts(row[1]))
        return [(begin, begin + part) for begin, part in found]

    def watched_from(self) -> int | None:
        """When observation began."""
        query = f"SELECT min(quarter) FROM far_quarters WHERE {self._only} AND observed > 0"  # noqa: S608 - numbers only
        first = self.connection.execute(query).fetchone()[0]
        return None if first is None else int(first) * QUARTER_NS


def _quarters(first: int, beyond: int) -> tuple[int, int]:
    """Quarters whose first slots lie within these."""
    return -(-first // QUARTER), -(-beyond // QUARTER)


def _parts(seconds: int) -> Iterator[int]:
    """Observed seconds of one quarter as stretches that fit into it."""
    while seconds > 0:
        yield min(seconds * SECOND, QUARTER_NS)
        seconds -= QUARTER_NS // SECOND
