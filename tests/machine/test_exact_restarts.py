"""A monitor that comes and goes: stopped, killed, started late; no byte is lost, doubled or invented by it."""

import random
import time
from pathlib import Path

import pytest

from machine.monitor import NOTHING, Chatter, Monitor, moved
from machine.netns import Lab, Namespace, Wire, requires_netns, wait_until

pytestmark = [pytest.mark.machine, requires_netns]


def test_stop_traffic_start(wire: Wire, monitor: Monitor) -> None:
    """What moves while nothing runs is shown at once and counted at the next start; a stop changes nothing."""
    monitor.start()
    wire.upload(150)
    wire.download(250)
    while_running = moved(wire.host.counters("eth0"))
    assert monitor.stop() == 0
    assert monitor.committed() == while_running
    wire.upload(31, 1200)
    wire.stream_down(2_000_000)
    expected = moved(wire.host.settle("eth0"))
    assert monitor.shown() == expected
    assert monitor.committed() == while_running
    monitor.start()
    assert monitor.committed() == expected
    wire.download(17)
    monitor.agrees(moved(wire.host.counters("eth0")))


def test_an_idle_machine_with_three_clean_restarts(wire: Wire, monitor: Monitor) -> None:
    """With nothing moving, starting and stopping changes no total and adds no row of usage."""
    monitor.start()
    wire.upload(40)
    wire.download(90)
    monitor.stop()
    expected = moved(wire.host.counters("eth0"))
    rows = monitor.query("SELECT * FROM slots")
    for _ in range(3):
        monitor.start()
        assert monitor.shown() == expected
        assert monitor.stop() == 0
        assert monitor.committed() == expected
    assert monitor.query("SELECT * FROM slots") == rows
    assert moved(wire.host.counters("eth0")) == expected
    monitor.agrees(expected)


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.long)])
def test_kill_at_random_moments_under_traffic(wire: Wire, monitor: Monitor, kills: int) -> None:
    """Killed again and again, in start-up, between writes and in them: in the end exactly the kernel's figures."""
    began = time.monotonic()
    monitor.start()
    longest = max(1.0, 2 * (time.monotonic() - began))
    beats = set()
    with Chatter(wire) as chatter:
        for number in range(kills):
            if number % 2:  # on a busy machine, too, some live to write
                monitor.written()
            moment = time.monotonic() + random.uniform(0.05, longest)  # noqa: S311 - any moment will do
            wait_until(lambda until=moment: time.monotonic() >= until)  # type: ignore[misc]  # a default holds the moment
            monitor.kill()
            beats.add((monitor.state() or {})["heartbeat_ns"])
            if number % 5 == 0:
                chatter.going()
                before = moved(wire.host.counters("eth0"))
                told = monitor.shown()
                after = moved(wire.host.counters("eth0"))
                assert before.rx <= told.rx <= after.rx
                assert before.tx <= told.tx <= after.tx
            monitor.launch()
    assert len(beats) > kills // 3, "hardly any of these monitors lived long enough to write"
    expected = moved(wire.host.settle("eth0"))
    assert min(expected) > 100_000
    monitor.kill()
    monitor.start()
    assert monitor.committed() == expected
    monitor.agrees(expected)


def test_what_the_counters_held_before_the_first_start_is_not_counted(wire: Wire, monitor: Monitor) -> None:
    """A first start finds counters that run since long ago: nothing is invented, later bytes count from there."""
    wire.upload(500, 1300)
    wire.stream_down(5_000_000)
    before = wire.host.settle("eth0")
    monitor.start()
    assert monitor.shown() == NOTHING
    assert monitor.committed() == NOTHING
    wire.upload(3)
    wire.download(5)
    monitor.agrees(moved(wire.host.counters("eth0"), before))


def test_the_first_start_amid_traffic(wire: Wire, monitor: Monitor) -> None:
    """A first start under traffic counts no more than moved since it was launched and no less than since it looked."""
    with Chatter(wire) as chatter:
        chatter.going(100)
        earliest = wire.host.counters("eth0")
        monitor.start()
        latest = wire.host.counters("eth0")
        chatter.going(100)
    now = wire.host.settle("eth0")
    told = monitor.shown()
    assert moved(now, latest).rx <= told.rx <= moved(now, earliest).rx
    assert moved(now, latest).tx <= told.tx <= moved(now, earliest).tx
    monitor.agrees(told)


class Box:
    """A container: a new namespace whose only line is an eth0 that always has the same index."""

    def __init__(self, lab: Lab, router: Namespace) -> None:
        self.space = lab.namespace("box")
        self.wire = lab.wire(self.space, router)


def test_a_container_restart(lab: Lab, tmp_path: Path) -> None:
    """Same home, boot, name and index, new namespace: its counters began with it and all count, also past the old ones.

    Back in the first one, counting goes on from where that one stood.
    """
    router = lab.namespace("router")
    first, second = Box(lab, router), Box(lab, router)
    assert first.space.index("eth0") == second.space.index("eth0")
    monitor = Monitor(first.space, tmp_path)
    monitor.start()
    first.wire.upload(60)
    first.wire.download(80)
    monitor.stop()
    in_first = moved(first.space.counters("eth0"))
    second.wire.upload(600)
    second.wire.download(10)
    monitor.space = second.space
    monitor.start()
    in_second = moved(second.space.counters("eth0"))
    assert monitor.committed() == in_first + in_second
    second.wire.upload(25)
    first.wire.download(35)
    monitor.agrees(in_first + moved(second.space.counters("eth0")))
    monitor.space = first.space
    monitor.start()
    monitor.agrees(moved(first.space.counters("eth0")) + moved(second.space.counters("eth0")))
