"""The Windows probe over a system that answers from memory."""

import sys
from typing import TypeVar

import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import SECOND, Boot, Counters, Instant
from packetbuddy.metering.uplinks import resolve
from packetbuddy.probes.face import Probe
from packetbuddy.probes.windows import WindowsProbe
from packetbuddy.probes.windows_links import ROW
from packetbuddy.probes.windows_routes import ROW as ROUTE
from packetbuddy.probes.windows_system import Named

T = TypeVar("T")
LUID = 6 << 48 | 1 << 24
PPP_LUID = 23 << 48 | 1 << 24
IPV4 = bytes([2, 0, 0, 0])
ANYWHERE, ROUTER, SERVER = bytes(4), bytes([10, 0, 0, 1]), bytes([203, 0, 113, 9])


def links(*luids: int, status: int = 1) -> bytes:
    rows = [
        ROW.pack(luid, "Wi-Fi".encode("utf-16-le"), b"", 6, 0, 1, status, 8, 8, 100, 1, 2, 200, 3, 4) for luid in luids
    ]
    return len(rows).to_bytes(8, "little") + b"".join(rows)


def routes(*rows: tuple[int, bytes, int, bytes]) -> bytes:
    """A table of rows: LUID, IPv4 destination, prefix length, next hop."""
    packed = [ROUTE.pack(luid, IPV4 + to, length, IPV4 + by, 25, 0) for luid, to, length, by in rows]
    return len(rows).to_bytes(8, "little") + b"".join(packed)


class Memory:
    """A Windows whose answers are set by the test; ``None`` is no answer."""

    def __init__(self) -> None:
        self.links: bytes | None = links(LUID)
        self.routes: bytes | None = routes((LUID, ANYWHERE, 0, ROUTER))
        self.times = (1_800_000_000 * SECOND, 100_000, 600_000_000)
        self.guid: str | None = "1b9f"
        self.power: bytes | None = bytes([0, 1])
        self.named: list[tuple[Named, ...] | None] = []
        self.route_reads = 0

    def link_table(self) -> bytes:
        return _told(self.links)

    def route_table(self) -> bytes:
        self.route_reads += 1
        return _told(self.routes)

    def clocks(self) -> tuple[int, int, int]:
        return self.times

    def machine_guid(self) -> str:
        return _told(self.guid)

    def power_status(self) -> bytes:
        return _told(self.power)

    def named_counters(self) -> tuple[Named, ...]:
        return _told(self.named.pop(0))

    def sleep(self, milliseconds: int) -> None:
        wall, ticks, awake = self.times
        self.times = (wall + milliseconds * 1_000_000, ticks + milliseconds, awake + milliseconds * 10_000)


def _told(value: T | None) -> T:
    if value is None:
        raise ProbeError("no answer")
    return value


def test_look_holds_everything() -> None:
    """One look has all clocks in nanoseconds, the uncertain boot, each interface by LUID, and the routes."""
    probe: Probe = WindowsProbe(Memory())
    look = probe.look()
    assert look.at == Instant(1_800_000_000 * SECOND, 100 * SECOND, 60 * SECOND, None)
    assert look.boot == Boot("windows", certain=False)
    assert look.complete
    assert [(link.identity, link.name, link.counters) for link in look.links] == [
        (LUID, "Wi-Fi", Counters(100, 200, 3, 7))
    ]
    assert look.routes is not None
    assert [(route.link, route.length, route.gateway) for route in look.routes] == [(LUID, 0, True)]


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        (((LUID, ANYWHERE, 0, ROUTER), (PPP_LUID, ANYWHERE, 0, ANYWHERE), (LUID, SERVER, 32, ROUTER)), LUID),
        (((PPP_LUID, ANYWHERE, 0, ANYWHERE),), PPP_LUID),
    ],
)
def test_ppp_is_a_vpn_or_a_line(rows: tuple[tuple[int, bytes, int, bytes], ...], counted: int) -> None:
    """A connection whose server is reached by the card's gateway counts on the card; PPPoE counts itself."""
    system = Memory()
    connection = ROW.pack(PPP_LUID, "Dial".encode("utf-16-le"), b"", 23, 0, 0, 1, 0, 0, 50, 1, 2, 60, 3, 4)
    system.links = (2).to_bytes(8, "little") + links(LUID)[8:] + connection
    system.routes = routes(*rows)
    look = WindowsProbe(system).look()
    assert resolve(look.links, look.routes, None).counted == {counted}


