import itertools
import time

import pytest

from machine.netns import UDP_OVERHEAD, Lab, Namespace, Wire, requires_netns
from machine.probing import by_name
from packetbuddy.metering.readings import Counters
from packetbuddy.probes.linux import LinuxProbe, open_linux

pytestmark = [pytest.mark.machine, requires_netns]


def same_as_kernel(space: Namespace, probe: LinuxProbe) -> None:
    links = by_name(probe.look())
    told = space.links()
    assert set(links) == set(told)
    for name, link in links.items():
        assert link.identity == told[name]["ifindex"]
        assert link.counters == Counters(*space.counters(name))


def test_counters_are_the_kernels_to_the_byte(host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """After known traffic both ways every interface's bytes and packets are what iproute2 says, rx and tx apart."""
    before = by_name(probe.look())["eth0"].counters
    up, down = wire.upload(300, 1000), wire.download(200, 700)
    after = by_name(probe.look())["eth0"].counters
    assert after == Counters(before.rx_bytes + down, before.tx_bytes + up, 200, 300)
    same_as_kernel(host, probe)


def test_gigabytes_do_not_wrap(host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """Far more than 2**32 bits pass and the 64-bit counter equals the kernel's."""
    wire.stream_down(600_000_000)
    host.settle("eth0")
    assert by_name(probe.look())["eth0"].counters.rx_bytes > 600_000_000
    same_as_kernel(host, probe)


def test_looks_amid_traffic_never_go_back(wire: Wire, probe: LinuxProbe) -> None:
    """Under a stream of datagrams each look's counters and clocks are at least those of the one before."""
    seen = []
    for _ in range(100):
        wire.upload(3, 100)
        seen.append(probe.look())
    counters = [by_name(reading)["eth0"].counters for reading in seen]
    assert [one.tx_bytes for one in counters] == [3 * (100 + UDP_OVERHEAD) * turn for turn in range(1, 101)]
    assert all(one.at.elapsed_ns < two.at.elapsed_ns for one, two in itertools.pairwise(seen))
    assert all(reading.complete for reading in seen)


def test_many_interfaces_in_many_parts(host: Namespace, probe: LinuxProbe) -> None:
    """A list of several kernel buffers is read whole: each interface once, under its own index."""
    for number in range(45):
        host.ip("link", "add", f"p{number}", "type", "veth", "peer", "name", f"q{number}")
    links = by_name(probe.look())
    assert len(links) == 91
    assert {name: link.identity for name, link in links.items()} == {
        name: told["ifindex"] for name, told in host.links().items()
    }
    assert links["p7"].facts.lower == links["q7"].identity


def test_a_rename_keeps_identity_and_counters(host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """Identity is the ifindex: a new name is the same interface."""
    wire.upload(5)
    before = by_name(probe.look())["eth0"]
    host.ip("link", "set", "eth0", "down")
    host.ip("link", "set", "eth0", "name", "lan0")
    after = by_name(probe.look())
    assert "eth0" not in after
    assert (after["lan0"].identity, after["lan0"].counters) == (before.identity, before.counters)


def test_recreated_under_the_same_name_is_another(lab: Lab, host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """Deleted: once more with its last counters, then gone. Made again: a new identity, counters from zero."""
    wire.upload(5)
    before = by_name(probe.look())["eth0"]
    wire.upload(7)
    moved = host.counters("eth0")
    host.ip("link", "del", "eth0")
    farewell = probe.look()
    ended = by_name(farewell)["eth0"]
    assert (ended.identity, ended.counters.tx_bytes) == (before.identity, moved.tx_bytes)
    assert before.identity in {route.link for route in farewell.routes or () if route.length == 0}
    assert "eth0" not in by_name(probe.look())
    lab.wire(host, wire.router)
    after = by_name(probe.look())["eth0"]
    assert after.identity != before.identity
    assert after.counters.tx_bytes == 0


def test_recreated_under_the_same_index_is_learnt_anew(host: Namespace, probe: LinuxProbe) -> None:
    """Name and index may both return with another kind behind them; facts follow."""
    host.ip("link", "add", "x", "index", "77", "type", "bridge")
    assert by_name(probe.look())["x"].facts.kind == "bridge"
    host.ip("link", "del", "x")
    host.ip("link", "add", "x", "index", "77", "type", "ifb")
    told = by_name(probe.look())["x"]
    assert (told.identity, told.facts.kind) == (77, "local")


@pytest.mark.usefixtures("wire")
def test_kinds_of_real_interfaces(host: Namespace, probe: LinuxProbe) -> None:
    """Names are chosen to mislead; the kernel's word decides, with masters, parents and tunnel ends."""
    host.ip("link", "add", "wlan0", "type", "bridge")
    host.ip("link", "add", "eth7", "type", "veth", "peer", "name", "eth8")
    host.ip("link", "set", "eth7", "master", "wlan0")
    host.ip(
        "link", "add", "eth9", "type", "vxlan", "id", "5", "remote", "203.0.113.9", "dstport", "4789", "dev", "eth0"
    )
    host.ip("link", "add", "eth10", "link", "eth0", "type", "macvlan", "mode", "bridge")
    host.ip("tuntap", "add", "dev", "eth11", "mode", "tun")
    host.ip("tuntap", "add", "dev", "eth12", "mode", "tap")
    host.ip("link", "add", "tun0", "type", "ifb")
    links = by_name(probe.look())
    uplink, bridge = links["eth0"].identity, links["wlan0"].identity
    told = {name: (link.facts.kind, link.facts.master, link.facts.lower) for name, link in links.items()}
    assert told == {
        "lo": ("loopback", None, None),
        "eth0": ("veth", None, None),
        "wlan0": ("bridge", None, None),
        "eth7": ("veth", bridge, links["eth8"].identity),
        "eth8": ("veth", None, links["eth7"].identity),
        "eth9": ("tunnel", None, uplink),
        "eth10": ("macvlan", None, uplink),
        "eth11": ("tunnel", None, None),
        "eth12": ("tunnel", None, None),
        "tun0": ("local", None, None),
    }
    assert links["eth9"].facts.outer == "203.0.113.9"
    assert [name for name, link in links.items() if link.facts.lower_elsewhere] == ["eth0"]
    assert [name for name, link in links.items() if link.facts.bytes_per_second is not None] == []


@pytest.mark.usefixtures("wire")
def test_a_macvlan_in_a_container_has_its_parent_elsewhere(lab: Lab, host: Namespace) -> None:
    """The parent's number of the other namespace is not taken for one of ours."""
    inner = lab.namespace("inner")
    host.ip("link", "add", "m0", "link", "eth0", "type", "macvlan", "mode", "bridge")
    host.ip("link", "set", "m0", "netns", inner.name)
    with inner.entered():
        probe = open_linux()
    told = by_name(probe.look())["m0"].facts
    probe.close()
    assert (told.kind, told.lower, told.lower_elsewhere) == ("macvlan", None, True)


@pytest.mark.usefixtures("wire")
def test_a_changed_tunnel_end_is_seen(host: Namespace, probe: LinuxProbe) -> None:
    """The kernel changes a vxlan's remote address without a notification; the next look knows nevertheless."""
    host.ip("link", "add", "vx", "type", "vxlan", "id", "5", "remote", "203.0.113.9")
    assert by_name(probe.look())["vx"].facts.outer == "203.0.113.9"
    host.ip("link", "set", "vx", "type", "vxlan", "id", "5", "remote", "203.0.113.7")
    assert by_name(probe.look())["vx"].facts.outer == "203.0.113.7"


def test_carrier_and_state_are_followed(host: Namespace, wire: Wire, probe: LinuxProbe) -> None:
    """Running needs the interface up and its peer up."""
    states = []
    for end, state in ((host, "up"), (wire.router, "down"), (wire.router, "up"), (host, "down")):
        end.ip("link", "set", wire.near if end is host else wire.far, state)
        states.append(by_name(probe.look())["eth0"].facts.running)
    assert states == [True, False, True, False]


def test_namespaces_differ_where_names_and_indexes_do_not(lab: Lab) -> None:
    """Two containers with the same eth0 of the same index are told apart by the namespace; the boot is the same."""
    router, readings = lab.namespace("router"), []
    for _ in range(2):
        space = lab.namespace("box")
        lab.wire(space, router)
        with space.entered():
            probe = open_linux()
        readings.append(probe.look())
        probe.close()
    one, two = readings
    assert by_name(one)["eth0"].identity == by_name(two)["eth0"].identity
    assert one.namespace != two.namespace
    assert one.namespace.startswith("cookie:")
    assert (one.boot, one.machine) == (two.boot, two.machine)


def test_the_probe_stays_in_its_namespace(wire: Wire, probe: LinuxProbe) -> None:
    """What the thread enters later changes nothing: sockets and name belong to where it was opened."""
    with wire.router.entered():
        reading = probe.look()
    assert set(by_name(reading)) == {"lo", "eth0"}


@pytest.mark.usefixtures("wire")
def test_churn_never_breaks_a_look(host: Namespace, probe: LinuxProbe) -> None:
    """While interfaces come and go all the time, every look answers and no complete one lacks what stays."""
    loop = "while :; do ip link add c0 type ifb; ip link add c1 type ifb; ip link del c0; ip link del c1; done"
    child = host.start(["sh", "-c", loop])
    eth0 = host.index("eth0")
    quiet, deadline = time.monotonic() + 1.5, time.monotonic() + 60
    looks = names = 0
    while (now := time.monotonic()) < quiet or (now < deadline and not looks > names > 0):
        reading = probe.look()
        looks += 1
        links = by_name(reading)
        names += "c0" in links
        assert links["eth0"].identity == eth0 or not reading.complete
    child.kill()
    child.wait()
    assert looks > names > 0
