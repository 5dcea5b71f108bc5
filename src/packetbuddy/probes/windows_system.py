"""The thin seam to Windows: what :mod:`packetbuddy.probes.windows` asks of the system, and the one class that asks it.

Sources: Microsoft Learn, "GetIfTable2", "GetIpForwardTable2", "FreeMibTable", "ConvertInterfaceAliasToLuid"
(netioapi.h), "GetTickCount64" (sysinfoapi.h), "QueryUnbiasedInterruptTime" (realtimeapiset.h), "GetSystemPowerStatus"
(winbase.h).
"""

import ctypes
import sys
import time
from typing import NamedTuple, Protocol

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters
from packetbuddy.probes.windows_links import ROW_BYTES as LINK_BYTES
from packetbuddy.probes.windows_links import TABLE_START
from packetbuddy.probes.windows_routes import ROW_BYTES as ROUTE_BYTES

_MOST_ROWS = 65_536
_POWER_BYTES = 12
_UNSPECIFIED = 0


class Named(NamedTuple):
    """Counters from a source that knows names only; ``identity`` is ``None`` where the name was gone already."""

    identity: int | None
    name: str
    counters: Counters


class WindowsSystem(Protocol):
    """What the probe asks of Windows. Every method raises ProbeError when the system does not answer."""

    def link_table(self) -> bytes:
        """A copy of the ``MIB_IF_TABLE2``."""
        ...

    def route_table(self) -> bytes:
        """A copy of the ``MIB_IPFORWARD_TABLE2`` of both families."""
        ...

    def clocks(self) -> tuple[int, int, int]:
        """Wall clock in ns, GetTickCount64 in ms (sleep included), unbiased interrupt time in 100 ns (excluded)."""
        ...

    def machine_guid(self) -> str:
        """``MachineGuid`` of the registry."""
        ...

    def power_status(self) -> bytes:
        """A copy of the ``SYSTEM_POWER_STATUS``."""
        ...

    def named_counters(self) -> tuple[Named, ...]:
        """All interfaces by name; fails as a whole when one of them vanishes during the call."""
        ...


def open_system() -> WindowsSystem:
    """The running Windows.

    Raises:
        ProbeError: this is not Windows.
    """
    if sys.platform != "win32":
        raise ProbeError("the Windows probe needs Windows")
    iphlpapi, kernel32 = ctypes.WinDLL("iphlpapi"), ctypes.WinDLL("kernel32")
    iphlpapi.FreeMibTable.argtypes = [ctypes.c_void_p]
    iphlpapi.FreeMibTable.restype = None
    kernel32.GetTickCount64.restype = ctypes.c_ulonglong
    return NativeWindows(iphlpapi, kernel32)


class NativeWindows:
    """Asks the running Windows through two of its libraries. Owns nothing: tables are copied and freed at once."""

    def __init__(self, iphlpapi: ctypes.CDLL, kernel32: ctypes.CDLL) -> None:
        self._iphlpapi = iphlpapi
        self._kernel32 = kernel32

    def link_table(self) -> bytes:
        """By GetIfTable2."""
        table = ctypes.c_void_p()
        error = self._iphlpapi.GetIfTable2(ctypes.byref(table))
        return self._copied("GetIfTable2", error, table, LINK_BYTES)

    def route_table(self) -> bytes:
        """By GetIpForwardTable2."""
        table = ctypes.c_void_p()
        error = self._iphlpapi.GetIpForwardTable2(ctypes.c_ushort(_UNSPECIFIED), ctypes.byref(table))
        return self._copied("GetIpForwardTable2", error, table, ROUTE_BYTES)

    def clocks(self) -> tuple[int, int, int]:
        """By GetTickCount64 and QueryUnbiasedInterruptTime; both step by a clock tick of up to 16 ms."""
        awake = ctypes.c_ulonglong()
        if not self._kernel32.QueryUnbiasedInterruptTime(ctypes.byref(awake)):
            raise ProbeError("QueryUnbiasedInterruptTime failed")
        return time.time_ns(), int(self._kernel32.GetTickCount64()), awake.value

    def machine_guid(self) -> str:
        """From the 64-bit view of the registry, whatever Python's own width."""
        if sys.platform != "win32":
            raise ProbeError("only Windows has a registry")
        import winreg  # noqa: PLC0415 - Windows only, and once

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, access) as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError as exc:
            raise ProbeError(f"MachineGuid cannot be read: {exc}") from exc

    def power_status(self) -> bytes:
        """By GetSystemPowerStatus."""
        status = ctypes.create_string_buffer(_POWER_BYTES)
        if not self._kernel32.GetSystemPowerStatus(status):
            raise ProbeError("GetSystemPowerStatus failed")
        return status.raw

    def named_counters(self) -> tuple[Named, ...]:
        """By psutil, the names turned into LUIDs by ConvertInterfaceAliasToLuid."""
        import psutil  # noqa: PLC0415 - only where GetIfTable2 is refused

        try:
            found = psutil.net_io_counters(pernic=True, nowrap=False)
        except (OSError, RuntimeError) as exc:
            raise ProbeError(f"psutil cannot read the counters: {exc}") from exc
        return tuple(
            Named(self._luid(name), name, Counters(io.bytes_recv, io.bytes_sent, io.packets_recv, io.packets_sent))
            for name, io in found.items()
        )

    def _luid(self, alias: str) -> int | None:
        luid = ctypes.c_ulonglong()
        error = self._iphlpapi.ConvertInterfaceAliasToLuid(ctypes.c_wchar_p(alias), ctypes.byref(luid))
        return None if error else luid.value

    def _copied(self, call: str, error: int, table: ctypes.c_void_p, row_bytes: int) -> bytes:
        if error or not table.value:
            raise ProbeError(f"{call} failed: error {error}")
        try:
            rows = ctypes.c_uint32.from_address(table.value).value
            if rows > _MOST_ROWS:
                raise ProbeError(f"{call} tells of {rows} rows")
            return ctypes.string_at(table.value, TABLE_START + rows * row_bytes)
        finally:
            self._iphlpapi.FreeMibTable(table)
