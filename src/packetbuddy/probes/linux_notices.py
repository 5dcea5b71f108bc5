"""The kernel's notifications about links and routes: a descriptor to wait on, and what became doubtful."""

import errno
import socket
import struct
from typing import NamedTuple

from packetbuddy.probes.netlink import HEADER, RTM_DELLINK, RTM_NEWLINK, failure, open_socket

_LINK, _IPV4_ROUTE, _IPV6_ROUTE, _NEXTHOP = 0x1, 0x40, 0x400, 1 << 31
_INDEX = struct.Struct("=i")
_BODY = 16
_ANY_FAMILY = 0
"""The link itself is gone; a bridge tells in its own family that a port left it."""
_ROOM = 16384


class Changes(NamedTuple):
    """What became doubtful since the last time. ``links`` is ``None`` when everything did."""

    anything: bool
    links: set[int] | None


NOTHING = Changes(anything=False, links=set())
EVERYTHING = Changes(anything=True, links=None)


class Notices:
    """Listens. Owns a socket that never blocks."""

    def __init__(self, listening: socket.socket | None = None) -> None:
        self._socket = listening or open_socket(_LINK | _IPV4_ROUTE | _IPV6_ROUTE | _NEXTHOP)
        self._socket.settimeout(0)
        self._buffer = bytearray(_ROOM)
        self._farewells: list[bytes] = []

    def fileno(self) -> int:
        """Readable as soon as there is something to :meth:`drain`."""
        return self._socket.fileno()

    def close(self) -> None:
        """Give the socket back; safe to call twice."""
        self._socket.close()

    def drain(self) -> Changes:
        """Take all that waits. A message that was lost or does not fit makes everything doubtful.

        Raises:
            ProbeError: the socket no longer works.
        """
        links: set[int] = set()
        anything = lost = False
        while (size := self._receive()) is not None:
            anything = True
            if 0 < size <= _ROOM:
                self._note(size, links)
            else:
                lost = True
        if lost:
            return EVERYTHING
        return Changes(anything, links) if anything else NOTHING

    def farewells(self) -> list[bytes]:
        """RTM_DELLINK bodies drained since the last time: the kernel's last word on links that are gone."""
        heard, self._farewells = self._farewells, []
        return heard

    def _receive(self) -> int | None:
        """Bytes of the next message; 0 when some were lost; ``None`` when none waits."""
        try:
            return self._socket.recv_into(self._buffer, 0, socket.MSG_TRUNC)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                return 0
            raise failure(error.errno or 0, "listening for changes") from error

    def _note(self, size: int, links: set[int]) -> None:
        position = 0
        while position + 16 <= size:
            length, kind, *_ = HEADER.unpack_from(self._buffer, position)
            if kind in {RTM_NEWLINK, RTM_DELLINK} and position + 24 <= size:
                links.add(_INDEX.unpack_from(self._buffer, position + 20)[0])
                if kind == RTM_DELLINK and self._buffer[position + _BODY] == _ANY_FAMILY:
                    self._farewells.append(bytes(self._buffer[position + _BODY : position + length]))
            position += max((length + 3) & ~3, 16)
