"""Network namespaces for tests that compare with the kernel's own counters, to the byte.

::

    pytestmark = [pytest.mark.machine, requires_netns]

    def test_x(lab: Lab) -> None:                # conftest.py offers lab, host, wire and a probe inside host
        host, router = lab.namespace("host"), lab.namespace("router")
        wire = lab.wire(host, router)            # eth0 in host, default route through router
        wire.upload(100, 1000)                   # 100 UDP datagrams of 1000 bytes, host to router
        assert host.counters("eth0").tx_bytes == 100 * (1000 + UDP_OVERHEAD)

Namespaces are silent unless made otherwise: no IPv6, no ARP (neighbours are permanent), so that nothing moves but what
a test sends. Everything goes away with the lab: sockets, processes, interfaces, namespaces.
"""

import contextlib
import ctypes
import itertools
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Self

import pytest

UDP_OVERHEAD = 14 + 20 + 8
"""Bytes that the kernel counts besides a datagram's payload: Ethernet, IPv4 and UDP headers (IPv6: 20 more)."""

CAN_MAKE_NAMESPACES = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("ip") is not None

requires_netns = pytest.mark.skipif(
    sys.platform != "linux" or (not CAN_MAKE_NAMESPACES and not os.environ.get("CI")),
    reason="needs root, Linux and iproute2 to make network namespaces",
)
"""Skips where namespaces cannot be made; on Linux under CI it does not skip, so the test fails instead of hiding."""

_CLONE_NEWNET = 0x40000000
_numbers = itertools.count(1)


class Traffic(NamedTuple):
    """The kernel's counters of one interface."""

    rx_bytes: int
    tx_bytes: int
    rx_packets: int
    tx_packets: int

    def since(self, earlier: "Traffic") -> "Traffic":
        """What moved between two looks."""
        return Traffic(*(now - then for now, then in zip(self, earlier, strict=True)))


