"""Linux: rtnetlink for links and routes, and psutil where a sandbox refuses it; one face."""

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Reading
from packetbuddy.probes.face import Probe
from packetbuddy.probes.linux_links import LinkTable
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

    def look(self) -> Reading:
        """Take one complete reading."""
        changes = self._notices.drain() if self._notices is not None else EVERYTHING
        if changes.anything:
            self._heed(changes)
        links, complete = self._links.read()
        at = self._clocks.now()
        routes = self._routes.current(at.elapsed_ns)
        return Reading(at, self._boot, self._namespace, self._machine, links, routes, complete)

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
