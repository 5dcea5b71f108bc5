"""RTM_GETROUTE: the routes that could carry a packet, of both families and all tables.

They are read again only after a notification. A router with the whole internet's table must not pay for it every time:
a long read is followed by a pause in proportion, and of very many routes only those that matter are kept.
"""

import socket
import struct
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Route
from packetbuddy.probes.netlink import (
    RTM_GETNEXTHOP,
    RTM_GETROUTE,
    RTM_NEWNEXTHOP,
    RTM_NEWROUTE,
    Conversation,
    attribute_map,
    number,
)

_ROUTE = struct.Struct("=BBBBBBBBI")
"""struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags"""
_HOP = struct.Struct("=HBBi")
"""struct rtnexthop: length, flags, hops, ifindex"""
_HOP_OBJECT = struct.Struct("=BBBxI")
"""struct nhmsg: family, scope, protocol, flags"""
_GROUP_ENTRY = struct.Struct("=IBBH")
"""struct nexthop_grp: id, weight, …"""

_DESTINATION, _OUT, _GATEWAY, _PRIORITY, _MULTIPATH, _TABLE, _VIA, _OBJECT = 1, 4, 5, 6, 9, 15, 18, 30
_HOP_ID, _HOP_GROUP, _HOP_OUT, _HOP_GATEWAY = 1, 2, 5, 6

_UNICAST = 1
_CLONED = 0x200
_DEAD_OR_LINKDOWN = 0x1 | 0x10
_LOCAL_TABLE = 255
_FAMILIES = ((socket.AF_INET, 4), (socket.AF_INET6, 6))
_ATTEMPTS = 4
_KEPT = 4096
_PAUSE = 100


class Hop(NamedTuple):
    """One way out: the interface, and whether a gateway is named."""

    link: int
    gateway: bool


