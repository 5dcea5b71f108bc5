"""Routes from the tables in /proc/net, for a Linux where rtnetlink is refused."""

import sys
from collections.abc import Iterator, Mapping

from packetbuddy.metering.readings import Route
from packetbuddy.probes.linux_files import read_whole

_UP, _GATEWAY, _REJECT = 0x1, 0x2, 0x200
_IPV6_OTHER = 0x80000000 | 0x01000000 | 0x00100000  # local, cached, anycast
_MULTICAST_PREFIX = "ff"


def read_routes(proc: str, indexes: Mapping[str, int]) -> tuple[Route, ...] | None:
    """The routes through interfaces whose index is known; ``None`` where neither table can be read."""
    ipv4, ipv6 = read_whole(f"{proc}/net/route"), read_whole(f"{proc}/net/ipv6_route")
    if ipv4 is None and ipv6 is None:
        return None
    first = parse_ipv4((ipv4 or b"").decode("utf-8", "backslashreplace"), indexes)
    return (*first, *parse_ipv6((ipv6 or b"").decode("utf-8", "backslashreplace"), indexes))


def parse_ipv4(table: str, indexes: Mapping[str, int]) -> Iterator[Route]:
    """Routes of /proc/net/route: interface, destination, gateway, flags, …, metric, mask; addresses in memory order."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or fields[0] not in indexes:
            continue
        try:
            flags, metric = int(fields[3], 16), int(fields[6])
            network, mask = _from_memory(fields[1]), _from_memory(fields[7])
        except ValueError:
            continue
        if flags & _UP and not flags & _REJECT:
            gateway = bool(flags & _GATEWAY)
            yield Route(4, network, mask.bit_count(), indexes[fields[0]], gateway, metric)


def _from_memory(field: str) -> int:
    return int.from_bytes(int(field, 16).to_bytes(4, sys.byteorder), "big")


def parse_ipv6(table: str, indexes: Mapping[str, int]) -> Iterator[Route]:
    """Routes of /proc/net/ipv6_route: destination, length, source, length, next hop, metric, …, flags, interface."""
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 10 or fields[9] not in indexes or fields[0].startswith(_MULTICAST_PREFIX):
            continue
        try:
            network, length, metric, flags = (int(fields[place], 16) for place in (0, 1, 5, 8))
        except ValueError:
            continue
        if flags & _UP and not flags & (_REJECT | _IPV6_OTHER):
            yield Route(6, network, length, indexes[fields[9]], bool(flags & _GATEWAY), metric)
