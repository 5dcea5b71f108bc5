"""What one complete look at the machine holds. All values are frozen; all times are whole nanoseconds."""

from typing import NamedTuple

SECOND = 1_000_000_000
"""Nanoseconds in a second."""


class Boot(NamedTuple):
    """One run of the operating system's kernel.

    ``certain`` is false where the system has no stable boot identity (Windows): such a boot is taken for the
    same one until the elapsed clock proves otherwise.
    """

    identity: str
    certain: bool


class Instant(NamedTuple):
    """One moment on three clocks.

    ``wall_ns`` is UTC since 1970. ``elapsed_ns`` never steps and includes sleep, ``awake_ns`` never steps and
    excludes it; both begin near the boot. ``synchronized`` tells whether the system says its wall clock is kept by
    a time service; ``None`` where it cannot say.
    """

    wall_ns: int
    elapsed_ns: int
    awake_ns: int
    synchronized: bool | None


class Counters(NamedTuple):
    """The kernel's counters of one interface since it appeared; packets are ``None`` where the source has none."""

    rx_bytes: int
    tx_bytes: int
    rx_packets: int | None
    tx_packets: int | None


class Facts(NamedTuple):
    """What is known of an interface besides its counters; changes seldom.

    ``kind`` is one of ``hardware``, ``loopback``, ``veth``, ``vlan``, ``macvlan``, ``ipvlan``, ``bond``, ``team``,
    ``bridge``, ``ppp``, ``tunnel``, ``local`` (AirDrop, awdl, llw: never internet) and ``virtual`` (any other
    software device). Identities (``master``, ``lower``) are those of the same look and namespace.
    """

    kind: str
    master: int | None = None
    """The bond, team or bridge that this interface is a port of."""
    lower: int | None = None
    """The interface that this one is stacked on (VLAN's parent, macvlan's parent, a tunnel's device, a local peer)."""
    lower_elsewhere: bool = False
    """The parent or veth peer is in another network namespace."""
    outer: str | None = None
    """A tunnel's remote address, where the kernel tells it."""
    running: bool = True
    """Up, with a carrier where one can be asked."""
    bytes_per_second: int | None = None
    """The link's speed as hardware reports it; ``None`` where unknown or virtual."""
    counter_bits: int = 64
    """Width of the byte counters; 32 only where the source is known to wrap there."""


class Link(NamedTuple):
    """One interface at one look. ``identity`` is the ifindex (Linux, macOS) or the LUID (Windows)."""

    identity: int
    name: str
    counters: Counters
    facts: Facts


class Route(NamedTuple):
    """One route that could carry a packet; rejecting routes (blackhole, unreachable, prohibit) are left out.

    ``network`` is the destination's address as a number and ``length`` its prefix length (a default route is
    ``network=0, length=0``). ``gateway`` tells whether a next hop is named. A multipath route is several routes.
    """

    family: int
    """4 or 6."""
    network: int
    length: int
    link: int
    """Identity of the interface."""
    gateway: bool
    metric: int = 0
    table: int = 254
    scoped: bool = False
    """Bound to its interface (macOS ``RTF_IFSCOPE``)."""


class Reading(NamedTuple):
    """One look at the whole machine.

    ``complete`` is false when the system said that the list may be inconsistent. ``routes`` is ``None`` when they
    could not be read, which is not the same as there being none. ``machine`` is a hash of the machine's identity,
    empty where it has none; ``namespace`` names the network namespace, empty where there are none. ``farewells`` are
    links that ended since the last look, in order, with their last counters, and whose identity is in ``links`` again:
    what is there now began at zero.
    """

    at: Instant
    boot: Boot
    namespace: str
    machine: str
    links: tuple[Link, ...]
    routes: tuple[Route, ...] | None
    complete: bool = True
    farewells: tuple[Link, ...] = ()
