import pathlib
import socket
import sys
from collections.abc import Sequence

import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Facts, Link
from packetbuddy.probes.linux_links import LinkTable
from packetbuddy.probes.netlink import Conversation, NetlinkRefusedError
from unit.netlink_bytes import (
    INTERRUPTED,
    NEWLINK,
    UP_RUNNING,
    Kernel,
    attribute,
    done,
    link,
    linkinfo,
    message,
    u32,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="netlink exists on Linux only")

NOWHERE = "/nonexistent"
MAC = attribute(1, bytes.fromhex("02fc00000001"))
TUNNELS = ("tun", "wireguard", "vxlan", "geneve", "gre", "gretap", "ip6gre", "ipip", "sit", "ip6tnl", "vti", "xfrm")
PARENT_DEVICE = attribute(56, b"0000:00:1f.6\0")


def read(*bodies: bytes, sysfs: str = NOWHERE) -> tuple[Link, ...]:
    with Kernel([b"".join(message(NEWLINK, body) for body in bodies) + done()]) as kernel:
        links, complete = LinkTable(Conversation(kernel.connect), sysfs).read()
    assert complete
    return links


def facts(body: bytes, sysfs: str = NOWHERE) -> Facts:
    return read(body, sysfs=sysfs)[0].facts


def table(kernel: Kernel) -> LinkTable:
    return LinkTable(Conversation(kernel.connect), NOWHERE)


def dumps(*looks: Sequence[bytes]) -> list[bytes]:
    """One packet per look, numbered from one."""
    return [
        b"".join(message(NEWLINK, body, sequence=number) for body in bodies) + done(number)
        for number, bodies in enumerate(looks, 1)
    ]


def test_name_identity_and_counters_come_from_the_same_answer() -> None:
    """The four 64-bit counters land in their own places, above 4 GiB too; unknown attributes change nothing."""
    junk = attribute(999, b"future") + attribute(33, b"\1")
    (one,) = read(link(4, b"wlan0", stats=(3, 5, 2**40, 2**63), before=junk, after=junk))
    assert one == Link(4, "wlan0", Counters(2**40, 2**63, 3, 5), Facts("hardware"))


@pytest.mark.parametrize(
    ("driver", "kind"),
    [
        *((name, "tunnel") for name in TUNNELS),
        *((name, "local") for name in ("ifb", "dummy", "nlmon", "vcan")),
        *((name, "virtual") for name in ("netdevsim", "something-new")),
        *((name, name) for name in ("bond", "team", "bridge", "vlan", "macvlan", "ipvlan", "veth", "ppp")),
        ("macvtap", "macvlan"),
        ("macsec", "vlan"),
        ("netkit", "veth"),
        ("wwan", "hardware"),
        ("ipoib", "hardware"),
    ],
)
def test_kinds_by_driver(driver: str, kind: str) -> None:
    """The kernel's link kind decides, whatever the name says."""
    assert facts(link(9, b"eth0", after=linkinfo(driver.encode()))).kind == kind


@pytest.mark.parametrize(
    ("hardware_type", "extra", "kind"),
    [
        (772, b"", "loopback"),
        (1, b"", "hardware"),
        (32, b"", "hardware"),
        (519, b"", "hardware"),
        (65534, b"", "tunnel"),
        (65534, PARENT_DEVICE, "hardware"),
        (768, b"", "tunnel"),
        (776, b"", "tunnel"),
        (778, b"", "tunnel"),
        (512, b"", "ppp"),
        (280, b"", "virtual"),
        (803, b"", "virtual"),
    ],
)
def test_kinds_by_hardware_type(hardware_type: int, extra: bytes, kind: str) -> None:
    """Without a link kind the hardware type decides; a modem in raw IP mode has no link layer but a parent device."""
    assert facts(link(9, hardware_type=hardware_type, after=extra)).kind == kind


def test_loopback_is_loopback_even_with_a_link_kind() -> None:
    """ARPHRD_LOOPBACK wins."""
    assert facts(link(1, b"lo", hardware_type=772, after=linkinfo(b"dummy"))).kind == "loopback"


@pytest.mark.parametrize(
    ("flags", "carrier", "running"),
    [
        (UP_RUNNING, b"\1", True),
        (UP_RUNNING, None, True),
        (UP_RUNNING, b"\0", False),
        (0x1, b"\1", False),
        (0x40, b"\1", False),
    ],
)
def test_running_is_up_with_a_carrier(flags: int, carrier: bytes | None, running: bool) -> None:
    """Administratively up, operationally up, and a carrier where the kernel tells one."""
    body = link(4, flags=flags, before=b"" if carrier is None else attribute(33, carrier))
    assert facts(body).running is running


@pytest.mark.parametrize(("upper", "master"), [(b"bridge", 7), (b"bond", 7), (b"team", 7), (b"", 7), (b"vrf", None)])
def test_master_is_one_that_takes_the_traffic(upper: bytes, master: int | None) -> None:
    """Ports of bridges, bonds and teams name their master; a routing domain is none."""
    body = link(4, before=attribute(10, u32(7)), after=linkinfo(b"", slave=upper))
    assert facts(body).master == master
    assert facts(link(4)).master is None


