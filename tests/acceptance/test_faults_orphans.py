"""Never two monitors on one ledger, whatever is deleted under them; nothing in a file's place holds anybody up."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.faults_bench import Bench, bench_in
from machine.monitor import moved
from machine.netns import requires_netns, wait_until
from packetbuddy.storage.lock import owner

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as made:
        yield made


def test_a_home_made_anew_belongs_to_the_new_monitor(bench: Bench) -> None:
    """The home is deleted and made again while a monitor sleeps: it leaves, the new one alone counts, nothing twice."""
    bench.monitor.start()
    bench.traffic()
    bench.monitor.written()
    first = bench.monitor.child
    with bench.monitor.frozen():
        shutil.rmtree(bench.home.root)
        bench.home.root.mkdir(mode=0o700)
        bench.monitor.configure(poll_interval=0.2, batch_write_interval=1)
        before = bench.host.settle("eth0")
        bench.monitor.start()
        bench.traffic(3)
        bench.monitor.written()
        second, bench.monitor._child = bench.monitor.child, first
    assert first.wait(30) == 0
    bench.monitor._child = second
    bench.heard("was deleted and made anew; leaving")
    bench.traffic()
    bench.monitor.agrees(moved(bench.host.counters("eth0"), before))


def test_a_deleted_lock_is_locked_anew(bench: Bench) -> None:
    """Without the lock's file the monitor makes it again, and a second monitor is still refused."""
    bench.monitor.start()
    first = bench.monitor.child
    bench.home.lock.unlink()
    wait_until(lambda: owner(bench.home.lock) == first.pid)  # it signs what it has locked
    bench.traffic()
    assert "another PacketBuddy monitor is running" in bench.refused(3)
    bench.monitor._child = first
    bench.agrees()


def test_a_lock_that_another_monitor_took_ends_the_first(bench: Bench) -> None:
    """A second monitor that got in by a deleted lock goes on alone; no byte is doubled."""
    bench.monitor.start()
    bench.traffic()
    bench.monitor.written()
    first = bench.monitor.child
    with bench.monitor.frozen():
        bench.home.lock.unlink()
        bench.monitor.start()
        bench.traffic()
        second, bench.monitor._child = bench.monitor.child, first
    assert first.wait(30) == 0
    bench.monitor._child = second
    bench.heard("belongs to another monitor now; leaving")
    bench.agrees()


def test_a_pipe_in_the_logs_place_holds_nobody_up(bench: Bench) -> None:
    """Where ``stderr.log`` is a named pipe the monitor counts and obeys TERM; ``pb service logs`` says why."""
    os.mkfifo(bench.home.stderr_log)
    bench.monitor.start()
    bench.traffic()
    assert bench.pb("service", "logs").returncode == 1
    assert bench.monitor.stop() == 0
    bench.home.stderr_log.unlink()
    bench.agrees()


def test_a_pipe_in_the_ledgers_place_is_told(bench: Bench) -> None:
    """Commands say in one line that the ledger is no file, instead of waiting for it for ever."""
    os.mkfifo(bench.home.ledger)
    assert "is not a file" in bench.pb("today").stderr
    assert bench.pb("service", "status").stderr == ""
    bench.home.ledger.unlink()


def test_links_in_the_home_are_not_followed(bench: Bench, tmp_path: Path) -> None:
    """A link in the log's place does not let the monitor write into what it points to."""
    victim = tmp_path / "victim"
    victim.write_text("untouched", encoding="utf-8")
    bench.home.stderr_log.symlink_to(victim)
    bench.monitor.start()
    assert bench.monitor.stop() == 0
    assert victim.read_text(encoding="utf-8") == "untouched"
    bench.home.stderr_log.unlink()
    bench.home.lock.unlink()
    bench.home.lock.symlink_to(victim)
    assert "cannot be opened" in bench.refused(78)
    assert victim.read_text(encoding="utf-8") == "untouched"
