"""Interfaces that are deleted, recreated, renamed, taken away: each identity's bytes count once, whatever its name."""

import socket
from pathlib import Path
from typing import NamedTuple

import pytest

from machine.monitor import Chatter, Monitor, Moved, moved
from machine.netns import UDP_OVERHEAD, Lab, Namespace, Wire, connect, requires_netns, wait_until
from machine.tuntap import Device

pytestmark = [pytest.mark.machine, requires_netns]


class Desk(NamedTuple):
    """A machine with one line, eth0, to a router, and the monitor that counts it."""

    host: Namespace
    wire: Wire
    monitor: Monitor

    def traffic(self, up: int = 0, down: int = 0, size: int = 1000) -> Moved:
        """Datagrams both ways; what the interface must have counted."""
        return Moved(self.wire.download(down, size), self.wire.upload(up, size))

    def kernel(self) -> Moved:
        """What eth0's counters hold, since they exist."""
        return moved(self.host.counters("eth0"))

    def unplugged(self) -> None:
        """Let the router forget its end's address, so that the wire can be connected again."""
        self.wire.router.ip("addr", "flush", "dev", self.wire.far)

    def recreate(self, index: int | None = None) -> None:
        """Delete eth0 and make another one of that name, in one go; its counters begin at zero."""
        wire = self.wire
        number = [] if index is None else ["index", str(index)]
        self.host.ip("link", "del", "eth0")
        peer = ["type", "veth", "peer", "name", wire.far, "netns", wire.router.name]
        self.host.ip("link", "add", "eth0", *number, *peer)
        connect(wire)
        self.host.default_via(wire.far_address, "eth0")


@pytest.fixture
def desk(lab: Lab, tmp_path: Path) -> Desk:
    host = lab.namespace("host")
    made = Desk(host, lab.wire(host, lab.namespace("router")), Monitor(host, tmp_path))
    made.monitor.start()
    return made


def test_deleted_and_recreated_while_running(desk: Desk) -> None:
    """The new eth0 is another identity: its bytes are added to the old one's, each time."""
    total = Moved(0, 0)
    for round_number in range(3):
        desk.traffic(up=90 - 20 * round_number, down=30 + 50 * round_number)
        desk.monitor.written()
        total += desk.kernel()
        desk.recreate()
    desk.traffic(up=8, down=4)
    desk.monitor.agrees(total + desk.kernel())
    assert desk.monitor.query("SELECT count(*) AS n FROM baselines WHERE name = 'eth0'") == [{"n": 4}]


@pytest.fixture
def slow(lab: Lab, tmp_path: Path) -> Desk:
    """A monitor that looks once a minute, so that everything passes between its looks."""
    host = lab.namespace("host")
    monitor = Monitor(host, tmp_path, poll_interval=60, batch_write_interval=3600)
    made = Desk(host, lab.wire(host, lab.namespace("router")), monitor)
    monitor.start()
    return made


def test_what_passed_just_before_an_interface_left_is_counted(lab: Lab, slow: Desk) -> None:
    """Bytes between the last look and an interface's leaving are in the kernel's farewell, and so in the ledger."""
    slow.traffic(up=222, down=333)
    expected = slow.kernel()
    slow.host.ip("link", "set", "eth0", "netns", lab.namespace("away").name)
    wait_until(lambda: slow.monitor.committed() == expected)
    assert slow.monitor.query("SELECT kind FROM interfaces WHERE name = 'eth0'") == [{"kind": "veth"}]
    slow.monitor.agrees(expected)
    assert len(slow.monitor.events("vanished")) == 1


def test_what_passed_just_before_a_line_was_hung_up_is_counted(lab: Lab, tmp_path: Path) -> None:
    """A dialled line that ends (its device is deleted) with bytes nobody looked at: all of them are counted."""
    host = lab.namespace("host")
    monitor = Monitor(host, tmp_path, poll_interval=60, batch_write_interval=3600)
    with Device(host, "ppp0") as line:
        host.ip("addr", "add", "10.9.0.2/24", "dev", "ppp0")
        host.ip("route", "add", "default", "dev", "ppp0")
        monitor.start()
        caller = host.socket(socket.SOCK_DGRAM)
        for _ in range(30):
            caller.sendto(bytes(500), ("203.0.113.7", 9))
            line.read()
            line.write(bytes.fromhex("45000024000000004011000000000000") + bytes(20))
        expected = moved(host.counters("ppp0"))
        assert expected == Moved(30 * 36, 30 * 528)
    wait_until(lambda: monitor.committed() == expected)
    monitor.agrees(expected)


