"""Windows's tables, laid out by ctypes from Microsoft's structures, apart from the code's own offsets."""

import ctypes
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Route
from packetbuddy.probes.windows_links import (
    ROW,
    ROW_BYTES,
    TABLE_START,
    kind_of,
    named_link,
    parse_links,
    parse_power,
)
from packetbuddy.probes.windows_routes import ROW as ROUTE
from packetbuddy.probes.windows_routes import ROW_BYTES as ROUTE_BYTES
from packetbuddy.probes.windows_routes import parse_routes

U8, U16, U32, U64 = ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64
ETHERNET_LUID = 6 << 48 | 0x8000 << 24
UNKNOWN = 2**64 - 1
HARDWARE, FILTER = 1, 2


def fields(kind: Any, names: str) -> list[tuple[str, Any]]:
    return [(name, kind) for name in names.split()]


class MibIfRow2(ctypes.Structure):
    """``MIB_IF_ROW2`` of netioapi.h, every member of it; enumerations are 32 bits wide."""

    _fields_ = [
        ("luid", U64),
        ("index", U32),
        ("guid", U8 * 16),
        ("alias", U16 * 257),
        ("description", U16 * 257),
        ("address_length", U32),
        ("address", U8 * 32),
        ("permanent_address", U8 * 32),
        *fields(U32, "mtu type tunnel media medium access direction"),
        ("flags", U8),
        *fields(U32, "status admin connected"),
        ("network", U8 * 16),
        ("connection", U32),
        *fields(U64, "up down in_octets in_unicast in_other in_discards in_errors in_unknown"),
        *fields(U64, "in_unicast_octets in_multicast_octets in_broadcast_octets"),
        *fields(U64, "out_octets out_unicast out_other out_discards out_errors"),
        *fields(U64, "out_unicast_octets out_multicast_octets out_broadcast_octets out_queue"),
    ]


class SockaddrInet(ctypes.Structure):
    """``SOCKADDR_INET`` of ws2ipdef.h: 28 bytes, aligned to 4."""

    _fields_ = [("family", U16), ("port", U16), ("rest", U32 * 6)]


class Prefix(ctypes.Structure):
    """``IP_ADDRESS_PREFIX`` of netioapi.h."""

    _fields_ = [("address", SockaddrInet), ("length", U8)]


class MibIpForwardRow2(ctypes.Structure):
    """``MIB_IPFORWARD_ROW2`` of netioapi.h."""

    _fields_ = [
        ("luid", U64),
        ("index", U32),
        ("destination", Prefix),
        ("next_hop", SockaddrInet),
        ("site", U8),
        *fields(U32, "valid preferred metric protocol"),
        *[(name, U8) for name in ("loopback", "autoconfigure", "publish", "immortal")],
        *fields(U32, "age origin"),
    ]


def wide(text: str) -> ctypes.Array[ctypes.c_uint16]:
    return (U16 * 257)(*text.encode("utf-16-le")[::2])


def link_row(alias: str = "Ethernet", **members: Any) -> MibIfRow2:
    return MibIfRow2(
        **({"luid": ETHERNET_LUID, "type": 6, "flags": HARDWARE, "status": 1, "alias": wide(alias)} | members)
    )


def sockaddr(address: str) -> SockaddrInet:
    if ":" in address:
        packed, place, family = socket.inet_pton(socket.AF_INET6, address), 8, 23
    else:
        packed, place, family = socket.inet_aton(address), 4, 2
    filled = family.to_bytes(2, "little").ljust(place, b"\0") + packed
    return SockaddrInet.from_buffer_copy(filled.ljust(28, b"\0"))


def route_row(destination: str, length: int, next_hop: str, **members: int) -> MibIpForwardRow2:
    prefix = Prefix(sockaddr(destination), length)
    return MibIpForwardRow2(luid=ETHERNET_LUID, destination=prefix, next_hop=sockaddr(next_hop), **members)


def table(*rows: ctypes.Structure) -> bytes:
    return len(rows).to_bytes(TABLE_START, "little") + b"".join(bytes(row) for row in rows)


def test_rows_have_microsofts_size() -> None:
    """Both rows are as long as the compiler makes them, so that the second row is found where it is."""
    assert ctypes.sizeof(MibIfRow2) == ROW_BYTES == ROW.size == 1352
    assert ctypes.sizeof(MibIpForwardRow2) == ROUTE_BYTES == ROUTE.size == 104


