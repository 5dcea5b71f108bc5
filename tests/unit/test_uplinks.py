from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.uplinks import Choice, Decision, Selection, nearest, resolve
from unit.topologies import DEF1, ETH0, SERVER, TREES, TUN0, WLAN0, Tree, default, lan, link, tree


def counted(choice: Choice) -> set[str]:
    return {decision.name for decision in choice.decisions if decision.counted}


def decided(case: Tree, selection: Selection = None) -> dict[str, Decision]:
    return {made.name: made for made in resolve(case.links, case.routes, selection).decisions}


def reason(name: str, link_name: str) -> str:
    return decided(TREES[name])[link_name].reason


@pytest.mark.parametrize("name", TREES)
def test_each_machine_counts_every_byte_once(name: str) -> None:
    """On every constructed machine exactly the interfaces count that see each internet byte once."""
    case = TREES[name]
    assert counted(resolve(case.links, case.routes, None)) == case.counts


@pytest.mark.parametrize(
    ("name", "link_name", "told"),
    [
        ("laptop with Wi-Fi and dock", "wlan0", "carries the default route"),
        ("laptop with Wi-Fi and dock", "enp0s31f6", "no default route leads here"),
        ("laptop with Wi-Fi and dock", "lo", "loopback never counts"),
        ("macOS", "awdl0", "never carries internet traffic"),
        ("offline", "eth0", "no default route anywhere: offline"),
        ("wg-quick", "wg0", "tunnel: its packets already count on eth0"),
        (
            "VPN whose server is reached by the other line",
            "tun0",
            "tunnel: its packets already count on eth0 and wlan0",
        ),
        ("OpenVPN without def1", "eth0", "carries the packets of tun0, which holds the default route"),
        ("VLAN and its parent", "eth0.10", "vlan: its packets already count on eth0"),
        ("VLAN router on a stick", "eth0", "below eth0.10; counted there"),
        ("KVM bridge", "eth0", "port of br0, which carries the default route"),
        ("KVM bridge", "br0", "bridge: its packets already count on eth0"),
        ("KVM bridge", "vnet0", "port of br0; counted on eth0"),
        ("KVM bridge", "virbr0", "no default route leads here"),
        ("bond", "eth0", "port of bond0; counted there"),
        ("team with a route at a port", "team0", "carries the default route"),
        ("Azure's accelerated pair", "enP1s1", "port of eth0; counted there"),
        ("VRF", "eth1", "no default route leads here"),
        ("bridge of two lines", "br0", "carries the default route; which of its ports leads out cannot be told"),
        ("rootless container", "tap0", "carries the default route; no line below it is known"),
        ("docker host", "veth1a2b", "no default route leads here"),
        ("routes unreadable", "wlan0", "routes could not be read; running hardware counts"),
        ("routes unreadable", "eth1", "routes could not be read; only running hardware counts"),
    ],
)
def test_reasons_are_for_people(name: str, link_name: str, told: str) -> None:
    """Each kind of decision says in one short sentence why."""
    assert reason(name, link_name) == told


def test_a_bond_told_by_its_port_says_so() -> None:
    """A default route that names a bond's port counts on the bond, and the reason names the port."""
    case = tree((link(2, "eth0", master=4), link(4, "bond0", "bond")), (default(2),))
    assert decided(case)["bond0"].reason == "its port eth0 carries the default route"


GUESSED = {
    "VPN server in the intranet",
    "bridge of two lines",
    "bridge to a virtual router",
    "tunnel with no line known",
    "routes unreadable",
    "routes unreadable in a container",
}


@pytest.mark.parametrize("name", TREES)
def test_uncertain_only_where_it_was_guessed(name: str) -> None:
    """Counting is marked uncertain exactly where the tree does not say which line carries the bytes."""
    doubted = {made.name for made in decided(TREES[name]).values() if made.uncertain}
    assert doubted == (TREES[name].counts if name in GUESSED else set())


def test_recorded_is_hardware_or_counted() -> None:
    """Hardware and whatever counts is recorded; other software interfaces are not."""
    recorded = {name for name, made in decided(TREES["LXC with VPN"]).items() if made.recorded}
    assert recorded == {"eth0"}
    recorded = {name for name, made in decided(TREES["VirtualBox host"]).items() if made.recorded}
    assert recorded == {"eth0", "vboxnet0"}


def test_a_virtual_device_is_uncertain_unless_its_parent_is_known() -> None:
    """A software device of an unknown kind counts with a doubt; one stacked on a known parent (MACsec) without."""
    alone = tree((link(2, "ovs0", "virtual"),), (default(2),))
    stacked = tree((ETH0, link(3, "macsec0", "virtual", lower=2)), (default(3),))
    assert decided(alone)["ovs0"].uncertain
    assert decided(stacked)["macsec0"].counted
    assert not decided(stacked)["macsec0"].uncertain


