"""Real interfaces, real routes, the real probe: what counts is what the world outside saw, to the byte."""

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from machine.netns import Lab, Namespace, Traffic, Wire, requires_netns
from machine.tuntap import Device, vpn
from packetbuddy.metering.readings import Reading
from packetbuddy.metering.uplinks import Choice, resolve
from packetbuddy.probes import open_probe
from packetbuddy.probes.face import Probe

pytestmark = [pytest.mark.machine, requires_netns]

SERVER = "203.0.113.7"
UP, DOWN = 41, 23
"""Datagrams sent each way: different, so that swapped directions show."""


class Home(NamedTuple):
    """A machine whose line, a veth named eth0, ends in a router."""

    host: Namespace
    router: Namespace
    wire: Wire

    def look(self, probe: Probe) -> tuple[Traffic, Reading]:
        """What the router's end of the line saw, and a reading, of one still moment."""
        while True:
            outside, reading = self.router.settle(self.wire.far), probe.look()
            if self.router.counters(self.wire.far) == outside:
                return outside, reading


@pytest.fixture
def home(lab: Lab) -> Home:
    host, router = lab.namespace("host"), lab.namespace("router")
    return Home(host, router, lab.wire(host, router))


class End(NamedTuple):
    """Where datagrams come from or go to."""

    space: Namespace
    address: str


def send(source: End, target: End, datagrams: int, size: int = 700) -> None:
    """Move UDP datagrams and take them out at the other end, so that nothing answers and nothing is lost."""
    with (
        contextlib.closing(target.space.socket(socket.SOCK_DGRAM, bind=target.address)) as sink,
        contextlib.closing(source.space.socket(socket.SOCK_DGRAM, bind=source.address)) as sender,
    ):
        sink.settimeout(10)
        sender.connect(sink.getsockname())
        for _ in range(datagrams):
            sender.send(bytes(size))
            assert len(sink.recv(size + 1)) == size


def both_ways(inside: End, outside: End) -> None:
    send(inside, outside, UP)
    send(outside, inside, DOWN, 300)


@contextlib.contextmanager
def probing(space: Namespace) -> Iterator[Probe]:
    with space.entered():
        probe = open_probe()
    with contextlib.closing(probe):
        yield probe


def choose(reading: Reading) -> Choice:
    return resolve(reading.links, reading.routes, None)


def names(choice: Choice) -> set[str]:
    return {made.name for made in choice.decisions if made.counted}


def moved(before: Reading, after: Reading, counted: frozenset[int]) -> tuple[int, int]:
    """Bytes received and sent on the counted interfaces between two readings."""
    earlier = {link.identity: link.counters for link in before.links}
    pairs = [(earlier[link.identity], link.counters) for link in after.links if link.identity in counted]
    return sum(b.rx_bytes - a.rx_bytes for a, b in pairs), sum(b.tx_bytes - a.tx_bytes for a, b in pairs)


def check(home: Home, counts: set[str], traffic: Callable[[], None]) -> Choice:
    """Under this traffic exactly these interfaces count, and their sum is what the router's end saw, both ways."""
    with probing(home.host) as probe:
        outside_before, before = home.look(probe)
        choice = choose(before)
        assert names(choice) == counts, choice.decisions
        traffic()
        outside_after, after = home.look(probe)
    outside = outside_after.since(outside_before)
    assert choose(after).counted == choice.counted
    assert outside.rx_bytes > UP * 700
    assert outside.tx_bytes > DOWN * 300
    assert moved(before, after, choice.counted) == (outside.tx_bytes, outside.rx_bytes)
    return choice


def ends(home: Home) -> tuple[End, End]:
    return End(home.host, home.wire.near_address), End(home.router, home.wire.far_address)


def neighbours(one: tuple[Namespace, str, str], other: tuple[Namespace, str, str]) -> None:
    """Each end (namespace, interface, address) knows the other's hardware address: no ARP."""
    for (space, link, _), (far, far_link, far_address) in ((one, other), (other, one)):
        space.ip("neigh", "replace", far_address, "lladdr", far.mac(far_link), "dev", link, "nud", "permanent")


def test_a_container_whose_only_line_is_a_veth(home: Home) -> None:
    """In a container the veth to the outside is the uplink, without doubt."""
    choice = check(home, {"eth0"}, lambda: both_ways(*ends(home)))
    assert not any(made.uncertain for made in choice.decisions)


