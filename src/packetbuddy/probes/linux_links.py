"""One RTM_GETLINK dump: every interface with its name, counters and facts, from one consistent answer.

The answer is asked for every second, all day, so what does not change is not parsed again. All that the kernel says
before the counters (name, flags, addresses, master, carrier) is compared as bytes. So is what follows about a tunnel,
whose ends may change without any notification. The rest (timers of bridges, IPv6 statistics) moves all the time; what
matters in it changes only with a notification, which :meth:`LinkTable.forget` passes on.

RTEXT_FILTER_SKIP_STATS, which would leave IPv6's statistics out, leaves the link's own counters out from Linux 6.19 on.
"""

import socket
import struct

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Facts, Link
from packetbuddy.probes.linux_files import read_number, read_text
from packetbuddy.probes.linux_kinds import is_port_of, kind_of, tunnel_ends
from packetbuddy.probes.netlink import (
    RTM_GETLINK,
    RTM_NEWLINK,
    Conversation,
    NetlinkRefusedError,
    attribute_map,
    attributes,
    number,
    text,
)

_INFO = struct.Struct("=BxHiII")
"""struct ifinfomsg: family, type, index, flags, change"""
_INDEX = struct.Struct("=i")
_STATS = struct.Struct("=QQQQ")
"""The beginning of struct rtnl_link_stats64: rx packets, tx packets, rx bytes, tx bytes"""

_ADDRESS, _NAME, _LINK, _MASTER, _LINKINFO, _STATS64 = 1, 3, 5, 10, 18, 23
_CARRIER, _NETNSID, _PARENT_DEVICE = 33, 37, 56
_INFO_KIND, _INFO_DATA, _INFO_SLAVE_KIND = 1, 2, 4
_UP_AND_RUNNING = 0x1 | 0x40
_QUESTION = _INFO.pack(0, 0, 0, 0, 0)
_ATTEMPTS = 4


class _Known:
    """What was learnt of one interface, to be used as long as the kernel repeats it."""

    __slots__ = ("facts", "identity", "info", "info_at", "length", "link", "name", "prefix", "stats")

    def __init__(self, identity: int, name: str, facts: Facts) -> None:
        self.identity = identity
        self.name = name
        self.facts = facts
        self.prefix = b""
        self.info = b""
        self.info_at = 0
        self.length = 0
        self.stats: tuple[int, int, int, int] | None = None
        self.link = Link(identity, name, Counters(0, 0, 0, 0), facts)

    def repeated(self, buffer: bytearray, start: int, end: int) -> bool:
        """Whether the kernel's words between two places are the ones that this was learnt from."""
        return (
            end - start == self.length
            and buffer.startswith(self.prefix, start)
            and buffer.startswith(self.info, start + self.info_at)
        )

    def at(self, stats: tuple[int, int, int, int]) -> Link:
        """The interface with these counters; the same value again while nothing moves."""
        if stats != self.stats:
            self.stats = stats
            rx_packets, tx_packets, rx_bytes, tx_bytes = stats
            self.link = Link(self.identity, self.name, Counters(rx_bytes, tx_bytes, rx_packets, tx_packets), self.facts)
        return self.link


class LinkTable:
    """Reads the interfaces. Owns what is remembered of them; the conversation is the caller's."""

    def __init__(self, conversation: Conversation, sysfs: str = "/sys/class/net") -> None:
        self._talk = conversation
        self._sysfs = sysfs
        self._known: dict[int, _Known] = {}

    def forget(self, identities: set[int] | None) -> None:
        """These interfaces may have changed; ``None`` for all of them."""
        if identities is None:
            self._known.clear()
        else:
            for identity in identities:
                self._known.pop(identity, None)

    def read(self) -> tuple[tuple[Link, ...], bool]:
        """Every interface, and whether the kernel vouches for the list being consistent.

        Raises:
            ProbeError: the kernel did not answer, or not in its own format.
        """
        for _ in range(_ATTEMPTS):
            links = self._dump()
            if not self._talk.interrupted:
                break
        if len(self._known) > len(links):
            present = {link.identity for link in links}
            self._known = {identity: known for identity, known in self._known.items() if identity in present}
        return links, not self._talk.interrupted

    def _dump(self) -> tuple[Link, ...]:
        return tuple([self._link(start, end) for start, end in self._talk.dump(RTM_GETLINK, RTM_NEWLINK, _QUESTION)])

    def _link(self, start: int, end: int) -> Link:
        buffer = self._talk.buffer
        if end - start < _INFO.size:
            raise ProbeError("the kernel describes a link in too few bytes")
        known = self._known.get(_INDEX.unpack_from(buffer, start + 4)[0])
        if known is None or not known.repeated(buffer, start, end):
            known = learn(buffer, start, end, self._sysfs)
            self._known[known.identity] = known
        stats: tuple[int, int, int, int] = _STATS.unpack_from(buffer, start + len(known.prefix))
        return known.at(stats)


