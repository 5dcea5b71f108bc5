"""What a routing table says about uplinks: default routes, way stations, and who carries a packet to an address."""

from collections.abc import Callable, Sequence

from packetbuddy.metering.readings import Route

_BITS = {4: 32, 6: 128}
_GLOBAL_V6 = 0b001
"""The first three bits of every global IPv6 address (2000::/3, RFC 4291)."""
_NOT_PUBLIC_V4 = (
    (0x00, 8),  # this network
    (0x0A, 8),  # 10/8, private (RFC 1918)
    (0x7F, 8),  # loopback
    (0x191, 10),  # 100.64/10, carrier-grade NAT (RFC 6598)
    (0xA9FE, 16),  # 169.254/16, link-local: clouds' metadata services have host routes here
    (0xAC1, 12),  # 172.16/12, private
    (0xC0A8, 16),  # 192.168/16, private
    (0b111, 3),  # 224/3, multicast and reserved
)


def is_default(route: Route) -> bool:
    """Whether the route leads to the internet at large, whatever its table, metric or scope.

    Besides /0 these are the halves that VPNs lay over it (0/1 and 128/1, ::/1 and 8000::/1), 2000::/3, and the two
    quarters 2000::/4 and 3000::/4 of OpenVPN's ``redirect-gateway ipv6``. Of the IPv6 halves the one that holds
    global addresses decides.
    """
    if route.family == 4:
        return route.length <= 1
    shared = min(route.length, 3)
    return route.length <= 4 and route.network >> (128 - shared) == _GLOBAL_V6 >> (3 - shared)


def is_server_route(route: Route) -> bool:
    """Whether this is a route to one public address through a gateway: how VPN clients keep their server reachable."""
    return route.gateway and route.length == _BITS.get(route.family) and _is_public(route.family, route.network)


def carriers(routes: Sequence[Route], outer: str | None, usable: Callable[[int], bool]) -> frozenset[int]:
    """Links that carry a packet to the address ``outer``: longest prefix first, then each table's lowest metric.

    ``usable`` tells which links may be considered. Empty when the address is unknown or nothing leads there. Policy
    rules are not consulted, so tables that tie all count.
    """
    target = parse_address(outer) if outer else None
    if target is None or not target[1]:
        return frozenset()
    matching = [route for route in routes if _covers(route, *target) and usable(route.link)]
    longest = max((route.length for route in matching), default=0)
    best = [route for route in matching if route.length == longest]
    lowest: dict[int, int] = {}
    for route in best:
        lowest[route.table] = min(route.metric, lowest.get(route.table, route.metric))
    return frozenset(route.link for route in best if route.metric == lowest[route.table])


def parse_address(text: str) -> tuple[int, int] | None:
    """``(family, number)`` of a written address, ``None`` if it is none; a zone (``%eth0``) is ignored.

    Our own because :mod:`ipaddress` would cost the monitor 0.2 MB for these few lines.
    """
    text = text.partition("%")[0]
    if ":" not in text:
        number = _join(text.split("."), 10, 8)
        return None if number is None or text.count(".") != 3 else (4, number)
    number = _parse_v6(text)
    return None if number is None else (6, number)


def _parse_v6(text: str) -> int | None:
    head, colon, tail = text.rpartition(":")
    if "." in tail:
        mapped = parse_address(tail)
        if mapped is None:
            return None
        text = f"{head}{colon}{mapped[1] >> 16:x}:{mapped[1] & 0xFFFF:x}"
    left, gap, right = text.partition("::")
    before, after = (part.split(":") if part else [] for part in (left, right))
    missing = 8 - len(before) - len(after)
    if missing < 1 if gap else missing != 0:
        return None
    return _join([*before, *["0"] * missing, *after], 16, 16)


def _join(digits: list[str], base: int, bits: int) -> int | None:
    """The number that groups of ``bits`` bits make up, ``None`` if one of them is not a group."""
    number = 0
    for group in digits:
        if not (group.isascii() and group.isalnum() and len(group) <= 4):
            return None
        try:
            value = int(group, base)
        except ValueError:
            return None
        if value >> bits:
            return None
        number = number << bits | value
    return number


def _covers(route: Route, family: int, address: int) -> bool:
    if route.family != family:
        return False
    free = _BITS[family] - route.length
    return address >> free == route.network >> free


def _is_public(family: int, address: int) -> bool:
    if family == 6:
        return address >> 125 == _GLOBAL_V6
    return all(address >> (32 - length) != prefix for prefix, length in _NOT_PUBLIC_V4)