def test_machine_is_a_hash() -> None:
    """The GUID itself is never in a reading, another one gives another hash, none gives an empty one."""
    system, other, without = Memory(), Memory(), Memory()
    other.guid, without.guid = "2c00", None
    machine = WindowsProbe(system).look().machine
    assert "1b9f" != machine == WindowsProbe(Memory()).look().machine != WindowsProbe(other).look().machine
    assert WindowsProbe(without).look().machine == ""


def test_routes_are_read_every_five_seconds() -> None:
    """A table of routes is never older than 5 s, and is not read more often while nothing moves."""
    system = Memory()
    probe = WindowsProbe(system)
    for _ in range(5):
        probe.look()
        system.sleep(1000)
    assert system.route_reads == 1
    probe.look()
    assert system.route_reads == 2


@pytest.mark.parametrize("changed", [links(LUID, LUID + 1), links(LUID, status=2), links(LUID + 1)])
def test_routes_are_read_at_once_when_a_link_moves(changed: bytes) -> None:
    """A cable pulled or a VPN come up shows in the same look, not 5 s later."""
    system = Memory()
    probe = WindowsProbe(system)
    probe.look()
    system.links = changed
    probe.look()
    assert system.route_reads == 2


@pytest.mark.parametrize("answer", [None, b"\1"])
def test_unreadable_routes_are_none_and_tried_again(answer: bytes | None) -> None:
    """Not read is not the same as none: bytes are counted meanwhile, and the next look tries again."""
    system = Memory()
    system.routes = answer
    probe = WindowsProbe(system)
    assert probe.look().routes is None
    system.routes = bytes(8)
    assert probe.look().routes == ()


def test_names_serve_where_the_table_is_refused() -> None:
    """The table refused at opening means psutil from then on; names without a LUID go, nothing is proven new."""
    system = Memory()
    system.links = None
    found = (Named(LUID, "Wi-Fi", Counters(5, 6, 7, 8)), Named(None, "gone", Counters(1, 1, 1, 1)))
    system.named = [found, found]
    probe = WindowsProbe(system)
    system.links = links(LUID)
    look = probe.look()
    assert [(link.identity, link.counters.rx_bytes) for link in look.links] == [(LUID, 5)]
    assert not look.complete


def test_names_are_tried_again_when_one_vanished() -> None:
    """One interface that vanishes fails the whole call; the third try may still answer, no fourth is made."""
    system = Memory()
    system.links = None
    found = (Named(LUID, "Wi-Fi", Counters(5, 6, 7, 8)),)
    system.named = [None, None, found, None, None, None, found]
    probe = WindowsProbe(system)
    with pytest.raises(ProbeError):
        probe.look()
    assert system.named == [found]


def test_source_never_changes_while_open() -> None:
    """A refusal after opening is an error of that look; the next one may be answered."""
    system = Memory()
    probe = WindowsProbe(system)
    system.links = None
    with pytest.raises(ProbeError):
        probe.look()
    system.links = links(LUID)
    assert probe.look().complete


def test_battery_descriptor_and_close() -> None:
    """There is no descriptor, the battery is the system's answer, and closing twice is safe."""
    system = Memory()
    probe = WindowsProbe(system)
    assert probe.on_battery() is True
    assert probe.changes() is None
    probe.close()
    probe.close()
    system.power = None
    with pytest.raises(ProbeError):
        probe.on_battery()


@pytest.mark.skipif(sys.platform == "win32", reason="the native system answers there")
def test_elsewhere_it_says_so() -> None:
    """On another system opening is refused in words, not by a missing library."""
    with pytest.raises(ProbeError, match="Windows"):
        WindowsProbe()