def run(*command: str, check: bool = True) -> str:
    """Run a command to its end and return its stdout; its stderr is in the failure."""
    done = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return as soon as the condition holds; fail after that many seconds."""
    deadline = time.monotonic() + seconds
    late = False
    while not condition():
        assert not late, "the condition did not come true in time"
        time.sleep(0.01)
        late = time.monotonic() > deadline  # asking may take long itself: it is asked once more after the time is up


def _setns(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


class Namespace:
    """One network namespace. Owns its sockets and processes; :class:`Lab` closes it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._owned = contextlib.ExitStack()
        self._sinks: dict[str, socket.socket] = {}
        run("ip", "netns", "add", name)

    def prepare(self, *, ipv6: bool) -> None:
        """Make it silent and take ``lo`` up; :meth:`Lab.namespace` does it."""
        self._quiet(ipv6=ipv6)
        self.ip("link", "set", "lo", "up")

    def _quiet(self, *, ipv6: bool) -> None:
        settings = {"disable_ipv6": int(not ipv6), "accept_ra": 0, "router_solicitations": 0, "addr_gen_mode": 1}
        for scope, (key, value) in itertools.product(("all", "default"), settings.items()):
            self.sysctl(f"net/ipv6/conf/{scope}/{key}", value)

    def sysctl(self, path: str, value: int) -> None:
        """Set a kernel parameter of this namespace, ``net/ipv4/ip_forward`` style."""
        with self.entered():
            pathlib.Path("/proc/sys", path).write_text(str(value), "ascii")

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """The calling thread is inside; sockets made here stay inside afterwards."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        inside = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            _setns(inside)
            yield
        finally:
            _setns(outside)
            os.close(inside)
            os.close(outside)

    def run(self, *command: str) -> str:
        """Run a command inside, to its end; returns its stdout."""
        return run("ip", "netns", "exec", self.name, *command)

    def ip(self, *arguments: str) -> str:
        """Run ``ip`` inside."""
        return run("ip", "-n", self.name, *arguments)

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a process inside (its pid is the command's own); it is killed with the namespace."""
        child = subprocess.Popen(["ip", "netns", "exec", self.name, *command], **options)
        self._owned.callback(_end, child)
        return child

    def socket(self, kind: int, *, family: int = socket.AF_INET, bind: str = "", port: int = 0) -> socket.socket:
        """A socket that lives inside, bound to an address; closed with the namespace."""
        with self.entered():
            made = self._owned.enter_context(socket.socket(family, kind))
        if bind:
            made.bind((bind, port))
        return made

    def sink(self, address: str) -> tuple[str, int]:
        """Where datagrams may go that nobody reads.

        It is there as long as the namespace: the kernel delivers late on a busy machine, and what found no socket would
        be answered ("port unreachable"), which is counted. What overflows it is dropped.
        """
        if address not in self._sinks:
            self._sinks[address] = self.socket(socket.SOCK_DGRAM, bind=address)
        host, port = self._sinks[address].getsockname()[:2]
        return host, port

    def links(self) -> dict[str, dict[str, Any]]:
        """Name to what ``ip -s -d -j link`` says of every interface."""
        told: list[dict[str, Any]] = json.loads(self.ip("-s", "-d", "-j", "link"))
        return {str(link["ifname"]): link for link in told}

    def counters(self, link: str) -> Traffic:
        """The kernel's own figures, as iproute2 reads them: the reference of the tests."""
        told = json.loads(self.ip("-s", "-j", "link", "show", "dev", link))[0]["stats64"]
        rx, tx = told["rx"], told["tx"]
        return Traffic(rx["bytes"], tx["bytes"], rx["packets"], tx["packets"])

    def index(self, link: str) -> int:
        """The ifindex."""
        return int(json.loads(self.ip("-j", "link", "show", "dev", link))[0]["ifindex"])

    def mac(self, link: str) -> str:
        """The hardware address."""
        return str(json.loads(self.ip("-j", "link", "show", "dev", link))[0]["address"])

    def default_via(self, gateway: str, link: str, *, metric: int = 0) -> None:
        """Add or replace the default route."""
        self.ip("route", "replace", "default", "via", gateway, "dev", link, "metric", str(metric))

    def settle(self, link: str, seconds: float = 5.0) -> Traffic:
        """Wait until an interface has been still for 0.2 s, then return its counters."""
        seen, since = self.counters(link), time.monotonic()
        deadline = since + seconds
        while time.monotonic() - since < 0.2:
            assert time.monotonic() < deadline, f"{link} does not become quiet"
            time.sleep(0.02)
            if (now := self.counters(link)) != seen:
                seen, since = now, time.monotonic()
        return seen

    def close(self) -> None:
        """End what runs inside and delete the namespace."""
        self._owned.close()
        run("ip", "netns", "del", self.name, check=False)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
    child.wait()


class Wire(NamedTuple):
    """A veth pair between two namespaces: ``near`` end in ``host``, ``far`` end in ``router``."""

    host: Namespace
    router: Namespace
    near: str
    far: str
    near_address: str
    far_address: str

    def upload(self, datagrams: int, size: int = 1000) -> int:
        """Send UDP from near to far; returns the bytes that the interface must have counted."""
        return _datagrams((self.host, self.near_address), (self.router, self.far_address), datagrams, size)

    def download(self, datagrams: int, size: int = 1000) -> int:
        """Send UDP from far to near; returns the bytes that the interface must have counted."""
        return _datagrams((self.router, self.far_address), (self.host, self.near_address), datagrams, size)

    def stream_up(self, total: int) -> None:
        """Move at least ``total`` bytes from near to far over TCP, as fast as it goes; returns when they arrived."""
        _stream((self.host, self.near_address), (self.router, self.far_address), total)

    def stream_down(self, total: int) -> None:
        """Move at least ``total`` bytes from far to near over TCP."""
        _stream((self.router, self.far_address), (self.host, self.near_address), total)

    def pause(self) -> None:
        """Take the near end down (its routes go with it)."""
        self.host.ip("link", "set", self.near, "down")

    def resume(self) -> None:
        """Take the near end up again; the caller restores routes."""
        self.host.ip("link", "set", self.near, "up")


_End = tuple[Namespace, str]


