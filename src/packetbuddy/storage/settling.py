"""Moving what was written under a wrong clock to where it belongs, and answering day totals anew."""

from packetbuddy.metering.epochs import Move
from packetbuddy.metering.slots import QUARTER, SLOT_NS, SLOTS_PER_DAY, day_of_slot
from packetbuddy.storage.connection import Connection
from packetbuddy.storage.naming import SERIES_BITS, series_id
from packetbuddy.storage.statements import statements


def settle(connection: Connection, move: Move, revision: int) -> None:
    """Move an epoch's rows by its offset, or just settle them with offset 0; within the caller's transaction.

    An epoch that has no rows is no error. Slots move by whole slots, so bytes may shift by up to half a slot.
    """
    sql = statements("writer.sql")
    rows = connection.execute(sql["epochs"]).fetchall()
    epoch = next((row for row in rows if row["number"] == move.number), None)
    if epoch is None:
        return
    shift = round(move.offset_ns / SLOT_NS)
    first, last = epoch["first_slot"] - epoch["first_slot"] % QUARTER, epoch["last_slot"]  # as compaction moved them
    _move_slots(connection, move.number, (first, last), shift)
    for statement in ("move_watched", "move_events", "move_doubts"):
        connection.execute(sql[statement], move._asdict())
    connection.execute(sql["forget_epoch"], {"number": move.number})
    if shift:
        connection.execute(sql["new_lineage"])
        for start, end in ((first, last), (first + shift, last + shift)):
            rebuild_days(connection, day_of_slot(start), day_of_slot(end), revision)


def _move_slots(connection: Connection, number: int, slots: tuple[int, int], shift: int) -> None:
    sql = statements("writer.sql")
    bounds = {"first": slots[0] << SERIES_BITS, "beyond": (slots[1] + 1) << SERIES_BITS, "shift": shift}
    for series in connection.execute(sql["epoch_series"], {"number": number}).fetchall():
        target = series_id(connection, series["interface"], counted=bool(series["counted"]), epoch=0)
        connection.execute(sql["move_slots"], {**bounds, "source": series["id"], "target": target})
        connection.execute(sql["drop_moved"], {**bounds, "source": series["id"]})
        connection.execute(sql["drop_series"], {"source": series["id"]})


def rebuild_days(connection: Connection, first_day: int, last_day: int, revision: int) -> None:
    """Answer UTC-day totals anew from the slots; a day left without usage becomes zeros, it is not deleted."""
    sql = statements("writer.sql")
    connection.execute(sql["empty_days"], {"first_day": first_day, "last_day": last_day, "revision": revision})
    bounds = {
        "first": (first_day * SLOTS_PER_DAY) << SERIES_BITS,
        "beyond": ((last_day + 1) * SLOTS_PER_DAY) << SERIES_BITS,
    }
    connection.execute(sql["rebuild_days"], {**bounds, "revision": revision})
