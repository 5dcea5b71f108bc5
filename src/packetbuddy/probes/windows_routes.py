"""Windows's routing table. Pure.

Sources: Microsoft Learn, "MIB_IPFORWARD_TABLE2", "MIB_IPFORWARD_ROW2", "IP_ADDRESS_PREFIX" (netioapi.h),
"SOCKADDR_INET" (ws2ipdef.h: family 0, IPv4 address 4, IPv6 address 8, 28 bytes).
"""

import struct

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Route
from packetbuddy.probes.windows_links import row_starts

ROW_BYTES = 104
# LUID, destination, its prefix length, next hop, metric, loopback
ROW = struct.Struct("<Q4x28sB3x28s12xI4xB11x")

_AF_INET, _AF_INET6 = 2, 23
_FAMILIES = {_AF_INET: (4, 4, 4), _AF_INET6: (6, 8, 16)}
"""By address family: IP version, where the address lies in its sockaddr, bytes of an address."""
_IPV4_MULTICAST_AND_BROADCAST = 0xE0
_IPV6_MULTICAST = 0xFF


def parse_routes(raw: bytes) -> tuple[Route, ...]:
    """Every route that can carry a packet elsewhere; loopback, multicast and broadcast are left out.

    ``metric`` is the route's own; the interface's, which Windows adds to it, is not asked for.

    Raises:
        ProbeError: the table is shorter than it says, or holds a prefix that cannot be.
    """
    routes = (_route(raw, start) for start in row_starts(raw, ROW_BYTES))
    return tuple(route for route in routes if route is not None)


def _route(raw: bytes, start: int) -> Route | None:
    luid, destination, length, next_hop, metric, loopback = ROW.unpack_from(raw, start)
    family = int.from_bytes(destination[:2], "little")
    if loopback or family not in _FAMILIES:
        return None
    version, begin, size = _FAMILIES[family]
    if length > size * 8:
        raise ProbeError(f"Windows gave an IPv{version} route with a prefix of {length} bits")
    address = destination[begin : begin + size]
    if _is_multicast(version, address[0]):
        return None
    gateway = any(next_hop[begin : begin + size])
    return Route(version, int.from_bytes(address, "big"), length, luid, gateway, metric)


def _is_multicast(version: int, first: int) -> bool:
    return first >= _IPV4_MULTICAST_AND_BROADCAST if version == 4 else first == _IPV6_MULTICAST
