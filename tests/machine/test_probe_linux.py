import itertools
import os
import pathlib
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from machine.netns import UDP_OVERHEAD, Lab, Namespace, Wire, connect_ipv6, requires_netns, run
from packetbuddy.metering.readings import Counters, Link, Reading, Route
from packetbuddy.probes.linux import LinuxProbe, open_linux

pytestmark = [pytest.mark.machine, requires_netns]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("probe") as made:
        yield made


@pytest.fixture
def host(lab: Lab) -> Namespace:
    return lab.namespace("host")


@pytest.fixture
def wire(lab: Lab, host: Namespace) -> Wire:
    return lab.wire(host, lab.namespace("router"))


@pytest.fixture
def probe(host: Namespace) -> Iterator[LinuxProbe]:
    with host.entered():
        made = open_linux()
    assert isinstance(made, LinuxProbe)
    yield made
    made.close()


def by_name(reading: Reading) -> dict[str, Link]:
    assert len({link.identity for link in reading.links}) == len(reading.links)
    return {link.name: link for link in reading.links}


def wakes(probe: LinuxProbe, seconds: float = 0) -> bool:
    descriptor = probe.changes()
    assert descriptor is not None
    return bool(select.select([descriptor], [], [], seconds)[0])


def routes(probe: LinuxProbe) -> set[tuple[int, int, int]]:
    """Family, prefix length and link of every route, fresh."""
    found = probe.look().routes
    assert found is not None
    return {(route.family, route.length, route.link) for route in found}


def open_descriptors() -> set[str]:
    return {path.name for path in pathlib.Path("/proc/self/fd").iterdir()}


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
    """Deleted and made again: a new identity whose counters began at zero."""
    wire.upload(5)
    before = by_name(probe.look())["eth0"]
    host.ip("link", "del", "eth0")
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
    assert (told.identity, told.facts.kind) == (77, "virtual")


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
        "tun0": ("virtual", None, None),
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
    """What the kernel writes behind the counters is parsed again after its notification."""
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
    probe.look()
    assert not wakes(probe)
    host.ip(*change)
    assert wakes(probe, 5)
    probe.look()
    assert not wakes(probe)


def test_traffic_wakes_nobody(wire: Wire, probe: LinuxProbe) -> None:
    """Bytes are no change: an idle loop stays idle however much moves."""
    probe.look()
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
    reading = probe.look()
    assert by_name(reading)["vx"].facts.outer == "203.0.113.9"
    assert [route for route in reading.routes or () if route.length == 0] == []
    assert not wakes(probe)


@pytest.mark.usefixtures("wire")
def test_churn_never_breaks_a_look(host: Namespace, probe: LinuxProbe) -> None:
    """While interfaces come and go all the time, every look answers and no complete one lacks what stays."""
    loop = "while :; do ip link add c0 type ifb; ip link add c1 type ifb; ip link del c0; ip link del c1; done"
    child = host.start(["sh", "-c", loop])
    eth0 = host.index("eth0")
    deadline = time.monotonic() + 1.5
    looks = names = 0
    while time.monotonic() < deadline:
        reading = probe.look()
        looks += 1
        links = by_name(reading)
        names += "c0" in links
        assert links["eth0"].identity == eth0 or not reading.complete
    child.kill()
    child.wait()
    assert looks > names > 0


def test_everything_is_given_back(host: Namespace) -> None:
    """Opening, looking and closing leaves no descriptor behind; closing twice is fine."""
    before = open_descriptors()
    with host.entered():
        probe = open_linux()
    probe.look()
    probe.close()
    probe.close()
    assert open_descriptors() == before


@pytest.mark.usefixtures("wire")
def test_a_look_is_cheap(host: Namespace, probe: LinuxProbe) -> None:
    """Two thousand looks at an ordinary machine's interfaces use well below half a millisecond each, no memory."""
    host.ip("link", "add", "br0", "type", "bridge")
    host.ip("link", "add", "x0", "type", "ifb")
    for _ in range(10):
        probe.look()
    memory, before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.thread_time()
    for _ in range(2000):
        probe.look()
    assert (time.thread_time() - before) / 2000 < 0.0005
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 1024


