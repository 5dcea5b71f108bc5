"""The macOS probe over a system that answers from memory."""

import sys
from typing import TypeVar

import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import SECOND, Boot, Counters, Instant
from packetbuddy.metering.uplinks import resolve
from packetbuddy.probes.face import Probe
from packetbuddy.probes.macos import MacProbe
from packetbuddy.probes.macos_links import COUNT, COUNT_NAME, ROW, row_name
from packetbuddy.probes.macos_routes import DUMP_NAME, HEADER, HEADER_BYTES
from packetbuddy.probes.macos_system import Named

T = TypeVar("T")
UP, UP_GATEWAY, SCOPED = 0x1, 0x3, 0x1000000
DESTINATION_AND_MASK = 0x5
LINK_CHANGED = HEADER.pack(HEADER.size, 5, 0xE, 4, 0, 0)
NEIGHBOUR_MET = HEADER.pack(HEADER.size, 5, 0x1, 4, 0x405, 0)


def row(name: bytes, received: int, sent: int) -> bytes:
    return ROW.pack(name, 0x41, 6, 8_000_000, 11, 12, received, sent)


def default_route(index: int, flags: int = UP_GATEWAY) -> bytes:
    body = bytes([16, 2]) + bytes(14) + bytes(4)
    header = HEADER.pack(HEADER_BYTES + len(body), 5, 4, index, flags, DESTINATION_AND_MASK)
    return header.ljust(HEADER_BYTES, b"\0") + body


class Memory:
    """A macOS whose answers are set by the test. An entry that is an exception is raised."""

    def __init__(self) -> None:
        self.entries: dict[tuple[int, ...], bytes | ProbeError] = {
            COUNT_NAME: COUNT.pack(5),
            row_name(1): row(b"lo0", 1, 1),
            row_name(3): bytes(ROW.size),
            row_name(4): row(b"en0", 100, 200),
            DUMP_NAME: default_route(4),
        }
        self.boot: str | None = "B007"
        self.uuid: bytes | None = bytes(range(16))
        self.times = (1_800_000_000 * SECOND, 100 * SECOND, 60 * SECOND)
        self.named: tuple[Named, ...] | None = None
        self.descriptor: int | None = 7
        self.waiting: list[bytes] = []
        self.dumps = 0
        self.closed = 0

    def sysctl(self, name: tuple[int, ...], size: int) -> bytes | None:
        assert size > 0
        self.dumps += name == DUMP_NAME
        answer = self.entries.get(name)
        if isinstance(answer, ProbeError):
            raise answer
        return answer

    def boot_session(self) -> str:
        return _told(self.boot)

    def host_uuid(self) -> bytes:
        return _told(self.uuid)

    def clocks(self) -> tuple[int, int, int]:
        return self.times

    def named_counters(self) -> tuple[Named, ...]:
        return _told(self.named)

    def on_battery(self) -> bool | None:
        return True

    def route_socket(self) -> int | None:
        return self.descriptor

    def messages(self) -> tuple[bytes, ...]:
        told, self.waiting = tuple(self.waiting), []
        return told

    def close(self) -> None:
        self.closed += 1

    def sleep(self, seconds: int) -> None:
        wall, elapsed, awake = self.times
        self.times = (wall + seconds * SECOND, elapsed + seconds * SECOND, awake + seconds * SECOND)


def _told(value: T | None) -> T:
    if value is None:
        raise ProbeError("no answer")
    return value


def test_look_holds_everything() -> None:
    """One look has all three clocks, the boot, the machine, each attached interface with its index, and the routes."""
    probe: Probe = MacProbe(Memory())
    look = probe.look()
    assert look.at == Instant(1_800_000_000 * SECOND, 100 * SECOND, 60 * SECOND, None)
    assert look.boot == Boot("B007", certain=True)
    assert look.complete
    assert [(link.identity, link.name) for link in look.links] == [(1, "lo0"), (4, "en0")]
    assert look.links[1].counters == Counters(100, 200, 11, 12)
    assert look.routes is not None
    assert [(route.link, route.length, route.gateway) for route in look.routes] == [(4, 0, True)]


def test_full_tunnel_counts_the_hardware() -> None:
    """Under a VPN only the tunnel has a plain default route; the hardware's scoped one makes it count, and it alone."""
    system = Memory()
    system.entries[row_name(5)] = ROW.pack(b"utun4", 0x41, 1, 0, 1, 1, 90, 190)
    system.entries[DUMP_NAME] = default_route(5, UP) + default_route(4, UP_GATEWAY | SCOPED)
    look = MacProbe(system).look()
    assert resolve(look.links, look.routes, None).counted == {4}


