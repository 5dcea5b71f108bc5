"""TUN and TAP devices whose other end is the test: a userspace VPN's and a virtual machine's side of an interface."""

import contextlib
import fcntl
import os
import select
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Self

from machine.netns import Namespace

_TUNSETIFF = 0x400454CA
_TUN, _TAP, _NO_PACKET_INFO = 0x1, 0x2, 0x1000
_LARGEST = 65536


class Device:
    """A TUN (IP packets) or TAP (Ethernet frames) device in a namespace; it goes away when closed."""

    def __init__(self, space: Namespace, name: str, *, tap: bool = False) -> None:
        with space.entered():
            self._file = os.open("/dev/net/tun", os.O_RDWR)
            flags = (_TAP if tap else _TUN) | _NO_PACKET_INFO
            fcntl.ioctl(self._file, _TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
        space.ip("link", "set", name, "mtu", "1400", "up")

    def fileno(self) -> int:
        return self._file

    def write(self, packet: bytes) -> None:
        os.write(self._file, packet)

    def read(self) -> bytes:
        return os.read(self._file, _LARGEST)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


class Forwarder:
    """A userspace VPN: a thread that carries packets between two devices over two connected UDP sockets."""

    def __init__(self, client: tuple[Device, socket.socket], server: tuple[Device, socket.socket]) -> None:
        self._ends = (client, server)
        self._stop, self._stopper = os.pipe()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._stopper)
        self._thread.join()
        os.close(self._stop)

    def _run(self) -> None:
        files = [end for pair in self._ends for end in pair]
        while self._stop not in (ready := select.select([*files, self._stop], [], [])[0]):
            for device, line in self._ends:
                if device in ready:
                    line.send(device.read())
                if line in ready:
                    device.write(line.recv(_LARGEST))


@contextlib.contextmanager
def vpn(client: Namespace, server: Namespace, *, at: str, name: str = "tun0", port: int = 1194) -> Iterator[None]:
    """Join two namespaces by TUN devices 10.99.0.2 and 10.99.0.1 whose packets travel to the address ``at``."""
    with Device(client, name) as near, Device(server, "tunserver") as far:
        client.ip("addr", "add", "10.99.0.2", "peer", "10.99.0.1", "dev", name)
        server.ip("addr", "add", "10.99.0.1", "peer", "10.99.0.2", "dev", "tunserver")
        answering = server.socket(socket.SOCK_DGRAM, bind=at, port=port)
        asking = client.socket(socket.SOCK_DGRAM)
        asking.connect((at, port))
        answering.connect(asking.getsockname())
        with Forwarder((near, asking), (far, answering)):
            yield
