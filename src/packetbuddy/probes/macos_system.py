"""The thin seam to macOS: what :mod:`packetbuddy.probes.macos` asks of the system, and the one class that asks it.

Sources: sysctl(3), gethostuuid(2), route(4), clock_gettime(3); ``<sys/sysctl.h>``, ``<sys/socket.h>``.
"""

import ctypes
import errno
import socket
import sys
import time
from typing import NamedTuple, Protocol

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters

_PF_ROUTE = 17
_CLOCK_MONOTONIC = 6
_CLOCK_UPTIME_RAW = 8
_DOUBLINGS = 10
_MESSAGE_BYTES = 2048
_MESSAGES_AT_ONCE = 256


class Named(NamedTuple):
    """Counters from a source that knows names only; ``identity`` is ``None`` where the name was gone already."""

    identity: int | None
    name: str
    counters: Counters


class MacSystem(Protocol):
    """What the probe asks of macOS. Every method raises ProbeError when the system does not answer."""

    def sysctl(self, name: tuple[int, ...], size: int) -> bytes | None:
        """The value of a numeric sysctl, ``size`` bytes guessed; ``None`` where there is no such entry."""
        ...

    def boot_session(self) -> str:
        """``kern.bootsessionuuid``."""
        ...

    def host_uuid(self) -> bytes:
        """The machine's UUID, 16 bytes."""
        ...

    def clocks(self) -> tuple[int, int, int]:
        """Wall, elapsed (sleep included) and awake (sleep excluded) clocks in nanoseconds."""
        ...

    def named_counters(self) -> tuple[Named, ...]:
        """All interfaces by name, byte counters possibly 32 bit wide."""
        ...

    def on_battery(self) -> bool | None:
        """Whether the machine runs on battery; ``None`` where it cannot be told."""
        ...

    def route_socket(self) -> int | None:
        """The descriptor of a routing socket, opened at the first call; ``None`` where it is refused."""
        ...

    def messages(self) -> tuple[bytes, ...]:
        """Routing messages that wait; an empty one says that some were lost."""
        ...

    def close(self) -> None:
        """Give back the routing socket; safe to call twice."""
        ...


def open_system() -> MacSystem:
    """The running macOS.

    Raises:
        ProbeError: this is not macOS.
    """
    if sys.platform != "darwin":
        raise ProbeError("the macOS probe needs macOS")
    libc = ctypes.CDLL(None, use_errno=True)
    size = ctypes.POINTER(ctypes.c_size_t)
    libc.sysctl.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, size, ctypes.c_void_p, ctypes.c_size_t]
    libc.sysctlbyname.argtypes = [ctypes.c_char_p, ctypes.c_void_p, size, ctypes.c_void_p, ctypes.c_size_t]
    libc.gethostuuid.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    return NativeMac(libc)


class NativeMac:
    """Asks the running macOS through its C library. Owns the routing socket."""

    def __init__(self, libc: ctypes.CDLL) -> None:
        self._libc = libc
        self._socket: socket.socket | None = None

    def sysctl(self, name: tuple[int, ...], size: int) -> bytes | None:
        """Grows its buffer until the value fits."""
        mib = (ctypes.c_int * len(name))(*name)
        for doubling in range(_DOUBLINGS):
            buffer = ctypes.create_string_buffer(size << doubling)
            length = ctypes.c_size_t(len(buffer))
            if self._libc.sysctl(mib, len(name), buffer, ctypes.byref(length), None, 0) == 0:
                return ctypes.string_at(buffer, length.value)
            error = ctypes.get_errno()
            if error == errno.ENOENT:
                return None
            if error != errno.ENOMEM:  # ENOMEM: the table is larger than guessed
                raise ProbeError(f"sysctl {name} failed: error {error}")
        raise ProbeError(f"sysctl {name} never fits its buffer")

    def boot_session(self) -> str:
        """By sysctlbyname(3)."""
        buffer = ctypes.create_string_buffer(64)
        length = ctypes.c_size_t(len(buffer))
        if self._libc.sysctlbyname(b"kern.bootsessionuuid", buffer, ctypes.byref(length), None, 0):
            raise ProbeError(f"kern.bootsessionuuid cannot be read: error {ctypes.get_errno()}")
        return buffer.value.decode("ascii", "replace")

    def host_uuid(self) -> bytes:
        """By gethostuuid(2), waiting a second at most."""
        uuid = ctypes.create_string_buffer(16)
        patience = (ctypes.c_long * 2)(1, 0)  # struct timespec; all zeros would mean to wait for ever
        if self._libc.gethostuuid(uuid, ctypes.byref(patience)):
            raise ProbeError(f"gethostuuid failed: error {ctypes.get_errno()}")
        return uuid.raw

    def clocks(self) -> tuple[int, int, int]:
        """By clock_gettime(3): CLOCK_MONOTONIC goes on while the machine sleeps, CLOCK_UPTIME_RAW stands still."""
        # Python's own monotonic clock is mach_absolute_time, which stands still as well.
        try:
            elapsed, awake = time.clock_gettime_ns(_CLOCK_MONOTONIC), time.clock_gettime_ns(_CLOCK_UPTIME_RAW)
        except OSError as exc:
            raise ProbeError(f"the system's clocks cannot be read: {exc}") from exc
        return time.time_ns(), elapsed, awake

    def named_counters(self) -> tuple[Named, ...]:
        """By psutil, which reads NET_RT_IFLIST2: cut at 4 GiB for programs that are not Apple's."""
        import psutil  # noqa: PLC0415 - only where the kernel's own table is refused

        try:
            found = psutil.net_io_counters(pernic=True, nowrap=False)
        except (OSError, RuntimeError) as exc:
            raise ProbeError(f"psutil cannot read the counters: {exc}") from exc
        return tuple(
            Named(_index(name), name, Counters(io.bytes_recv, io.bytes_sent, io.packets_recv, io.packets_sent))
            for name, io in found.items()
        )

    def on_battery(self) -> bool | None:
        """By psutil."""
        import psutil  # noqa: PLC0415 - only where battery_saver asks

        try:
            battery = psutil.sensors_battery()
        except (OSError, RuntimeError) as exc:
            raise ProbeError(f"psutil cannot read the battery: {exc}") from exc
        return None if battery is None or battery.power_plugged is None else not battery.power_plugged

    def route_socket(self) -> int | None:
        """By route(4), which needs no privilege for listening."""
        if self._socket is None:
            try:
                self._socket = socket.socket(_PF_ROUTE, socket.SOCK_RAW, 0)
            except OSError:
                return None
            self._socket.settimeout(0)
        return self._socket.fileno()

    def messages(self) -> tuple[bytes, ...]:
        """At most a few hundred, so that a flood cannot hold the loop; the rest waits."""
        found: list[bytes] = []
        while self._socket is not None and len(found) < _MESSAGES_AT_ONCE:
            try:
                found.append(self._socket.recv(_MESSAGE_BYTES))
            except BlockingIOError:
                break
            except OSError:  # ENOBUFS: the kernel dropped messages
                found.append(b"")
        return tuple(found)

    def close(self) -> None:
        """Give back the routing socket; safe to call twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _index(name: str) -> int | None:
    try:
        return socket.if_nametoindex(name)
    except OSError:
        return None
