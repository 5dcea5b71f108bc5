"""The seam to Windows over stand-ins for its two libraries, which write into real memory as the libraries do."""

import ctypes
import sys
from typing import Any, cast

import psutil
import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters
from packetbuddy.probes.windows_system import NativeWindows

LUID = 6 << 48


class Library:
    """Stands for iphlpapi and kernel32: a table in memory, and what was freed of it."""

    def __init__(self, table: bytes | None) -> None:
        self.memory = None if table is None else ctypes.create_string_buffer(table, len(table))
        self.freed: list[int | None] = []
        self.error = 0
        self.works = True

    def GetIfTable2(self, table: Any) -> int:  # noqa: N802 - Microsoft's name
        table._obj.value = None if self.memory is None else ctypes.addressof(self.memory)
        return self.error

    def GetIpForwardTable2(self, family: ctypes.c_ushort, table: Any) -> int:  # noqa: N802 - same
        assert family.value == 0
        return self.GetIfTable2(table)

    def FreeMibTable(self, table: ctypes.c_void_p) -> None:  # noqa: N802 - same
        self.freed.append(table.value)

    def ConvertInterfaceAliasToLuid(self, alias: ctypes.c_wchar_p, luid: Any) -> int:  # noqa: N802 - same
        luid._obj.value = LUID
        return 0 if alias.value == "lo" else 123

    def GetTickCount64(self) -> int:  # noqa: N802 - same
        return 1234

    def QueryUnbiasedInterruptTime(self, awake: Any) -> bool:  # noqa: N802 - same
        awake._obj.value = 5678
        return self.works

    def GetSystemPowerStatus(self, status: Any) -> bool:  # noqa: N802 - same
        status[0:2] = b"\0\1"
        return self.works


def native(library: Library) -> NativeWindows:
    dll = cast("ctypes.CDLL", library)
    return NativeWindows(dll, dll)


def test_tables_are_copied_whole_and_freed() -> None:
    """Header and all rows are copied out, and the system's memory goes back exactly once."""
    links, routes = (2).to_bytes(8, "little") + bytes(2 * 1352), (3).to_bytes(8, "little") + bytes(3 * 104)
    library = Library(links)
    assert native(library).link_table() == links
    assert library.memory is not None
    assert library.freed == [ctypes.addressof(library.memory)]
    assert native(Library(routes)).route_table() == routes


def test_absurd_table_is_freed_and_refused() -> None:
    """A count that cannot be is never followed beyond the memory, which still goes back."""
    library = Library(b"\xff" * 8)
    with pytest.raises(ProbeError):
        native(library).link_table()
    assert len(library.freed) == 1


def test_refused_table_is_an_error() -> None:
    """An error code and a missing table are both said in words, and nothing is freed that was not given."""
    library = Library(bytes(8))
    library.error = 5
    for refusing in (library, Library(None)):
        with pytest.raises(ProbeError, match="GetIfTable2"):
            native(refusing).link_table()
        assert refusing.freed == []


def test_clocks_and_power() -> None:
    """The clocks come in the units of their functions; a refusal is an error."""
    library = Library(None)
    system = native(library)
    assert system.clocks()[1:] == (1234, 5678)
    assert system.power_status()[:2] == b"\0\1"
    library.works = False
    with pytest.raises(ProbeError):
        system.clocks()
    with pytest.raises(ProbeError):
        system.power_status()


def test_names_become_luids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of psutil's names is asked for its LUID; one that is gone has none, and its counters are psutil's."""
    io = next(iter(psutil.net_io_counters(pernic=True, nowrap=False).values()))
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: {"lo": io, "gone": io})
    there, gone = native(Library(None)).named_counters()
    assert (there.identity, there.name, gone.identity) == (LUID, "lo", None)
    assert there.counters == Counters(io.bytes_recv, io.bytes_sent, io.packets_recv, io.packets_sent)


def test_failing_psutil_is_a_probe_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What psutil raises when an interface vanishes is mapped at this edge."""

    def vanish(**_: bool) -> None:
        raise RuntimeError("GetIfEntry2() failed")

    monkeypatch.setattr(psutil, "net_io_counters", vanish)
    with pytest.raises(ProbeError, match="GetIfEntry2"):
        native(Library(None)).named_counters()


@pytest.mark.skipif(sys.platform == "win32", reason="there is a registry there")
def test_no_registry_elsewhere() -> None:
    """Without a registry the machine's identity is refused, not invented."""
    with pytest.raises(ProbeError):
        native(Library(None)).machine_guid()
