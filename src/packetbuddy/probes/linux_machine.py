"""Linux besides its network: clocks, boot and machine identity, power."""

import os
import socket
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from packetbuddy.metering.readings import SECOND, Boot, Instant
from packetbuddy.probes.linux_files import read_number, read_text

_SO_NETNS_COOKIE = 71
"""asm-generic/socket.h, Linux 5.14; the socket module has no name for it."""
_LABEL = b"packetbuddy machine identity"
_TIME_ERROR, _STA_UNSYNC = 5, 0x40
_ASK_EVERY_NS = 10 * SECOND


def boot_identity(proc: str = "/proc") -> Boot:
    """The kernel's random name for this boot; empty and uncertain where it is hidden."""
    identity = read_text(f"{proc}/sys/kernel/random/boot_id")
    return Boot(identity, certain=True) if identity else Boot("", certain=False)


def namespace_identity() -> str:
    """The calling thread's network namespace: the kernel's cookie, never reused; else its inode, which may be."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as anybody:
            cookie = anybody.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8)
    except OSError:
        return namespace_inode()
    return f"cookie:{int.from_bytes(cookie, sys.byteorder)}"


def namespace_inode(path: str = "/proc/thread-self/ns/net") -> str:
    """``inode:N`` of the network namespace, empty where the kernel shows none."""
    try:
        return f"inode:{os.stat(path).st_ino}"  # noqa: PTH116 - pathlib is too heavy for the monitor
    except OSError:
        return ""


def machine_identity(etc: str = "/etc", var: str = "/var/lib/dbus") -> str:
    """Hash (32 hex digits) of the machine-id, which itself is private (machine-id(5)); empty where there is none.

    Keyed BLAKE2b: the same digest as :func:`hashlib.blake2b`, taken from the module that hashlib itself takes it from,
    because importing hashlib loads OpenSSL (measured: 3.7 MB of memory against 0.03).
    """
    for path in (f"{etc}/machine-id", f"{var}/machine-id"):
        told = read_text(path)
        if told and told != "uninitialized":
            return _digest(told.encode())
    return ""


def _digest(told: bytes) -> str:
    try:
        from _blake2 import blake2b  # noqa: PLC0415 - needed once, and see machine_identity
    except ImportError:
        from hashlib import blake2b  # noqa: PLC0415 - same
    return blake2b(told, key=_LABEL, digest_size=16).hexdigest()


class Clocks:
    """Reads the three clocks. Owns what was last heard about synchronisation, which is asked for seldom."""

    def __init__(self, ask: Callable[[], bool | None] | None = None) -> None:
        self._ask = ask
        self._synchronized: bool | None = None
        self._asked_ns: int | None = None
        self._offset_ns = 0

    def now(self) -> Instant:
        """This instant."""
        return self.at(time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.monotonic_ns())

    def at(self, wall: int, elapsed: int, awake: int) -> Instant:
        """The instant of these clocks; asks about synchronisation when ten seconds passed or the wall clock stepped."""
        stepped = abs(wall - elapsed - self._offset_ns) > SECOND
        if self._asked_ns is None or stepped or elapsed - self._asked_ns >= _ASK_EVERY_NS:
            self._ask = self._ask or _adjtimex()
            self._synchronized = self._ask()
            self._asked_ns = elapsed
            self._offset_ns = wall - elapsed
        return Instant(wall, elapsed, awake, self._synchronized)


def clock_is_synchronized() -> bool | None:
    """Whether the kernel knows its clock to be kept by a time service (adjtimex(2)); ``None`` where it won't say."""
    return _adjtimex()()


def _adjtimex() -> Callable[[], bool | None]:
    """The question, to be asked again and again: finding the call and making its buffer costs more than the call."""
    try:
        import ctypes  # noqa: PLC0415 - not loaded by merely importing the probe

        call = ctypes.CDLL(None).adjtimex
    except (ImportError, OSError, AttributeError):
        return lambda: None
    timex = ctypes.create_string_buffer(512)  # struct timex; modes = 0: only asks
    # modes (padded to a long), offset, freq, maxerror, esterror: five longs; then the int status
    status = ctypes.c_int.from_buffer(timex, 5 * ctypes.sizeof(ctypes.c_long))

    def ask() -> bool | None:
        state = int(call(timex))
        return None if state < 0 else state != _TIME_ERROR and not status.value & _STA_UNSYNC

    return ask


class _Supply(NamedTuple):
    battery: bool
    online: bool
    discharging: bool


def on_battery(folder: str = "/sys/class/power_supply") -> bool | None:
    """Whether the machine draws from its battery; ``None`` without a battery of its own.

    A mouse's battery (``scope`` Device) is not the machine's. Any online supply that is no battery means mains.
    """
    supplies = [_supply(f"{folder}/{name}") for name in _names(folder)]
    batteries = [supply for supply in supplies if supply is not None and supply.battery]
    if not batteries:
        return None
    if any(supply is not None and supply.online and not supply.battery for supply in supplies):
        return False
    return any(battery.discharging for battery in batteries)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - pathlib is too heavy for the monitor
    except OSError:
        return []


def _supply(folder: str) -> _Supply | None:
    kind = read_text(f"{folder}/type")
    if kind is None or read_text(f"{folder}/scope") == "Device":
        return None
    online, status = read_number(f"{folder}/online"), read_text(f"{folder}/status")
    return _Supply(battery=kind == "Battery", online=bool(online), discharging=status == "Discharging")
