"""A damaged ledger is set aside, never deleted; counting goes on, and every byte that can be known comes back."""

import contextlib
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acceptance.faults_bench import MOST_RSS_KB, QUICK, Bench, bench_in, full, small_disk, without_coverage
from integration.storage_making import Machine, keeping, spoil
from machine.monitor import Moved
from machine.netns import requires_netns, wait_until
from packetbuddy.storage.tending import tending

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as made:
        yield made


def back_up(bench: Bench) -> None:
    """Today's verified backup, as upkeep makes it."""
    with tending(bench.home.ledger, bench.home.lock) as tender:
        assert tender.backup(bench.home.backups / "packetbuddy-2026-11-20.db")


def healed(bench: Bench) -> None:
    """Start a monitor; return when it has written after whatever it had to mend first."""
    seen = bench.told("is counting")
    bench.monitor.launch()
    wait_until(lambda: bench.told("is counting") > seen, 20)
    bench.monitor.written()


def garbage(ledger: Path) -> None:
    ledger.write_bytes(b"\xa5\x00garbage" * 3000)


def truncated(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[:3000])


def stateless(ledger: Path) -> None:
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("DELETE FROM state")


@pytest.mark.parametrize("damage", [garbage, truncated, stateless])
def test_damaged_at_the_start_with_a_backup(bench: Bench, damage: Callable[[Path], None]) -> None:
    """The damaged file is set aside and the backup takes its place.

    Since it is of this boot, all bytes since then come back, marked as estimated.
    """
    bench.monitor.start()
    bench.traffic(2)
    bench.monitor.written()
    before, moved = (
        bench.monitor.estimated(),
        sum(bench.moved()),
    )  # some, where the machine stood still
    back_up(bench)
    bench.traffic()
    bench.monitor.written()  # so long after the backup that no span since then is exact
    assert bench.monitor.stop() == 0
    damage(bench.home.ledger)
    raw = bench.home.ledger.read_bytes()
    refused = bench.pb("today")
    if damage is not truncated:
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    bench.traffic(4)
    healed(bench)
    assert bench.told("the damaged ledger is kept as") == bench.told("restored packetbuddy-2026-11-20.db") == 1
    (aside,) = bench.home.backups.glob("damaged-*.db")
    assert aside.read_bytes() == raw
    assert stat.S_IMODE(bench.home.ledger.stat().st_mode) == 0o600
    bench.agrees()
    assert 0 < bench.monitor.estimated() - before <= sum(bench.moved()) - moved


@pytest.mark.parametrize("damage", [garbage, Path.unlink])
def test_damaged_at_the_start_without_a_backup(bench: Bench, damage: Callable[[Path], None]) -> None:
    """A new ledger begins, said in words; what the counters held before is not counted, nothing is invented."""
    bench.monitor.start()
    bench.traffic(2)
    assert bench.monitor.stop() == 0
    damage(bench.home.ledger)
    bench.traffic(4)
    bench.before = bench.host.settle("eth0")
    healed(bench)
    gone = damage is Path.unlink
    assert bench.told("no backup exists, a new ledger begins") == (0 if gone else 1)
    assert len(list(bench.home.root.glob("backups/damaged-*.db"))) == (0 if gone else 1)
    bench.traffic()
    bench.agrees()


def test_an_empty_file_at_the_start(bench: Bench) -> None:
    """A file without a byte is a place to begin: no word of damage."""
    bench.home.ledger.touch()
    bench.monitor.start()
    bench.traffic()
    bench.agrees()
    assert bench.told("damaged") == 0


