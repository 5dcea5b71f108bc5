"""macOS's rows, routes and routing messages, laid out by ctypes from Apple's headers, apart from the code's offsets."""

import ctypes
import socket
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Link, Route
from packetbuddy.probes.macos_links import COUNT, ROW, kind_of, named_link, parse_count, parse_row
from packetbuddy.probes.macos_routes import HEADER_BYTES, matters, parse_routes

U8, U16, U32, U64 = ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64
UP, GATEWAY, HOST, REJECT, STATIC, IFSCOPE = 0x1, 0x2, 0x4, 0x8, 0x800, 0x1000000
LLINFO, BLACKHOLE, WASCLONED, LOCAL, MULTICAST = 0x400, 0x1000, 0x20000, 0x200000, 0x800000


def fields(kind: Any, names: str) -> list[tuple[str, Any]]:
    return [(name, kind) for name in names.split()]


class IfData64(ctypes.Structure):
    """``struct if_data64`` of <net/if_var.h>, under ``#pragma pack(4)``."""

    _pack_ = 4
    _layout_ = "ms"
    _fields_ = [
        *fields(U8, "type typelen physical addrlen hdrlen recvquota xmitquota unused1"),
        *fields(U32, "mtu metric"),
        *fields(U64, "baudrate ipackets ierrors opackets oerrors collisions ibytes obytes"),
        *fields(U64, "imcasts omcasts iqdrops noproto"),
        *fields(U32, "recvtiming xmittiming changed_seconds changed_microseconds"),
    ]


class IfMibData(ctypes.Structure):
    """``struct ifmibdata`` of <net/if_mib.h>."""

    _fields_ = [
        ("name", ctypes.c_char * 16),
        *fields(U32, "pcount flags snd_len snd_maxlen snd_drops"),
        ("filler", U32 * 4),
        ("data", IfData64),
    ]


class RtMsgHdr(ctypes.Structure):
    """``struct rt_msghdr`` of <net/route.h>; the metrics are 14 numbers of 32 bits."""

    _fields_ = [
        *fields(U16, "msglen"),
        *fields(U8, "version type"),
        *fields(U16, "index"),
        *fields(U32, "flags addrs pid seq errno use inits"),
        ("rmx", U32 * 14),
    ]


def row(name: bytes, *, flags: int = 0x8863, if_type: int = 6, bits_per_second: int = 0) -> bytes:
    data = IfData64(
        type=if_type, baudrate=bits_per_second, ibytes=5 << 40, obytes=6 << 40, ipackets=7 << 33, opackets=8 << 33
    )
    return bytes(IfMibData(name=name, flags=flags, data=data))


def inet(address: str, *, length: int = 16) -> bytes:
    full = bytes([length, 2, 0, 0]) + socket.inet_aton(address) + bytes(8)
    return full[:length]


def inet6(address: str) -> bytes:
    return bytes([28, 30, 0, 0, 0, 0, 0, 0]) + socket.inet_pton(socket.AF_INET6, address) + bytes(4)


def message(flags: int, *addresses: bytes | None, index: int = 4, kind: int = 4) -> bytes:
    """A message with destination, gateway and netmask, each padded to 4 bytes as the kernel does."""
    body = b""
    named = 0
    for place, address in enumerate(addresses):
        if address is not None:
            named |= 1 << place
            body += address + bytes(-len(address) % 4) if address else bytes(4)
    header = RtMsgHdr(msglen=HEADER_BYTES + len(body), version=5, type=kind, index=index, flags=flags, addrs=named)
    return bytes(header) + body


LINK_GATEWAY = bytes([20, 18, 4, 0]) + bytes(16)
DEFAULT = message(UP | GATEWAY | STATIC, inet("0.0.0.0"), inet("192.168.1.1"), b"")  # noqa: S104 - a default route


def test_row_matches_the_headers() -> None:
    """Name, 64-bit counters, state and speed come from where Apple's structure has them."""
    assert ctypes.sizeof(IfMibData) == ROW.size
    link = parse_row(4, row(b"en0", bits_per_second=1_000_000_000))
    assert link is not None
    assert link[:3] == (4, "en0", Counters(5 << 40, 6 << 40, 7 << 33, 8 << 33))
    assert link.facts.kind == "hardware"
    assert link.facts.running
    assert link.facts.bytes_per_second == 125_000_000
    assert link.facts.counter_bits == 64


def test_row_of_a_leaving_interface_is_no_link() -> None:
    """The kernel answers zeros while an interface comes or goes; that is no interface with counters of zero."""
    assert parse_row(4, bytes(ROW.size)) is None


