"""Constructed trees of interfaces as real machines have them, each with what must count on it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from packetbuddy.metering.readings import Counters, Facts, Link, Route
from packetbuddy.metering.routing import parse_address

NOTHING = Counters(0, 0, 0, 0)


class Tree(NamedTuple):
    """A machine: its links, its routes (``None``: not readable), the names that must count."""

    links: tuple[Link, ...]
    routes: tuple[Route, ...] | None
    counts: frozenset[str]


def link(identity: int, name: str, kind: str = "hardware", **facts: Any) -> Link:
    return Link(identity, name, NOTHING, Facts(kind, **facts))


LO = link(1, "lo", "loopback")


def route(prefix: str, identity: int, *, via: bool = True, **more: Any) -> Route:
    """``prefix`` as people write it; ``via`` tells that a gateway is named."""
    address, _, length = prefix.partition("/")
    parsed = parse_address(address)
    assert parsed is not None, prefix
    family, number = parsed
    return Route(family, number, int(length), identity, via, **more)


def default(identity: int, *, via: bool = True, family: int = 4, **more: Any) -> Route:
    return route("0.0.0.0/0" if family == 4 else "::/0", identity, via=via, **more)


def lan(prefix: str, identity: int) -> Route:
    """A directly connected network."""
    return route(prefix, identity, via=False)


def tree(links: Iterable[Link], routes: Iterable[Route], *counts: str) -> Tree:
    return Tree((LO, *links), tuple(routes), frozenset(counts))


ETH0 = link(2, "eth0")
WLAN0 = link(3, "wlan0")
AT_HOME = (default(2), lan("192.168.1.0/24", 2))
DEF1 = (route("0.0.0.0/1", 9), route("128.0.0.0/1", 9))
SERVER = route("203.0.113.7/32", 2)
"""The host route that a VPN client lays to its server through the old gateway."""
IN_CONTAINER = link(2, "eth0", "veth", lower=77, lower_elsewhere=True)
TUN0 = link(9, "tun0", "tunnel")

TREES = {
    "laptop with Wi-Fi and dock": tree(
        (WLAN0, link(4, "enp0s31f6", running=False), link(5, "enx00e04c680001")),
        (
            default(3, metric=600),
            default(5, metric=100),
            default(3, family=6, metric=600),
            lan("192.168.1.0/24", 3),
            lan("192.168.1.0/24", 5),
        ),
        "wlan0",
        "enx00e04c680001",
    ),
    "IPv6 only": tree((ETH0, WLAN0), (default(2, family=6), lan("192.168.1.0/24", 3)), "eth0"),
    "IPv6 by 2000::/3": tree((ETH0, WLAN0), (route("2000::/3", 2), lan("192.168.1.0/24", 3)), "eth0"),
    "wg-quick": tree(
        (ETH0, link(9, "wg0", "tunnel")),
        (*AT_HOME, default(9, via=False, table=51820), default(9, via=False, family=6, table=51820)),
        "eth0",
    ),
    "OpenVPN def1": tree((ETH0, TUN0), (*AT_HOME, *DEF1, SERVER), "eth0"),
    "OpenVPN def1 with IPv6": tree(
        (ETH0, TUN0),
        (*AT_HOME, *DEF1, SERVER, *(route(p, 9) for p in ("::/3", "2000::/4", "3000::/4", "fc00::/7"))),
        "eth0",
    ),
    "OpenVPN without def1": tree(
        (ETH0, WLAN0, TUN0), (default(9), SERVER, lan("192.168.1.0/24", 2), lan("10.0.0.0/8", 3)), "eth0"
    ),
    "VPN whose server is reached by the other line": tree(
        (ETH0, WLAN0, TUN0), (default(3, metric=600), *DEF1, SERVER), "eth0", "wlan0"
    ),
    "VPN server in the intranet": tree((ETH0, TUN0), (default(9), route("10.9.0.1/32", 2)), "eth0"),
    "Tailscale exit node": tree(
        (WLAN0, link(9, "tailscale0", "tunnel")),
        (default(3), default(9, via=False, table=52), default(9, via=False, family=6, table=52)),
        "wlan0",
    ),
    "gre tunnel by a second line": tree(
        (ETH0, WLAN0, link(9, "gre1", "tunnel", outer="203.0.113.7")),
        (default(9, via=False), SERVER, lan("192.168.1.0/24", 2), lan("10.0.0.0/8", 3)),
        "eth0",
    ),
    "vxlan bound to its device": tree(
        (ETH0, WLAN0, link(9, "vxlan0", "tunnel", outer="239.1.1.1", lower=3)),
        (default(9), lan("192.168.1.0/24", 2)),
        "wlan0",
    ),
    "tunnel in a tunnel": tree(
        (
            ETH0,
            link(8, "gre1", "tunnel", outer="203.0.113.7"),
            link(9, "ipip1", "tunnel", outer="198.51.100.1"),
        ),
        (default(9, via=False), route("198.51.100.0/24", 8, via=False), default(2, metric=50)),
        "eth0",
    ),
    "docker host": tree(
        (
            ETH0,
            link(3, "docker0", "bridge"),
            link(4, "br-0a1b2c3d4e5f", "bridge"),
            link(6, "veth1a2b", "veth", master=3, lower=5, lower_elsewhere=True),
            link(8, "veth3c4d", "veth", master=4, lower=7, lower_elsewhere=True),
        ),
        (*AT_HOME, lan("172.17.0.0/16", 3), lan("172.18.0.0/16", 4)),
        "eth0",
    ),
    "KVM bridge": tree(
        (
            link(2, "eth0", master=3),
            link(3, "br0", "bridge"),
            link(4, "vnet0", "tunnel", master=3),
            link(5, "vnet1", "tunnel", master=3),
            link(6, "virbr0", "bridge"),
        ),
        (default(3), lan("192.168.1.0/24", 3), lan("192.168.122.0/24", 6)),
        "eth0",
    ),
    "router's bridge with an unplugged socket": tree(
        (
            link(2, "lan1", master=9, running=False),
            link(3, "lan2", master=9),
            link(9, "br-lan", "bridge"),
        ),
        (default(9),),
        "lan2",
    ),
    "bridge of two lines": tree(
        (link(2, "eth0", master=9), link(3, "eth1", master=9), link(9, "br0", "bridge")), (default(9),), "br0"
    ),
    "bridge to a virtual router": tree(
        (link(4, "vnet0", "tunnel", master=9), link(9, "br0", "bridge")), (default(9),), "br0"
    ),
    "bridge over vxlan": tree(
        (ETH0, link(4, "vxlan7", "tunnel", master=9, outer="192.168.1.9"), link(9, "br0", "bridge")),
        (default(9), lan("192.168.1.0/24", 2)),
        "eth0",
    ),
    "bridge on a bond on two lines": tree(
        (
            link(2, "eth0", master=4),
            link(3, "eth1", master=4),
            link(4, "bond0", "bond", master=5),
            link(5, "br0", "bridge"),
            link(6, "tap0", "tunnel", master=5),
        ),
        (default(5),),
        "bond0",
    ),
    "bond": tree(
        (link(2, "eth0", master=4), link(3, "eth1", master=4), link(4, "bond0", "bond")), (default(4),), "bond0"
    ),
    "team with a route at a port": tree(
        (link(2, "eth0", master=4), link(3, "eth1", master=4), link(4, "team0", "team")),
        (default(2), default(4)),
        "team0",
    ),
    "Azure's accelerated pair": tree((ETH0, link(3, "enP1s1", master=2)), (default(2),), "eth0"),
    "VRF": tree(
        (link(2, "eth0", master=5), link(3, "eth1"), link(5, "vrf-blue", "virtual")),
        (default(2, table=10), default(5, via=False)),
        "eth0",
    ),
    "VLAN router on a stick": tree(
        (ETH0, link(3, "eth0.10", "vlan", lower=2), link(4, "eth0.20", "vlan", lower=2)),
        (default(3), lan("192.168.20.0/24", 4)),
        "eth0.10",
    ),
    "VLAN and its parent": tree((ETH0, link(3, "eth0.10", "vlan", lower=2)), (default(2), default(3)), "eth0"),
    "macvlan beside its parent": tree((ETH0, link(3, "mv0", "macvlan", lower=2)), (default(3),), "mv0"),
    "ipvlan and its parent": tree((ETH0, link(3, "ipvl0", "ipvlan", lower=2)), (default(2), default(3)), "eth0"),
    "PPPoE": tree((ETH0, link(9, "ppp0", "ppp")), (default(9, via=False), lan("192.168.100.0/24", 2)), "ppp0"),
    "PPPoE known to run over eth0, which leads out too": tree(
        (ETH0, link(9, "ppp0", "ppp", lower=2)), (default(9, via=False), *AT_HOME), "eth0"
    ),
    "PPPoE with LTE behind": tree(
        (ETH0, link(3, "wwan0"), link(9, "ppp0", "ppp")),
        (default(9, via=False), default(3, via=False, metric=200)),
        "ppp0",
        "wwan0",
    ),
    "VPN over PPPoE": tree((ETH0, TUN0, link(8, "ppp0", "ppp")), (default(8, via=False), *DEF1), "ppp0"),
    "SSL VPN by ppp": tree((ETH0, link(9, "ppp0", "ppp")), (*AT_HOME, SERVER, default(9, via=False)), "eth0"),
    "LTE stick": tree((link(2, "wwan0"),), (default(2, via=False),), "wwan0"),
    "USB tether": tree((WLAN0, link(4, "usb0")), (default(4),), "usb0"),
    "WSL2": tree((ETH0, link(3, "docker0", "bridge")), (default(2), lan("172.17.0.0/16", 3)), "eth0"),
    "LXC": tree((IN_CONTAINER,), (default(2),), "eth0"),
    "LXC with VPN": tree((IN_CONTAINER, TUN0), (default(9), SERVER, lan("10.0.3.0/24", 2)), "eth0"),
    "LXC with its line in a bridge": tree(
        (IN_CONTAINER._replace(facts=Facts("veth", 3, 77, lower_elsewhere=True)), link(3, "br0", "bridge")),
        (default(3),),
        "eth0",
    ),
    "rootless container": tree((link(2, "tap0", "tunnel"),), (default(2),), "tap0"),
    "namespace with a tunnel from elsewhere": tree(
        (ETH0, link(9, "gre1", "tunnel", outer="203.0.113.7", lower=2, lower_elsewhere=True)), (default(9),), "gre1"
    ),
    "tunnel with no line known": tree((ETH0, TUN0), (default(9), lan("192.168.1.0/24", 2)), "tun0"),
    "Cilium's pair": tree(
        (ETH0, link(3, "cilium_net", "veth", lower=4), link(4, "cilium_host", "veth", lower=3)),
        (*AT_HOME, default(4, table=2005)),
        "eth0",
    ),
    "pair into a bridge": tree(
        (
            link(2, "eth0", master=5),
            link(3, "host0", "veth", lower=4),
            link(4, "port0", "veth", lower=3, master=5),
            link(5, "br0", "bridge"),
        ),
        (default(3),),
        "eth0",
    ),
    "pair that leads nowhere": tree(
        (link(3, "lab0", "veth", lower=4), link(4, "lab1", "veth", lower=3)), (default(3),), "lab0"
    ),
    "VirtualBox guest": tree((link(2, "enp0s3"),), (default(2), lan("10.0.2.0/24", 2)), "enp0s3"),
    "VirtualBox host": tree((ETH0, link(5, "vboxnet0")), (*AT_HOME, lan("192.168.56.0/24", 5)), "eth0"),
    "VPN kill switch": tree(
        (WLAN0, link(8, "ipv6leak0", "local"), link(9, "proton0", "tunnel")),
        (default(3), default(8, family=6), default(9, via=False, table=51820)),
        "wlan0",
    ),
    "macOS": tree(
        (link(4, "en0"), link(11, "awdl0", "local"), link(12, "llw0", "local"), link(14, "utun0", "tunnel")),
        (default(4), default(14, family=6, scoped=True), default(11, family=6, scoped=True)),
        "en0",
    ),
    "macOS full tunnel": tree(
        (link(4, "en0"), link(11, "awdl0", "local"), link(15, "utun4", "tunnel")),
        (default(15), default(4, scoped=True), route("203.0.113.7/32", 4)),
        "en0",
    ),
    "Windows WireGuard": tree(
        (
            link(1689399632855040, "Ethernet"),
            link(1689399649632256, "Local Area Connection* 10", running=False),
            link(14918173765664768, "wg-work", "tunnel"),
        ),
        (
            default(1689399632855040, metric=25),
            default(14918173765664768, via=False, metric=5),
            route("192.168.1.20/32", 1689399632855040, via=False),
        ),
        "Ethernet",
    ),
    "default over lo": tree((ETH0,), (default(1, family=6), *AT_HOME), "eth0"),
    "offline": tree((ETH0, WLAN0, TUN0), (lan("192.168.1.0/24", 2),)),
    "routes to nowhere": tree((ETH0,), (default(99), SERVER._replace(link=98))),
    "routes unreadable": Tree(
        (
            LO,
            link(2, "eth0", master=4),
            link(3, "eth1", running=False),
            link(4, "bond0", "bond"),
            link(5, "wlan0"),
            TUN0,
        ),
        None,
        frozenset({"bond0", "wlan0"}),
    ),
    "routes unreadable in a container": Tree((LO, IN_CONTAINER), None, frozenset({"eth0"})),
}