def test_lower_is_the_parent_here() -> None:
    """IFLA_LINK is the interface below; zero means that there is none."""
    assert facts(link(4, before=attribute(5, u32(3)), after=linkinfo(b"vlan"))).lower == 3
    assert facts(link(4, before=attribute(5, u32(0)), after=linkinfo(b"veth"))).lower is None


def test_a_parent_elsewhere_is_no_identity_here() -> None:
    """With IFLA_LINK_NETNSID the number is one of another namespace and must not be mixed with ours."""
    told = facts(link(4, before=attribute(5, u32(3)), after=linkinfo(b"veth") + attribute(37, u32(0))))
    assert (told.kind, told.lower, told.lower_elsewhere) == ("veth", None, True)


V4, V6 = socket.inet_pton(socket.AF_INET, "203.0.113.9"), socket.inet_pton(socket.AF_INET6, "2001:db8::9")


@pytest.mark.parametrize(
    ("driver", "data", "lower", "outer"),
    [
        (b"vxlan", attribute(3, u32(2)) + attribute(2, V4), 2, "203.0.113.9"),
        (b"vxlan", attribute(16, V6), None, "2001:db8::9"),
        (b"vxlan", attribute(2, bytes(4)), None, None),
        (b"geneve", attribute(2, V4), None, "203.0.113.9"),
        (b"geneve", attribute(7, V6), None, "2001:db8::9"),
        (b"gre", attribute(1, u32(5)) + attribute(7, V4), 5, "203.0.113.9"),
        (b"ip6gretap", attribute(1, u32(0)) + attribute(7, V6), None, "2001:db8::9"),
        (b"ipip", attribute(1, u32(5)) + attribute(3, V4), 5, "203.0.113.9"),
        (b"sit", attribute(3, V4), None, "203.0.113.9"),
        (b"ip6tnl", attribute(3, bytes(16)), None, None),
        (b"vti", attribute(1, u32(5)) + attribute(5, V4), 5, "203.0.113.9"),
        (b"xfrm", attribute(1, u32(5)), 5, None),
        (b"wireguard", attribute(3, V4), None, None),
        (b"vxlan", attribute(2, b"odd"), None, None),
        (b"gre", b"", None, None),
    ],
)
def test_tunnels_tell_their_ends(driver: bytes, data: bytes, lower: int | None, outer: str | None) -> None:
    """The link and the remote address come from the driver's own attributes; all-zero means "any" and is none."""
    told = facts(link(8, b"t0", hardware_type=65534, after=linkinfo(driver, data)))
    assert (told.kind, told.lower, told.outer) == ("tunnel", lower, outer)


def test_a_name_that_is_no_text_can_be_stored() -> None:
    """Interface names are bytes; what comes out is valid Unicode and keeps them apart."""
    names = [one.name for one in read(link(1, b"w\xff"), link(2, b"w\xfe"), link(3, "wäan".encode()))]
    assert names == ["w\\xff", "w\\xfe", "wäan"]


@pytest.mark.parametrize("body", [link(4, b""), link(4)[:60], b"short"])
def test_half_a_description_is_an_error(body: bytes) -> None:
    """Without a name or the 64-bit counters there is nothing to count: never a zero."""
    with pytest.raises(ProbeError):
        read(body)


def test_missing_counters_lead_to_the_fallback() -> None:
    """A kernel that leaves IFLA_STATS64 out (a sandbox's half rtnetlink) is treated like one that refuses."""
    with pytest.raises(NetlinkRefusedError):
        read(link(4)[:28])


def sysfs_tree(root: pathlib.Path, files: dict[str, object], name: str = "eth0") -> str:
    for key, value in files.items():
        (root / name / key).parent.mkdir(parents=True, exist_ok=True)
        (root / name / key).write_text(f"{value}\n", "ascii")
    return str(root)


@pytest.mark.parametrize(
    ("files", "speed"),
    [
        ({"ifindex": 4, "address": "02:fc:00:00:00:01", "speed": 1000}, 125_000_000),
        ({"ifindex": 4, "address": "02:fc:00:00:00:01", "speed": -1}, None),
        ({"ifindex": 4, "address": "02:fc:00:00:00:01", "speed": 0}, None),
        ({"ifindex": 4, "address": "02:fc:00:00:00:01", "speed": 4294967295}, None),
        ({"ifindex": 4, "address": "02:fc:00:00:00:01", "speed": "fast"}, None),
        ({"ifindex": 4, "address": "02:fc:00:00:00:01"}, None),
        ({"ifindex": 5, "address": "02:fc:00:00:00:01", "speed": 1000}, None),
        ({"ifindex": 4, "address": "02:fc:00:00:00:02", "speed": 1000}, None),
    ],
)
def test_speed_comes_from_a_sysfs_that_agrees(
    tmp_path: pathlib.Path, files: dict[str, object], speed: int | None
) -> None:
    """Mbit/s become bytes/s; unknown is None; a tree that shows somebody else's eth0 is not believed."""
    tree = sysfs_tree(tmp_path, files)
    assert facts(link(4, before=MAC), tree).bytes_per_second == speed