@pytest.mark.parametrize("name", ["tun0", "ppp0", "tailscale0", "wg0", "br-1234", "virbr0", "docker0", "lo0", "awdl0"])
def test_the_line_counts_whatever_its_name(lab: Lab, name: str) -> None:
    """A name says nothing: an uplink that is called like a tunnel or a bridge counts in full."""
    host, router = lab.namespace("host"), lab.namespace("router")
    home = Home(host, router, lab.wire(host, router, near=name))
    check(home, {name}, lambda: both_ways(*ends(home)))


def test_others_do_not_count_whatever_their_names(lab: Lab, home: Home) -> None:
    """Bridges, pairs and taps with telling names and traffic of their own, but no default route, add nothing."""
    neighbour = lab.namespace("neighbour")
    pairs = [lab.wire(home.host, neighbour, near=name, default=False) for name in ("tailscale0", "ppp0", "docker0")]
    bridged = [lab.wire(home.host, neighbour, near=f"port{at}", default=False) for at in range(3)]
    for wire, bridge in zip(bridged, ("br-1234", "virbr0", "wg0"), strict=True):
        put_into_bridge(wire, bridge)
    with Device(home.host, "tun0") as tun:
        home.host.ip("addr", "add", "10.98.0.1/24", "dev", "tun0")

        def traffic() -> None:
            for wire in (*pairs, *bridged):
                both_ways(End(home.host, wire.near_address), End(neighbour, wire.far_address))
            with contextlib.closing(home.host.socket(socket.SOCK_DGRAM)) as sender:
                sender.sendto(bytes(500), ("10.98.0.9", 9))
            assert len(tun.read()) == 500 + 28
            both_ways(*ends(home))

        check(home, {"eth0"}, traffic)
    assert home.host.counters("virbr0").tx_bytes > UP * 700


def put_into_bridge(wire: Wire, bridge: str, *more: str) -> None:
    """Make the near end (and ``more``) ports of a new bridge, which takes over address and hardware address."""
    host = wire.host
    mac = host.mac(wire.near)
    host.ip("link", "add", bridge, "address", mac, "type", "bridge", "mcast_snooping", "0")
    host.ip("addr", "flush", "dev", wire.near)
    for port in (wire.near, *more):
        host.ip("link", "set", port, "master", bridge)
    host.ip("link", "set", bridge, "up")
    host.ip("addr", "add", f"{wire.near_address}/24", "dev", bridge)
    neighbours((host, bridge, wire.near_address), (wire.router, wire.far, wire.far_address))


@pytest.mark.parametrize("def1", [True, False])
def test_a_userspace_vpn(home: Home, def1: bool) -> None:
    """All goes through a TUN device and comes out of eth0 again, wrapped: eth0 counts, the tunnel does not."""
    home.router.ip("addr", "add", SERVER, "dev", "lo")
    home.host.ip("route", "add", SERVER, "via", home.wire.far_address, "dev", "eth0")
    with vpn(home.host, home.router, at=SERVER):
        if def1:
            home.host.ip("route", "add", "0.0.0.0/1", "dev", "tun0")
            home.host.ip("route", "add", "128.0.0.0/1", "dev", "tun0")
        else:
            home.host.ip("route", "del", "default")
            home.host.ip("route", "add", "default", "dev", "tun0")
        tunnel = End(home.host, "10.99.0.2"), End(home.router, "10.99.0.1")
        choice = check(home, {"eth0"}, lambda: both_ways(*tunnel))
        assert home.host.counters("tun0").tx_bytes > UP * 700
    assert {made.name: made.reason for made in choice.decisions}["tun0"] == "tunnel: its packets already count on eth0"


@pytest.mark.parametrize("bound", [True, False])
def test_vxlan(home: Home, bound: bool) -> None:
    """A kernel tunnel with the default route counts on the line it runs over, found by its device or its far end."""
    for space, link, remote, address in (
        (home.host, "eth0", home.wire.far_address, "10.97.0.2/24"),
        (home.router, home.wire.far, home.wire.near_address, "10.97.0.1/24"),
    ):
        device = ("dev", link) if bound else ()
        options = ("id", "7", "remote", remote, "dstport", "4789", *device, "nolearning")
        space.ip("link", "add", "vxlan0", "type", "vxlan", *options)
        space.ip("link", "set", "vxlan0", "up")
        space.ip("addr", "add", address, "dev", "vxlan0")
    neighbours((home.host, "vxlan0", "10.97.0.2"), (home.router, "vxlan0", "10.97.0.1"))
    home.host.ip("route", "replace", "default", "via", "10.97.0.1", "dev", "vxlan0", "metric", "1")
    tunnel = End(home.host, "10.97.0.2"), End(home.router, "10.97.0.1")
    check(home, {"eth0"}, lambda: both_ways(*tunnel))
    home.host.ip("route", "flush", "0/0", "exact", "0/0")
    home.host.ip("route", "add", "default", "via", "10.97.0.1", "dev", "vxlan0")
    check(home, {"eth0"}, lambda: both_ways(*tunnel))


