"""Conversations with the kernel's rtnetlink, and nothing about what is said.

One :class:`Conversation` owns one socket and one buffer for its whole life: asking for the links every second must not
cost allocations. Layouts are those of ``linux/netlink.h`` and ``linux/rtnetlink.h``; numbers are in native byte order.
"""

import errno
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator

from packetbuddy.errors import ProbeError

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWROUTE, RTM_GETROUTE = 24, 26
RTM_NEWNEXTHOP, RTM_GETNEXTHOP = 104, 106

HEADER = struct.Struct("=IHHII")
"""length, type, flags, sequence, port"""
_ATTRIBUTE = struct.Struct("=HH")
_ERROR = struct.Struct("=i")

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_DUMP_REQUEST = 0x1 | 0x300  # NLM_F_REQUEST | NLM_F_DUMP
_DUMP_INTERRUPTED = 0x10  # NLM_F_DUMP_INTR
_TYPE_MASK = 0x3FFF  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER
_FIRST_BUFFER = 32768  # the largest part of a dump that the kernel makes
_PATIENCE = struct.pack("@ll", 2, 0)  # struct timeval; a dump is made while we ask, so this never passes in practice

_REFUSALS = frozenset(
    (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ENOSYS, errno.ESOCKTNOSUPPORT)
)


class NetlinkRefusedError(ProbeError):
    """The kernel, or a sandbox before it, does not let this process speak rtnetlink, or speaks too little of it."""


def failure(number: int, doing: str) -> ProbeError:
    """The error for an errno: :class:`NetlinkRefusedError` where asking again is pointless."""
    kind = NetlinkRefusedError if number in _REFUSALS else ProbeError
    return kind(f"the kernel did not answer ({doing}): {os.strerror(number)}")


def open_socket(groups: int = 0, protocol: int = 0) -> socket.socket:
    """A socket of a netlink protocol (0: NETLINK_ROUTE), subscribed to the notification groups of the mask.

    Raises:
        ProbeError: it cannot be had; :class:`NetlinkRefusedError` where it is forbidden or unknown.
    """
    try:
        made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    except OSError as error:
        raise failure(error.errno or 0, "opening netlink") from error
    try:
        made.bind((0, groups))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
    except OSError as error:
        made.close()
        raise failure(error.errno or 0, "binding netlink") from error
    return made


class Conversation:
    """Asks for dumps. Owns its socket; ``buffer`` holds the part being read.

    After a dump was read to its end, ``interrupted`` tells that it may be inconsistent and should be asked for again.
    """

    def __init__(self, connect: Callable[[], socket.socket] = open_socket) -> None:
        self.buffer = bytearray(_FIRST_BUFFER)
        self.interrupted = False
        self._connect = connect
        self._socket = connect()
        self._sequence = 0
        self._unfinished = False

    def close(self) -> None:
        """Give the socket back; safe to call twice."""
        self._socket.close()

    def dump(self, question: int, answer: int, body: bytes) -> Iterator[tuple[int, int]]:
        """Ask and yield the place in ``buffer`` (start, end) of each answer's body; valid until the next one.

        Raises:
            ProbeError: the kernel answered with an error, not at all, or with something that is no netlink message.
        """
        self._ask(question, body)
        sequence = self._sequence
        while True:
            size = self._receive()
            position = 0
            while position < size:
                length, kind, flags, number, _ = self._header(position, size)
                if number == sequence:
                    if flags & _DUMP_INTERRUPTED:
                        self.interrupted = True
                    if kind == answer:
                        yield position + 16, position + length
                    elif self._last(kind, position + 16, position + length):
                        return
                position += (length + 3) & ~3
            if size == 0:
                return

    def _ask(self, question: int, body: bytes) -> None:
        if self._unfinished:  # an earlier dump broke off: what is left of it must not be taken for this one
            self._socket.close()
            self._socket = self._connect()
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        self._unfinished = True
        self.interrupted = False
        try:
            self._socket.send(HEADER.pack(16 + len(body), question, _DUMP_REQUEST, self._sequence, 0) + body)
        except OSError as error:
            raise failure(error.errno or 0, "asking netlink") from error

    def _receive(self) -> int:
        """Bytes received; 0 when the part did not fit, which makes the dump interrupted."""
        try:
            size = self._socket.recv_into(self.buffer, 0, socket.MSG_TRUNC)
        except OSError as error:
            raise failure(error.errno or 0, "reading netlink") from error
        if 0 < size <= len(self.buffer):
            return size
        if size == 0:
            raise ProbeError("the kernel's answer ends early")
        self.buffer = bytearray(size * 2)
        self.interrupted = True
        return 0

    def _header(self, position: int, size: int) -> tuple[int, int, int, int, int]:
        if position + 16 > size:
            raise ProbeError("the kernel's answer is cut short")
        header: tuple[int, int, int, int, int] = HEADER.unpack_from(self.buffer, position)
        if header[0] < 16 or position + header[0] > size:
            raise ProbeError("the kernel's answer is cut short")
        return header

    def _last(self, kind: int, start: int, end: int) -> bool:
        """Whether the dump ends here. An error in the message is raised."""
        if kind not in {_NLMSG_ERROR, _NLMSG_DONE}:
            return False
        code = _ERROR.unpack_from(self.buffer, start)[0] if end - start >= 4 else 0
        if code < 0:
            self._unfinished = False
            raise failure(-code, "listing")
        self._unfinished = kind != _NLMSG_DONE
        return kind == _NLMSG_DONE


def attributes(buffer: bytes | bytearray | memoryview, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, start and end of each attribute's value between two places.

    Raises:
        ProbeError: an attribute claims to be longer than its room, or shorter than its own header.
    """
    while start + 4 <= end:
        length, kind = _ATTRIBUTE.unpack_from(buffer, start)
        if length < 4 or start + length > end:
            raise ProbeError("the kernel's answer holds a broken attribute")
        yield kind & _TYPE_MASK, start + 4, start + length
        start += (length + 3) & ~3


def attribute_map(buffer: bytes | bytearray | memoryview, start: int, end: int) -> dict[int, bytes]:
    """Copies of the attributes between two places, by type; of a repeated one the last. Raises ProbeError."""
    return {kind: bytes(buffer[first:last]) for kind, first, last in attributes(buffer, start, end)}


def number(value: bytes | None) -> int | None:
    """An attribute's unsigned number, whatever its width; ``None`` where it is absent."""
    return None if value is None else int.from_bytes(value, sys.byteorder)


def text(value: bytes | None) -> str:
    r"""An attribute's text; bytes that are no UTF-8 come out as ``\xNN``, so that every name can be stored."""
    return "" if value is None else value.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
