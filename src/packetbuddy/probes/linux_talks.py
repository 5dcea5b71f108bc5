"""TCP conversations by the kernel's sock_diag: no root, no packet is looked at. Layouts of ``linux/inet_diag.h``.

A dump tells of every conversation what moved in it so far (``tcp_info``, since Linux 4.1); the kernel's notices of
destroyed sockets tell the last figures of those that end between two dumps.
"""

import errno
import os
import socket
import struct
from collections.abc import Collection, Mapping
from functools import partial
from typing import NamedTuple

from packetbuddy.errors import ProbeError
from packetbuddy.probes.linux_addresses import OwnAddresses, mapped
from packetbuddy.probes.linux_holders import Holders
from packetbuddy.probes.netlink import HEADER, Conversation, attributes, failure, open_socket
from packetbuddy.probes.talks import Program, Talk, Talks

SOCK_DIAG, BY_FAMILY = 4, 20
INFO = 2
_ASK = struct.Struct("=BBBxI48x")
"""inet_diag_req_v2: family, protocol, extensions, states; any addresses."""
_MESSAGE = struct.Struct("=BB6x16s16sIQ16xI")
"""inet_diag_msg: family, state, both addresses, interface, cookie, and the inode."""
_COOKIE, _INODE = slice(44, 52), slice(68, 72)
"""Where they are in it."""
_MOVED = struct.Struct("=QQ")
_MOVED_AT = 120
"""tcpi_bytes_acked and tcpi_bytes_received in tcp_info."""
_ENDED = 0b101
"""Groups of destroyed TCP sockets, IPv4 and IPv6."""
_STATES = sum(1 << state for state in (1, 4, 5, 8, 9, 11))
"""All but those that cannot have moved anything, and time-wait, which the kernel forgot the figures of."""
_TCP, _FAMILIES = 6, (socket.AF_INET, socket.AF_INET6)
_ROOM, _WAITING = 65536, 1 << 20
_LOOPBACK = (bytes(15) + b"\1", mapped(b"\x7f"))
"""``::1``, and how ``127.0.0.0/8`` begins."""


class _Seen(NamedTuple):
    """A conversation as a dump told it: the bytes that tell what moved and who holds it, and where they are."""

    talk: Talk | None
    place: slice
    figures: bytes
    inode: bytes


class LinuxTalks:
    """Owns three sockets: two ask, one hears which conversations ended. Of the network namespace it is made in."""

    kinds = "TCP"

    def __init__(self) -> None:
        """Open them.

        Raises:
            ProbeError: the kernel does not have it, or a sandbox forbids it.
        """
        self.everybody = os.geteuid() == 0
        self._ended = open_socket(_ENDED, SOCK_DIAG)
        self._ended.settimeout(0)
        self._ended.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WAITING)
        self._asking = Conversation(partial(open_socket, 0, SOCK_DIAG))
        self._addresses = OwnAddresses()
        self._own: frozenset[bytes] = frozenset()
        self._holders = Holders()
        self._before: dict[bytes, _Seen] = {}

    def look(self) -> Talks:
        """All conversations but those with this machine itself.

        Raises:
            ProbeError: the kernel does not tell.
        """
        seen: dict[bytes, _Seen] = {}
        self._own = self._addresses.now()
        for family in _FAMILIES:
            self._dump(family, seen)
        self._before = seen
        ended, lost = self._drain()
        return Talks(tuple(one.talk for one in seen.values() if one.talk is not None), tuple(ended), lost)

    def programs(self, handles: Collection[int]) -> Mapping[int, tuple[Program, ...]]:
        """Who holds them, as far as this user may see that."""
        return self._holders.find(handles)

    def changed(self, held: Mapping[int, Collection[Program]]) -> set[int]:
        """Those that a process let go of, ended with, or that runs another program by now."""
        return self._holders.changed(held)

    def close(self) -> None:
        """Give the sockets back."""
        self._asking.close()
        self._addresses.close()
        self._ended.close()

    def _dump(self, family: int, seen: dict[bytes, _Seen]) -> None:
        """Of thousands most are as they were at the look before: those are known by their bytes, and not read again."""
        asking, before = self._asking, self._before
        for start, end in asking.dump(BY_FAMILY, BY_FAMILY, _ASK.pack(family, _TCP, 1 << (INFO - 1), _STATES)):
            message = bytes(asking.buffer[start:end])
            known = before.get(cookie := message[_COOKIE])
            if known is None or message[known.place] != known.figures or message[_INODE] != known.inode:
                known = _seen(message, self._own)
            seen[cookie] = known

    def _drain(self) -> tuple[list[Talk], bool]:
        """What the kernel said of ended conversations; and whether it had more to say than there was room for."""
        found: list[Talk] = []
        lost = False
        while True:
            try:
                data = self._ended.recv(_ROOM)
            except BlockingIOError:
                return found, lost
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise failure(error.errno or 0, "hearing of sockets") from error
                lost = True
            else:
                found += _told(data, self._own)


def _told(data: bytes, own: frozenset[bytes]) -> list[Talk]:
    """What a notice is about; none where it is about something else."""
    if len(data) < HEADER.size or HEADER.unpack_from(data)[1] != BY_FAMILY:
        return []
    talk = talk_of(data[HEADER.size :], own)
    return [] if talk is None else [talk]


def talk_of(message: bytes, own: frozenset[bytes] = frozenset()) -> Talk | None:
    """A conversation; ``None`` for one of this machine with itself, and where the kernel is too old to count.

    ``own`` are the machine's addresses, those of IPv4 mapped.

    Raises:
        ProbeError: the message is broken.
    """
    return _seen(message, own).talk


def _seen(message: bytes, own: frozenset[bytes]) -> _Seen:
    if len(message) < _MESSAGE.size:
        raise ProbeError("the kernel's answer about a socket is cut short")
    family, _, source, target, _, cookie, inode = _MESSAGE.unpack_from(message)
    nothing = _Seen(None, slice(0, 0), b"", message[_INODE])
    if _is_here(family, source, target, own):
        return nothing
    for kind, first, last in attributes(message, _MESSAGE.size, len(message)):
        if kind == INFO and last - first >= _MOVED_AT + _MOVED.size:
            moved = first + _MOVED_AT
            talk = Talk(cookie, inode, *_MOVED.unpack_from(message, moved))
            return _Seen(talk, slice(moved, moved + _MOVED.size), message[moved : moved + _MOVED.size], message[_INODE])
    return nothing


def _is_here(family: int, source: bytes, target: bytes, own: frozenset[bytes]) -> bool:
    """Whether both ends are this machine's: such bytes leave through no link."""
    ends = (source, target) if family == socket.AF_INET6 else (mapped(source[:4]), mapped(target[:4]))
    return ends[0] == ends[1] or ends[1] in own or any(each.startswith(_LOOPBACK) for each in ends)