def test_a_veth_that_ends_is_never_taken_for_a_reset(slow: Desk) -> None:
    """A deleted veth's received bytes are gone from its farewell: what it sent counts, nothing counts twice."""
    slow.traffic(up=222, down=333)
    slow.monitor.stop()
    slow.monitor.start()
    before = slow.kernel()
    slow.traffic(up=44, down=55)
    expected = Moved(before.rx, slow.kernel().tx)
    slow.host.ip("link", "del", "eth0")
    wait_until(lambda: slow.monitor.committed() == expected)
    slow.monitor.agrees(expected)
    assert slow.monitor.events("reset") == []


@pytest.mark.parametrize("datagrams", [20, 900], ids=["below", "past"])
def test_deleted_and_recreated_while_stopped(desk: Desk, datagrams: int) -> None:
    """Recreated while nothing ran, its counters below or already past the old ones: all of the new ones count."""
    old = desk.traffic(up=120, down=60)
    desk.monitor.stop()
    desk.recreate()
    new = desk.traffic(up=datagrams, down=2 * datagrams)
    assert desk.monitor.shown() == old + new
    desk.monitor.start()
    assert desk.monitor.committed() == old + new
    newer = desk.traffic(up=5)
    desk.monitor.agrees(old + new + newer)


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_the_same_index_again_and_past_the_old_bytes(desk: Desk, running: bool) -> None:
    """Name and index come back with more bytes in fewer packets: the packets tell the reset, all new bytes count."""
    index = desk.host.index("eth0")
    old = desk.traffic(up=200, down=100, size=100)
    desk.monitor.written()
    if running:
        with desk.monitor.frozen():  # so that it cannot see the counters in between
            desk.recreate(index)
            new = desk.traffic(up=100, down=50, size=1400)
        desk.monitor.written()
    else:
        desk.monitor.stop()
        desk.recreate(index)
        new = desk.traffic(up=100, down=50, size=1400)
        desk.monitor.start()
    assert desk.host.index("eth0") == index
    assert (new.rx > old.rx, new.tx > old.tx) == (True, True)
    assert len(desk.monitor.events("reset")) == 1
    desk.monitor.agrees(old + new)


def test_renamed_under_traffic(desk: Desk) -> None:
    """Renaming is no usage: the bytes go on under the new name, and those of both names sum to the kernel's."""
    with Chatter(desk.wire) as chatter:
        chatter.going(100)
        desk.host.ip("link", "set", "eth0", "name", "wan0")
        chatter.going(100)
        desk.monitor.written()
    expected = moved(desk.host.settle("wan0"))
    assert desk.monitor.shown("--interface", "wan0") != expected
    assert desk.monitor.shown("--interface", "eth0") + desk.monitor.shown("--interface", "wan0") == expected
    assert desk.monitor.events("renamed") == ["was eth0"]
    desk.monitor.agrees(expected)


def test_renamed_while_stopped_to_a_name_that_was_another_one(lab: Lab, desk: Desk) -> None:
    """Two links swap their names while nothing runs: each identity goes on from its own counters."""
    other = lab.wire(desk.host, lab.namespace("router"), near="eth1")
    other.upload(300)
    other.download(10)
    desk.traffic(up=20, down=400)
    desk.monitor.stop()
    for old, new in (("eth0", "spare"), ("eth1", "eth0"), ("spare", "eth1")):
        desk.host.ip("link", "set", old, "name", new)
    desk.monitor.start()
    other.upload(7)
    desk.traffic(up=9)
    kernel = moved(desk.host.counters("eth0")) + moved(desk.host.counters("eth1"))
    assert kernel == Moved(410 * (1000 + UDP_OVERHEAD), 336 * (1000 + UDP_OVERHEAD))
    desk.monitor.agrees(kernel)


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_gone_for_a_while_and_back(lab: Lab, desk: Desk, running: bool) -> None:
    """Moved to another namespace under traffic and back with its index: last minus first counter, nothing twice."""
    index = desk.host.index("eth0")
    away = lab.namespace("away")
    desk.traffic(up=70, down=50)
    desk.monitor.written()
    if not running:
        desk.monitor.stop()
    desk.traffic(up=11, down=13)
    desk.host.ip("link", "set", "eth0", "netns", away.name)
    if running:
        desk.monitor.written()
    elsewhere = desk.wire._replace(host=away)
    desk.unplugged()
    connect(elsewhere)
    elsewhere.upload(19)
    elsewhere.download(23)
    away.ip("link", "set", "eth0", "netns", desk.host.name)
    assert desk.host.index("eth0") == index
    desk.unplugged()
    connect(desk.wire)
    desk.host.default_via(desk.wire.far_address, "eth0")
    if not running:
        desk.monitor.start()
    desk.traffic(up=3, down=2)
    assert desk.kernel() == Moved(88 * (1000 + UDP_OVERHEAD), 103 * (1000 + UDP_OVERHEAD))
    desk.monitor.agrees(desk.kernel())
