"""A default route that moves between two uplinks: every byte that went the active way counts, and no other."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from machine.monitor import Monitor, Moved, moved
from machine.netns import UDP_OVERHEAD, Lab, Namespace, Wire, requires_netns, wait_until

pytestmark = [pytest.mark.machine, requires_netns]

SERVER = "203.0.113.7"
QUESTION, ANSWER = 600 + UDP_OVERHEAD, 1300 + UDP_OVERHEAD


class Desk(NamedTuple):
    """A machine between two routers that both lead to the same server; eth0 is the way out at first."""

    host: Namespace
    eth0: Wire
    eth1: Wire
    monitor: Monitor

    def kernel(self) -> Moved:
        """What both interfaces have counted since they exist."""
        return moved(self.host.counters("eth0")) + moved(self.host.counters("eth1"))

    def route_over(self, wire: Wire) -> None:
        """Move the default route, without a moment without one."""
        self.host.ip("route", "replace", "default", "via", wire.far_address, "dev", wire.near)


@pytest.fixture
def desk(lab: Lab, tmp_path: Path) -> Desk:
    host = lab.namespace("host")
    eth0, eth1 = (lab.wire(host, lab.namespace("router"), near=name, default=False) for name in ("eth0", "eth1"))
    for wire in (eth0, eth1):
        wire.router.ip("addr", "add", f"{SERVER}/32", "dev", "lo")
    made = Desk(host, eth0, eth1, Monitor(host, tmp_path))
    made.route_over(eth0)
    made.monitor.start()
    return made


@contextlib.contextmanager
def calling(desk: Desk) -> Iterator[None]:
    """Datagrams to the server by whatever route there is, and its answers the same way back, all the time."""
    with contextlib.ExitStack() as owned:
        caller = owned.enter_context(contextlib.closing(desk.host.socket(socket.SOCK_DGRAM, bind="0.0.0.0")))  # noqa: S104 - a namespace of our own
        servers = [
            owned.enter_context(contextlib.closing(wire.router.socket(socket.SOCK_DGRAM, bind=SERVER, port=5000)))
            for wire in (desk.eth0, desk.eth1)
        ]
        over = threading.Event()
        thread = threading.Thread(target=_call, args=(caller, servers, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _call(caller: socket.socket, servers: list[socket.socket], over: threading.Event) -> None:
    for server in servers:
        server.setblocking(False)
    while not over.wait(0.003):
        caller.sendto(bytes(QUESTION - UDP_OVERHEAD), (SERVER, 5000))
        for server in servers:
            with contextlib.suppress(BlockingIOError):
                _, sender = server.recvfrom(2000)
                server.sendto(bytes(ANSWER - UDP_OVERHEAD), sender)


def test_the_route_moves_in_mid_traffic(desk: Desk) -> None:
    """Back and forth under traffic: all that left by the route of the moment counts, and each line is the kernel's.

    An answer to what left just before a move may arrive on the line that is no longer the way out: recorded there.
    """
    with calling(desk):
        for wire in (desk.eth1, desk.eth0, desk.eth1, desk.eth0, desk.eth1):
            before = desk.host.counters(wire.near)
            desk.route_over(wire)
            goal = before.tx_bytes + 40 * QUESTION
            wait_until(lambda wire=wire, goal=goal: desk.host.counters(wire.near).tx_bytes > goal)  # type: ignore[misc]  # defaults hold this round's
    desk.host.settle("eth0")
    desk.host.settle("eth1")
    assert min(*moved(desk.host.counters("eth0")), *moved(desk.host.counters("eth1"))) > 50_000
    assert "counting eth1" in desk.monitor.events("uplink")
    counted, kernel = desk.monitor.shown(), desk.kernel()
    assert counted.tx == kernel.tx
    assert kernel.rx - counted.rx in range(0, 5 * ANSWER + 1, ANSWER)
    for name in ("eth0", "eth1"):
        assert desk.monitor.shown("--interface", name) == moved(desk.host.counters(name))
    desk.monitor.agrees(counted)


def test_a_line_that_is_not_the_way_out_is_recorded_but_not_counted(desk: Desk) -> None:
    """Bytes on a line while the route is elsewhere are kept apart: in `--interface`, not in the day's total."""
    desk.eth0.upload(30)
    desk.eth0.download(20)
    desk.eth1.upload(1000)  # never an uplink so far: not recorded at all
    desk.monitor.written()
    counted = moved(desk.host.counters("eth0"))
    stranger = desk.host.counters("eth1")
    desk.route_over(desk.eth1)
    desk.monitor.written()
    desk.eth1.upload(44)
    desk.eth1.download(55)
    counted += moved(desk.host.counters("eth1"), stranger)
    desk.eth0.upload(600)  # the LAN behind the old way out
    desk.eth0.download(700)
    assert desk.monitor.shown("--interface", "eth0") == moved(desk.host.counters("eth0"))
    assert desk.monitor.shown("--interface", "eth1") == moved(desk.host.counters("eth1"), stranger)
    desk.monitor.agrees(counted)
    assert desk.monitor.committed("eth0") == moved(desk.host.counters("eth0"))


def test_the_route_moves_while_nothing_runs(desk: Desk) -> None:
    """Moved between stop and start: what the old line had carried until then and all of the new one are counted."""
    with calling(desk):
        wait_until(lambda: desk.host.counters("eth0").tx_packets > 40)
        desk.monitor.stop()
        wait_until(lambda: desk.host.counters("eth0").tx_packets > 80)
        desk.route_over(desk.eth1)
        wait_until(lambda: desk.host.counters("eth1").tx_packets > 40)
        desk.monitor.start()
        wait_until(lambda: desk.host.counters("eth1").tx_packets > 80)
    desk.host.settle("eth0")
    desk.host.settle("eth1")
    desk.monitor.agrees(desk.kernel())


def test_two_default_routes_count_both(desk: Desk) -> None:
    """Two lines lead out at once (metrics): both count, each byte on the line that it took."""
    desk.host.ip("route", "add", "default", "via", desk.eth1.far_address, "dev", "eth1", "metric", "700")
    desk.monitor.written()
    desk.eth0.upload(12)
    desk.eth0.download(34)
    desk.eth1.upload(56)
    desk.eth1.download(78)
    desk.monitor.agrees(desk.kernel())
