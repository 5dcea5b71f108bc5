import pytest

from machine.netns import Lab, Namespace, Wire, connect_ipv6, requires_netns
from machine.probing import by_name, open_descriptors, rest, routes, wakes
from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Route
from packetbuddy.probes.linux import LinuxProbe, open_linux
from packetbuddy.probes.netlink import NetlinkRefusedError

pytestmark = [pytest.mark.machine, requires_netns]


@pytest.mark.parametrize(
    "change",
    [
        ("link", "set", "eth0", "down"),
        ("link", "add", "extra", "type", "ifb"),
        ("route", "add", "198.51.100.0/24", "via", "10.73.1.1"),
        ("route", "del", "default"),
        ("link", "del", "eth0"),
    ],
)
@pytest.mark.usefixtures("wire")
def test_changes_of_links_and_routes_wake(host: Namespace, probe: LinuxProbe, change: tuple[str, ...]) -> None:
    """The descriptor is silent at rest, readable after a change, silent again after the look that saw it."""
    rest(probe)
    host.ip(*change)
    assert wakes(probe, 5)
    rest(probe)


def test_traffic_wakes_nobody(wire: Wire, probe: LinuxProbe) -> None:
    """Bytes are no change: an idle loop stays idle however much moves."""
    rest(probe)
    wire.upload(50)
    assert not wakes(probe)


def test_routes_follow_their_notices(host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """Added, removed, and gone with their interface, which the kernel does not announce for IPv4."""
    index = host.index("eth0")
    assert routes(probe) == {(4, 0, index), (4, 24, index)}
    host.ip("route", "add", "0.0.0.0/1", "via", wire.far_address)
    host.ip("route", "add", "128.0.0.0/1", "via", wire.far_address)
    assert (4, 1, index) in routes(probe)
    wire.pause()
    assert routes(probe) == set()


def test_ipv6_only_routes(lab: Lab) -> None:
    """A default route of IPv6 alone is found, and its arrival wakes."""
    host, router = lab.namespace("host", ipv6=True), lab.namespace("router", ipv6=True)
    with host.entered():
        probe = open_linux()
    assert isinstance(probe, LinuxProbe)
    wire = lab.wire(host, router, default=False)
    host.ip("addr", "flush", "dev", "eth0")
    probe.look()
    connect_ipv6(wire)
    assert wakes(probe, 5)
    found = [route for route in probe.look().routes or () if route.length == 0]
    probe.close()
    assert found == [Route(6, 0, 0, host.index("eth0"), gateway=True, metric=1024)]


def test_all_tables_and_no_rejecting_routes(host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """Policy tables count, multipath is several, blackhole and friends are none, metrics are told."""
    host.ip("link", "add", "eth1", "type", "ifb")
    host.ip("link", "set", "eth1", "up")
    host.ip("route", "add", "default", "dev", "eth0", "table", "1000")
    hops = ("nexthop", "via", wire.far_address, "dev", "eth0", "nexthop", "dev", "eth1")
    host.ip("route", "add", "203.0.113.0/24", "metric", "7", *hops)
    for kind in ("blackhole", "unreachable", "prohibit", "throw"):
        host.ip("route", "add", kind, "default", "table", "2000")
        host.ip("route", "del", kind, "default", "table", "2000")
    host.ip("route", "add", "blackhole", "default", "metric", "9999")
    eth0, eth1 = host.index("eth0"), host.index("eth1")
    found = probe.look().routes or ()
    assert {route for route in found if route.length == 0} == {
        Route(4, 0, 0, eth0, gateway=True, metric=1),
        Route(4, 0, 0, eth0, gateway=False, table=1000),
    }
    network = int.from_bytes(bytes((203, 0, 113, 0)), "big")
    assert {route for route in found if route.network == network} == {
        Route(4, network, 24, eth0, gateway=True, metric=7),
        Route(4, network, 24, eth1, gateway=False, metric=7),
    }


@pytest.mark.parametrize("compatible", [1, 0])
def test_next_hop_objects(host: Namespace, wire: Wire, probe: LinuxProbe, compatible: int) -> None:
    """Routes by next-hop object are resolved, also where the kernel no longer repeats the object's contents."""
    host.sysctl("net/ipv4/nexthop_compat_mode", compatible)
    host.ip("nexthop", "add", "id", "5", "via", wire.far_address, "dev", "eth0")
    host.ip("nexthop", "add", "id", "9", "group", "5")
    host.ip("route", "add", "198.51.100.0/24", "nhid", "5")
    host.ip("route", "add", "203.0.113.0/24", "nhid", "9")
    found = [route for route in probe.look().routes or () if route.length == 24 and route.gateway]
    assert {route.link for route in found} == {host.index("eth0")}
    assert len(found) == 2


@pytest.mark.usefixtures("wire")
def test_lost_notices_are_made_up_for(host: Namespace, probe: LinuxProbe) -> None:
    """More changes than the socket holds: the kernel drops some, and the next look is right nevertheless."""
    assert probe._notices is not None
    probe.look()
    with host.entered():
        probe._notices._socket.setsockopt(1, 8, 1)  # SOL_SOCKET, SO_RCVBUF: the smallest there is
    for number in range(40):
        host.ip("link", "set", "eth0", "mtu", str(1400 + number))
    host.ip("link", "add", "vx", "type", "vxlan", "id", "5", "remote", "203.0.113.9", "dstport", "4789")
    host.ip("route", "del", "default")
    changes = probe._notices.drain()
    assert changes.links is None, "the test did not overflow the socket"
    probe._heed(changes)
    reading = probe.look()
    assert by_name(reading)["vx"].facts.outer == "203.0.113.9"
    assert [route for route in reading.routes or () if route.length == 0] == []
    assert not wakes(probe)


def test_refused_notices_cost_looks_but_no_truth(monkeypatch: pytest.MonkeyPatch, host: Namespace, wire: Wire) -> None:
    """Where nobody tells of changes there is no descriptor to wait on, and every look reads links and routes anew."""

    def refuse() -> None:
        raise NetlinkRefusedError("no notices here")

    monkeypatch.setattr("packetbuddy.probes.linux.Notices", refuse)
    with host.entered():
        probe = open_linux()
    assert isinstance(probe, LinuxProbe)
    assert probe.changes() is None
    assert routes(probe) == {(4, 0, host.index("eth0")), (4, 24, host.index("eth0"))}
    wire.pause()
    assert routes(probe) == set()
    assert not by_name(probe.look())["eth0"].facts.running
    probe.close()


def test_a_failure_while_opening_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passing fault is raised, not papered over by the fallback; descriptors are given back."""

    def fail() -> None:
        raise ProbeError("too many open files")

    monkeypatch.setattr("packetbuddy.probes.linux.Notices", fail)
    before = open_descriptors()
    with pytest.raises(ProbeError, match="too many"):
        open_linux()
    assert open_descriptors() == before
