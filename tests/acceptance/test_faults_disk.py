"""A disk that is full, read-only or gone: counting goes on where it can, and no byte is lost."""

import contextlib
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.faults_bench import QUICK, Bench, bench_in, full, small_disk
from machine.monitor import Moved
from machine.netns import requires_netns, run, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as made:
        yield made


@pytest.fixture
def small(bench: Bench) -> Iterator[Bench]:
    """A bench whose home is a disk of 400 KB."""
    with small_disk(bench.home.root):
        bench.monitor.configure(**QUICK)
        yield bench
        if bench.monitor._child is not None and bench.monitor.child.poll() is None:
            bench.monitor.stop()


def test_a_full_disk_in_the_middle(small: Bench) -> None:
    """Full for many writes.

    One line says so, a person still sees every byte, and when there is room all are written.
    """
    small.monitor.start()
    small.traffic()
    small.monitor.written()
    with full(small.home.root):
        small.traffic(3)
        small.heard("cannot write, keeping everything in memory")
        small.pause()
        small.traffic(5)
        assert small.monitor.shown() == small.moved()
        assert small.told("cannot grow: the disk is full") + small.told("cannot be written or read") == 1
        assert small.told("writing again") == 0
    small.heard("writing again; nothing was lost")
    wait_until(lambda: small.monitor.committed() == small.moved())
    assert small.told("cannot write") == 1
    small.agrees()


def test_a_full_disk_at_the_end(small: Bench) -> None:
    """Stopped while full it leaves cleanly, says what it could not write, and the next start counts that."""
    small.monitor.start()
    small.traffic()
    small.monitor.written()
    with full(small.home.root):
        small.traffic(4)
        small.heard("cannot write")
        assert small.monitor.stop() == 0
        assert small.told("the last bytes could not be written and are counted at the next start") == 1
        small.traffic()
        assert small.monitor.shown() == small.moved()
    small.monitor.start()
    small.agrees()


def test_killed_while_the_disk_is_full(small: Bench) -> None:
    """Kill -9 in that state: the ledger is what it was, the counters hold the rest."""
    small.monitor.start()
    small.traffic()
    small.monitor.written()
    with full(small.home.root):
        small.traffic(4)
        small.heard("cannot write")
        small.monitor.kill()
    small.monitor.start()
    small.agrees()


@pytest.mark.parametrize("known", [False, True], ids=["no ledger yet", "a ledger"])
def test_a_full_disk_at_the_start(small: Bench, known: bool) -> None:
    """It waits and says so instead of giving up; as soon as there is room it counts, from its books if it has any."""
    if known:
        small.monitor.start()
        small.traffic()
        assert small.monitor.stop() == 0
    with full(small.home.root):
        small.monitor.launch()
        small.heard("waiting: ")
        small.traffic(2)
        small.pause(1)
        assert small.monitor.child.poll() is None
    small.heard("the ledger can be used now")
    small.monitor.written()
    if not known:
        small.before = small.host.settle("eth0")
        wait_until(lambda: small.monitor.committed() == Moved(0, 0))
    small.traffic()
    small.agrees()
    assert small.told("waiting: ") == 1


def test_a_disk_that_fails_in_the_middle(bench: Bench) -> None:
    """Writes that the system refuses (a read-only remount, a failing disk): kept, shown, written later."""
    bench.monitor.start()
    bench.traffic()
    bench.monitor.written()
    bench.write_limit(bench.home.ledger.with_name("packetbuddy.db-wal").stat().st_size)  # the logs are smaller
    bench.traffic(3)
    bench.heard("cannot write, keeping everything in memory")
    assert bench.monitor.child.poll() is None
    assert bench.monitor.shown() == bench.moved()
    stored = bench.monitor.committed()
    assert stored != bench.moved()
    bench.write_limit(-1)
    bench.heard("writing again; nothing was lost")
    wait_until(lambda: bench.monitor.committed() == bench.moved())
    bench.agrees()