def test_macvlan(home: Home) -> None:
    """A macvlan with the default route counts itself; when its parent has one too, only the parent does."""
    home.host.ip("link", "add", "mv0", "link", "eth0", "type", "macvlan", "mode", "bridge")
    home.host.ip("addr", "flush", "dev", "eth0")
    home.host.ip("link", "set", "mv0", "up")
    home.host.ip("addr", "add", f"{home.wire.near_address}/24", "dev", "mv0")
    neighbours((home.host, "mv0", home.wire.near_address), (home.router, home.wire.far, home.wire.far_address))
    home.host.default_via(home.wire.far_address, "mv0")
    check(home, {"mv0"}, lambda: both_ways(*ends(home)))
    home.host.ip("route", "add", "default", "dev", "eth0", "metric", "99")
    check(home, {"eth0"}, lambda: both_ways(*ends(home)))


def test_a_bridge_with_the_line_as_a_port(home: Home) -> None:
    """A bridge with a virtual machine's tap: the host's bytes and the guest's pass the line, so the line counts."""
    with Device(home.host, "vnet0", tap=True) as guest:
        put_into_bridge(home.wire, "br0", "vnet0")
        home.host.default_via(home.wire.far_address, "br0")
        mac, guest_address = bytes.fromhex("02000000 0a01"), "10.73.1.77"
        home.router.ip("neigh", "add", guest_address, "lladdr", mac.hex(":"), "dev", home.wire.far, "nud", "permanent")

        def traffic() -> None:
            both_ways(*ends(home))
            router_mac = bytes.fromhex(home.router.mac(home.wire.far).replace(":", ""))
            for _ in range(UP):
                guest.write(router_mac + mac + struct.pack("!H", 0x88B5) + bytes(900))
            with contextlib.closing(home.router.socket(socket.SOCK_DGRAM)) as sender:
                sender.sendto(bytes(600), (guest_address, 9))
            while guest.read()[:6] != mac:
                pass

        choice = check(home, {"eth0"}, traffic)
        assert home.host.counters("br0").tx_bytes < home.host.counters("eth0").tx_bytes
    assert {made.name: made.reason for made in choice.decisions}["vnet0"] == "port of br0; counted on eth0"


def test_a_docker_host_and_its_container(lab: Lab, home: Home) -> None:
    """Forwarded bytes count once on the host, on its line; the container, asked itself, counts the same on its own."""
    container = lab.namespace("container")
    inner = lab.wire(container, home.host)
    host_end = inner.far
    home.host.ip("link", "add", "docker0", "address", home.host.mac(host_end), "type", "bridge")
    home.host.ip("addr", "flush", "dev", host_end)
    home.host.ip("link", "set", host_end, "master", "docker0")
    home.host.ip("link", "set", "docker0", "up")
    home.host.ip("addr", "add", f"{inner.far_address}/24", "dev", "docker0")
    neighbours((home.host, "docker0", inner.far_address), (container, "eth0", inner.near_address))
    home.host.sysctl("net/ipv4/ip_forward", 1)
    home.router.ip("route", "add", f"{inner.near_address}/32", "via", home.wire.near_address)
    inside, outside = End(container, inner.near_address), End(home.router, home.wire.far_address)
    check(home, {"eth0"}, lambda: both_ways(inside, outside))
    check(Home(container, home.host, inner), {"eth0"}, lambda: both_ways(inside, outside))


def test_offline_nothing_counts(home: Home) -> None:
    """Without a default route LAN traffic is not taken for internet traffic."""
    home.host.ip("route", "del", "default")
    with probing(home.host) as probe:
        choice = choose(probe.look())
    assert names(choice) == set()
    assert {made.reason for made in choice.decisions} == {"loopback never counts", "no default route anywhere: offline"}


def test_ipv6_only(lab: Lab) -> None:
    """An IPv6 default route alone makes an uplink."""
    host, router = lab.namespace("host", ipv6=True), lab.namespace("router", ipv6=True)
    wire = lab.wire(host, router, default=False)
    host.ip("-6", "addr", "add", "2001:db8:7::2/64", "dev", "eth0", "nodad")
    host.ip("-6", "route", "add", "default", "via", "2001:db8:7::1", "dev", "eth0")
    with probing(host) as probe:
        assert names(choose(probe.look())) == {wire.near}
