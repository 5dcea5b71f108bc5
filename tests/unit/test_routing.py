from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering import routing
from packetbuddy.metering.readings import Route
from unit.topologies import SERVER, default, route


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::/1", "2000::/3", "3000::/4"])
def test_default_in_all_its_shapes(prefix: str) -> None:
    """A default route is one by any table, metric or scope, as a whole, in halves, or as all global IPv6."""
    assert routing.is_default(route(prefix, 2, table=52, metric=7, scoped=True))


@pytest.mark.parametrize(
    "prefix", ["224.0.0.0/4", "64.0.0.0/2", "8000::/1", "4000::/3", "::/3", "2001::/16", "ff00::/8"]
)
def test_other_wide_routes_are_no_default(prefix: str) -> None:
    """Multicast, a quarter, and IPv6 without the global addresses do not make an uplink."""
    assert not routing.is_default(route(prefix, 2))


@pytest.mark.parametrize(
    ("told", "is_server"),
    [
        (SERVER, True),
        (route("2606:4700::1/128", 2), True),
        (route("203.0.113.7/32", 2, via=False), False),
        (route("203.0.113.0/24", 2), False),
        (route("fd00::1/128", 2), False),
        *((route(f"{private}/32", 2), False) for private in ("10.1.1.1", "172.31.0.1", "192.168.1.9", "100.64.0.1")),
        *((route(f"{special}/32", 2), False) for special in ("169.254.169.254", "127.0.0.1", "239.1.1.1", "0.0.0.1")),
        *((route(f"{near}/32", 2), True) for near in ("172.32.0.1", "100.128.0.1", "11.0.0.1", "192.169.0.1")),
    ],
)
def test_the_way_to_a_vpn_server(told: Route, is_server: bool) -> None:
    """Only a host route to a public address through a gateway marks a VPN's server."""
    assert routing.is_server_route(told) is is_server


def test_longest_prefix_then_metric_of_each_table() -> None:
    """The way to an address: longest prefix; among equals each table's lowest metric; multipath is several."""
    routes = (
        default(2),
        route("203.0.0.0/8", 3),
        route("203.0.113.0/24", 4, metric=9),
        route("203.0.113.0/24", 5, metric=1),
        route("203.0.113.0/24", 6, metric=1),
        route("203.0.113.0/24", 7, metric=9, table=52),
        route("2000::/3", 8),
    )
    assert routing.carriers(routes, "203.0.113.7", lambda _: True) == {5, 6, 7}
    assert routing.carriers(routes, "203.0.113.7", lambda at: at < 4) == {3}
    assert routing.carriers(routes, "8.8.8.8", lambda _: True) == {2}
    assert routing.carriers(routes, "2001:db8::1", lambda _: True) == {8}
    assert routing.carriers(routes, "fd00::1", lambda _: True) == frozenset()


@pytest.mark.parametrize("outer", [None, "", "0.0.0.0", "::", "nowhere"])  # noqa: S104 - an address, not a bind
def test_no_address_no_carrier(outer: str | None) -> None:
    """Where the far end is unknown or unspecified nobody is said to carry it."""
    assert routing.carriers((default(2), default(2, family=6)), outer, lambda _: True) == frozenset()


@given(st.ip_addresses())
def test_addresses_are_read_as_ipaddress_reads_them(address: IPv4Address | IPv6Address) -> None:
    """Every address, short or written out, is read as the standard library reads it."""
    for text in (str(address), address.exploded, address.compressed):
        assert routing.parse_address(text) == (address.version, int(address))


@given(st.text("0123456789abcdefg.:", max_size=20))
def test_what_is_no_address_is_told(text: str) -> None:
    """Text is an address exactly when the standard library says so (but for leading zeros)."""
    try:
        expected = ip_address(text)
    except ValueError:
        expected = None
    if any(len(part) > 1 and part[0] == "0" and part.isdigit() for part in text.replace(":", ".").split(".")):
        return
    read = routing.parse_address(text)
    assert read == (None if expected is None else (expected.version, int(expected)))


@pytest.mark.parametrize(
    "text", ["::ffff:1.2.3", "1:2:3:4:5:6:7::8:9", "1.2.3.256", "12345::", "1:2", "+1.2.3.4", "-1::"]
)
def test_broken_addresses(text: str) -> None:
    """Almost-addresses are none."""
    assert routing.parse_address(text) is None


def test_a_zone_is_ignored() -> None:
    """A link-local address with its interface is read without it."""
    assert routing.parse_address("fe80::1%eth0") == (6, int(IPv6Address("fe80::1")))
    assert routing.parse_address("::ffff:192.0.2.1") == (6, int(IPv6Address("::ffff:192.0.2.1")))
