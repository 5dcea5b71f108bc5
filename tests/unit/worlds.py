"""A simulated machine that tries to make a meter lose, double or invent a byte.

:class:`World` is the kernel: interfaces, boots, namespaces, clocks. :mod:`unit.truth` knows what moved in it,
:mod:`unit.ledgers` holds the monitor that looks at it.
"""

from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

from packetbuddy.metering.readings import SECOND, Boot, Counters, Facts, Instant, Link, Reading, Route

NOW = 1_795_500_000 * SECOND
"""A wall clock after the release, in the middle of a slot."""
MASK = (1 << 32) - 1
SMALL = 1 << 20
WIDE, NARROW, PACKETLESS, VIRTUAL = range(4)
"""Shapes of ports: 64-bit hardware, 32-bit hardware, hardware without packet counters, a veth."""
KINDS = (
    *("grow", "grow", "grow", "pass", "look", "look", "partial", "commit", "crash", "rebase", "full", "roomy"),
    *("sleep", "step", "set", "sync", "drift", "reset", "wobble", "recover", "rename", "recreate", "add"),
    *("vanish", "return", "boot", "namespace", "uplink"),
)
OF_THE_MONITOR = frozenset({"partial", "commit", "crash", "full", "roomy", "rebase"})
CALM = frozenset(
    {"grow", "pass", "look", "partial", "commit", "sleep", "step", "drift", "rename", "uplink", "sync", "set"}
)
"""Deeds after which nothing is unknowable, wherever a monitor crashes."""


class Deed(NamedTuple):
    """One thing that happens; the numbers mean what the kind makes of them."""

    kind: str
    which: int
    amount: int
    other: int


amounts = st.one_of(
    st.integers(0, 3000),
    st.integers(0, 1 << 33),
    st.sampled_from([1, SMALL - 1, SMALL, MASK, MASK - 1, 1 << 31, 3 * SECOND]),
)


def deeds(kinds: tuple[str, ...] = KINDS, most: int = 40) -> st.SearchStrategy[list[Deed]]:
    """Any story of a machine and its monitor."""
    deed = st.builds(Deed, st.sampled_from(kinds), st.integers(0, 7), amounts, st.integers(0, 100_000))
    return st.lists(deed, min_size=1, max_size=most)


class Shape(NamedTuple):
    """What kind of machine: certainty of its boots, what it says of its clock, and its ports' shapes."""

    certain: bool = True
    synchronized: bool | None = True
    ports: tuple[int, ...] = (WIDE, NARROW, PACKETLESS, VIRTUAL)


shapes = st.builds(
    Shape,
    st.booleans(),
    st.sampled_from([True, False, None]),
    st.lists(st.sampled_from([WIDE, NARROW, PACKETLESS, VIRTUAL]), min_size=1, max_size=4).map(tuple),
)