def test_a_read_only_home_at_the_start(bench: Bench) -> None:
    """It leaves with 78 and says why; a person can still read what is there, and what the counters hold."""
    with small_disk(bench.home.root, "4m"):
        bench.monitor.configure(**QUICK)
        bench.monitor.start()
        bench.traffic()
        assert bench.monitor.stop() == 0
        files = sorted(path.name for path in bench.home.root.iterdir())
        run("mount", "-o", "remount,ro", str(bench.home.root))
        bench.traffic()
        assert bench.refused(78).startswith(f"error {bench.home.root} is on a read-only file system.")
        assert bench.monitor.shown() == bench.moved()
        assert sorted(path.name for path in bench.home.root.iterdir()) == files
        run("mount", "-o", "remount,rw", str(bench.home.root))
        bench.monitor.start()
        bench.agrees()


def test_a_crashed_ledger_on_a_read_only_disk(bench: Bench) -> None:
    """Killed, and then the disk turned read-only: the write-ahead log's rows are still read, and no file is made."""
    with small_disk(bench.home.root, "4m"):
        bench.monitor.configure(**QUICK)
        bench.monitor.start()
        bench.traffic()
        bench.monitor.written()
        bench.monitor.kill()
        run("mount", "-o", "remount,ro", str(bench.home.root))
        bench.traffic()
        assert bench.monitor.shown() == bench.moved()
        run("mount", "-o", "remount,rw", str(bench.home.root))
        bench.monitor.start()
        bench.agrees()


def test_the_home_deleted_while_running(bench: Bench) -> None:
    """It says so and leaves with 0, so that no supervisor starts it again; nothing of the home comes back."""
    bench.monitor.start()
    bench.traffic()
    while bench.home.root.exists():
        with contextlib.suppress(OSError):  # it writes into what is being deleted
            shutil.rmtree(bench.home.root)
    # Where its settings were gone a second before the rest, it writes, and sees it, each 30 s.
    assert bench.monitor.child.wait(90) == 0
    assert bench.told(f"{bench.home.root} was deleted; leaving") == 1
    assert not bench.home.root.exists()


def test_the_service_of_a_deleted_home(bench: Bench) -> None:
    """Under the supervisor too: both leave, nothing is started again and again."""
    assert bench.pb("service", "start").returncode == 0
    pids = [int((bench.home.root / name).read_text().split()[0]) for name in ("monitor.lock", "supervisor.pid")]
    while bench.home.root.exists():
        with contextlib.suppress(OSError):
            shutil.rmtree(bench.home.root)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 90)


def test_only_the_ledger_deleted_while_running(bench: Bench) -> None:
    """A new ledger begins from the baselines in memory.

    What was not yet written is in it, what was is not, and nothing is counted twice.
    """
    bench.monitor.start()
    bench.traffic()
    bench.monitor.written()
    gone = bench.monitor.committed()
    assert gone == bench.moved()
    bench.home.ledger.unlink()
    bench.traffic(2)
    bench.heard("is gone or was replaced; going on from memory")
    wait_until(lambda: bench.home.ledger.exists() and bench.monitor.state() is not None)
    bench.traffic()
    bench.before = bench.before._replace(
        rx_bytes=bench.before.rx_bytes + gone.rx, tx_bytes=bench.before.tx_bytes + gone.tx
    )
    wait_until(lambda: bench.monitor.committed() == bench.moved())
    assert stat.S_IMODE(bench.home.ledger.stat().st_mode) == 0o600
    bench.agrees()


def test_the_ledger_put_back_while_running(bench: Bench) -> None:
    """Deleted and replaced by an older copy of itself: what the copy lacks comes back, marked as estimated."""
    bench.monitor.start()
    bench.traffic()
    assert bench.monitor.stop() == 0
    copy = bench.home.root / "copy.db"
    shutil.copy(bench.home.ledger, copy)
    bench.monitor.start()
    bench.traffic(3)
    bench.monitor.written()
    with bench.frozen():  # what it finds between the steps would be another thing, or two
        for part in ("", "-wal", "-shm"):
            bench.home.ledger.with_name(bench.home.ledger.name + part).unlink()
        copy.rename(bench.home.ledger)
    bench.heard("going on from memory")
    bench.traffic()
    wait_until(lambda: bench.monitor.committed() == bench.moved())
    assert bench.told("bytes that the ledger lacked are booked again") == 1
    bench.agrees()