def test_links_match_the_structures() -> None:
    """LUID, name, octets, all packets, state and the faster speed come from where Microsoft's structure has them."""
    row = link_row(
        "Ethernet",
        up=1_000_000_000,
        down=2_000_000_000,
        in_octets=5 << 40,
        in_unicast=7,
        in_other=70,
        out_octets=6 << 40,
        out_unicast=8,
        out_other=80,
    )
    off = link_row("WLAN", luid=71 << 48, type=71, status=2, up=UNKNOWN, down=UNKNOWN)
    ethernet, wlan = parse_links(table(row, off))
    assert ethernet[:3] == (ETHERNET_LUID, "Ethernet", Counters(5 << 40, 6 << 40, 77, 88))
    assert (ethernet.facts.kind, ethernet.facts.running) == ("hardware", True)
    assert ethernet.facts.bytes_per_second == 250_000_000
    assert (wlan.identity, wlan.name, wlan.facts.running, wlan.facts.bytes_per_second) == (
        71 << 48,
        "WLAN",
        False,
        None,
    )


def test_filter_modules_are_not_links() -> None:
    """A filter above a card shows the card's bytes once more; it is left out, whatever else it says."""
    rows = table(link_row(), link_row("Ethernet-QoS", luid=1, flags=HARDWARE | FILTER))
    assert [link.name for link in parse_links(rows)] == ["Ethernet"]


def test_software_has_no_speed() -> None:
    """A virtual card's made-up 10 Gbit/s is no limit for what it carries."""
    (link,) = parse_links(table(link_row(flags=0, up=10**10, down=10**10, description=wide("Wintun Userspace Tunnel"))))
    assert (link.facts.kind, link.facts.bytes_per_second) == ("tunnel", None)


@pytest.mark.parametrize(
    ("if_type", "about", "hardware", "kind"),
    [
        (6, "Intel(R) Ethernet Connection", True, "hardware"),
        (6, "Microsoft Hyper-V Network Adapter", True, "hardware"),
        (71, "Intel(R) Wi-Fi 6 AX201", True, "hardware"),
        (71, "Microsoft Wi-Fi Direct Virtual Adapter", False, "local"),
        (243, "Generic Mobile Broadband Adapter", False, "hardware"),
        (244, "Generic Mobile Broadband Adapter", False, "hardware"),
        (24, "Software Loopback Interface 1", False, "loopback"),
        (131, "Microsoft Teredo Tunneling Adapter", False, "tunnel"),
        (23, "My VPN", False, "ppp"),
        (53, "WireGuard Tunnel", False, "tunnel"),
        (6, "TAP-Windows Adapter V9", False, "tunnel"),
        (6, "Hyper-V Virtual Ethernet Adapter", False, "virtual"),
        (6, "VirtualBox Host-Only Ethernet Adapter", False, "virtual"),
        (6, "VMware Virtual Ethernet Adapter for VMnet8", False, "virtual"),
        (6, "WAN Miniport (IP)", False, "virtual"),
        (6, "MAC Bridge Miniport", False, "bridge"),
        (209, "Network Bridge", False, "bridge"),
        (53, "Microsoft Network Adapter Multiplexor Driver", False, "bond"),
        (161, "Team", False, "bond"),
        (1, "Something", False, "virtual"),
    ],
)
def test_kinds(if_type: int, about: str, hardware: bool, kind: str) -> None:
    """Each driver's interfaces get the kind that the uplink rules know them by."""
    assert kind_of(if_type, about, hardware=hardware) == kind


def test_bluetooth_is_hardware() -> None:
    """A phone's Bluetooth tether is told by its physical medium, whatever its driver claims."""
    (link,) = parse_links(table(link_row("Bluetooth", flags=0, medium=10)))
    assert link.facts.kind == "hardware"


@pytest.mark.parametrize(
    ("luid", "name", "kind"),
    [
        (ETHERNET_LUID, "Ethernet", "hardware"),
        (71 << 48, "WLAN", "hardware"),
        (ETHERNET_LUID, "vEthernet (Hyper-V)", "virtual"),
        (ETHERNET_LUID, "Work VPN", "tunnel"),
        (53 << 48, "wg0", "tunnel"),
        (24 << 48, "Loopback Pseudo-Interface 1", "loopback"),
    ],
)
def test_named_links_are_judged_by_luid_and_name(luid: int, name: str, kind: str) -> None:
    """Without the table the LUID still tells the type, and the name the usual software cards."""
    assert named_link(luid, name, Counters(1, 2, 3, 4)).facts.kind == kind