def learn(buffer: bytes | bytearray, start: int, end: int, sysfs: str = "/sys/class/net") -> _Known:
    """Parse one RTM_NEWLINK body in full.

    Raises:
        ProbeError: it is malformed; NetlinkRefusedError where it has no name or counters (half an rtnetlink, gVisor's).
    """
    _, hardware_type, identity, flags, _ = _INFO.unpack_from(buffer, start)
    found: dict[int, bytes] = {}
    counters_at = info_at = 0
    for kind, first, last in attributes(buffer, start + _INFO.size, end):
        found[kind] = bytes(buffer[first:last])
        if kind == _STATS64 and last - first >= _STATS.size:
            counters_at = first
        elif kind == _LINKINFO:
            info_at = first - start
    name = text(found.get(_NAME))
    if not name or not counters_at:
        raise NetlinkRefusedError(f"the kernel describes link {identity} without a name or 64-bit counters")
    known = _Known(identity, name, _facts(identity, name, hardware_type, flags, found, sysfs))
    known.prefix = bytes(buffer[start:counters_at])
    known.length = end - start
    if known.facts.kind == "tunnel" and info_at:
        known.info_at, known.info = info_at, found[_LINKINFO]
    return known


def _facts(identity: int, name: str, hardware_type: int, flags: int, found: dict[int, bytes], sysfs: str) -> Facts:
    info = found.get(_LINKINFO, b"")
    about = attribute_map(info, 0, len(info))
    driver = text(about.get(_INFO_KIND))
    folder = _folder(f"{sysfs}/{name}", identity, found.get(_ADDRESS, b""))
    has_device = _PARENT_DEVICE in found or read_text(f"{folder}/device/uevent") is not None
    kind = kind_of(driver, hardware_type, has_device=has_device)
    carrier, outer_link, outer = number(found.get(_CARRIER)), *_tunnel(driver, about.get(_INFO_DATA, b""))
    elsewhere = _NETNSID in found
    master = number(found.get(_MASTER)) if is_port_of(text(about.get(_INFO_SLAVE_KIND))) else None
    return Facts(
        kind=kind,
        master=master or None,
        lower=None if elsewhere else (number(found.get(_LINK)) or outer_link or None),
        lower_elsewhere=elsewhere,
        outer=outer,
        running=flags & _UP_AND_RUNNING == _UP_AND_RUNNING and carrier != 0,
        bytes_per_second=_speed(folder) if kind == "hardware" else None,
    )


def _tunnel(driver: str, data: bytes) -> tuple[int | None, str | None]:
    """The interface a tunnel is bound to and its remote address, as far as the kernel tells."""
    link_number, remote_numbers = tunnel_ends(driver)
    if not remote_numbers and link_number is None:
        return None, None
    told = attribute_map(data, 0, len(data))
    remotes = (_address(told[remote]) for remote in remote_numbers if remote in told)
    return number(told.get(link_number)) if link_number else None, next(filter(None, remotes), None)


def _address(value: bytes) -> str | None:
    family = {4: socket.AF_INET, 16: socket.AF_INET6}.get(len(value))
    return socket.inet_ntop(family, value) if family is not None and any(value) else None


def _folder(folder: str, identity: int, address: bytes) -> str:
    """The interface's folder in sysfs, or a folder that does not exist where it shows somebody else's interfaces.

    Inside ``unshare -Urn`` /sys still shows the host's: index and hardware address must both agree.
    """
    agrees = read_number(f"{folder}/ifindex") == identity and read_text(f"{folder}/address") == address.hex(":")
    return folder if agrees else "/nonexistent"


def _speed(folder: str) -> int | None:
    """Bytes per second from sysfs's Mbit/s; ``None`` for "unknown", which it writes as -1 or refuses to say."""
    megabits = read_number(f"{folder}/speed")
    return megabits * 125_000 if megabits is not None and 0 < megabits < 0xFFFFFFFF else None
