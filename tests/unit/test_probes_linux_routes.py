import socket
import struct
import sys

import pytest

from packetbuddy.metering.readings import Route
from packetbuddy.probes.linux_routes import Hop, RouteTable, hop_objects, keep
from packetbuddy.probes.netlink import Conversation
from unit.netlink_bytes import (
    INTERRUPTED,
    NEWNEXTHOP,
    NEWROUTE,
    Kernel,
    attribute,
    done,
    error,
    message,
    route,
    u32,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="netlink exists on Linux only")

OUT = attribute(4, u32(2))
GATEWAY = attribute(5, bytes((10, 0, 0, 1)))
DEFAULT = Route(4, 0, 0, 2, gateway=True)


def packets(ipv4: list[bytes], ipv6: list[bytes], *more: bytes, first: int = 1) -> list[bytes]:
    """The answers to one reading of both families."""
    four = b"".join(message(NEWROUTE, body, sequence=first) for body in ipv4) + done(first)
    six = b"".join(message(NEWROUTE, body, sequence=first + 1) for body in ipv6) + done(first + 1)
    return [four, six, *more]


def read(*ipv4: bytes, ipv6: tuple[bytes, ...] = ()) -> tuple[Route, ...] | None:
    with Kernel(packets(list(ipv4), list(ipv6))) as kernel:
        return RouteTable(Conversation(kernel.connect)).current(0)


def hop(link: int, *attributes: bytes, flags: int = 0) -> bytes:
    inside = b"".join(attributes)
    return struct.pack("=HBBi", 8 + len(inside), flags, 0, link) + inside


def test_default_routes_of_both_families() -> None:
    """Family, gateway, metric and table are told; a missing destination is the default route."""
    six = route(OUT, attribute(5, bytes(16)), attribute(6, u32(1024)), attribute(15, u32(700)), family=10, table=0)
    assert read(route(OUT, GATEWAY, attribute(6, u32(100))), ipv6=(six,)) == (
        Route(4, 0, 0, 2, gateway=True, metric=100),
        Route(6, 0, 0, 2, gateway=True, metric=1024, table=700),
    )


def test_a_network_is_a_number_and_a_length() -> None:
    """The destination's bytes are read in network order, for both families; without a gateway it is on the link."""
    eight = attribute(1, socket.inet_aton("128.0.0.0"))
    six = attribute(1, socket.inet_pton(socket.AF_INET6, "2000::"))
    found = read(route(OUT, eight, length=1), ipv6=(route(OUT, six, family=10, length=3),))
    assert found == (
        Route(4, 0x80000000, 1, 2, gateway=False),
        Route(6, 0x2000 << 112, 3, 2, gateway=False),
    )


def test_a_gateway_of_the_other_family_is_a_gateway() -> None:
    """RTA_VIA: IPv4 through an IPv6 next hop."""
    via = attribute(18, struct.pack("=H", 10) + bytes(16))
    assert read(route(OUT, via)) == (DEFAULT,)


