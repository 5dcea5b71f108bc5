"""psutil and /proc, for a Linux where rtnetlink is refused (a sandbox): fewer facts behind the same face.

psutil is imported when the probe opens, never before. What differs from rtnetlink: names and counters come from two
questions, so they are asked until they agree; kinds are guessed from sysfs and names; routes are read every few seconds
because nobody tells when they change, and IPv4 ones come from the main table only.
"""

import socket
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import NamedTuple

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import SECOND, Counters, Facts, Link, Reading, Route
from packetbuddy.probes.fallback_guess import guess_facts
from packetbuddy.probes.fallback_routes import read_routes
from packetbuddy.probes.linux_machine import Clocks, boot_identity, machine_identity, namespace_identity, on_battery

_ATTEMPTS = 4
_REFRESH_NS = 5 * SECOND


class Places(NamedTuple):
    """Where the kernel's files are."""

    proc: str = "/proc"
    sysfs: str = "/sys/class/net"


class FallbackProbe:
    """Looks through psutil. Owns no descriptor, only what it saw of facts and routes in the last five seconds."""

    def __init__(self, places: Places = Places()) -> None:  # noqa: B008 - an immutable value
        self._psutil = load_psutil()
        self._places = places
        self._facts: dict[str, Facts] = {}
        self._indexes: dict[str, int] = {}
        self._routes: tuple[Route, ...] | None = None
        self._next_ns = 0
        self._clocks = Clocks()
        self._boot = boot_identity(places.proc)
        self._machine = machine_identity()
        self._namespace = namespace_identity()

    def look(self) -> Reading:
        """Take one complete reading."""
        indexes, counters, complete = consistent(self._counters, if_indexes)
        at = self._clocks.now()
        if indexes != self._indexes or at.elapsed_ns >= self._next_ns:
            self._refresh(indexes)
            self._next_ns = at.elapsed_ns + _REFRESH_NS
        links = tuple(Link(indexes[name], name, told, self._facts[name]) for name, told in counters.items())
        return Reading(at, self._boot, self._namespace, self._machine, links, self._routes, complete)

    def changes(self) -> int | None:
        """Nobody tells."""
        return None

    def on_battery(self) -> bool | None:
        """Whether the machine draws from its battery; ``None`` without one."""
        return on_battery()

    def close(self) -> None:
        """Nothing to give back."""

    def _refresh(self, indexes: dict[str, int]) -> None:
        self._indexes = indexes
        self._facts = {name: guess_facts(name, indexes, self._places.sysfs) for name in indexes}
        self._routes = read_routes(self._places.proc, indexes)

    def _counters(self) -> dict[str, Counters]:
        # psutil's default (nowrap=True) adds to what the kernel says: it hides resets.
        try:
            told = self._psutil.net_io_counters(pernic=True, nowrap=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise ProbeError(f"psutil cannot read the network counters: {error}") from error
        return {
            name: Counters(one.bytes_recv, one.bytes_sent, one.packets_recv, one.packets_sent)
            for name, one in told.items()
        }


def load_psutil() -> ModuleType:
    """The psutil module.

    Raises:
        ProbeError: it is not installed.
    """
    try:
        import psutil  # noqa: PLC0415 - only where nothing else works
    except ImportError as error:
        raise ProbeError(
            "rtnetlink is refused here and psutil is not installed", "python -m pip install psutil"
        ) from error
    return psutil


def consistent(
    counters: Callable[[], dict[str, Counters]], indexes: Callable[[Mapping[str, Counters]], dict[str, int]]
) -> tuple[dict[str, int], dict[str, Counters], bool]:
    """Ask for counters until names and indexes are the same before and after; false when they never were.

    Interfaces whose index is not known are left out.
    """
    told = counters()
    seen = indexes(told)
    for _ in range(_ATTEMPTS):
        told = counters()
        after = indexes(told)
        if after == seen and len(seen) == len(told):
            return seen, told, True
        seen = after
    return seen, {name: one for name, one in told.items() if name in seen}, False


def if_indexes(names: Mapping[str, Counters]) -> dict[str, int]:
    """The ifindex of every name that still exists."""
    found: dict[str, int] = {}
    for name in names:
        try:
            found[name] = socket.if_nametoindex(name)
        except OSError:
            continue
    return found
