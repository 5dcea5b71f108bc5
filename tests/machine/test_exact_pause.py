"""``pb service stop --pause``: what moved before is counted, what moves until the next start is not, to the byte."""

import random
import signal
import subprocess
import sys
import time

import pytest

from machine.monitor import NOTHING, Chatter, Monitor, Moved, moved
from machine.netns import Wire, requires_netns

pytestmark = [pytest.mark.machine, requires_netns]


def paused(monitor: Monitor) -> bool:
    """Whether the ledger says that counting rests."""
    state = monitor.state()
    assert state is not None
    return bool(state["machine"] == "paused")


def reap(monitor: Monitor) -> None:
    """The monitor that ``pb`` has stopped is a child of this test."""
    assert monitor.child.wait(30) == 0


def test_what_moves_while_paused_is_left_out(wire: Wire, monitor: Monitor) -> None:
    """Before, while and after: counted, left out, counted; shown and stored figures agree all the time."""
    monitor.start()
    wire.upload(150)
    wire.download(250)
    before = moved(wire.host.counters("eth0"))
    assert monitor.pb("service", "stop", "--pause")["paused"] is True
    reap(monitor)
    assert monitor.committed() == before
    wire.upload(31, 1200)
    wire.stream_down(2_000_000)
    assert monitor.shown() == before
    assert monitor.pb("service", "status")["state"] == "paused"
    left_out = wire.host.settle("eth0")
    monitor.start()
    assert (monitor.shown(), monitor.committed()) == (before, before)
    wire.download(17)
    wire.upload(5)
    now = wire.host.counters("eth0")
    monitor.agrees(before + moved(now, left_out))
    assert (len(monitor.events("paused")), len(monitor.events("resumed"))) == (1, 1)


def test_the_pause_is_not_observed(wire: Wire, monitor: Monitor) -> None:
    """Paused time is in no observed stretch: it reads as a gap, not as an idle hour."""
    monitor.start()
    wire.upload(10)
    monitor.pb("service", "stop", "--pause")
    reap(monitor)
    time.sleep(1.5)  # a pause has to last
    monitor.start()
    monitor.stop()
    stretches = monitor.query("SELECT start_ns, end_ns FROM watched ORDER BY id")
    covered = sum(row["end_ns"] - row["start_ns"] for row in stretches)
    whole = stretches[-1]["end_ns"] - stretches[0]["start_ns"]
    assert len(stretches) == 2
    assert whole - covered >= 1_500_000_000


def test_a_stop_and_later_a_pause(wire: Wire, monitor: Monitor) -> None:
    """What moved between a plain stop and the pause was promised to be counted, and is: the pause begins when asked."""
    monitor.start()
    wire.upload(20)
    monitor.stop()
    wire.download(40)
    before = moved(wire.host.counters("eth0"))
    for _ in range(2):
        monitor.pb("service", "stop", "--pause")
        assert monitor.committed() == before
        wire.download(60)
    left_out = wire.host.counters("eth0")
    monitor.start()
    wire.upload(3)
    monitor.agrees(before + moved(wire.host.counters("eth0"), left_out))


def test_under_traffic_every_byte_is_on_one_side(wire: Wire, monitor: Monitor) -> None:
    """Paused and started while bytes fly: what is stored is what the counters said at the looks of pause and start."""
    monitor.start()
    kept, ends = NOTHING, Moved(0, 0)
    with Chatter(wire) as chatter:
        for _ in range(3):
            chatter.going()
            monitor.pb("service", "stop", "--pause")
            reap(monitor)
            kept = kept + _since_origin(monitor)
            assert monitor.committed() == kept
            chatter.going()
            assert monitor.shown() == kept
            monitor.start()
            chatter.going()
    ends = moved(wire.host.settle("eth0"))
    assert monitor.stop() == 0
    assert monitor.committed() == kept + _since_origin(monitor)
    baseline = monitor.query("SELECT rx_bytes AS rx, tx_bytes AS tx FROM baselines WHERE name = 'eth0'")
    assert Moved(**baseline[0]) == ends
    monitor.audit()


def _since_origin(monitor: Monitor) -> Moved:
    """What the kernel counted between the first look after a start and the last one."""
    sql = "SELECT rx_bytes - origin_rx AS rx, tx_bytes - origin_tx AS tx FROM baselines WHERE name = 'eth0'"
    return Moved(**monitor.query(sql)[0])


@pytest.mark.parametrize("cuts", [5, pytest.param(60, marks=pytest.mark.long)])
def test_a_pause_that_is_killed_happened_or_did_not(wire: Wire, monitor: Monitor, cuts: int) -> None:
    """A kill -9 of the command at any moment: nothing is left out, or all of it; never a part, never twice."""
    monitor.start()
    wire.upload(10)
    monitor.stop()
    expected, seen = moved(wire.host.counters("eth0")), wire.host.counters("eth0")
    took = 0
    for number in range(cuts):
        wire.download(5)
        _cut_pause(monitor, _moment(number, cuts))
        resting = paused(monitor)
        took += resting
        if not resting:
            wire.upload(7)
        now = wire.host.counters("eth0")
        expected, seen = expected + moved(now, seen), now
        if resting:
            wire.upload(7)
            seen = wire.host.counters("eth0")
        assert monitor.shown() == expected
        monitor.start()
        assert monitor.stop() == 0
        assert monitor.committed() == expected
    assert 0 < took < cuts
    monitor.agrees(expected)


def _moment(number: int, of: int) -> float:
    """Seconds after which to kill: the first time before anything can have happened, the last time never."""
    if number in {0, of - 1}:
        return 20.0 if number else 0.001
    return random.Random(number).uniform(0.03, 0.2)  # noqa: S311 - moments, not secrets


def _cut_pause(monitor: Monitor, seconds: float) -> None:
    child = monitor.space.start(
        [sys.executable, "-m", "packetbuddy", "service", "stop", "--pause"],
        env=monitor._environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()


@pytest.mark.parametrize("kills", [5, pytest.param(60, marks=pytest.mark.long)])
def test_a_start_that_is_killed_goes_on_or_still_rests(wire: Wire, monitor: Monitor, kills: int) -> None:
    """A kill -9 of the monitor that ends a pause: before its first commit it still rests, after it all counts."""
    monitor.start()
    wire.upload(10)
    monitor.pb("service", "stop", "--pause")
    reap(monitor)
    expected = moved(wire.host.counters("eth0"))
    for number in range(kills):
        wire.download(5)
        seen = wire.host.counters("eth0")
        monitor.launch()
        time.sleep(random.Random(number).uniform(0.0, 0.25))  # noqa: S311 - a random moment is the point
        monitor.kill()
        resting = _rests(monitor)
        wire.upload(9)
        if not resting:
            expected = expected + moved(wire.host.counters("eth0"), seen)
        assert monitor.shown() == expected
        monitor.pb("service", "stop", "--pause")
        assert monitor.committed() == expected
    monitor.start()
    monitor.agrees(expected)


def _rests(monitor: Monitor) -> bool:
    if monitor.state() is None:  # killed while it recovered the write-ahead log
        return bool(monitor.pb("service", "status")["state"] == "paused")
    return paused(monitor)


def test_nothing_to_pause(monitor: Monitor) -> None:
    """Where nothing was ever counted there is nothing to leave out, and no ledger is made for it."""
    assert monitor.pb("service", "stop", "--pause")["paused"] is False
    assert not monitor.home.ledger.exists()
