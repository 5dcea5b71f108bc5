"""Rows and the values they stand for, shared by the writer and the readers."""

from packetbuddy.errors import LedgerDamagedError
from packetbuddy.metering.books import Baseline, Books, Look, Place
from packetbuddy.metering.readings import Counters, Instant
from packetbuddy.storage.connection import Connection, Row


def read_books(connection: Connection) -> Books:
    """Everything accounted for, as the last commit left it. The clock's synchronisation is not kept: ``None``."""
    books = Books()
    state = connection.execute("SELECT machine, place FROM state WHERE id = 1").fetchone()
    places: dict[int, Place] = {}
    for row in connection.execute("SELECT * FROM looks"):
        place = (row["boot"], row["namespace"])
        places[row["id"]] = place
        at = Instant(row["wall_ns"], row["elapsed_ns"], row["awake_ns"], None)
        books.looks[place] = Look(at, bool(row["complete"]))
        if row["id"] == state["place"]:
            books.boot, books.at = place[0], at
    for row in connection.execute("SELECT * FROM baselines"):
        if row["place"] not in places:  # never written so, and taken for a new interface it would invent usage
            raise LedgerDamagedError("the ledger is damaged: a baseline has no look", "backups are in backups/")
        books.baselines.setdefault(places[row["place"]], {})[row["identity"]] = _baseline(row)
    books.machine = state["machine"]
    return books


def _baseline(row: Row) -> Baseline:
    counters = Counters(row["rx_bytes"], row["tx_bytes"], row["rx_packets"], row["tx_packets"])
    return Baseline(
        row["name"],
        counters,
        row["origin_rx"],
        row["origin_tx"],
        bool(row["counted"]),
        bool(row["recorded"]),
        row["gone_elapsed_ns"],
        row["gone_awake_ns"],
    )


def baseline_row(place: int, identity: int, baseline: Baseline, booked: tuple[int, int]) -> dict[str, object]:
    """Parameters to store a baseline; ``booked`` is added to what is stored."""
    row: dict[str, object] = {"place": place, "identity": identity, "booked_rx": booked[0], "booked_tx": booked[1]}
    row |= baseline._asdict()
    row |= baseline.counters._asdict()
    del row["counters"], row["low"]
    return row
