"""Which interface's bytes pass through which other one."""

from collections.abc import Iterable, Iterator, Sequence

from packetbuddy.metering.readings import Link, Route
from packetbuddy.metering.routing import carriers, is_default, is_server_route

NEVER = frozenset({"loopback", "local"})
"""Kinds that lead nowhere."""
_HARD = frozenset({"hardware", "bond", "team", "vlan", "macvlan", "ipvlan", "ppp"})
"""Kinds that can be a line out of the machine by themselves."""
_PORTS = frozenset({"hardware", "bond", "team", "vlan"})
"""What a bridge's uplink port usually is."""
_AGGREGATES = frozenset({"bond", "team", "hardware"})
"""Masters that speak for their ports; a hardware one is Hyper-V's or virtio's pair of a slow and a fast path."""
_SWITCHES = frozenset({"bridge", "virtual"})
"""Masters that have other ports to speak to: bridges, VRFs, Open vSwitch, mesh devices."""


class Topology:
    """One look's links and how they lie on each other; owns only indexes and answers worked out over it.

    Ids are link identities; ids that no link has are ignored, and no shape of the graph (self-masters, cycles) makes
    a method fail or hang. ``routes`` is ``None`` when they could not be read: then every running line out counts as
    a holder.
    """

    def __init__(self, links: Sequence[Link], routes: Sequence[Route] | None) -> None:
        self.links = {link.identity: link for link in links}
        self.blind = routes is None
        """Whether the routes could not be read."""
        self._routes = tuple(route for route in routes or () if self._leads(route.link))
        self._ports: dict[int, list[Link]] = {}
        for link in sorted(links, key=lambda at: at.identity):
            if link.facts.master not in (None, link.identity) and link.facts.kind not in NEVER:
                self._ports.setdefault(link.facts.master, []).append(link)
        self.holders = frozenset(self._running() if self.blind else self._with_default())
        """Links with a default route."""
        self._servers = frozenset(self._outward(route.link for route in self._routes if is_server_route(route)))
        likely = self._likely()
        self._guessed = frozenset(() if likely else self._outward(r.link for r in self._routes if r.gateway))
        self._presumed = likely or self._guessed
        self._next_below: dict[int, frozenset[int]] = {}
        self._below: dict[int, frozenset[int]] = {}

    def passes_on(self, identity: int) -> bool:
        """Whether what goes in comes out of another interface of this machine: tunnels and local pairs.

        A ppp link is a line of its own (PPPoE, a modem) unless the kernel names its far end, or a route to one public
        server goes through another line's gateway: the mark of a PPTP, L2TP or SSL VPN.
        """
        link = self.links[identity]
        if link.facts.lower_elsewhere:
            return False
        if link.facts.kind == "ppp":
            return link.facts.outer is not None or (link.facts.lower is None and bool(self._servers - {identity}))
        return link.facts.kind == "tunnel" or self._is_local_pair(link)

    def settle(self, identity: int) -> int:
        """The interface that sees this one's internet bytes: a slave's bond, a bridge's only uplink port, or itself."""
        seen = {identity}
        current = identity
        while (following := self._next(self.links[current])) is not None:
            if following in seen:
                return identity
            seen.add(following)
            current = following
        return current

    def resolve(self, identity: int) -> frozenset[int]:
        """The interfaces that carry what this one sends to the internet: itself, or lines below it."""
        found: set[int] = set()
        start = self.settle(identity)
        waiting, seen = [start], {start}
        while waiting:
            current = waiting.pop()
            if not self.passes_on(current):
                found.add(current)
                continue
            for following in sorted({self.settle(carrier) for carrier in self._carriers(current, seen)} - seen):
                seen.add(following)
                waiting.append(following)
        return frozenset(found or {start})

    def below(self, identity: int) -> frozenset[int]:
        """Every interface that this one's bytes pass through as well, however deep; a cycle includes itself."""
        if identity not in self._below:
            self._below[identity] = frozenset(self._reach(identity))
        return self._below[identity]

    def master(self, link: Link) -> Link | None:
        """The bond, bridge or other master that this link is a port of."""
        master = link.facts.master
        return self.links.get(master) if master is not None and master != link.identity else None

    def is_doubtful(self, identity: int) -> bool:
        """Whether this link counts only because nothing better could be told."""
        if self.passes_on(identity):
            return any(self._is_line(other) for other in self.links.values())
        facts = self.links[identity].facts
        return self.blind or identity in self._guessed or (facts.kind in _SWITCHES and facts.lower is None)

    def _leads(self, identity: int) -> bool:
        return identity in self.links and self.links[identity].facts.kind not in NEVER

    def _is_line(self, link: Link) -> bool:
        return link.facts.kind in _HARD or (link.facts.kind == "veth" and link.facts.lower_elsewhere)

    def _is_local_pair(self, link: Link) -> bool:
        return link.facts.kind == "veth" and not link.facts.lower_elsewhere and link.facts.lower in self.links

    def _running(self) -> Iterator[int]:
        return (
            link.identity
            for link in self.links.values()
            if link.facts.running and link.facts.kind in {"hardware", "veth"} and self._is_line(link)
        )

    def _with_default(self) -> Iterator[int]:
        return (route.link for route in self._routes if is_default(route))

    def _outward(self, candidates: Iterable[int]) -> Iterator[int]:
        """Where these lead, as far as they are lines out of the machine."""
        settled = {self.settle(identity) for identity in candidates}
        return (identity for identity in settled if self._is_line(self.links[identity]))

    def _likely(self) -> frozenset[int]:
        """Lines that carry a tunnel of which nothing is known: other holders, and ways to VPN servers."""
        holders = {self.settle(identity) for identity in self.holders}
        lines = {identity for identity in holders if not self.passes_on(identity)}
        return frozenset(lines | {identity for identity in self._servers if not self.passes_on(identity)})

    def _next(self, link: Link) -> int | None:
        """One step of :meth:`settle`."""
        master = self.master(link)
        if master is not None and master.facts.kind in _AGGREGATES:
            return master.identity
        ports = self._ways_out(link)
        return ports[0].identity if len(ports) == 1 else None

    def _ways_out(self, link: Link) -> list[Link]:
        """The uplink ports of a bridge, or of the bridge that a local pair's other end is plugged into.

        Its lines, else ends of other namespaces, else tunnels whose way is known; of several, the only running one (a
        router with unplugged sockets). Guests' taps are no way out.
        """
        peer = self.links.get(link.facts.lower or 0) if self._is_local_pair(link) else None
        switch = self.master(peer) if peer is not None else link
        if switch is None or switch.facts.kind not in _SWITCHES:
            return []
        ports = self._ports.get(switch.identity, [])
        lines = [port for port in ports if port.facts.kind in _PORTS]
        elsewhere = [port for port in ports if port.facts.lower_elsewhere]
        known = [port for port in ports if port.facts.kind == "tunnel" and _has_way(port)]
        ways = lines or elsewhere or known
        running = [port for port in ways if port.facts.running]
        return running if len(running) == 1 else ways

    def _carriers(self, identity: int, seen: Iterable[int]) -> frozenset[int]:
        """What carries a tunnel: the device it is bound to, else the way to its far end, else a presumed line."""
        facts = self.links[identity].facts
        if facts.kind != "veth" and facts.lower is not None and facts.lower != identity and self._leads(facts.lower):
            return frozenset({facts.lower})
        avoid = {identity, *seen}
        found = carriers(self._routes, facts.outer, lambda link: self.settle(link) not in avoid)
        return found or self._presumed - {identity}

    def _reach(self, identity: int) -> set[int]:
        reached: set[int] = set()
        waiting = [identity]
        while waiting:
            fresh = self._directly_below(waiting.pop()) - reached
            reached |= fresh
            waiting.extend(fresh)
        return reached

    def _directly_below(self, identity: int) -> frozenset[int]:
        if identity not in self._next_below:
            self._next_below[identity] = frozenset(self._neighbours_below(self.links[identity])) & self.links.keys()
        return self._next_below[identity]

    def _neighbours_below(self, link: Link) -> Iterator[int]:
        if link.facts.lower is not None and not link.facts.lower_elsewhere:
            yield link.facts.lower
        if link.facts.kind in _AGGREGATES:
            yield from (port.identity for port in self._ports.get(link.identity, []))
        yield from (port.identity for port in self._ways_out(link))
        if self.passes_on(link.identity):
            found = self._carriers(link.identity, ())
            yield from found
            yield from (self.settle(identity) for identity in found)


def _has_way(tunnel: Link) -> bool:
    return tunnel.facts.lower is not None or tunnel.facts.outer is not None
