"""Builds rtnetlink messages byte by byte, and a socket that answers with them: for the tests of the Linux probe."""

import contextlib
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Self

DONE, ERROR = 3, 2
NEWLINK, NEWROUTE, NEWNEXTHOP = 16, 24, 104
INTERRUPTED = 0x10
UP_RUNNING = 0x1 | 0x40 | 0x10000


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, padded."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def u32(value: int) -> bytes:
    return struct.pack("=I", value)


def message(kind: int, body: bytes, *, sequence: int = 1, flags: int = 2) -> bytes:
    """One message with its header."""
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body + bytes(-len(body) % 4)


def done(sequence: int = 1, *, code: int = 0, flags: int = 2) -> bytes:
    return message(DONE, struct.pack("=i", code), sequence=sequence, flags=flags)


def error(code: int, sequence: int = 1) -> bytes:
    return message(ERROR, struct.pack("=i", code) + bytes(16), sequence=sequence)


def link(
    index: int,
    name: bytes = b"eth0",
    *,
    stats: tuple[int, int, int, int] = (1, 2, 100, 200),
    hardware_type: int = 1,
    flags: int = UP_RUNNING,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """The body of an RTM_NEWLINK; ``stats`` are rx packets, tx packets, rx bytes, tx bytes."""
    head = struct.pack("=BxHiII", 0, hardware_type, index, flags, 0)
    counters = attribute(23, struct.pack("=24Q", *stats, *([0] * 20)))
    return head + attribute(3, name + b"\0") + before + counters + after


def linkinfo(kind: bytes, data: bytes = b"", slave: bytes = b"") -> bytes:
    """IFLA_LINKINFO."""
    inside = attribute(1, kind + b"\0") if kind else b""
    inside += attribute(2, data) if data else b""
    inside += attribute(4, slave + b"\0") if slave else b""
    return attribute(18, inside)


def route(
    *attributes: bytes, family: int = 2, length: int = 0, table: int = 254, kind: int = 1, flags: int = 0
) -> bytes:
    """The body of an RTM_NEWROUTE."""
    return struct.pack("=BBBBBBBBI", family, length, 0, 0, table, 3, 0, kind, flags) + b"".join(attributes)


class Kernel:
    """Answers as scripted: ``connections[n]`` are the packets of the n-th connection, ready before they are asked for.

    Each real socket ends after its packets. A context manager that closes what it opened.
    """

    def __init__(self, *connections: Sequence[bytes]) -> None:
        self._scripts = list(connections)
        self._open = contextlib.ExitStack()
        self.asked: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def connect(self) -> socket.socket:
        near, far = (self._open.enter_context(end) for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        near.settimeout(5)
        for packet in self._scripts.pop(0) if self._scripts else ():
            far.send(packet)
        far.shutdown(socket.SHUT_WR)
        self.asked.append(far)
        return near

    def questions(self) -> Iterator[bytes]:
        """What was asked on the connections so far."""
        for far in self.asked:
            far.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                while packet := far.recv(65536):
                    yield packet
