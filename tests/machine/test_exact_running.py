"""A monitor that runs: equal to the kernel, to the byte, rx and tx apart, whatever passes over the line."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine.monitor import NOTHING, Chatter, Monitor, Moved, moved
from machine.netns import UDP_OVERHEAD, Lab, Namespace, Wire, connect_ipv6, requires_netns

pytestmark = [pytest.mark.machine, requires_netns]


@pytest.fixture
def monitor(host: Namespace, wire: Wire, tmp_path: Path) -> Monitor:  # noqa: ARG001 - the wire exists before it starts
    made = Monitor(host, tmp_path)
    made.start()
    return made


def test_steady_mixed_traffic(wire: Wire, monitor: Monitor) -> None:
    """Datagrams from tiny to fragmented and streams, both ways: the kernel's figures, and for datagrams our own sum."""
    up = wire.upload(300, 1000) + wire.upload(50, 1)
    down = wire.download(200, 1400) + wire.download(7, 18)
    assert monitor.shown() == Moved(down, up) == moved(wire.host.counters("eth0"))
    wire.upload(20, 30_000)
    wire.stream_up(3_000_000)
    wire.stream_down(9_000_000)
    wire.download(11, 20_000)
    expected = moved(wire.host.settle("eth0"))
    assert expected.tx > up + 3_600_000
    assert expected.rx > down + 9_200_000
    monitor.agrees(expected)


def test_every_look_under_traffic_lies_between_two_of_the_kernel(wire: Wire, monitor: Monitor) -> None:
    """Under traffic, what `pb today` says was true at a moment between the kernel's figures before and after asking."""
    with Chatter(wire) as chatter:
        for _ in range(3):
            chatter.going()
            before = moved(wire.host.counters("eth0"))
            told = monitor.shown()
            after = moved(wire.host.counters("eth0"))
            assert before.rx <= told.rx <= after.rx
            assert before.tx <= told.tx <= after.tx
    assert told.rx > NOTHING.rx
    monitor.agrees(moved(wire.host.settle("eth0")))


def speeds(wire: Wire) -> Iterator[float]:
    """Move 2.2 GB at a time, at most eight times; bytes per second of each."""
    for _ in range(8):
        began = time.monotonic()
        wire.stream_down(2_200_000_000)
        yield 2_200_000_000 / (time.monotonic() - began)


@contextlib.contextmanager
def hurried() -> Iterator[None]:
    """Inside, this thread and those it starts go before others, where that is allowed."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, usual)


def test_gigabytes_within_two_seconds(wire: Wire, monitor: Monitor) -> None:
    """At least 2 GB within two seconds, far beyond what the link claims and past 2**32, are counted, none doubted."""
    for space, link in ((wire.host, wire.near), (wire.router, wire.far)):
        space.ip("link", "set", link, "mtu", "65535")
    with hurried():
        fastest = 0.0
        for speed in speeds(wire):
            fastest = max(fastest, speed)
            if fastest > 1.05e9:
                break
    assert fastest >= 1e9, f"this machine moves only {fastest / 1e9:.2f} GB/s over a veth"
    wire.stream_up(5_000_000)
    expected = moved(wire.host.settle("eth0"))
    assert expected.rx > 2_200_000_000
    monitor.agrees(expected)


@pytest.mark.parametrize("seconds", [5, pytest.param(20, marks=pytest.mark.long)])
def test_a_stopped_process_catches_up(wire: Wire, monitor: Monitor, seconds: int) -> None:
    """Under traffic and SIGSTOP readers stay exact; afterwards all bytes are there, marked estimated, no false peak."""
    wire.upload(100)
    monitor.written()
    before = monitor.pb("today")
    with monitor.frozen():
        with Chatter(wire) as chatter:
            began = time.monotonic()
            while time.monotonic() - began < seconds:
                chatter.going(100)
        frozen = moved(wire.host.settle("eth0"))
        beat = monitor.state()
        assert monitor.shown() == frozen
        assert monitor.state() == beat, "it was not stopped at all"
    monitor.written()
    told = monitor.pb("today")
    assert told["estimated_bytes"] - before["estimated_bytes"] == sum(frozen) - before["total_bytes"]
    assert told["peak_speed"] == before["peak_speed"]
    assert monitor.committed() == frozen
    wire.download(60)
    monitor.agrees(moved(wire.host.counters("eth0")))


def test_ipv6_only_default_route(lab: Lab, tmp_path: Path) -> None:
    """An interface whose only default route is IPv6 counts, and its traffic is the kernel's to the byte."""
    host, router = lab.namespace("six", ipv6=True), lab.namespace("router", ipv6=True)
    for space in (host, router):  # membership reports are repeated at once, not within a second
        space.sysctl("net/ipv6/conf/default/mldv2_unsolicited_report_interval", 1)
    wire = lab.wire(host, router, default=False)
    near, far = connect_ipv6(wire)
    start = host.settle("eth0")
    monitor = Monitor(host, tmp_path)
    monitor.start()
    for source, target, datagrams in (((host, near), (router, far), 90), ((router, far), (host, near), 40)):
        sink = target[0].socket(socket.SOCK_DGRAM, family=socket.AF_INET6, bind=target[1])
        sender = source[0].socket(socket.SOCK_DGRAM, family=socket.AF_INET6, bind=source[1])
        for _ in range(datagrams):
            sender.sendto(bytes(900), sink.getsockname())
    expected = moved(host.settle("eth0"), start)
    assert expected.tx >= 90 * (900 + UDP_OVERHEAD + 20)
    assert expected.rx >= 40 * (900 + UDP_OVERHEAD + 20)
    reasons = {row["name"]: row for row in monitor.pb("interfaces")["interfaces"]}
    assert reasons["eth0"]["counted"] is True
    monitor.agrees(expected)


def test_appearing_later(lab: Lab, host: Namespace, tmp_path: Path) -> None:
    """A machine that is offline at the start: a link plugged in later counts from its first byte, another one too."""
    monitor = Monitor(host, tmp_path)
    monitor.start()
    assert monitor.shown() == NOTHING
    first = lab.wire(host, lab.namespace("router"))
    first.upload(33)
    first.download(44)
    assert monitor.shown() == moved(host.counters("eth0"))
    second = lab.wire(host, lab.namespace("router"), near="usb0")
    second.upload(55)
    second.download(66)
    expected = moved(host.counters("eth0")) + moved(host.counters("usb0"))
    assert expected == Moved(110 * (1000 + UDP_OVERHEAD), 88 * (1000 + UDP_OVERHEAD))
    monitor.agrees(expected)
    assert monitor.committed("usb0") == moved(host.counters("usb0"))
