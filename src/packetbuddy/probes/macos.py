"""The probe of macOS: sysctl rows by interface index, the routing table, and a routing socket that tells of changes.

Written against Apple's published headers and manual pages and tested with data built from them; see
:mod:`macos_links <packetbuddy.probes.macos_links>` and :mod:`macos_routes <packetbuddy.probes.macos_routes>`.
Not told by macOS, or not asked: a bond's, bridge's and VLAN's members, a tunnel's remote address, whether a time
service keeps the clock (so ``synchronized`` is ``None``), and the carrier of Ethernet (``running`` says up).
"""

from _blake2 import blake2b  # hashlib would load OpenSSL, 4 MB, for one digest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import SECOND, Boot, Instant, Link, Reading, Route
from packetbuddy.probes.macos_links import COUNT, COUNT_NAME, ROW, named_link, parse_count, parse_row, row_name
from packetbuddy.probes.macos_routes import DUMP_BYTES, DUMP_NAME, matters, parse_routes
from packetbuddy.probes.macos_system import MacSystem, open_system

_LABEL = b"packetbuddy machine identity"
_ROUTES_OLD_NS = 5 * SECOND


class MacProbe:
    """Looks at the running macOS. Owns ``system``, and remembers the routes until the system says they changed.

    The 64-bit counters come by sysctl. Where that is refused, when the probe is opened, psutil's 32-bit ones serve
    for as long as it is open: the source never changes in between, because the widths differ. Such looks are not
    ``complete``, so that they never prove an interface to be new.

    Raises:
        ProbeError: neither source answers, or this is not macOS.
    """

    def __init__(self, system: MacSystem | None = None) -> None:
        self._system = open_system() if system is None else system
        self._boot = _boot(self._system)
        self._machine = _machine(self._system)
        self._routes: tuple[Route, ...] | None = None
        self._routes_at_ns = 0
        self._system.route_socket()  # before the first look, so that no change falls between the two
        self._native = True
        try:
            _native_links(self._system)
        except ProbeError:
            self._native = False
            _named_links(self._system)

    def look(self) -> Reading:
        """Take one complete reading.

        Raises:
            ProbeError: the interfaces could not be read.
        """
        wall, elapsed, awake = self._system.clocks()
        changed = any(matters(message) for message in self._system.messages())
        links = (_native_links if self._native else _named_links)(self._system)
        if changed or self._routes is None or self._unwatched_for(elapsed):
            self._routes = _routes(self._system)
            self._routes_at_ns = elapsed
        return Reading(
            Instant(wall, elapsed, awake, None), self._boot, "", self._machine, links, self._routes, self._native
        )

    def changes(self) -> int | None:
        """The routing socket's descriptor; ``None`` where it is refused, and then routes are re-read every 5 s."""
        return self._system.route_socket()

    def on_battery(self) -> bool | None:
        """Whether the machine runs on battery now; ``None`` where it has none."""
        return self._system.on_battery()

    def close(self) -> None:
        """Give back the routing socket; safe to call twice."""
        self._system.close()

    def _unwatched_for(self, elapsed: int) -> bool:
        return self.changes() is None and elapsed - self._routes_at_ns >= _ROUTES_OLD_NS


def _boot(system: MacSystem) -> Boot:
    try:
        return Boot(system.boot_session(), certain=True)
    except ProbeError:
        return Boot("macos", certain=False)


def _machine(system: MacSystem) -> str:
    try:
        return blake2b(system.host_uuid(), key=_LABEL, digest_size=16).hexdigest()
    except ProbeError:
        return ""


def _native_links(system: MacSystem) -> tuple[Link, ...]:
    """Each row is consistent in itself; an index without an interface has none."""
    links = []
    for index in range(1, parse_count(system.sysctl(COUNT_NAME, COUNT.size)) + 1):
        raw = system.sysctl(row_name(index), ROW.size)
        link = None if raw is None else parse_row(index, raw)
        if link is not None:
            links.append(link)
    if not links:
        raise ProbeError("macOS shows no interface")
    return tuple(links)


def _named_links(system: MacSystem) -> tuple[Link, ...]:
    return tuple(
        named_link(found.identity, found.name, found.counters)
        for found in system.named_counters()
        if found.identity is not None
    )


def _routes(system: MacSystem) -> tuple[Route, ...] | None:
    """The routes, or ``None`` where they cannot be read now: bytes are counted all the same."""
    try:
        raw = system.sysctl(DUMP_NAME, DUMP_BYTES)
        return None if raw is None else parse_routes(raw)
    except ProbeError:
        return None
