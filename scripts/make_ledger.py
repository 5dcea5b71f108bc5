"""Make a ledger of many years, as a busy household's would look: ``python scripts/make_ledger.py HOME [--years 10]``.

Quarter hours up to 90 days ago, five minutes after that; Wi-Fi all day, a cable on working days, an evening peak, a
power cut now and then. Ends with one real look at this machine, so that every reader takes the ledger for its own.
"""

import argparse
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from packetbuddy import __version__
from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import QUARTER, SLOT_NS, SLOT_SECONDS, SLOTS_PER_DAY, slot_of
from packetbuddy.probes import open_probe
from packetbuddy.settings.places import Home, ensure
from packetbuddy.storage.naming import SERIES_BITS
from packetbuddy.storage.settling import rebuild_days
from packetbuddy.storage.writer import Beat, Flush, Writer

DETAIL_DAYS = 90
WIFI, CABLE, IDLE_WIFI, BOTH = 1, 2, 3, 4
"""Series: both interfaces while they count, the Wi-Fi while the cable leads out, and the peaks of both together."""
SlotRow = tuple[int, int, int, int, int, int, int]


class Outage(NamedTuple):
    """Slots without a monitor: ``first`` ≤ slot < ``beyond``."""

    first: int
    beyond: int


def make(home: Home, *, years: int, now_ns: int, seed: int = 7) -> int:
    """Fill an empty home with a ledger; returns how many slot rows it has."""
    ensure(home)
    Writer(home.ledger).close()
    dice = random.Random(seed)  # noqa: S311 - a household, not a secret
    beyond = slot_of(now_ns)
    first = beyond - beyond % SLOTS_PER_DAY - years * 365 * SLOTS_PER_DAY
    outages = list(_outages(dice, first, beyond))
    with closing(sqlite3.connect(home.ledger, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        _series(connection)
        rows = connection.executemany("INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)", _slots(dice, outages, first))
        count = rows.rowcount
        connection.executemany("INSERT INTO watched VALUES (NULL, ?, ?, 0)", _watched(outages, first))
        rebuild_days(connection, first // SLOTS_PER_DAY, beyond // SLOTS_PER_DAY, 1)
        connection.execute("UPDATE state SET revision = 1")
        connection.execute("COMMIT")
    _look(home, now_ns)
    return count


def _series(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO interfaces VALUES (2, 'wlan0', 'hardware'), (3, 'eth0', 'hardware')")
    rows = [(WIFI, 2, 1), (CABLE, 3, 1), (IDLE_WIFI, 2, 0), (BOTH, 1, 1)]
    connection.executemany("INSERT INTO series VALUES (?, ?, ?, 0)", rows)


def _outages(dice: random.Random, first: int, beyond: int) -> Iterator[Outage]:
    """A restart every few days, a holiday every few months; the last one lies at the end."""
    at = first
    while at < beyond:
        at += int(dice.expovariate(1 / (4 * SLOTS_PER_DAY))) + 1
        length = dice.choice((1, 1, 2, 6, 90, 12 * SLOTS_PER_DAY if dice.random() < 0.1 else 3))
        yield Outage(min(at, beyond), min(at + length, beyond))
        at += length


def _watched(outages: list[Outage], first: int) -> Iterator[tuple[int, int]]:
    start = first
    for outage in outages:
        if outage.first > start:
            yield start * SLOT_NS, outage.first * SLOT_NS
        start = outage.beyond


def _slots(dice: random.Random, outages: list[Outage], first: int) -> Iterator[SlotRow]:
    fine = outages[-1].first - DETAIL_DAYS * SLOTS_PER_DAY
    fine -= fine % SLOTS_PER_DAY
    start = first
    for outage in outages:
        slot = start
        while slot < outage.first:
            step = 1 if slot >= fine else QUARTER
            yield from _rows(dice, slot - slot % step, step * SLOT_SECONDS)
            slot += step - slot % step
        start = max(outage.beyond, slot)


def _rows(dice: random.Random, slot: int, seconds: int) -> Iterator[SlotRow]:
    day, hour = slot // SLOTS_PER_DAY, slot % SLOTS_PER_DAY // 12
    working = day % 7 < 5 and 8 <= hour < 17
    rate = dice.lognormvariate(9.0 if hour < 6 else (12.2 if hour >= 18 else 11.0), 1.3)
    rx = int(rate * seconds)
    yield _row(dice, slot, CABLE if working else WIFI, rx)
    if working:
        yield _row(dice, slot, IDLE_WIFI, dice.randrange(500, 90_000))
    if working and hour == 8:
        yield (slot << SERIES_BITS | BOTH, 0, 0, 0, 0, 0, int(rate * 4))


def _row(dice: random.Random, slot: int, series: int, rx: int) -> SlotRow:
    tx = int(rx * dice.uniform(0.03, 0.3))
    estimated = rx + tx if dice.random() < 0.01 else 0
    peak_rx, peak_tx = rx // 90, tx // 90
    return slot << SERIES_BITS | series, rx, tx, estimated, peak_rx, peak_tx, peak_rx + peak_tx


def _look(home: Home, now_ns: int) -> None:
    probe, writer = open_probe(), Writer(home.ledger)
    try:
        meter = Meter(writer.books(), selection=None, policy=Policy(3 * SECOND))
        meter.look(probe.look())
        beat = Beat(__version__, now_ns, SECOND, 30 * SECOND, None, now_ns)
        writer.commit(Flush(meter.harvest(), meter.books, {}, beat))
    finally:
        writer.close()
        probe.close()


def main() -> None:
    """Read the command line and make the ledger."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    home = Home(options.home)
    if home.ledger.exists():
        parser.error(f"{home.ledger} exists already")
    began = time.monotonic()
    count = make(home, years=options.years, now_ns=time.time_ns())
    size = home.ledger.stat().st_size / 1e6
    print(f"{home.ledger}: {count} rows, {size:.1f} MB, {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