def damage_under(bench: Bench) -> None:
    """Overwrite all but the first page of the stopped monitor's file, and make it read them again."""
    with contextlib.closing(sqlite3.connect(bench.home.ledger, isolation_level=None, timeout=5)) as other:
        other.execute("PRAGMA cache_size = -4000")
        wait_until(lambda: not other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        other.execute("UPDATE state SET revision = revision + 1")
        wait_until(lambda: not other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        with bench.home.ledger.open("rb+") as file:
            file.seek(1024)
            file.write(b"\xa5" * (bench.home.ledger.stat().st_size - 1024))
        other.execute("UPDATE state SET revision = revision + 1")


@pytest.mark.parametrize("backed", [True, False], ids=["backup", "none"])
def test_damaged_while_running(bench: Bench, backed: bool) -> None:
    """Found at a write, the damaged file is set aside and counting goes on from memory.

    With a backup every byte is there again, what it lacked as estimated; without one, what was not yet written. Its
    memory stays small.
    """
    bench.monitor._environment = {**without_coverage(), "PACKETBUDDY_HOME": str(bench.home.root)}
    bench.monitor.start()
    bench.traffic(2)
    bench.monitor.written()
    if backed:
        back_up(bench)
    bench.traffic(3)
    bench.monitor.written()
    stored = bench.monitor.committed()
    assert stored == bench.moved()
    with bench.frozen():  # the last one that closes a ledger deletes its log by name, which must not be the next one's
        damage_under(bench)
    bench.traffic()
    bench.heard("the damaged ledger is kept as")
    if not backed:
        bench.before = bench.before._replace(
            rx_bytes=bench.before.rx_bytes + stored.rx, tx_bytes=bench.before.tx_bytes + stored.tx
        )
        assert bench.told("no backup exists, a new ledger begins") == 1
    bench.heard("writing again")
    assert bench.told("nothing was lost") == 0
    bench.traffic()
    wait_until(lambda: bench.monitor.committed() == bench.moved())
    assert bench.rss_kb() <= MOST_RSS_KB
    assert bench.told("is damaged") == 1
    bench.agrees()


def history(ledger: Path, days: int, until: float) -> Moved:
    """A ledger with so many days of another machine's history; what it counted."""
    machine = Machine(int(until) // 300 * 300 - days * 86_400)
    with keeping(ledger, machine) as books:
        books.steady(24 * days)
        baseline = books.meter.books.baselines["boot-1", "ns-1"][2]
    counters = baseline.counters
    return Moved(counters.rx_bytes - baseline.origin_rx, counters.tx_bytes - baseline.origin_tx)


def test_memory_after_healing_a_large_ledger(bench: Bench) -> None:
    """A year of history, verified and copied in the monitor's own process, leaves it as small as it was."""
    bench.monitor._environment = {**without_coverage(), "PACKETBUDDY_HOME": str(bench.home.root)}
    history(bench.home.ledger, 10, time.time() - 86_400)
    with contextlib.closing(sqlite3.connect(bench.home.ledger, isolation_level=None)) as connection:
        copied = "SELECT id - (2880 << 16) * ?, rx, tx, estimated, peak_rx, peak_tx, peak FROM slots WHERE id > ?"
        oldest = connection.execute("SELECT min(id) FROM slots").fetchone()[0]
        for number in range(1, 37):
            connection.execute(f"INSERT INTO slots {copied}", (number, oldest))
    back_up(bench)
    garbage(bench.home.ledger)
    healed(bench)
    assert bench.home.ledger.stat().st_size > 2_000_000
    assert bench.rss_kb() <= MOST_RSS_KB


def test_a_damaged_page_in_the_middle_of_history(bench: Bench) -> None:
    """Counting goes on; who asks for what is on that page is told in one line; upkeep says so and keeps its backups."""
    before = history(bench.home.ledger, 40, time.time() - 86_400)
    spoil(bench.home.ledger)
    bench.monitor.start()
    bench.traffic(3)
    bench.monitor.written()
    total = "SELECT sum(rx) AS rx, sum(tx) AS tx FROM days WHERE counted = 1"
    wait_until(lambda: Moved(**bench.monitor.query(total)[0]) == before + bench.moved())
    asked = bench.pb("summary")
    assert (asked.returncode, asked.stdout, asked.stderr.count("\n")) == (1, "", 1)
    assert "is damaged" in asked.stderr
    kept = bench.upkeep()
    assert (kept.returncode, kept.stderr.count("\n")) == (1, 1)
    assert "damaged" in kept.stderr
    assert bench.monitor.stop() == 0
    assert "Traceback" not in bench.monitor.errors.read_text("utf-8")


def test_a_damaged_ledger_and_a_full_disk(bench: Bench) -> None:
    """The backup cannot be copied: nothing is moved, nothing is begun, and once there is room it is restored."""
    with small_disk(bench.home.root, "1m"):
        bench.monitor.configure(**QUICK)
        bench.monitor.start()
        bench.traffic(2)
        bench.monitor.written()
        back_up(bench)
        assert bench.monitor.stop() == 0
        garbage(bench.home.ledger)
        with full(bench.home.root):
            bench.monitor.launch()
            bench.heard("waiting: ")
            assert bench.told("No space left on device") == 1
            assert not list(bench.home.backups.glob("damaged-*"))
            bench.traffic()
        bench.heard("restored packetbuddy-2026-11-20.db")
        bench.monitor.written()
        bench.agrees()
        shutil.rmtree(bench.home.backups)
