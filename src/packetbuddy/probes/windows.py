"""The probe of Windows: GetIfTable2 by LUID, GetIpForwardTable2, and clocks with and without sleep.

Written against Microsoft's published structures and tested with data built from them; see
:mod:`windows_links <packetbuddy.probes.windows_links>` and :mod:`windows_routes <packetbuddy.probes.windows_routes>`.
Windows has no boot identity (so it is never certain) and does not tell whether a time service keeps the clock. Its
virtual switches don't tell which card they use: bytes of virtual machines on one are not seen, the host's are.
"""

from _blake2 import blake2b  # hashlib would load OpenSSL, 4 MB, for one digest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import SECOND, Boot, Instant, Link, Reading, Route
from packetbuddy.probes.windows_links import named_link, parse_links, parse_power
from packetbuddy.probes.windows_routes import parse_routes
from packetbuddy.probes.windows_system import WindowsSystem, open_system

_BOOT = Boot("windows", certain=False)
_LABEL = b"packetbuddy machine identity"
_ROUTES_OLD_NS = 5 * SECOND
_ATTEMPTS = 3
_NS_PER_TICK = 1_000_000
_NS_PER_INTERRUPT_UNIT = 100


class WindowsProbe:
    """Looks at the running Windows.

    Routes are read again when an interface comes, goes, or changes state, and every 5 seconds: Windows tells of
    changes by a callback on a thread of its own, which costs more than it saves beside a table of 100 rows.

    Where GetIfTable2 is refused, when the probe is opened, psutil's counters serve for as long as it is open, their
    names turned into LUIDs. Such looks are not ``complete``, so that they never prove an interface to be new.

    Raises:
        ProbeError: neither source answers, or this is not Windows.
    """

    def __init__(self, system: WindowsSystem | None = None) -> None:
        self._system = open_system() if system is None else system
        self._machine = _machine(self._system)
        self._routes: tuple[Route, ...] | None = None
        self._routes_at_ns = 0
        self._states: tuple[tuple[int, bool], ...] = ()
        self._native = True
        try:
            parse_links(self._system.link_table())
        except ProbeError:
            self._native = False
            _named_links(self._system)

    def look(self) -> Reading:
        """Take one complete reading.

        Raises:
            ProbeError: the interfaces or the clocks could not be read.
        """
        wall, ticks, awake = self._system.clocks()
        elapsed = ticks * _NS_PER_TICK
        links = parse_links(self._system.link_table()) if self._native else _named_links(self._system)
        if self._moved(links) or self._routes is None or elapsed - self._routes_at_ns >= _ROUTES_OLD_NS:
            self._routes = _routes(self._system)
            self._routes_at_ns = elapsed
        at = Instant(wall, elapsed, awake * _NS_PER_INTERRUPT_UNIT, None)
        return Reading(at, _BOOT, "", self._machine, links, self._routes, self._native)

    def changes(self) -> int | None:
        """``None``: there is no descriptor to wait on."""
        return None

    def on_battery(self) -> bool | None:
        """Whether the machine runs on battery now; ``None`` where it has none or cannot tell."""
        return parse_power(self._system.power_status())

    def close(self) -> None:
        """Nothing to give back; safe to call twice."""

    def _moved(self, links: tuple[Link, ...]) -> bool:
        states = tuple((link.identity, link.facts.running) for link in links)
        moved = states != self._states
        self._states = states
        return moved


def _machine(system: WindowsSystem) -> str:
    try:
        return blake2b(system.machine_guid().encode(), key=_LABEL, digest_size=16).hexdigest()
    except ProbeError:
        return ""


def _named_links(system: WindowsSystem) -> tuple[Link, ...]:
    """By name; tried again when an interface vanished during the call, which fails it as a whole."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _identified(system)
        except ProbeError:
            continue
    return _identified(system)


def _identified(system: WindowsSystem) -> tuple[Link, ...]:
    return tuple(
        named_link(found.identity, found.name, found.counters)
        for found in system.named_counters()
        if found.identity is not None
    )


def _routes(system: WindowsSystem) -> tuple[Route, ...] | None:
    """The routes, or ``None`` where they cannot be read now: bytes are counted all the same."""
    try:
        return parse_routes(system.route_table())
    except ProbeError:
        return None