@pytest.mark.parametrize(("flags", "running"), [(0x8863, True), (0x8843, True), (0x8822, False), (0x8803, False)])
def test_running_needs_up_and_running(flags: int, running: bool) -> None:
    """An interface runs only when it is up and its driver has its resources."""
    link = parse_row(4, row(b"en0", flags=flags))
    assert link is not None
    assert link.facts.running is running


def test_speed_is_hardware_only_and_never_zero() -> None:
    """Unknown speed and a software device's made-up speed are both ``None``."""
    for raw in (row(b"en0"), row(b"utun3", if_type=1, bits_per_second=10_000_000)):
        link = parse_row(4, raw)
        assert link is not None
        assert link.facts.bytes_per_second is None


@pytest.mark.parametrize(
    ("name", "if_type", "kind"),
    [
        ("en0", 6, "hardware"),
        ("en12", 6, "hardware"),
        ("pdp_ip0", 0xFF, "hardware"),
        ("fw0", 0x90, "hardware"),
        ("lo0", 0x18, "loopback"),
        ("utun4", 1, "tunnel"),
        ("ipsec0", 1, "tunnel"),
        ("gif0", 0x37, "tunnel"),
        ("stf0", 0x39, "tunnel"),
        ("ppp0", 0x17, "ppp"),
        ("bridge100", 0xD1, "bridge"),
        ("bond0", 0x88, "bond"),
        ("vlan7", 0x87, "vlan"),
        ("awdl0", 6, "local"),
        ("llw0", 6, "local"),
        ("anpi1", 6, "local"),
        ("ap1", 6, "local"),
        ("feth0", 6, "virtual"),
        ("vmenet0", 6, "virtual"),
        ("en0", 0xFE, "virtual"),
        ("xyz", 0x17, "ppp"),
    ],
)
def test_kinds(name: str, if_type: int, kind: str) -> None:
    """Each driver's interfaces get the kind that the uplink rules know them by."""
    assert kind_of(name, if_type) == kind


def test_named_link_is_32_bit() -> None:
    """Psutil's counters may be cut at 4 GiB, so that a fall of theirs may be a wrap."""
    link = named_link(4, "en0", Counters(1, 2, 3, 4))
    assert (link.facts.kind, link.facts.counter_bits) == ("hardware", 32)


@given(st.binary(max_size=ROW.size * 2))
def test_any_row_is_a_link_or_an_error(raw: bytes) -> None:
    """Garbage never raises anything but ProbeError, and a short row always does."""
    if len(raw) < ROW.size:
        with pytest.raises(ProbeError):
            parse_row(1, raw)
    else:
        assert isinstance(parse_row(1, raw), Link | None)


@pytest.mark.parametrize("raw", [None, b"", b"\1\0\0", COUNT.pack(-1), COUNT.pack(0x10000)])
def test_absurd_count_is_refused(raw: bytes | None) -> None:
    """No count, half a count and an impossible count are errors, not loops over two billion interfaces."""
    with pytest.raises(ProbeError):
        parse_count(raw)


def test_header_matches_the_headers() -> None:
    """The sockaddrs begin where ``struct rt_msghdr`` ends."""
    assert ctypes.sizeof(RtMsgHdr) == HEADER_BYTES
    assert RtMsgHdr.flags.offset == 8
    assert RtMsgHdr.addrs.offset == 12


def test_default_routes_of_a_full_tunnel() -> None:
    """Under a VPN the tunnel has the plain default, the hardware keeps a scoped one; IPv6 has its own."""
    dump = (
        message(UP | STATIC, inet("0.0.0.0"), LINK_GATEWAY, b"", index=22)  # noqa: S104 - a default route
        + message(UP | GATEWAY | IFSCOPE, inet("0.0.0.0"), inet("192.168.1.1"), b"", index=4)  # noqa: S104 - same
        + message(UP | GATEWAY, inet6("::"), inet6("fe80::1"), b"", index=4)
    )
    assert parse_routes(dump) == (
        Route(4, 0, 0, 22, gateway=False),
        Route(4, 0, 0, 4, gateway=True, scoped=True),
        Route(6, 0, 0, 4, gateway=True),
    )


