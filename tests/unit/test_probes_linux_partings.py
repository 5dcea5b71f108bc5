"""Who ended between two looks, from farewells put together byte by byte."""

import socket
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.readings import Counters, Facts, Link, Route
from unit.netlink_bytes import attribute, link, message, route, u32

if sys.platform != "linux":
    pytest.skip("netlink exists on Linux only", allow_module_level=True)

from packetbuddy.probes.linux_notices import Farewell, Notices
from packetbuddy.probes.linux_partings import Partings, partings

ETH0 = Link(7, "eth0", Counters(100, 200, 1, 2), Facts("hardware"))
MOVED = attribute(45, u32(0))


def farewell(*stats: int, after: bytes = b"", herald: bytes = b"") -> Farewell:
    told = (stats[0], stats[1], stats[2], stats[3])
    return Farewell(7, link(7, stats=told, after=after), herald)


def test_a_known_link_ends_with_its_last_counters() -> None:
    """Gone, it is itself with the farewell's counters, none of them fallen; present again, it is a life before."""
    last = ETH0._replace(counters=Counters(150, 200, 3, 2))
    told = [farewell(3, 0, 150, 0)]
    assert partings(told, set(), {7: ETH0}) == Partings((last,), ())
    assert partings(told, {7}, {7: ETH0}) == Partings((), (last,))


def test_a_stranger_is_introduced_by_what_was_told_of_it() -> None:
    """Name and highest counters come from its announcement and its farewell; one that moved nothing is not told."""
    herald = link(7, b"wan9", stats=(5, 1, 500, 10))
    (stranger,) = partings([farewell(0, 4, 0, 40, herald=herald)], set(), {}).gone
    assert (stranger.identity, stranger.name, stranger.counters) == (7, "wan9", Counters(500, 40, 5, 4))
    assert partings([farewell(0, 4, 0, 40)], set(), {}).gone[0].counters == Counters(0, 40, 0, 4)
    assert partings([farewell(0, 0, 0, 0)], set(), {}) == Partings()


def test_lives_between_two_looks_are_kept_in_order() -> None:
    """Several ends of one identity: the last one is the link that is gone, the earlier ones are lives before it."""
    told = [farewell(2, 2, 300, 300), farewell(1, 1, 20, 30), farewell(1, 1, 9, 9)]
    found = partings(told, set(), {7: ETH0})
    assert [each.counters.rx_bytes for each in (*found.again, *found.gone)] == [300, 20, 9]
    assert len(found.gone) == 1


def test_what_moved_away_and_is_back_did_not_end() -> None:
    """Another namespace empties no counter; while it is away, it is gone as any other."""
    told = [farewell(3, 3, 300, 300, after=MOVED)]
    assert partings(told, {7}, {7: ETH0}) == Partings()
    assert [each.identity for each in partings(told, set(), {7: ETH0}).gone] == [7]


def test_strangers_are_bounded() -> None:
    """A machine that makes and deletes interfaces all the time adds at most so many to one look."""
    told = [Farewell(number, link(number), b"") for number in range(1, 2000)]
    assert len(partings(told, set(), {}).gone) == 256


@given(st.binary(max_size=80), st.binary(max_size=80), st.booleans(), st.booleans())
def test_garbage_never_raises(body: bytes, herald: bytes, known: bool, here: bool) -> None:
    """Whatever is in a farewell of at least a head: nothing, or the link that was known."""
    told = [Farewell(7, bytes(16) + body, bytes(16) + herald if herald else b"")]
    found = partings(told, {7} if here else set(), {7: ETH0} if known else {})
    assert len(found.gone) + len(found.again) <= 1


def test_notices_keep_routes_and_farewells() -> None:
    """Default and gateway routes that came or went are told once each, others not; farewells come with their herald."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices = Notices(near)
    default = route(attribute(4, u32(7)))
    gateway = route(attribute(1, b"\x0a\0\0\0"), attribute(4, u32(8)), attribute(5, b"\x0a\0\0\1"), length=8)
    plain = route(attribute(1, b"\x0b\0\0\0"), attribute(4, u32(9)), length=8)
    six = route(attribute(4, u32(6)), family=10)
    with far:
        for kind, body in ((24, default), (25, default), (25, gateway), (24, plain), (25, six), (25, b"x")):
            far.send(message(kind, body))
        up, down = link(7, stats=(1, 1, 1, 1)), link(7, flags=0)
        far.send(message(16, up) + message(16, down) + message(17, down))
        notices.drain()
        assert set(notices.routes()) == {
            Route(4, 0, 0, 7, gateway=False),
            Route(6, 0, 0, 6, gateway=False),
            Route(4, 0x0A000000, 8, 8, gateway=True),
        }
        assert notices.routes() == ()
        told = notices.farewells()
        assert told == [Farewell(7, down, up)]
        assert notices.farewells() == []
        notices.postpone(told)
        assert notices.farewells() == told
        notices.close()


def test_noticed_routes_are_bounded() -> None:
    """A router that learns the internet's table keeps a few hundred of its notices, and defaults beside them."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices = Notices(near)
    with far:
        for number in range(600):
            out, via = attribute(4, u32(7)), attribute(5, b"\x0a\0\0\1")
            far.send(message(24, route(attribute(1, struct.pack(">I", number << 8)), out, via, length=24)))
            if number % 50 == 49:
                notices.drain()
        far.send(message(25, route(attribute(4, u32(3)))))
        notices.drain()
        heard = notices.routes()
        assert (len(heard), heard[0].link) == (257, 3)
        notices.close()
