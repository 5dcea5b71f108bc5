"""macOS's routing table and routing messages. Pure.

Sources: ``<net/route.h>`` (``struct rt_msghdr``: 92 bytes, then the sockaddrs that ``rtm_addrs`` names, each padded
to 4 bytes, an empty one taking 4), route(4), and ``sysctl_dumpentry`` and ``rt_msg2`` of ``bsd/net/rtsock.c``.
"""

import struct

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Route

_CTL_NET, _PF_ROUTE, _NET_RT_DUMP = 4, 17, 1

DUMP_NAME = (_CTL_NET, _PF_ROUTE, 0, 0, _NET_RT_DUMP, 0)
"""The sysctl of the whole table, all families."""
DUMP_BYTES = 16 * 1024
HEADER = struct.Struct("<HBBH2xII")
"""Message length, version, type, interface index, flags, addresses: the part of the header that is read."""
HEADER_BYTES = 92

_VERSION = 5
_AF_INET, _AF_INET6 = 2, 30

_UP = 0x1
_GATEWAY = 0x2
_HOST = 0x4
_REJECT = 0x8
_LLINFO = 0x400
_BLACKHOLE = 0x1000
_WASCLONED = 0x20000
_LOCAL = 0x200000
_BROADCAST = 0x400000
_MULTICAST = 0x800000
_IFSCOPE = 0x1000000
_CONDEMNED = 0x2000000
_DEAD = 0x20000000
_CARRIES_NOTHING = _REJECT | _BLACKHOLE | _LOCAL | _BROADCAST | _MULTICAST | _CONDEMNED | _DEAD
_NEIGHBOUR = _LLINFO | _WASCLONED

_ROUTE_CHANGED = frozenset({0x1, 0x2, 0x3})  # RTM_ADD, RTM_DELETE, RTM_CHANGE
_LINK_CHANGED = frozenset({0xC, 0xD, 0xE, 0x12})  # RTM_NEWADDR, RTM_DELADDR, RTM_IFINFO, RTM_IFINFO2

_DESTINATION, _NETMASK = 0, 2

_FAMILIES = {_AF_INET: (4, 4, 4), _AF_INET6: (6, 8, 16)}
"""By address family: IP version, where the address lies in its sockaddr, bytes of an address."""


def parse_routes(raw: bytes) -> tuple[Route, ...]:
    """Every route of a dump that can carry a packet elsewhere; neighbours, own addresses and rejects are left out.

    So are clones of the default route: they name single public hosts, as only a VPN's route to its server should.

    Raises:
        ProbeError: the dump is not of the documented form.
    """
    routes = []
    offset = 0
    while offset < len(raw):
        message = _message(raw, offset)
        offset += len(message)
        route = _route(message)
        if route is not None:
            routes.append(route)
    return tuple(routes)


def matters(message: bytes) -> bool:
    """Whether a message of the routing socket can mean other routes or links.

    The socket also tells of every neighbour that is met and every lookup that fails. What cannot be understood, an
    empty message (some were lost) among it, matters.
    """
    if len(message) < 4 or message[2] != _VERSION:
        return True
    kind = message[3]
    if kind in _ROUTE_CHANGED and len(message) >= HEADER.size:
        return _goes_elsewhere(HEADER.unpack_from(message)[4])
    return kind in _ROUTE_CHANGED or kind in _LINK_CHANGED


def _message(raw: bytes, offset: int) -> bytes:
    if len(raw) - offset < HEADER_BYTES:
        raise ProbeError("the routing table ends within a message")
    length, version = HEADER.unpack_from(raw, offset)[:2]
    if version != _VERSION:
        raise ProbeError(f"the routing table has version {version}, not {_VERSION}")
    if not HEADER_BYTES <= length <= len(raw) - offset:
        raise ProbeError(f"the routing table has a message of {length} bytes")
    return raw[offset : offset + length]


def _route(message: bytes) -> Route | None:
    _, _, _, index, flags, named = HEADER.unpack_from(message)
    if not flags & _UP or not _goes_elsewhere(flags):
        return None
    addresses = _addresses(message[HEADER_BYTES:], named)
    destination = addresses.get(_DESTINATION, b"")
    if len(destination) < 2 or destination[1] not in _FAMILIES:
        return None
    version, start, size = _FAMILIES[destination[1]]
    network = _number(destination, start, size)
    length = size * 8 if flags & _HOST else _prefix(addresses.get(_NETMASK, b""), start, size)
    if length is None or (network and not length):  # a mask with holes, or a network without a mask
        return None
    return Route(version, network, length, index, bool(flags & _GATEWAY), scoped=bool(flags & _IFSCOPE))


def _goes_elsewhere(flags: int) -> bool:
    if flags & _CARRIES_NOTHING or flags & _NEIGHBOUR:
        return False
    return not flags & _HOST or bool(flags & _GATEWAY)


def _addresses(body: bytes, named: int) -> dict[int, bytes]:
    """The sockaddrs by their place in the bitmask, as far as the netmask."""
    found = {}
    offset = 0
    for place in range(_NETMASK + 1):
        if not named & 1 << place:
            continue
        length = body[offset] if offset < len(body) else -1
        if not 0 <= length <= len(body) - offset:
            raise ProbeError("a route ends within an address")
        found[place] = body[offset : offset + length]
        offset += (length + 3 & ~3) or 4
    return found


def _number(sockaddr: bytes, start: int, size: int) -> int:
    """The address as a number; the kernel cuts trailing zeros off netmasks."""
    return int.from_bytes(sockaddr[start : start + size].ljust(size, b"\0"), "big")


def _prefix(netmask: bytes, start: int, size: int) -> int | None:
    """A netmask's length, 0 for an empty one; ``None`` for a mask with holes."""
    bits = f"{_number(netmask, start, size):0{size * 8}b}"
    length = bits.find("0") if "0" in bits else size * 8
    return None if "1" in bits[length:] else length