def test_only_hardware_has_a_speed(tmp_path: pathlib.Path) -> None:
    """A veth claims 10 Gbit/s and moves more: its speed is no fact."""
    tree = sysfs_tree(tmp_path, {"ifindex": 4, "address": "02:fc:00:00:00:01", "speed": 10_000})
    assert facts(link(4, before=MAC, after=linkinfo(b"veth")), tree).bytes_per_second is None


def test_a_raw_ip_modem_is_found_by_its_device_in_sysfs(tmp_path: pathlib.Path) -> None:
    """Older kernels do not name the parent device; sysfs does, where it agrees."""
    tree = sysfs_tree(tmp_path, {"ifindex": 6, "address": "", "device/uevent": "DRIVER=qmi_wwan"}, "wwan0")
    assert facts(link(6, b"wwan0", hardware_type=65534), tree).kind == "hardware"
    assert facts(link(7, b"wwan0", hardware_type=65534), tree).kind == "tunnel"


def test_what_did_not_move_is_the_same_value_again() -> None:
    """Still counters cost no new objects; moved ones come with the facts learnt before."""
    still, moved = link(1, b"lo"), link(2, stats=(2, 2, 150, 200))
    with Kernel(dumps([still, link(2)], [still, moved])) as kernel:
        links = table(kernel)
        (first, _), (second, _) = links.read(), links.read()
    assert second[0] is first[0]
    assert second[1].counters == Counters(150, 200, 2, 2)
    assert second[1].facts is first[1].facts


def test_a_rename_is_seen_without_any_notice() -> None:
    """Name and identity come from the dump itself, also when a notification was lost; the length need not change."""
    with Kernel(dumps([link(2, b"eth0")], [link(2, b"lan0")], [link(2, b"lan0", flags=0)])) as kernel:
        links = table(kernel)
        assert [links.read()[0][0].name for _ in range(2)] == ["eth0", "lan0"]
        assert not links.read()[0][0].facts.running


def test_a_tunnel_that_moves_is_seen_without_any_notice() -> None:
    """Some drivers change a tunnel's ends silently; they are compared at every look."""
    there, here = (linkinfo(b"vxlan", attribute(2, address)) for address in (V4, V4[::-1]))
    with Kernel(dumps(*([link(2, after=told)] for told in (there, here, here, there)))) as kernel:
        links = table(kernel)
        outer = [links.read()[0][0].facts.outer for _ in range(4)]
    assert outer == ["203.0.113.9", "9.113.0.203", "9.113.0.203", "203.0.113.9"]


def test_what_changes_behind_the_counters_needs_a_notice() -> None:
    """Other things there are parsed again after ``forget``, for the named link or for all."""
    one, other = linkinfo(b"bond"), linkinfo(b"team")
    with Kernel(dumps(*([link(2, after=told)] for told in (one, other, other, one, one)))) as kernel:
        links = table(kernel)
        kinds = [links.read()[0][0].facts.kind for _ in range(2)]
        links.forget({2, 99})
        kinds.append(links.read()[0][0].facts.kind)
        kinds.append(links.read()[0][0].facts.kind)
        links.forget(None)
        kinds.append(links.read()[0][0].facts.kind)
    assert kinds == ["bond", "bond", "team", "team", "bond"]


def test_links_that_went_away_are_forgotten() -> None:
    """Memory does not grow with interfaces that come and go, and one that returns under its index is learnt anew."""
    looks = [[link(2), link(3)], [link(2)], [link(2), link(3, b"eth9")]]
    with Kernel(dumps(*looks)) as kernel:
        links = table(kernel)
        seen = [[one.name for one in links.read()[0]] for _ in looks]
        assert len(links._known) == 2
    assert seen == [["eth0", "eth0"], ["eth0"], ["eth0", "eth9"]]


def test_an_interrupted_dump_is_asked_again() -> None:
    """The answer that counts is a whole one; nothing of the interrupted one is mixed in."""
    first = message(NEWLINK, link(2), flags=INTERRUPTED) + message(NEWLINK, link(3)) + done()
    second = message(NEWLINK, link(2), sequence=2) + done(2)
    with Kernel([first, second]) as kernel:
        links, complete = table(kernel).read()
    assert ([one.identity for one in links], complete) == ([2], True)


def test_a_dump_that_is_always_interrupted_is_not_complete() -> None:
    """After a few tries the last list is given, with the word that it may be inconsistent."""
    packets = [message(NEWLINK, link(2), sequence=n) + done(n, flags=INTERRUPTED) for n in range(1, 9)]
    with Kernel(packets) as kernel:
        links, complete = table(kernel).read()
        assert len(list(kernel.questions())) == 4
    assert (len(links), complete) == (1, False)


def test_a_machine_without_interfaces_is_an_answer() -> None:
    """An empty list is complete and no error."""
    assert read() == ()