class RouteTable:
    """Keeps the routes between notifications. The conversation is the caller's."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._routes: tuple[Route, ...] | None = None
        self._stale = True
        self._not_before_ns = 0

    def forget(self) -> None:
        """Something about routes or links changed."""
        self._stale = True

    def current(self, now_ns: int) -> tuple[Route, ...] | None:
        """The routes; ``None`` while the kernel does not tell them. ``now_ns`` is any steady clock."""
        if self._stale and now_ns >= self._not_before_ns:
            before = time.thread_time_ns()
            self._read()
            spent = time.thread_time_ns() - before
            self._not_before_ns = now_ns + (spent * _PAUSE if spent > 20_000_000 else 0)
        return self._routes

    def _read(self) -> None:
        try:
            for _ in range(_ATTEMPTS):
                kept, whole = self._both_families()
                if whole:
                    break
        except ProbeError:
            self._routes = None
            return
        self._routes = kept
        self._stale = not whole

    def _both_families(self) -> tuple[tuple[Route, ...], bool]:
        kept: list[Route] = []
        whole = True
        for system, family in _FAMILIES:
            kept += keep(self._family(system, family))
            whole = whole and not self._talk.interrupted
        return tuple(kept), whole

    def _family(self, system: int, family: int) -> Iterator[Route]:
        waiting: list[tuple[Route, int]] = []
        question = _ROUTE.pack(system, 0, 0, 0, 0, 0, 0, 0, 0)
        for start, end in self._talk.dump(RTM_GETROUTE, RTM_NEWROUTE, question):
            body = self._talk.buffer[start:end]
            # A kernel without IPv6 answers the question for it with another family's routes.
            if wanted(body, system):
                yield from routes(body, family, waiting)
        if waiting:
            interrupted = self._talk.interrupted
            objects = self._hop_objects()
            self._talk.interrupted |= interrupted
            for route, identity in waiting:
                for hop in objects.get(identity, ()):
                    yield route._replace(link=hop.link, gateway=hop.gateway)

    def _hop_objects(self) -> dict[int, tuple[Hop, ...]]:
        question = _HOP_OBJECT.pack(0, 0, 0, 0)
        bodies = [
            bytes(self._talk.buffer[start:end])
            for start, end in self._talk.dump(RTM_GETNEXTHOP, RTM_NEWNEXTHOP, question)
        ]
        return hop_objects(bodies)


def wanted(body: bytes | bytearray, system: int) -> bool:
    """Whether an RTM_NEWROUTE body is of the family and could carry a packet to somewhere else."""
    if len(body) < _ROUTE.size:
        raise ProbeError("the kernel describes a route in too few bytes")
    family, _, _, _, table, _, _, kind, flags = _ROUTE.unpack_from(body)
    return family == system and kind == _UNICAST and table != _LOCAL_TABLE and not flags & (_CLONED | _DEAD_OR_LINKDOWN)


def routes(body: bytes | bytearray, family: int, waiting: list[tuple[Route, int]]) -> Iterator[Route]:
    """The routes of one RTM_NEWROUTE body, one per next hop that is alive.

    A route that names only a next-hop object goes to ``waiting`` with the object's number. Raises ProbeError.
    """
    length, table = body[1], body[4]
    told = attribute_map(body, _ROUTE.size, len(body))
    base = Route(
        family=family,
        network=int.from_bytes(told.get(_DESTINATION, b""), "big"),
        length=length,
        link=0,
        gateway=False,
        metric=number(told.get(_PRIORITY)) or 0,
        table=number(told.get(_TABLE)) or table,
    )
    if base.table == _LOCAL_TABLE:
        return
    hops = tuple(_hops(told))
    if not hops and _OBJECT in told:
        waiting.append((base, number(told[_OBJECT]) or 0))
    for hop in hops:
        yield base._replace(link=hop.link, gateway=hop.gateway)


def noticed(body: bytes) -> list[Route]:
    """The default-like and gateway routes of an RTM_NEWROUTE or RTM_DELROUTE notice. Raises ProbeError."""
    return [
        route
        for system, family in _FAMILIES
        if wanted(body, system)
        for route in routes(body, family, [])
        if route.length <= 1 or route.gateway
    ]


def _hops(told: dict[int, bytes]) -> Iterator[Hop]:
    if link := number(told.get(_OUT)):
        yield Hop(link, _GATEWAY in told or _VIA in told)
    several = told.get(_MULTIPATH, b"")
    start = 0
    while start + _HOP.size <= len(several):
        length, flags, _, link = _HOP.unpack_from(several, start)
        if length < _HOP.size or start + length > len(several):
            raise ProbeError("the kernel's answer holds a broken next hop")
        if not flags & _DEAD_OR_LINKDOWN:
            inside = attribute_map(several, start + _HOP.size, start + length)
            yield Hop(link, _GATEWAY in inside or _VIA in inside)
        start += (length + 3) & ~3


def hop_objects(bodies: Iterable[bytes]) -> dict[int, tuple[Hop, ...]]:
    """Next-hop objects by number, from RTM_NEWNEXTHOP bodies; a group is the hops of its members. Raises ProbeError."""
    single: dict[int, tuple[Hop, ...]] = {}
    groups: dict[int, bytes] = {}
    for body in bodies:
        if len(body) < _HOP_OBJECT.size:
            raise ProbeError("the kernel describes a next hop in too few bytes")
        told = attribute_map(body, _HOP_OBJECT.size, len(body))
        identity, link = number(told.get(_HOP_ID)) or 0, number(told.get(_HOP_OUT))
        if _HOP_GROUP in told:
            groups[identity] = told[_HOP_GROUP]
        elif link and not _HOP_OBJECT.unpack_from(body)[3] & _DEAD_OR_LINKDOWN:
            single[identity] = (Hop(link, _HOP_GATEWAY in told),)
    whole = {identity: members[: len(members) // 8 * 8] for identity, members in groups.items()}
    return single | {
        identity: tuple(hop for member in _GROUP_ENTRY.iter_unpack(members) for hop in single.get(member[0], ()))
        for identity, members in whole.items()
    }


def keep(found: Iterable[Route], most: int = _KEPT) -> list[Route]:
    """All default-like routes, and at most so many others with and without a gateway."""
    kept: list[Route] = []
    room = {True: most, False: most}
    for route in found:
        if route.length > 1:
            if room[route.gateway] == 0:
                continue
            room[route.gateway] -= 1
        kept.append(route)
    return kept