class Port:
    """One interface: bytes that moved in its present life, and what its counters make of them."""

    def __init__(self, identity: int, name: str, shape: int) -> None:
        self.identity, self.name = identity, name
        self.kind = "veth" if shape == VIRTUAL else "hardware"
        self.bits = 32 if shape == NARROW else 64
        self.packetless = shape == PACKETLESS
        self.away = False
        self.life = 0
        self.true, self.deficit, self.packets = [0, 0], [0, 0], [0, 0]
        self.looked, self.floor = [0, 0], [0, 0]
        """What had moved at the last look that saw it, and at the last such look that is stored."""

    def grow(self, rx: int, tx: int) -> None:
        """Move bytes in packets of at most 64 KiB; a 32-bit counter never wraps twice between looks that are stored."""
        for side, asked in enumerate((rx, tx)):
            room = (1 << 32) - 2 * SMALL - (self.true[side] - self.floor[side])
            moved = asked if self.bits == 64 else max(0, min(asked, room))
            self.true[side] += moved
            self.packets[side] += -(-moved // 65_536)

    def begin_again(self) -> None:
        """The counters start at zero."""
        self.life += 1
        self.true, self.deficit, self.packets = [0, 0], [0, 0], [0, 0]
        self.looked, self.floor = [0, 0], [0, 0]

    def wobble(self, side: int, amount: int) -> None:
        """The kernel takes back what it showed, at most a megabyte in all."""
        self.deficit[side] = min(self.deficit[side] + amount, self.true[side], SMALL - 1)

    def whole(self, side: int) -> int:
        """What a counter of any width would show."""
        return self.true[side] - self.deficit[side]

    def link(self) -> Link:
        """As a reading shows it."""
        rx, tx = (self.whole(side) & MASK if self.bits == 32 else self.whole(side) for side in (0, 1))
        packets = (None, None) if self.packetless else self.packets
        facts = Facts(self.kind, lower_elsewhere=self.kind == "veth", counter_bits=self.bits)
        return Link(self.identity, self.name, Counters(rx, tx, packets[0], packets[1]), facts)


class World:
    """The machine. Owns its clocks and interfaces; deeds change it, :meth:`reading` shows it."""

    def __init__(self, shape: Shape) -> None:
        self.certain, self.synchronized = shape.certain, shape.synchronized
        self.boots, self.machine, self.here = 1, "m1", 0
        self.elapsed, self.awake, self.base = 100 * SECOND, 90 * SECOND, NOW
        self.shapes = shape.ports
        self.spaces = [self._space()]
        self.uplinks = {2}
        self.next_identity = 100
        for port in self.ports:
            port.grow(5_000, 7_000)

    @property
    def ports(self) -> list[Port]:
        """Interfaces of the namespace that is looked at."""
        return self.spaces[self.here]

    def do(self, deed: Deed) -> None:
        """Let one thing happen; kinds that concern the monitor alone are ignored."""
        happen: dict[str, Callable[[Deed], None]] = {
            "grow": lambda at: self._port(at).grow(at.amount, at.other),
            "pass": lambda at: self._pass(at.amount),
            "look": lambda at: self._pass(at.other * 30_000),
            "sleep": self._sleep,
            "step": self._step,
            "sync": self._sync,
            "set": self._set,
            "drift": lambda at: self._shift((at.other - 50_000) * 1_000_000 // 2),
            "reset": lambda at: self._port(at).begin_again(),
            "wobble": lambda at: self._port(at).wobble(at.which % 2, at.amount),
            "recover": self._recover,
            "rename": self._rename,
            "recreate": self._recreate,
            "add": self._add,
            "vanish": lambda at: self._hide(at, away=True),
            "return": lambda at: self._hide(at, away=False),
            "boot": self._boot,
            "namespace": self._namespace,
            "uplink": self._uplink,
        }
        if deed.kind not in OF_THE_MONITOR:
            happen[deed.kind](deed)

    def instant(self) -> Instant:
        """Now."""
        return Instant(self.base + self.elapsed, self.elapsed, self.awake, self.synchronized)

    def reading(self, hidden: int | None = None) -> Reading:
        """A look; one that lacks the interface of number ``hidden`` is not complete."""
        there = [port for port in self.ports if not port.away]
        seen = [port for place, port in enumerate(there) if hidden is None or place != hidden % len(there)]
        routes = tuple(Route(4, 0, 0, port.identity, gateway=True) for port in seen if port.identity in self.uplinks)
        boot = Boot(f"boot{self.boots}" if self.certain else "windows", self.certain)
        links = tuple(port.link() for port in seen)
        return Reading(self.instant(), boot, f"ns{self.here}", self.machine, links, routes, complete=hidden is None)

    def _port(self, deed: Deed) -> Port:
        return self.ports[deed.which % len(self.ports)]

    def _pass(self, nanoseconds: int) -> None:
        self.elapsed += nanoseconds
        self.awake += nanoseconds

    def _sleep(self, deed: Deed) -> None:
        self.elapsed += deed.other * SECOND

    def _step(self, deed: Deed) -> None:
        self._shift((deed.other - 50_000) * 70 * SECOND)

    def _shift(self, nanoseconds: int) -> None:
        self.base = max(0, self.base + nanoseconds)

    def _sync(self, deed: Deed) -> None:
        """A time service begins or stops to keep the clock, or nobody can say."""
        self.synchronized = (True, False, None)[deed.other % 3]

    def _set(self, _: Deed) -> None:
        """The wall clock is right again."""
        self.base = NOW

    def _recover(self, deed: Deed) -> None:
        self._port(deed).deficit = [0, 0]

    def _rename(self, deed: Deed) -> None:
        one, other = self._port(deed), self.ports[deed.other % len(self.ports)]
        one.name, other.name = other.name, one.name

    def _recreate(self, deed: Deed) -> None:
        """Deleted, and made again under the same name; what it moves before anybody looks is usage too."""
        old = self._port(deed)
        self.ports.remove(old)
        self._new(old.name, deed)

    def _add(self, deed: Deed) -> None:
        if len(self.ports) < 6:
            self._new(f"usb{self.next_identity}", deed)

    def _new(self, name: str, deed: Deed) -> None:
        port = Port(self.next_identity, name, self.shapes[deed.which % len(self.shapes)])
        port.grow(deed.amount, deed.other)
        self.next_identity += 1
        self.ports.append(port)

    def _hide(self, deed: Deed, *, away: bool) -> None:
        """One always stays: an empty machine shows nothing to judge."""
        port = self._port(deed)
        port.away = away and any(not other.away for other in self.ports if other is not port)

    def _boot(self, deed: Deed) -> None:
        self.boots += 1
        self.here = 0
        self.base += self.elapsed
        self.elapsed = self.awake = (1 + deed.other) * SECOND // 50
        self.base -= self.elapsed
        self.spaces = self.spaces[:1]
        for port in self.ports:
            port.begin_again()
            port.grow(deed.amount, deed.other)

    def _namespace(self, _: Deed) -> None:
        """A container restart: another namespace with the same names and indexes; or back again."""
        self.here = 1 - self.here
        if self.here == len(self.spaces):
            self.spaces.append(self._space())

    def _space(self) -> list[Port]:
        return [Port(2 + place, f"eth{place}", shape) for place, shape in enumerate(self.shapes)]

    def _uplink(self, deed: Deed) -> None:
        self.uplinks = {port.identity for place, port in enumerate(self.ports) if (deed.other >> place) & 1}
