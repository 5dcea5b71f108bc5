"""Linux: rtnetlink for links and routes, and psutil where a sandbox refuses it; one face."""

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Link, Reading, Route
from packetbuddy.probes.face import Probe
from packetbuddy.probes.linux_links import LinkTable, parted
from packetbuddy.probes.linux_machine import Clocks, boot_identity, machine_identity, namespace_identity, on_battery
from packetbuddy.probes.linux_notices import EVERYTHING, Changes, Notices
from packetbuddy.probes.linux_routes import RouteTable
from packetbuddy.probes.netlink import Conversation, NetlinkRefusedError


class LinuxProbe:
    """Looks through rtnetlink. Owns two sockets, in the network namespace of the thread that opened it."""

    def __init__(self) -> None:
        self._talk = Conversation()
        try:
            self._links = LinkTable(self._talk)
            self._links.read()
            self._namespace = namespace_identity()
            self._notices = _listen()
        except ProbeError:
            self._talk.close()
            raise
        self._routes = RouteTable(self._talk)
        self._clocks = Clocks()
        self._boot = boot_identity()
        self._machine = machine_identity()
        self._links_before: tuple[Link, ...] = ()
        self._routes_before: tuple[Route, ...] | None = None

    def look(self) -> Reading:
        """Take one complete reading.

        A link that ended since the last one is in it once more, with its last counters and the routes that it had.
        """
        changes = self._notices.drain() if self._notices is not None else EVERYTHING
        if changes.anything:
            self._heed(changes)
        links, complete = self._links.read()
        ended = self._ended(links) if changes.anything or len(links) != len(self._links_before) else ()
        at = self._clocks.now()
        routes = self._routes.current(at.elapsed_ns)
        reading = Reading(at, self._boot, self._namespace, self._machine, links, routes, complete)
        before, self._links_before, self._routes_before = self._routes_before, links, routes
        return _with(reading, ended, before or ()) if ended else reading

    def _ended(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        """The links that are gone since the last look and of which the kernel told its last counters."""
        if self._notices is None:
            return ()
        present = {link.identity for link in links}
        gone = [link for link in self._links_before if link.identity not in present]
        if gone:  # the end itself may have been told after this look began
            self._heed(self._notices.drain())
        farewells = self._notices.farewells()
        return tuple(last for link in gone if (last := parted(link, farewells)) is not None)

    def _heed(self, changes: Changes) -> None:
        self._links.forget(changes.links)
        self._routes.forget()  # also for a link: one that goes down takes IPv4 routes along without a word

    def changes(self) -> int | None:
        """A descriptor that becomes readable when links or routes changed."""
        return None if self._notices is None else self._notices.fileno()

    def on_battery(self) -> bool | None:
        """Whether the machine draws from its battery; ``None`` without one."""
        return on_battery()

    def close(self) -> None:
        """Give back every descriptor; safe to call twice."""
        self._talk.close()
        if self._notices is not None:
            self._notices.close()


def _with(reading: Reading, ended: tuple[Link, ...], before: tuple[Route, ...]) -> Reading:
    if reading.routes is None:
        return reading._replace(links=reading.links + ended)
    theirs = {link.identity for link in ended}
    kept = tuple(route for route in before if route.link in theirs)
    return reading._replace(links=reading.links + ended, routes=reading.routes + kept)


def open_linux() -> Probe:
    """Open rtnetlink, or psutil where rtnetlink is refused.

    Raises:
        ProbeError: neither can be had.
    """
    try:
        return LinuxProbe()
    except NetlinkRefusedError:
        from packetbuddy.probes.fallback import FallbackProbe  # noqa: PLC0415 - psutil only where nothing else works

        return FallbackProbe()


def _listen() -> Notices | None:
    """``None`` where notifications are refused: then every look takes everything for changed."""
    try:
        return Notices()
    except NetlinkRefusedError:
        return None