def test_machine_is_a_hash() -> None:
    """The machine's UUID itself is never in a reading; the same UUID gives the same hash, another one another."""
    system, other = Memory(), Memory()
    other.uuid = bytes(16)
    machine = MacProbe(system).look().machine
    assert machine == MacProbe(Memory()).look().machine != MacProbe(other).look().machine
    assert bytes(range(16)).hex() not in machine


def test_unknown_identities_are_admitted() -> None:
    """Without a boot session the boot is uncertain, without a UUID the machine is empty."""
    system = Memory()
    system.boot = system.uuid = None
    look = MacProbe(system).look()
    assert not look.boot.certain
    assert look.machine == ""


def test_routes_are_read_again_only_after_a_change() -> None:
    """A quiet hour asks for the routing table once; a neighbour met changes nothing; a link that changed does."""
    system = Memory()
    probe = MacProbe(system)
    probe.look()
    system.sleep(3600)
    system.waiting = [NEIGHBOUR_MET]
    probe.look()
    assert system.dumps == 1
    system.entries[DUMP_NAME] = default_route(1)
    system.waiting = [NEIGHBOUR_MET, LINK_CHANGED]
    look = probe.look()
    assert system.dumps == 2
    assert look.routes is not None
    assert look.routes[0].link == 1


def test_without_a_routing_socket_routes_are_read_every_five_seconds() -> None:
    """Where the socket is refused there is nothing to wait on, and the table is never older than 5 s."""
    system = Memory()
    system.descriptor = None
    probe = MacProbe(system)
    assert probe.changes() is None
    probe.look()
    system.sleep(4)
    probe.look()
    assert system.dumps == 1
    system.sleep(1)
    probe.look()
    assert system.dumps == 2


@pytest.mark.parametrize("answer", [ProbeError("refused"), b"\0"])
def test_unreadable_routes_are_none_and_tried_again(answer: bytes | ProbeError) -> None:
    """Not read is not the same as none: bytes are counted meanwhile, and the next look tries again."""
    system = Memory()
    system.entries[DUMP_NAME] = answer
    probe = MacProbe(system)
    assert probe.look().routes is None
    del system.entries[DUMP_NAME]
    assert probe.look().routes is None
    system.entries[DUMP_NAME] = b""
    assert probe.look().routes == ()


def test_names_serve_where_rows_are_refused() -> None:
    """Psutil's 32-bit counters take over at opening; such looks prove nothing to be new, and vanished names go."""
    system = Memory()
    system.entries[COUNT_NAME] = ProbeError("refused")
    system.named = (Named(4, "en0", Counters(5, 6, 7, 8)), Named(None, "utun9", Counters(1, 1, 1, 1)))
    probe = MacProbe(system)
    system.entries[COUNT_NAME] = COUNT.pack(5)
    look = probe.look()
    assert [(link.identity, link.counters.rx_bytes, link.facts.counter_bits) for link in look.links] == [(4, 5, 32)]
    assert not look.complete


def test_source_never_changes_while_open() -> None:
    """A refusal after opening is an error of that look: 32-bit counters would read as a fall of the 64-bit ones."""
    system = Memory()
    probe = MacProbe(system)
    system.named = (Named(4, "en0", Counters(5, 6, 7, 8)),)
    system.entries[COUNT_NAME] = ProbeError("refused")
    with pytest.raises(ProbeError):
        probe.look()


def test_no_source_at_all() -> None:
    """Where neither source shows an interface, opening says so."""
    system = Memory()
    system.entries = {COUNT_NAME: COUNT.pack(2)}
    with pytest.raises(ProbeError, match="no answer"):
        MacProbe(system)


def test_battery_descriptor_and_close() -> None:
    """These are the system's own answers, and closing twice is safe."""
    system = Memory()
    probe = MacProbe(system)
    assert probe.on_battery() is True
    assert probe.changes() == 7
    probe.close()
    probe.close()
    assert system.closed == 2


@pytest.mark.skipif(sys.platform == "darwin", reason="the native system answers there")
def test_elsewhere_it_says_so() -> None:
    """On another system opening is refused in words, not by a missing symbol."""
    with pytest.raises(ProbeError, match="macOS"):
        MacProbe()
