"""What every platform's probe can do. One face; :func:`packetbuddy.probes.open_probe` chooses the file behind it."""

from typing import Protocol

from packetbuddy.metering.readings import Reading


class Probe(Protocol):
    """Asks the operating system. Methods raise :class:`~packetbuddy.errors.ProbeError` when it does not answer."""

    def look(self) -> Reading:
        """Take one complete reading. Routes and facts come from a cache until the system says they changed."""
        ...

    def changes(self) -> int | None:
        """A file descriptor that becomes readable when links or routes changed; ``None`` where there is none.

        The caller only waits on it; the next :meth:`look` drains it.
        """
        ...

    def on_battery(self) -> bool | None:
        """Whether the machine runs on battery now; ``None`` where it cannot be told (most desktops and servers)."""
        ...

    def close(self) -> None:
        """Give back every descriptor; safe to call twice."""
        ...