class TestSelection:
    """The user names interfaces."""

    def chosen(self, name: str, *selection: str) -> set[str]:
        case = TREES[name]
        return counted(resolve(case.links, case.routes, selection))

    def test_a_named_interface_counts_and_nothing_else(self) -> None:
        """The user's word replaces the default route."""
        assert self.chosen("wg-quick", "wg0") == {"wg0"}
        made = decided(TREES["wg-quick"], ("wg0",))
        assert made["wg0"].reason == "named in [monitoring] interface"
        assert made["eth0"].reason == "not named in [monitoring] interface"
        assert not made["wg0"].uncertain

    def test_absent_ones_count_nothing_and_are_told(self) -> None:
        """A name or glob that matches nothing now is missing, once; auto is not resumed."""
        case = TREES["wg-quick"]
        choice = resolve(case.links, case.routes, ("eth9", "usb*", "lo", "e*", "eth9"))
        assert choice.missing == ("eth9", "usb*")
        assert resolve(case.links, case.routes, ("eth9",)).counted == frozenset()
        assert resolve(case.links, case.routes, None).missing == ()

    def test_both_count_when_both_are_named(self) -> None:
        """Stacked interfaces count twice if the user named both exactly."""
        assert self.chosen("VLAN and its parent", "eth0", "eth0.10") == {"eth0", "eth0.10"}

    def test_a_glob_finds_its_middle_wherever_it_is(self) -> None:
        """What stands between two stars may stand anywhere in the name."""
        case = TREES["laptop with Wi-Fi and dock"]
        assert counted(resolve(case.links, case.routes, ("w*n*0",))) == {"wlan0"}
        assert counted(resolve(case.links, case.routes, ("w*x*0",))) == set()

    def test_a_glob_counts_no_byte_twice(self) -> None:
        """Of stacked interfaces that a glob matches only the lowest counts."""
        assert self.chosen("VLAN and its parent", "eth*") == {"eth0"}
        assert self.chosen("OpenVPN def1", "*") == {"eth0"}
        assert self.chosen("bond", "*") == {"eth0", "eth1"}
        made = decided(TREES["VLAN and its parent"], ("eth*",))
        assert made["eth0"].reason == 'matches "eth*" in [monitoring] interface'
        assert made["eth0.10"].reason == "vlan: its packets already count on eth0"

    def test_a_glob_gives_way_to_a_name(self) -> None:
        """What a glob matches above or below an exactly named interface does not count."""
        assert self.chosen("bond", "bond0", "eth*") == {"bond0"}
        assert self.chosen("VLAN router on a stick", "eth0", "eth0.*") == {"eth0"}
        assert self.chosen("VLAN router on a stick", "eth0.10", "eth*") == {"eth0.10", "eth0.20"}

    def test_loopback_counts_only_by_its_own_name(self) -> None:
        """A glob never means loopback; its exact name does, and the reason warns."""
        assert self.chosen("bond", "l*") == set()
        assert decided(TREES["bond"], ("l*",))["lo"].reason == "loopback: counts only when named exactly"
        assert self.chosen("bond", "lo") == {"lo"}
        told = decided(TREES["bond"], ("lo",))["lo"].reason
        assert told == "named in [monitoring] interface, though it never carries internet traffic"

    def test_a_star_in_a_real_name_is_a_name(self) -> None:
        """Windows has interfaces with a star in their names: the exact name wins over the glob."""
        assert self.chosen("Windows WireGuard", "Local Area Connection* 10") == {"Local Area Connection* 10"}

    @given(st.text("ab?", max_size=6), st.text("ab*?", max_size=6))
    def test_globs_match_as_everywhere(self, name: str, pattern: str) -> None:
        """``*`` and ``?`` match exactly what the standard library's fnmatchcase matches."""
        choice = resolve((link(2, name),), (), (pattern,))
        assert bool(choice.counted) == fnmatchcase(name, pattern)


class TestNearest:
    """A hint for a misspelt name."""

    def test_tells_the_name_that_was_meant(self) -> None:
        """A slip of a few letters is told; nothing is told where nothing is like it."""
        assert nearest("eth1", ("lo", "eth0", "wlan0")) == "eth0"
        assert nearest("wifi0", ("lo", "eth0", "wlan0")) == "wlan0"
        assert nearest("Ethernet 2", ("lo", "eth0", "wlan0")) is None
        assert nearest("eth0", ()) is None

    def test_ties_go_by_the_alphabet(self) -> None:
        """The same question always gets the same answer."""
        assert nearest("eth1", ("eth2", "eth0")) == "eth0"


def test_a_tunnel_over_ppp_ends_there() -> None:
    """A tunnel whose far end is reached by ppp counts on ppp."""
    case = tree(
        (ETH0, link(8, "ppp0", "ppp"), link(9, "gre1", "tunnel", outer="203.0.113.7")), (default(8), default(9))
    )
    assert counted(resolve(case.links, case.routes, None)) == {"ppp0"}


def test_a_tunnel_bound_to_itself_is_followed_by_its_route() -> None:
    """A tunnel that names itself as its device, or loopback, is resolved by its far end instead."""
    for lower in (9, 1):
        odd = link(9, "gre1", "tunnel", outer="203.0.113.7", lower=lower)
        case = tree((ETH0, WLAN0, odd), (default(9), SERVER, lan("10.0.0.0/8", 3)))
        assert counted(resolve(case.links, case.routes, None)) == {"eth0"}


def test_tunnels_bound_to_each_other_do_not_hang() -> None:
    """A circle of tunnels counts once, somewhere."""
    case = tree((link(8, "a", "tunnel", lower=9), link(9, "b", "tunnel", lower=8)), (default(8), *DEF1))
    assert len(resolve(case.links, case.routes, None).counted) == 1


def test_bonds_of_each_other_do_not_hang() -> None:
    """Impossible masters in a circle count once, on the first of them."""
    case = tree((link(8, "a", "bond", master=9), link(9, "b", "bond", master=8)), (default(8), default(9)))
    assert counted(resolve(case.links, case.routes, None)) == {"a"}


def test_a_tunnel_without_routes_is_no_uplink() -> None:
    """With unreadable routes a tunnel never counts beside the hardware below it."""
    assert counted(resolve((ETH0, TUN0), None, None)) == {"eth0"}