def test_routes_match_the_structures() -> None:
    """Destination, prefix, interface, gateway and metric come from where Microsoft's structure has them."""
    rows = table(
        route_row("0.0.0.0", 0, "192.168.1.1", metric=25),  # noqa: S104 - a default route
        route_row("128.0.0.0", 1, "0.0.0.0"),  # noqa: S104 - on the link
        route_row("2001:db8::", 32, "fe80::1", metric=5),
        route_row("::", 0, "::"),
    )
    assert parse_routes(rows) == (
        Route(4, 0, 0, ETHERNET_LUID, gateway=True, metric=25),
        Route(4, 0x80 << 24, 1, ETHERNET_LUID, gateway=False),
        Route(6, 0x20010DB8 << 96, 32, ETHERNET_LUID, gateway=True, metric=5),
        Route(6, 0, 0, ETHERNET_LUID, gateway=False),
    )


def test_routes_that_lead_nowhere_are_left_out() -> None:
    """Loopback, multicast, broadcast and unknown families are no routes to anywhere."""
    unknown = route_row("10.0.0.0", 8, "10.0.0.1")
    unknown.destination.address.family = 99
    rows = table(
        route_row("127.0.0.0", 8, "0.0.0.0", loopback=1),  # noqa: S104 - on the link
        route_row("224.0.0.0", 4, "0.0.0.0"),  # noqa: S104 - same
        route_row("255.255.255.255", 32, "0.0.0.0"),  # noqa: S104 - same
        route_row("ff00::", 8, "::"),
        unknown,
    )
    assert parse_routes(rows) == ()
    assert parse_routes(table()) == ()


@pytest.mark.parametrize(("destination", "length"), [("10.0.0.0", 33), ("2001:db8::", 129)])
def test_impossible_prefix_is_an_error(destination: str, length: int) -> None:
    """A prefix longer than an address means that the table is not what it should be."""
    with pytest.raises(ProbeError):
        parse_routes(table(route_row(destination, length, "10.0.0.1")))


@given(st.data())
def test_truncated_tables_are_errors(data: st.DataObject) -> None:
    """A table shorter than it says is refused, wherever it ends; so is one without any interface."""
    links, routes = table(link_row(), link_row()), table(route_row("10.0.0.0", 8, "10.0.0.1"))
    with pytest.raises(ProbeError):
        parse_links(links[: data.draw(st.integers(0, len(links) - 1))])
    with pytest.raises(ProbeError):
        parse_routes(routes[: data.draw(st.integers(0, len(routes) - 1))])
    with pytest.raises(ProbeError):
        parse_links(table())


@given(st.binary(min_size=ROUTE_BYTES, max_size=ROUTE_BYTES), st.binary(max_size=80))
def test_garbage_is_values_or_an_error(row: bytes, other: bytes) -> None:
    """Random bytes never raise anything but ProbeError."""
    header = (1).to_bytes(TABLE_START, "little")
    for raw in (header + row, other):
        try:
            routes = parse_routes(raw)
        except ProbeError:
            continue
        assert all(route.length <= (32 if route.family == 4 else 128) for route in routes)
    (*links,) = parse_links(header + (row * 13)[:ROW_BYTES]) if not row[1152 % ROUTE_BYTES] & FILTER else ()
    assert all(0 <= link.identity < 2**64 for link in links)


@pytest.mark.parametrize(
    ("line", "battery", "expected"),
    [(0, 1, True), (0, 0, True), (1, 8, False), (1, 128, None), (0, 128, None), (255, 1, None), (1, 255, None)],
)
def test_power(line: int, battery: int, expected: bool | None) -> None:
    """On battery only where there is one and the line is off; desktops and unknown states are not guessed."""
    assert parse_power(bytes([line, battery]) + bytes(10)) is expected


def test_short_power_status_is_an_error() -> None:
    """Half a status is none."""
    with pytest.raises(ProbeError):
        parse_power(b"\1")
