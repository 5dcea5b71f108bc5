"""The kernel's notifications about links and routes: a descriptor to wait on, and what became doubtful."""

import errno
import select
import socket
import struct
from typing import NamedTuple

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Route
from packetbuddy.probes.linux_routes import noticed
from packetbuddy.probes.netlink import HEADER, RTM_DELLINK, RTM_NEWLINK, RTM_NEWROUTE, failure, open_socket

_LINK, _IPV4_ROUTE, _IPV6_ROUTE, _NEXTHOP = 0x1, 0x40, 0x400, 1 << 31
_INDEX = struct.Struct("=i")
_BODY = 16
_ANY_FAMILY = 0
"""The link itself is gone; a bridge tells in its own family that a port left it."""
_ROOM = 16384
_RTM_DELROUTE = 25
_UP = 0x1
_MOST_ROUTES = 256
_MOST_FAREWELLS = 1024


class Changes(NamedTuple):
    """What became doubtful since the last time. ``links`` is ``None`` when everything did."""

    anything: bool
    links: set[int] | None


class Farewell(NamedTuple):
    """The kernel's last word on a link: its RTM_DELLINK body, and the last RTM_NEWLINK body while it was up, if any."""

    identity: int
    body: bytes
    herald: bytes


NOTHING = Changes(anything=False, links=set())
EVERYTHING = Changes(anything=True, links=None)


class Notices:
    """Listens. Owns a socket that never blocks."""

    def __init__(self, listening: socket.socket | None = None) -> None:
        self._socket = listening or open_socket(_LINK | _IPV4_ROUTE | _IPV6_ROUTE | _NEXTHOP)
        self._socket.settimeout(0)
        self._waiting = select.poll()
        self._waiting.register(self._socket, select.POLLIN)
        self._buffer = bytearray(_ROOM)
        self._farewells: list[Farewell] = []
        self._heralds: dict[int, bytes] = {}
        self._routes: dict[bool, dict[Route, None]] = {True: {}, False: {}}

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
        if not self._waiting.poll(0):  # the common case, cheaper than an exception
            return NOTHING
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

    def farewells(self) -> list[Farewell]:
        """Links whose end was drained since the last time, in order."""
        heard, self._farewells = self._farewells, []
        self._heralds.clear()
        return heard

    def postpone(self, farewells: list[Farewell]) -> None:
        """Hand these out again the next time."""
        self._farewells = farewells + self._farewells

    def routes(self) -> tuple[Route, ...]:
        """Default-like and gateway routes that came or went since the last time; of very many only some."""
        heard = (*self._routes[True], *self._routes[False])
        for kept in self._routes.values():
            kept.clear()
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
                identity = _INDEX.unpack_from(self._buffer, position + 20)[0]
                links.add(identity)
                self._note_link(kind, identity, bytes(self._buffer[position + _BODY : position + length]))
            elif kind in {RTM_NEWROUTE, _RTM_DELROUTE}:
                self._note_route(bytes(self._buffer[position + _BODY : position + length]))
            position += max((length + 3) & ~3, 16)

    def _note_link(self, kind: int, identity: int, body: bytes) -> None:
        if len(body) < _BODY or body[0] != _ANY_FAMILY:
            return
        if kind == RTM_NEWLINK:
            if body[8] & _UP or identity not in self._heralds:
                self._heralds[identity] = body
        elif len(self._farewells) < _MOST_FAREWELLS:
            self._farewells.append(Farewell(identity, body, self._heralds.pop(identity, b"")))

    def _note_route(self, body: bytes) -> None:
        """What came and went between two looks led somewhere in between."""
        default = len(body) > 1 and body[1] <= 1
        kept = self._routes[default]
        if len(kept) >= _MOST_ROUTES:
            return
        try:
            kept.update(dict.fromkeys(noticed(body)))
        except ProbeError:  # the whole table is read anyway
            return
