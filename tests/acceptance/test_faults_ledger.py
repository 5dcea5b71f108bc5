"""A ledger that is locked, foreign, too new or another's: a clear line, counting where it can go on."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.faults_bench import Bench, bench_in
from machine.netns import requires_netns, wait_until
from packetbuddy.storage.connection import SCHEMA_VERSION
from unit.calm import Stopwatch

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as made:
        yield made


@contextlib.contextmanager
def locked(ledger: Path, *, against_readers: bool = False) -> Iterator[None]:
    """Inside, another process (this one) holds the database's write lock, or the whole of it."""
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None, timeout=5)) as other:
        if against_readers:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE state SET revision = revision")
        yield
        other.execute("ROLLBACK")


def stay(bench: Bench, seconds: float) -> None:
    """Traffic goes on for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        bench.traffic()
        bench.pause(5)


LOCKED = [pytest.param(3, id="short"), pytest.param(60, id="a minute", marks=pytest.mark.long)]


@pytest.mark.parametrize("seconds", LOCKED)
def test_locked_in_the_middle(bench: Bench, seconds: float) -> None:
    """Another process keeps the write lock: one line, a person sees every byte meanwhile, all are written after it."""
    bench.monitor.start()
    bench.traffic()
    with locked(bench.home.ledger):
        stay(bench, seconds)
        bench.heard("cannot write, keeping everything in memory")
        assert bench.told("cannot write, keeping everything in memory") == 1
        assert bench.told("locked by another program") == 1
        assert bench.monitor.shown() == bench.moved()
    bench.heard("writing again; nothing was lost")
    bench.agrees()


@pytest.mark.parametrize("seconds", LOCKED)
def test_locked_at_the_start(bench: Bench, seconds: float) -> None:
    """The whole database is locked when it starts: it waits, says so once, and then counts from its books."""
    bench.monitor.start()
    bench.traffic()
    assert bench.monitor.stop() == 0
    with locked(bench.home.ledger, against_readers=True):
        bench.monitor.launch()
        bench.heard("waiting: ")
        until = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() > until, seconds + 1)
        bench.traffic(3)
        assert bench.monitor.child.poll() is None
        assert bench.told("waiting: ") == bench.told("locked by another program") == 1
    bench.heard("the ledger can be used now")
    bench.monitor.written()
    bench.agrees()


def test_stopped_while_locked(bench: Bench) -> None:
    """Told to leave it does so within a second, with 0 and a word about what is not written; the next start has it."""
    bench.monitor.start()
    bench.traffic()
    bench.monitor.written()
    with locked(bench.home.ledger):
        bench.traffic(2)
        watch = Stopwatch()
        assert bench.monitor.stop() == 0
        assert watch.seconds < 1.5
    assert bench.told("could not be written and are counted at the next start") == 1
    bench.monitor.start()
    bench.agrees()


@pytest.mark.parametrize("old", [True, False], ids=["1.x", "foreign"])
def test_a_foreign_database(bench: Bench, old: bool) -> None:
    """PacketBuddy 1.x's or anybody's: 78, one line that says whose it is, and not one byte of it is changed."""
    with contextlib.closing(sqlite3.connect(bench.home.ledger)) as foreign:
        foreign.execute("PRAGMA journal_mode = WAL")
        foreign.execute(f"CREATE TABLE {'usage_logs' if old else 'notes'} (bytes_sent INTEGER)")
        foreign.execute("CREATE TABLE daily_aggregates (day TEXT, total INTEGER)" if old else "CREATE TABLE more (id)")
        foreign.commit()
        left = {path.name: path.read_bytes() for path in bench.home.root.glob("packetbuddy.db*")}
    for name, content in left.items():
        if not name.endswith("-shm"):
            (bench.home.root / name).write_bytes(content)
    before = {name: content for name, content in left.items() if not name.endswith("-shm")}
    whose = "PacketBuddy 1.x" if old else "another program"
    said = bench.refused(78)
    assert said.startswith(f"error {bench.home.ledger} belongs to {whose}; it is left untouched")
    assert "move it away" in said
    after = {name: (bench.home.root / name).read_bytes() for name in before}
    assert after == before
    asked = bench.pb("today")
    assert (asked.returncode, asked.stderr.count("\n")) == (1, 1)
    assert {name: (bench.home.root / name).read_bytes() for name in before} == before


def test_a_newer_ledger(bench: Bench) -> None:
    """A ledger of a later version: 78 and the word to update, for the monitor and for a person; nothing is changed."""
    bench.monitor.start()
    assert bench.monitor.stop() == 0
    with contextlib.closing(sqlite3.connect(bench.home.ledger)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = bench.home.ledger.read_bytes()
    words = f"was written by a newer PacketBuddy (schema 99, this one knows {SCHEMA_VERSION}). update PacketBuddy"
    assert words in bench.refused(78)
    asked = bench.pb("today")
    assert (asked.returncode, asked.stderr.count("\n")) == (1, 1)
    assert "newer PacketBuddy" in asked.stderr
    assert bench.home.ledger.read_bytes() == before


def test_a_second_monitor(bench: Bench) -> None:
    """It is refused with 3 and the first one's pid, and the first one goes on to count every byte."""
    bench.monitor.start()
    bench.traffic()
    first = bench.monitor.child
    assert f"another PacketBuddy monitor is running (pid {first.pid})" in bench.refused(3)
    bench.monitor._child = first
    bench.traffic()
    bench.agrees()
