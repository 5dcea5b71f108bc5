"""What signals, edits of the settings, a second start and a locked ledger do to a real monitor: nothing is lost."""

import contextlib
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from machine.monitor import QUICK, Monitor, moved
from machine.netns import Namespace, Wire, requires_netns, wait_until
from unit.calm import Stopwatch

pytestmark = [pytest.mark.machine, requires_netns]

LEAVES_WITHIN = 1.0


@pytest.fixture
def slow(host: Namespace, wire: Wire, tmp_path: Path) -> Monitor:  # noqa: ARG001 - the wire exists before it starts
    """A monitor that would look and write only much later by itself."""
    made = Monitor(host, tmp_path, poll_interval=60, batch_write_interval=3600)
    made.start()
    return made


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_flushes_and_ends_it_at_once(wire: Wire, slow: Monitor, number: signal.Signals) -> None:
    """TERM and INT: a last look, a last write, code 0, all within a second; the state row says when it stopped."""
    wire.upload(77)
    wire.download(88)
    watch, asked = Stopwatch(), time.time_ns()
    assert slow.stop(number) == 0
    assert watch.seconds < LEAVES_WITHIN
    assert ((slow.state() or {})["stopped_ns"] or 0) >= asked
    assert slow.log()[-1].endswith(" info stopped")
    slow.agrees(moved(wire.host.counters("eth0")))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_amid_changing_links_is_heeded_at_once(
    host: Namespace, wire: Wire, slow: Monitor, number: signal.Signals
) -> None:
    """Right after a change of links the loop is calm for a moment; a signal then does not wait for the next poll."""
    wire.upload(19)
    slow.configure(**QUICK)
    host.ip("link", "add", "ifb7", "type", "ifb")
    time.sleep(0.03)  # not to wait for anything: the moment in which the loop is calm is what is tested
    slow.child.send_signal(number)
    if number == signal.SIGHUP:
        wait_until(lambda: (slow.state() or {})["poll_ns"] == 200_000_000)
        slow.child.send_signal(signal.SIGTERM)
    watch = Stopwatch()
    assert slow.child.wait(30) == 0
    assert watch.seconds < LEAVES_WITHIN
    slow.agrees(moved(wire.host.counters("eth0")))


def test_hup_reloads_the_settings(wire: Wire, slow: Monitor) -> None:
    """A new pace takes effect at once, not at the next write an hour later, and nothing moves by it."""
    wire.upload(9)
    assert (slow.state() or {})["poll_ns"] == 60_000_000_000
    slow.configure(poll_interval=0.25, batch_write_interval=1)
    slow.child.send_signal(signal.SIGHUP)
    wait_until(lambda: (slow.state() or {})["poll_ns"] == 250_000_000)
    assert (slow.state() or {})["write_ns"] == 1_000_000_000
    slow.written()
    assert len([line for line in slow.log() if " info settings read again" in line]) == 1
    slow.agrees(moved(wire.host.counters("eth0")))


def test_a_broken_edit_keeps_the_last_good_settings(host: Namespace, wire: Wire, tmp_path: Path) -> None:
    """One line in the log however often it is read, the problem in the state row, the old pace; mended, it is gone."""
    monitor = Monitor(host, tmp_path)
    monitor.start()
    wire.download(21)
    monitor.configure(**QUICK, max_rate="fast")
    wait_until(lambda: (monitor.state() or {})["problem"] is not None)
    for _ in range(3):
        monitor.child.send_signal(signal.SIGHUP)
    monitor.written()
    state = monitor.state() or {}
    assert "max_rate" in state["problem"]
    assert (state["poll_ns"], state["write_ns"]) == (200_000_000, 1_000_000_000)
    complaints = [line for line in monitor.log() if " warning " in line]
    assert len(complaints) == 1
    assert "max_rate" in complaints[0]
    assert "keeping the last good settings" in complaints[0]
    monitor.configure(poll_interval=0.3, batch_write_interval=1)
    monitor.child.send_signal(signal.SIGHUP)
    wait_until(lambda: (monitor.state() or {})["poll_ns"] == 300_000_000)
    assert (monitor.state() or {})["problem"] is None
    monitor.agrees(moved(wire.host.counters("eth0")))


def test_a_broken_file_at_the_start_is_told(host: Namespace, wire: Wire, tmp_path: Path) -> None:
    """A mistake that was there before the start: what is good in the file holds, one line and the state row say so."""
    monitor = Monitor(host, tmp_path, max_rate="fast")
    monitor.start()
    wire.upload(5)
    state = monitor.state() or {}
    assert "max_rate" in state["problem"]
    assert state["poll_ns"] == 200_000_000
    assert len([line for line in monitor.log() if "max_rate" in line]) == 1
    monitor.configure(**QUICK)
    monitor.agrees(moved(wire.host.counters("eth0")))


def test_a_second_monitor_leaves_with_one_clear_line(wire: Wire, slow: Monitor) -> None:
    """The second one says who runs and exits 3; the first one goes on undisturbed."""
    first = slow.child
    told = slow.errors.read_text("utf-8")
    second = slow.launch()
    assert second.wait(30) == 3
    added = slow.errors.read_text("utf-8").removeprefix(told).splitlines()
    assert len(added) == 1
    assert f"another PacketBuddy monitor is running (pid {first.pid})" in added[0]
    assert first.poll() is None
    slow._child = first
    wire.upload(13)
    slow.agrees(moved(wire.host.counters("eth0")))


def test_a_stop_while_the_ledger_is_locked(wire: Wire, slow: Monitor) -> None:
    """It leaves within about a second, says what it could not write, and the next start counts it."""
    wire.upload(100)
    wire.download(50)
    with contextlib.closing(sqlite3.connect(slow.home.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        watch = Stopwatch()
        assert slow.stop() == 0
        assert watch.seconds < LEAVES_WITHIN + 0.5
        other.execute("ROLLBACK")
    assert "counted at the next start" in slow.log()[-1]
    assert sum(slow.committed()) == 0
    expected = moved(wire.host.counters("eth0"))
    assert slow.shown() == expected
    slow.start()
    assert slow.committed() == expected
    slow.agrees(expected)
