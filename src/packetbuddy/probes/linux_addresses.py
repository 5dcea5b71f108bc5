"""RTM_GETADDR: the addresses that this machine has, whatever the interface."""

import socket
import struct
from collections.abc import Callable

from packetbuddy.probes.netlink import Conversation, attribute_map, open_socket

RTM_NEWADDR, RTM_GETADDR = 20, 22
_MESSAGE = struct.Struct("=BBBBI")
"""ifaddrmsg: family, length of the prefix, flags, scope, interface."""
_ADDRESS, _LOCAL = 1, 2
"""On a link between two the first is the other end's."""
_MAPPED = bytes(10) + b"\xff\xff"


_IPV4 = 4
"""Bytes of an address."""
_MAPPED = bytes(10) + b"\xff\xff"


def mapped(address: bytes) -> bytes:
    """An IPv4 address, or its beginning, as an IPv6 socket writes it."""
    return _MAPPED + address


class OwnAddresses:
    """Owns a socket that asks for them."""

    def __init__(self, connect: Callable[[], socket.socket] = open_socket) -> None:
        """Open it.

        Raises:
            ProbeError: the kernel does not have it, or a sandbox forbids it.
        """
        self._asking = Conversation(connect)
        self._before: frozenset[bytes] = frozenset()

    def now(self) -> frozenset[bytes]:
        """Of both families, those of IPv4 mapped; with those of before where the answer has holes.

        Raises:
            ProbeError: the kernel does not tell.
        """
        found = {
            _own(bytes(self._asking.buffer[start:end]))
            for start, end in self._asking.dump(RTM_GETADDR, RTM_NEWADDR, _MESSAGE.pack(0, 0, 0, 0, 0))
        }
        self._before = self._before | found if self._asking.interrupted else frozenset(found)
        return self._before

    def close(self) -> None:
        """Give the socket back."""
        self._asking.close()


def _own(body: bytes) -> bytes:
    given = attribute_map(body, _MESSAGE.size, len(body))
    address = given.get(_LOCAL) or given.get(_ADDRESS, b"")
    return mapped(address) if len(address) == _IPV4 else address