@pytest.mark.parametrize(
    "body",
    [
        *(route(OUT, GATEWAY, kind=kind) for kind in (0, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        route(OUT, GATEWAY, flags=0x200),
        route(OUT, GATEWAY, flags=0x1),
        route(OUT, GATEWAY, flags=0x10),
        route(OUT, GATEWAY, table=255),
        route(OUT, GATEWAY, attribute(15, u32(255)), table=252),
        route(OUT, GATEWAY, family=10),
        route(GATEWAY),
    ],
)
def test_what_cannot_carry_a_packet_is_left_out(body: bytes) -> None:
    """Local, multicast, rejecting, cached and dead routes, and another family's answer to our question."""
    assert read(body) == ()


def test_a_multipath_route_is_several() -> None:
    """One route per living next hop, each with its own gateway or none."""
    several = hop(2, GATEWAY) + hop(3) + hop(4, GATEWAY, flags=1) + hop(5, GATEWAY, flags=16)
    assert read(route(attribute(9, several))) == (DEFAULT, Route(4, 0, 0, 3, gateway=False))


@pytest.mark.parametrize("body", [b"short", route(attribute(30, u32(1)))])
def test_a_cut_description_means_that_routes_are_unknown(body: bytes) -> None:
    """Too few bytes for a route, or for the next-hop object that it names."""
    cut = message(NEWNEXTHOP, b"short", sequence=2) + done(2)
    with Kernel([message(NEWROUTE, body) + done(), cut]) as kernel:
        assert RouteTable(Conversation(kernel.connect)).current(0) is None


def test_a_broken_next_hop_means_that_routes_are_unknown() -> None:
    """Malformed answers are "could not read", not "no routes"."""
    assert read(route(attribute(9, struct.pack("=HBBi", 4, 0, 0, 2)))) is None


def test_next_hop_objects_are_asked_for_only_where_a_route_needs_them() -> None:
    """Routes that name only an object get its hops, a group's each; an unknown object carries nothing."""
    objects = [
        struct.pack("=BBBxI", 2, 0, 0, 0) + attribute(1, u32(1)) + OUT_HOP + attribute(6, bytes(4)),
        struct.pack("=BBBxI", 2, 0, 0, 0) + attribute(1, u32(2)) + attribute(5, u32(3)),
        struct.pack("=BBBxI", 0, 0, 0, 0) + attribute(1, u32(9)) + attribute(2, group(1) + group(2) + group(77)),
        struct.pack("=BBBxI", 2, 0, 0, 1) + attribute(1, u32(4)) + OUT_HOP,
    ]
    answer = b"".join(message(NEWNEXTHOP, body, sequence=2) for body in objects) + done(2)
    by_object = [route(attribute(30, u32(number)), length=number) for number in (1, 9, 4, 50)]
    four = b"".join(message(NEWROUTE, body) for body in by_object) + done()
    with Kernel([four, answer, done(3)]) as kernel:
        found = RouteTable(Conversation(kernel.connect)).current(0)
    assert found is not None
    assert [(one.length, one.link, one.gateway) for one in found] == [(1, 2, True), (9, 2, True), (9, 3, False)]


OUT_HOP = attribute(5, u32(2))


def group(member: int) -> bytes:
    return struct.pack("=IBBH", member, 0, 0, 0)


def test_a_blackhole_object_carries_nothing() -> None:
    """An object without an interface is no way out."""
    assert hop_objects([struct.pack("=BBBxI", 2, 0, 0, 0) + attribute(1, u32(1)) + attribute(4, b"")]) == {}
    assert hop_objects([struct.pack("=BBBxI", 2, 0, 0, 0) + attribute(1, u32(1)) + OUT_HOP]) == {
        1: (Hop(2, gateway=False),)
    }


def test_routes_are_read_once_until_something_changed() -> None:
    """No question goes out while nothing changed; after ``forget`` the new table is read."""
    script = packets([route(OUT, GATEWAY)], []) + packets([], [], first=3)
    with Kernel(script) as kernel:
        routes = RouteTable(Conversation(kernel.connect))
        assert [routes.current(now) for now in (0, 1, 2)] == [(DEFAULT,)] * 3
        assert len(list(kernel.questions())) == 2
        routes.forget()
        assert routes.current(3) == ()


def test_an_error_means_unknown_and_is_tried_again() -> None:
    """After a failed reading the routes are None, and the next look asks again."""
    with Kernel([error(-5), *packets([route(OUT, GATEWAY)], [], first=2)]) as kernel:
        routes = RouteTable(Conversation(kernel.connect))
        assert [routes.current(now) for now in (0, 1)] == [None, (DEFAULT,)]


def test_an_interrupted_table_is_read_again_now_and_later() -> None:
    """A few tries at once; if all are interrupted, the list is used and asked for again at the next look."""
    broken = [
        packet
        for first in (1, 3, 5, 7)
        for packet in (
            message(NEWROUTE, route(OUT, GATEWAY), sequence=first) + done(first, flags=INTERRUPTED),
            done(first + 1),
        )
    ]
    with Kernel([*broken, *packets([], [], first=9)]) as kernel:
        routes = RouteTable(Conversation(kernel.connect))
        assert [routes.current(now) for now in (0, 1)] == [(DEFAULT,), ()]


def test_a_huge_table_is_cut_but_never_its_defaults() -> None:
    """Default-like routes are all kept; of the others only so many, those with a gateway counted apart."""
    plain = [Route(4, number << 8, 24, 2, gateway=number % 2 == 0) for number in range(40)]
    halves = [Route(4, 0, 1, 3, gateway=True), Route(4, 1 << 31, 1, 3, gateway=True), Route(6, 0, 0, 3, gateway=False)]
    kept = keep([*plain, *halves], most=5)
    assert [one for one in kept if one.length > 1] == plain[:10]
    assert kept[10:] == halves


def test_a_long_reading_is_followed_by_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading that took 50 ms of processor time rests for 5 s, so that it never costs more than a hundredth."""
    spent = iter((0, 50_000_000, 0, 1))
    monkeypatch.setattr("packetbuddy.probes.linux_routes.time.thread_time_ns", lambda: next(spent))
    script = packets([route(OUT, GATEWAY)], []) + packets([], [], first=3)
    with Kernel(script) as kernel:
        routes = RouteTable(Conversation(kernel.connect))
        assert routes.current(0) == (DEFAULT,)
        routes.forget()
        assert routes.current(4_999_999_999) == (DEFAULT,)
        assert routes.current(5_000_000_000) == ()