LOOK = """
import sys
from packetbuddy.probes import open_probe
probe = open_probe()
reading = probe.look()
print(type(probe).__name__, "psutil" in sys.modules, reading.routes is not None)
for link in reading.links:
    print(link.name, link.identity, link.facts.kind, *link.counters[:2], link.facts.bytes_per_second)
probe.close()
"""


@pytest.mark.usefixtures("wire")
def test_psutil_is_not_loaded_where_netlink_works(host: Namespace) -> None:
    """A process of its own: the probe of ``open_probe`` is the netlink one and leaves psutil alone."""
    first, *links = host.run(sys.executable, "-W", "error", "-c", LOOK).splitlines()
    assert first == "LinuxProbe False True"
    assert [line.split()[0] for line in links] == ["lo", "eth0"]


def test_an_unprivileged_namespace_works() -> None:
    """Inside ``unshare -Urn`` /sys shows the host's interfaces and netlink its own: only its own ``lo`` is told."""
    told = run("unshare", "-Urn", sys.executable, "-W", "error", "-c", LOOK).splitlines()
    assert told == ["LinuxProbe False True", "lo 1 loopback 0 0 None"]


SECCOMP = """
import ctypes, platform, struct, sys
calls = {"x86_64": (41, 49, 44), "aarch64": (198, 200, 206)}[platform.machine()]
number, code, family = calls[int(sys.argv[1])], int(sys.argv[2]), int(sys.argv[3])
load, equal, give = 0x20, 0x15, 0x06
steps = [(load, 0, 0, 0), (equal, 0, 3 if family else 1, number)]
steps += [(load, 0, 0, 16), (equal, 0, 1, family)] if family else []
steps += [(give, 0, 0, 0x00050000 | code), (give, 0, 0, 0x7FFF0000)]
program = b"".join(struct.pack("=HBBI", *step) for step in steps)
held = ctypes.create_string_buffer(program)
filter = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(held)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, filter, 0, 0) == 0, ctypes.get_errno()
"""


@pytest.mark.parametrize(
    ("call", "code", "family"),
    [("0", "1", "16"), ("0", "97", "16"), ("1", "13", "0"), ("2", "1", "0")],
    ids=["socket-EPERM", "socket-EAFNOSUPPORT", "bind-EACCES", "dump-EPERM"],
)
def test_refused_netlink_falls_back_to_psutil(host: Namespace, wire: Wire, call: str, code: str, family: str) -> None:
    """Under a seccomp filter on socket, bind or the question the same face shows the same totals and identities."""
    wire.upload(20)
    wire.download(30)
    first, *links = host.run(sys.executable, "-W", "error", "-c", SECCOMP + LOOK, call, code, family).splitlines()
    assert first == "FallbackProbe True True"
    told = {name: rest for name, *rest in (line.split() for line in links)}
    kernel = host.counters("eth0")
    assert told["eth0"] == [str(host.index("eth0")), "veth", str(kernel.rx_bytes), str(kernel.tx_bytes), "None"]
    assert told["lo"][:2] == ["1", "loopback"]


def test_hardware_is_hardware() -> None:
    """On this machine every interface with a device behind it is told to be hardware."""
    probe = open_linux()
    links = by_name(probe.look())
    probe.close()
    for name, link in links.items():
        folder = pathlib.Path("/sys/class/net", name)
        if (folder / "device").exists() and (folder / "ifindex").read_text("ascii").strip() == str(link.identity):
            assert link.facts.kind == "hardware"


def test_the_lab_leaves_nothing_behind() -> None:
    """Namespaces and processes of a lab end with it, also when the test inside fails."""

    def fail() -> None:
        with Lab("gone") as lab:
            space = lab.namespace("box")
            started.append(space.start(["sleep", "60"]))
            raise RuntimeError("a failing test")

    started: list[subprocess.Popen[bytes]] = []
    with pytest.raises(RuntimeError, match="a failing test"):
        fail()
    assert started[0].poll() is not None
    assert f"pb-gone-{os.getpid()}-" not in run("ip", "netns")