def _datagrams(source: _End, target: _End, datagrams: int, size: int) -> int:
    with contextlib.closing(source[0].socket(socket.SOCK_DGRAM, bind=source[1])) as sender:
        sender.connect(target[0].sink(target[1]))
        payload = bytes(size)
        for _ in range(datagrams):
            sender.send(payload)
    return datagrams * (size + UDP_OVERHEAD)


def _stream(source: _End, target: _End, total: int) -> None:
    with contextlib.closing(target[0].socket(socket.SOCK_STREAM, bind=target[1])) as listener:
        listener.listen(1)
        sender = source[0].socket(socket.SOCK_STREAM, bind=source[1])
        sender.connect(listener.getsockname())
        receiver, _ = listener.accept()
    pusher = threading.Thread(target=_push, args=(sender, total))
    pusher.start()
    with receiver:
        scratch = bytearray(1 << 20)
        while receiver.recv_into(
            scratch, 0, socket.MSG_TRUNC
        ):  # thrown away inside the kernel: fast enough for gigabytes
            pass
    pusher.join()


def _push(sender: socket.socket, total: int) -> None:
    block = bytes(1 << 20)
    with sender:
        for start in range(0, total, len(block)):
            sender.sendall(memoryview(block)[: total - start])


class Lab:
    """Owns uniquely named namespaces and wires between them; a context manager that removes them all."""

    def __init__(self, tag: str) -> None:
        self._prefix = f"pb-{tag}-{os.getpid()}"
        self._made = contextlib.ExitStack()
        self._wires = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def namespace(self, name: str = "ns", *, ipv6: bool = False) -> Namespace:
        """Make a namespace with only ``lo`` (up); without IPv6 unless asked for."""
        made = Namespace(f"{self._prefix}-{name}-{next(_numbers)}")
        self._made.callback(made.close)
        made.prepare(ipv6=ipv6)
        return made

    def wire(self, host: Namespace, router: Namespace, *, near: str = "eth0", default: bool = True) -> Wire:
        """Join two namespaces: 10.73.N.2 (near) and 10.73.N.1 (far), neighbours known, default route in ``host``."""
        number = next(self._wires)
        wire = Wire(host, router, near, f"far{number}", f"10.73.{number}.2", f"10.73.{number}.1")
        host.ip("link", "add", near, "type", "veth", "peer", "name", wire.far, "netns", router.name)
        connect(wire)
        if default:
            host.default_via(wire.far_address, near, metric=number)
        return wire


def connect(wire: Wire) -> None:
    """Address both ends, take them up and make the neighbours permanent, so that no ARP packet is ever sent."""
    ends = (
        (wire.host, wire.near, wire.near_address, wire.far_address, wire.router.mac(wire.far)),
        (wire.router, wire.far, wire.far_address, wire.near_address, wire.host.mac(wire.near)),
    )
    for space, link, *_ in ends:
        space.ip("link", "set", link, "up")
    for space, link, own, other, mac in ends:
        space.ip("addr", "add", f"{own}/24", "dev", link)
        space.ip("neigh", "replace", other, "lladdr", mac, "dev", link, "nud", "permanent")


def connect_ipv6(wire: Wire, *, default: bool = True) -> tuple[str, str]:
    """Give both ends (of namespaces made with ``ipv6=True``) an fd73:: address; returns near and far address.

    Joining a multicast group may still send a report or two: ``settle()`` before comparing.
    """
    number = wire.near_address.split(".")[2]
    near, far = f"fd73:{number}::2", f"fd73:{number}::1"
    ends = (
        (wire.host, wire.near, near, far, wire.router.mac(wire.far)),
        (wire.router, wire.far, far, near, wire.host.mac(wire.near)),
    )
    for space, link, own, other, mac in ends:
        space.ip("-6", "addr", "add", f"{own}/64", "dev", link, "nodad")
        space.ip("-6", "neigh", "replace", other, "lladdr", mac, "dev", link, "nud", "permanent")
    if default:
        wire.host.ip("-6", "route", "replace", "default", "via", far, "dev", wire.near)
    return near, far
