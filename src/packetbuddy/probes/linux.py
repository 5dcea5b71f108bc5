"""Linux: rtnetlink for links and routes, and psutil where a sandbox refuses it; one face."""

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Link, Reading, Route
from packetbuddy.probes.face import Probe
from packetbuddy.probes.linux_links import LinkTable
from packetbuddy.probes.linux_machine import Clocks, boot_identity, machine_identity, namespace_identity, on_battery
from packetbuddy.probes.linux_notices import EVERYTHING, NOTHING, Changes, Farewell, Notices
from packetbuddy.probes.linux_partings import Partings, partings
from packetbuddy.probes.linux_routes import RouteTable
from packetbuddy.probes.netlink import Conversation, NetlinkRefusedError

_NOBODY = Partings()
_ATTEMPTS = 4


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
        self._heard: list[Farewell] = []
        self._late = NOTHING

    def look(self) -> Reading:
        """Take one complete reading.

        A link that ended since the last one is in it once more, with its last counters and the routes that it had;
        and so are routes that came and went in between.
        """
        changes = self._notices.drain() if self._notices is not None else EVERYTHING
        links, complete = self._settled(changes) if changes.anything else self._links.read()
        at = self._clocks.now()
        routes = self._routes.current(at.elapsed_ns)
        changed = changes.anything or len(links) != len(self._links_before)
        ended = self._ended(links) if changed else _NOBODY
        reading = Reading(at, self._boot, self._namespace, self._machine, links, routes, complete)
        passed = self._passed(ended, routes or ()) if changed else ()
        self._links_before, self._routes_before = links, routes
        if not (passed or ended.gone or ended.again):
            return reading
        return reading._replace(
            links=links + ended.gone, routes=None if routes is None else routes + passed, farewells=ended.again
        )

    def _settled(self, changes: Changes) -> tuple[tuple[Link, ...], bool]:
        """The links after a change, asked for again while more changes.

        Routes are read before the counters: one that is replaced later is told of, but the one that it replaced is not.
        """
        for _ in range(_ATTEMPTS):
            self._heed(changes)
            self._routes.current(self._clocks.now().elapsed_ns)
            if self._notices is None:
                return self._links.read()
            self._heard += self._notices.farewells()
            found = self._links.read()
            changes = self._notices.drain()
            if not changes.anything:
                break
        self._late = changes
        return found

    def _ended(self, links: tuple[Link, ...]) -> Partings:
        """The links that ended since the last look and of which the kernel told its last counters."""
        if self._notices is None:
            return _NOBODY
        present = {link.identity for link in links}
        before = {link.identity: link for link in self._links_before}
        if not before.keys() <= present:  # the end itself may have been told after this look began
            self._heed(self._notices.drain())
        if self._late.anything:
            self._heed(self._late)
            self._late = NOTHING
        late = self._notices.farewells()
        self._notices.postpone([each for each in late if each.identity in present])  # seen here before they ended
        heard, self._heard = self._heard, []
        return partings(heard + [each for each in late if each.identity not in present], present, before)

    def _passed(self, ended: Partings, routes: tuple[Route, ...]) -> tuple[Route, ...]:
        """Routes that are no more: those of links that ended, and those that no look saw.

        What the look before had counts for the time since then without being repeated.
        """
        theirs = {link.identity for link in ended.gone}
        before = self._routes_before or ()
        kept = tuple(route for route in before if route.link in theirs)
        noticed = self._notices.routes() if self._notices is not None else ()
        if not noticed:
            return kept
        seen = {*before, *routes}
        return kept + tuple(route for route in noticed if route not in seen)

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
