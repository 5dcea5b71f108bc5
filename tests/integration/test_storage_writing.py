"""The one writer: a flush is stored whole or not at all, and totals are sums."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from integration.storage_making import Keeping, Machine, counted, day_totals, dump, keeping, rows, sums
from packetbuddy.errors import LedgerBusyError, LedgerError
from packetbuddy.metering.readings import SECOND
from packetbuddy.storage.reader import reading
from packetbuddy.storage.writer import Writer

DAY = 86_400


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


class Tripwire:
    """Lets a connection's first ``limit`` authorised actions pass and refuses the next one alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection, self.passed, self.limit = connection, 0, 1 << 60

    def __call__(self, *_: object) -> int:
        self.passed += 1
        return sqlite3.SQLITE_DENY if self.passed == self.limit + 1 else sqlite3.SQLITE_OK

    def arm(self, limit: int) -> None:
        """Begin counting anew; statements are prepared anew, too."""
        self.passed, self.limit = 0, limit
        self.connection.set_authorizer(self)

    def disarm(self) -> None:
        self.connection.set_authorizer(None)


def eventful(books: Keeping) -> None:
    """A harvest with everything in it: slots over two days, both interfaces, an event, a doubt, a settled epoch."""
    machine = books.machine
    machine.synchronized = False
    machine.moved(rx=90_000, tx=9_000)
    machine.moved(rx=500, tx=50, name="wlan0")
    books.look(DAY)
    books.meter.policy = books.meter.policy._replace(max_rate=100_000)
    machine.moved(rx=900_000_000)
    books.look()
    machine.moved(rx=1000)
    machine.synchronized = True
    machine.wall_ns += 3 * 3600 * SECOND
    books.look()


def test_all_or_nothing_at_every_statement(ledger: Path) -> None:
    """A flush refused at its k-th action, for every k, changes nothing, and given again it is stored to the byte."""
    machine = Machine(synchronized=False)
    with keeping(ledger, machine) as books:
        books.steady(1)
        before = dump(ledger)
        eventful(books)
        connection = books.writer._connection
        wire = Tripwire(connection)
        refused = 0
        for limit in range(10_000):
            wire.arm(limit)
            try:
                books.flush()
            except LedgerError:
                refused += 1
                wire.disarm()
                assert not connection.in_transaction
                assert dump(ledger) == before
            else:
                break
        wire.disarm()
        books.meter.committed()
    assert refused > 40
    after = dump(ledger)
    assert {name for name in after if after[name] != before[name]} >= {
        "state", "looks", "baselines", "slots", "days", "watched", "events", "doubts"
    }  # fmt: skip
    assert sums(ledger) == day_totals(ledger)
    other = ledger.with_name("other.db")
    machine = Machine(synchronized=False)
    with keeping(other, machine) as books:
        books.steady(1)
        eventful(books)
        books.flush()
    differing = frozenset({"state"})  # its lineage is random
    assert dump(other, without=differing) == dump(ledger, without=differing)


@pytest.mark.parametrize("event", ["INSERT ON days", "UPDATE ON days", "INSERT ON slots", "UPDATE ON state"])
def test_a_refusal_in_the_middle_keeps_everything(ledger: Path, event: str) -> None:
    """Where SQLite itself aborts a statement (a trigger), nothing stays and the same flush can be given again."""
    machine = Machine()
    with keeping(ledger, machine) as books:
        machine.moved(rx=1000, tx=100)
        books.look(60)
        books.flush()
        with contextlib.closing(sqlite3.connect(ledger)) as other:
            other.execute(f"CREATE TRIGGER trap BEFORE {event} BEGIN SELECT RAISE(ABORT, 'trapped'); END")
        before = dump(ledger)
        machine.moved(rx=70_000, tx=700)
        books.look(600)
        for _ in range(3):
            with pytest.raises(LedgerError, match="trapped"):
                books.flush()
            assert dump(ledger) == before
        with contextlib.closing(sqlite3.connect(ledger)) as other:
            other.execute("DROP TRIGGER trap")
        books.flush()
    assert counted(ledger) == (71_000, 800)
    assert sums(ledger) == day_totals(ledger)


def test_a_locked_ledger_is_busy_for_a_moment_only(ledger: Path) -> None:
    """While another process writes, a flush gives up within a quarter of a second and nothing of it is stored."""
    machine = Machine()
    with keeping(ledger, machine) as books, contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        machine.moved(rx=5000)
        books.look(30)
        with pytest.raises(LedgerBusyError, match="locked by another program"):
            books.flush()
        other.execute("ROLLBACK")
        books.flush()
    assert counted(ledger) == (5000, 0)


def test_readers_see_whole_flushes_and_never_stop_the_writer(ledger: Path) -> None:
    """While a writer flushes as fast as it can, every reader's slots, day totals and books belong to one flush.

    And no flush ever meets a locked ledger.
    """
    lock = ledger.with_name("monitor.lock")
    machine = Machine()
    done = threading.Event()
    seen: set[int] = set()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            with reading(ledger, lock) as reader:
                baseline = reader.books().baselines["boot-1", "ns-1"][2]
                moved = baseline.counters.rx_bytes - baseline.origin_rx
                slots = reader.total(reader.series("eth0"), 0, 1 << 40).rx
                days = reader.lifetime("eth0").rx
                seen.add(moved)
                if not moved == slots == days:
                    wrong.append((moved, slots, days))

    with keeping(ledger, machine) as books:
        readers = [threading.Thread(target=read) for _ in range(2)]
        for each in readers:
            each.start()
        flushes = 0
        while flushes < 250 or (len(seen) <= 5 and flushes < 5000):  # the readers may be starved for a while
            machine.moved(rx=997, tx=10)
            books.look(7)
            books.flush()
            flushes += 1
        done.set()
        for each in readers:
            each.join()
    assert wrong == []
    assert len(seen) > 5
    assert counted(ledger) == (flushes * 997, flushes * 10)


def test_a_reader_that_stays_never_stops_the_writer(ledger: Path) -> None:
    """A read transaction that stays open for an hour of flushes sees its moment all along; the flushes go on."""
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(1)
        with reading(ledger, ledger.with_name("lock")) as reader:
            before = reader.lifetime(None)
            for _ in range(120):
                machine.moved(rx=100)
                books.look(30)
                books.flush()
            assert reader.lifetime(None) == before
        with reading(ledger, ledger.with_name("lock")) as reader:
            assert reader.lifetime(None).rx == before.rx + 12_000


def test_a_day_that_was_watched_without_traffic_is_told(ledger: Path) -> None:
    """Observed time that is added to earlier days, too, raises their revision: caches answer those days anew."""
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(1)
        revision = rows(ledger, "SELECT revision FROM state")[0][0]
    machine.pass_time(3 * DAY)
    with keeping(ledger, machine), reading(ledger, ledger.with_name("lock")) as reader:
        today = machine.wall_ns // (DAY * SECOND)
        assert reader.changed_days(revision) == [today - 3, today - 2, today - 1]


def test_a_closed_writer_can_be_followed_by_another(ledger: Path) -> None:
    """Books and epochs that a second writer finds are those that the first one left."""
    machine = Machine(synchronized=False)
    with keeping(ledger, machine) as books:
        books.steady(1)
        left, epochs = books.meter.books, books.writer.epochs("boot-1")
    with contextlib.closing(Writer(ledger)) as writer:
        found = writer.books()
        assert (found.boot, found.machine, found.baselines) == (left.boot, left.machine, left.baselines)
        assert writer.epochs("boot-1") == epochs
        assert writer.epochs("boot-2") == ((), epochs[1])
    assert len(epochs[0]) == 1
