"""Who talks now: the face that Linux and macOS have in common. Asked by ``pb top`` alone; nothing is ever stored."""

import sys
from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

from packetbuddy.errors import ProbeError


class Talk(NamedTuple):
    """One conversation with another machine, and what moved in it since it began.

    ``identity`` is its own for the whole boot. ``handle`` finds the programs that hold it; 0: none does any more.
    """

    identity: int
    handle: int
    sent: int
    received: int


class Talks(NamedTuple):
    """A look: what goes on, and what ended since the look before. ``lost``: there was more that ended than was told."""

    going: tuple[Talk, ...]
    ended: tuple[Talk, ...] = ()
    lost: bool = False


class Program(NamedTuple):
    """A process. ``began`` tells it from an earlier one of the same number.

    ``descriptor`` is where it holds the conversation that was asked for; -1 where the system does not tell.
    """

    pid: int
    began: int
    name: str
    descriptor: int = -1


class TalkProbe(Protocol):
    """Reads conversations. ``kinds`` is what it sees of them, in words; ``everybody``: the programs of all users."""

    kinds: str
    everybody: bool

    def look(self) -> Talks:
        """Now.

        Raises:
            ProbeError: it cannot be read.
        """
        ...

    def programs(self, handles: Collection[int]) -> Mapping[int, tuple[Program, ...]]:
        """Who holds each of them; those that nobody is seen to hold are left out."""
        ...

    def changed(self, held: Mapping[int, Collection[Program]]) -> set[int]:
        """Of these the ones that are held by others now, or under another name, as far as a quick look tells."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def open_talks() -> TalkProbe:
    """Open the probe of this operating system.

    Raises:
        ProbeError: the system does not tell which program talks.
    """
    if sys.platform.startswith("linux"):
        from packetbuddy.probes.linux_talks import LinuxTalks  # noqa: PLC0415 - only one platform's file loads

        return LinuxTalks()
    if sys.platform == "darwin":
        from packetbuddy.probes.macos_talks import MacTalks  # noqa: PLC0415 - same

        return MacTalks()
    raise ProbeError("this system does not tell which program talks", "`pb top` works on Linux and macOS")
