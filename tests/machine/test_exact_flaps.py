"""Routes and links that come and go between two looks: what moved meanwhile counts, to the byte."""

import contextlib
import socket
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from machine.monitor import Monitor, Moved, moved
from machine.netns import Lab, Namespace, Wire, connect, connect_ipv6, requires_netns

pytestmark = [pytest.mark.machine, requires_netns]


class Desk(NamedTuple):
    """A machine with eth0 as its way out and eth1, which is none."""

    host: Namespace
    eth0: Wire
    eth1: Wire
    monitor: Monitor

    def kernel(self, *names: str) -> Moved:
        """What these interfaces counted since they exist."""
        total = Moved(0, 0)
        for name in names:
            total += moved(self.host.settle(name))
        return total


def desk_in(lab: Lab, folder: Path, *, ipv6: bool = False) -> Desk:
    host = lab.namespace("host", ipv6=ipv6)
    eth0, eth1 = (
        lab.wire(host, lab.namespace("router", ipv6=ipv6), near=name, default=name == "eth0")
        for name in ("eth0", "eth1")
    )
    return Desk(host, eth0, eth1, Monitor(host, folder))


@pytest.fixture
def desk(lab: Lab, tmp_path: Path) -> Desk:
    made = desk_in(lab, tmp_path)
    made.monitor.start()
    return made


def test_a_route_that_came_and_went_between_two_looks(desk: Desk) -> None:
    """The way out moves to eth1 and back while nobody looks: all that eth1 carried then counts."""
    idle = moved(desk.host.counters("eth1"))
    desk.eth0.upload(10)
    with desk.monitor.frozen():
        desk.host.ip("route", "replace", "default", "via", desk.eth1.far_address, "dev", "eth1", "metric", "1")
        desk.host.ip("route", "add", "default", "via", desk.eth1.far_address, "dev", "eth1", "metric", "9")
        desk.eth1.upload(200)
        desk.eth1.download(100)
        desk.host.ip("route", "del", "default", "metric", "9")
        desk.host.ip("route", "replace", "default", "via", desk.eth0.far_address, "dev", "eth0", "metric", "1")
    desk.monitor.written()
    total = desk.kernel("eth0", "eth1")
    assert idle == Moved(0, 0)
    desk.monitor.written()
    desk.monitor.written()
    desk.eth1.upload(50)  # no way out any more
    desk.monitor.agrees(total)


def test_a_route_that_flaps_all_the_time(lab: Lab, tmp_path: Path) -> None:
    """The way out jumps between two lines far faster than looks: what both carry counts."""
    desk = desk_in(lab, tmp_path)
    desk.monitor.configure(poll_interval=1, batch_write_interval=1)
    desk.monitor.start()
    began, hops = time.monotonic(), 0
    while hops < 100 or time.monotonic() - began < 3:
        ways = (desk.eth1, desk.eth0)
        way = ways[hops % 2]
        desk.host.ip("route", "replace", "default", "via", way.far_address, "dev", way.near, "metric", "1")
        for line in ways:  # between two hops as much on one as on the other, however long that takes
            line.upload(5)
            line.download(3)
        hops += 1
    desk.monitor.written()  # only the monitor heard of the hops; a reader knows of them what it wrote
    told, all_moved = desk.monitor.shown(), desk.kernel("eth0", "eth1")
    assert told.rx <= all_moved.rx
    assert told.tx <= all_moved.tx
    # On a busy machine there may be no hop between two looks, so that only one line leads out.
    assert told.rx >= 0.9 * all_moved.rx
    assert told.tx >= 0.9 * all_moved.tx
    desk.monitor.agrees(told)
    booked = desk.monitor.committed("eth0") + desk.monitor.committed("eth1")
    assert booked == all_moved  # counted or not, to the byte: nothing is lost


def test_an_ipv6_route_that_came_and_went_between_two_looks(lab: Lab, tmp_path: Path) -> None:
    """The same for a default route of IPv6 alone."""
    desk = desk_in(lab, tmp_path, ipv6=True)
    near, far = connect_ipv6(desk.eth1, default=False)
    desk.kernel("eth0", "eth1")
    start = moved(desk.host.counters("eth1"))
    desk.monitor.start()
    before = desk.monitor.shown()
    with desk.monitor.frozen():
        desk.host.ip("-6", "route", "add", "default", "via", far, "dev", "eth1")
        with contextlib.closing(desk.host.socket(socket.SOCK_DGRAM, family=socket.AF_INET6, bind=near)) as sender:
            for _ in range(60):
                sender.sendto(bytes(900), (far, 9))
        desk.host.ip("-6", "route", "del", "default", "via", far, "dev", "eth1")
    desk.monitor.written()
    moved_there = moved(desk.host.settle("eth1"))
    assert moved_there.tx - start.tx >= 60 * 900
    counted = desk.monitor.shown("--interface", "eth1")
    assert counted.tx >= 60 * 900
    assert desk.monitor.shown().tx - before.tx >= 60 * 900


def test_a_line_that_was_born_and_died_between_two_looks(lab: Lab, desk: Desk) -> None:
    """No look ever saw eth2 or its route; the kernel's farewell tells what it moved."""
    desk.eth0.upload(5)
    with desk.monitor.frozen():
        brief = lab.wire(desk.host, lab.namespace("router"), near="eth2")
        brief.upload(300)
        brief.download(200)
        expected = desk.kernel("eth2")
        desk.host.ip("link", "set", "eth2", "netns", lab.namespace("away").name)
    desk.monitor.agrees(desk.kernel("eth0") + expected)


def test_a_deleted_line_that_no_look_saw(lab: Lab, desk: Desk) -> None:
    """Deleted instead of moved: a veth's received bytes are empty by then, all that it sent counts."""
    with desk.monitor.frozen():
        brief = lab.wire(desk.host, lab.namespace("router"), near="eth2")
        brief.upload(300)
        expected = desk.kernel("eth2")
        desk.host.ip("link", "del", "eth2")
    desk.monitor.agrees(desk.kernel("eth0") + expected)


def test_the_same_index_again_with_more_of_everything(desk: Desk) -> None:
    """Recreated under its index with more bytes and packets while nobody looks: the old life and the new one count."""
    index, wire = desk.host.index("eth0"), desk.eth0
    wire.upload(20)
    desk.monitor.written()
    with desk.monitor.frozen():
        wire.upload(40)
        old = desk.kernel("eth0")
        desk.host.ip("link", "del", "eth0")
        peer = ["type", "veth", "peer", "name", wire.far, "netns", wire.router.name]
        desk.host.ip("link", "add", "eth0", "index", str(index), *peer)
        connect(wire)
        desk.host.default_via(wire.far_address, "eth0")
        wire.upload(500)
        wire.download(30)
    desk.monitor.written()
    assert desk.host.index("eth0") == index
    assert desk.monitor.events("reset") == ["the interface was recreated"]
    desk.monitor.agrees(old + desk.kernel("eth0"))


def test_moved_away_and_back_between_two_looks(lab: Lab, desk: Desk) -> None:
    """A visit to another namespace keeps index and counters: nothing counts twice."""
    away = lab.namespace("away")
    desk.eth0.upload(30)
    desk.monitor.written()
    with desk.monitor.frozen():
        desk.eth0.upload(7)
        desk.host.ip("link", "set", "eth0", "netns", away.name)
        away.ip("link", "set", "eth0", "netns", desk.host.name)
    desk.monitor.written()
    assert desk.monitor.events("reset") == []
    desk.monitor.agrees(desk.kernel("eth0"))