def test_half_defaults_and_networks() -> None:
    """Netmasks whose trailing zeros the kernel cut off have their right length, of either family."""
    dump = (
        message(UP | GATEWAY, inet("128.0.0.0"), inet("10.8.0.1"), bytes([5, 0, 0, 0, 0x80]))
        + message(UP, inet("169.254.0.0"), LINK_GATEWAY, bytes([6, 0, 0, 0, 0xFF, 0xFF]))
        + message(UP, inet6("2001:db8::"), LINK_GATEWAY, inet6("ffff:ffff::"))
        + message(UP, inet("10.1.2.3"), LINK_GATEWAY, inet("255.255.255.255"))
    )
    found = [(route.network, route.length) for route in parse_routes(dump)]
    assert found == [(0x80 << 24, 1), (0xA9FE << 16, 16), (0x20010DB8 << 96, 32), (0x0A010203, 32)]


def test_host_route_by_a_gateway_is_kept() -> None:
    """The route to a VPN's server shows which hardware carries the tunnel."""
    (route,) = parse_routes(message(UP | GATEWAY | HOST, inet("203.0.113.9"), inet("192.168.1.1")))
    assert route == Route(4, 0xCB007109, 32, 4, gateway=True)


@pytest.mark.parametrize(
    ("flags", "addresses"),
    [
        (GATEWAY, (inet("0.0.0.0"), inet("10.0.0.1"), b"")),  # noqa: S104 - a default route that is not up
        (UP | GATEWAY | REJECT, (inet("0.0.0.0"), inet("127.0.0.1"), b"")),  # noqa: S104 - a default route
        (UP | BLACKHOLE, (inet("10.0.0.0"), inet("127.0.0.1"), inet("255.0.0.0"))),
        (UP | HOST | LLINFO, (inet("192.168.1.7"), LINK_GATEWAY)),
        (UP | HOST | GATEWAY | WASCLONED, (inet("1.1.1.1"), inet("192.168.1.1"))),
        (UP | HOST | LOCAL, (inet("192.168.1.2"), LINK_GATEWAY)),
        (UP | HOST, (inet("192.168.1.2"), LINK_GATEWAY)),
        (UP | MULTICAST, (inet("224.0.0.0"), LINK_GATEWAY, bytes([5, 0, 0, 0, 0xF0]))),
        (UP, (LINK_GATEWAY, LINK_GATEWAY, b"")),
        (UP, (b"", LINK_GATEWAY)),
        (UP, (None, LINK_GATEWAY)),
        (UP, (inet("10.0.0.0"), LINK_GATEWAY)),
        (UP, (inet("10.0.0.0"), LINK_GATEWAY, inet("255.0.255.0"))),
    ],
)
def test_what_carries_nothing_is_left_out(flags: int, addresses: tuple[bytes | None, ...]) -> None:
    """Rejects, neighbours, own addresses, multicast, other families and masks that say nothing are no routes."""
    assert parse_routes(message(flags, *addresses)) == ()


@given(st.integers(0, 2 * len(DEFAULT)))
def test_truncated_dump_is_an_error(cut: int) -> None:
    """A dump that ends within a message is refused, one that ends between two is what it is."""
    raw = (DEFAULT * 2)[:cut]
    if cut % len(DEFAULT):
        with pytest.raises(ProbeError):
            parse_routes(raw)
    else:
        assert len(parse_routes(raw)) == cut // len(DEFAULT)


@given(st.data())
def test_damaged_dump_is_routes_or_an_error(data: st.DataObject) -> None:
    """Whatever bytes are changed, the answer is routes or ProbeError; it always ends."""
    raw = bytearray(DEFAULT * 2)
    for place, value in data.draw(st.dictionaries(st.integers(0, len(raw) - 1), st.integers(0, 255))).items():
        raw[place] = value
    try:
        routes = parse_routes(bytes(raw))
    except ProbeError:
        return
    assert all(route.length <= (32 if route.family == 4 else 128) for route in routes)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", True),
        (struct.pack("<HBB", 4, 4, 7), True),
        (message(UP | GATEWAY, inet("0.0.0.0"), kind=0x1), True),  # noqa: S104 - a default route
        (message(GATEWAY, inet("0.0.0.0"), kind=0x2), True),  # noqa: S104 - a default route
        (message(UP | HOST | LLINFO, inet("192.168.1.7"), kind=0x1), False),
        (message(UP, inet("192.168.1.7"), kind=0x7), False),
        (message(0, kind=0xE), True),
        (message(0, kind=0xC), True),
        (message(UP, kind=0x1)[:10], True),
    ],
)
def test_which_messages_matter(raw: bytes, expected: bool) -> None:
    """Routes and links that change matter, and so does what is lost or unknown; neighbours and misses do not."""
    assert matters(raw) is expected
