"""Windows's interface table as :class:`Link` values, and the power status. Pure.

Sources: Microsoft Learn, "MIB_IF_TABLE2", "MIB_IF_ROW2" (netioapi.h), "NET_LUID" (ifdef.h: the type is the highest
16 bits), "IF_OPER_STATUS", "NDIS_PHYSICAL_MEDIUM", "SYSTEM_POWER_STATUS" (winbase.h). A row is 1352 bytes with 32
and 64 bits alike.
"""

import struct

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Facts, Link

TABLE_START = 8
"""NumEntries is 4 bytes; the rows begin aligned to 8."""
ROW_BYTES = 1352
_COUNT = struct.Struct("<I")
# LUID, alias, description, type, physical medium, flags, operational status, transmit and receive speed,
# received octets, unicast and other packets, the same sent
ROW = struct.Struct("<Q20x514s514s72xI8xI8xB3xI32xQQQQQ48xQQQ48x")

_HARDWARE_FLAG = 0x01
_FILTER_FLAG = 0x02
_STATUS_UP = 1
_SPEED_UNKNOWN = (1 << 64) - 1
_BLUETOOTH = 10
_IEEE80211 = 71
_NETWORK_CARDS = frozenset({6, _IEEE80211})
_VPN_TYPES = frozenset({6, 53})

_TYPES = {
    23: "ppp",  # IF_TYPE_PPP: RAS, which is PPPoE or a VPN; the route to its server tells
    24: "loopback",  # IF_TYPE_SOFTWARE_LOOPBACK
    131: "tunnel",  # IF_TYPE_TUNNEL
    161: "bond",  # IF_TYPE_IEEE8023AD_LAG
    209: "bridge",  # IF_TYPE_BRIDGE
    243: "hardware",  # IF_TYPE_WWANPP
    244: "hardware",  # IF_TYPE_WWANPP2
}
"""Kinds that the type alone decides (IANA ifType, ipifcons.h)."""

_SOFTWARE = (
    ("multiplexor", "bond"),  # Microsoft Network Adapter Multiplexor Driver: a team
    ("bridge", "bridge"),  # MAC Bridge Miniport
    ("hyper-v", "virtual"),
    ("virtualbox", "virtual"),
    ("vmware", "virtual"),
    ("loopback", "virtual"),
    ("wan miniport", "virtual"),
    ("debug", "virtual"),
)
"""Software devices by a word of their description; what is not named here and looks like a network card is a VPN."""


def parse_links(raw: bytes) -> tuple[Link, ...]:
    """Every interface but the filter modules, which count the bytes of the interface below them again.

    Raises:
        ProbeError: the table is shorter than it says, or empty.
    """
    rows = (_link(raw, start) for start in row_starts(raw, ROW_BYTES))
    links = tuple(link for link in rows if link is not None)
    if not links:
        raise ProbeError("Windows shows no interface")
    return links


def row_starts(raw: bytes, row_bytes: int) -> range:
    """Where the rows of an IP Helper table begin.

    Raises:
        ProbeError: the table is shorter than it says.
    """
    if len(raw) < TABLE_START:
        raise ProbeError("Windows gave a table without a beginning")
    (count,) = _COUNT.unpack_from(raw)
    end = TABLE_START + count * row_bytes
    if end > len(raw):
        raise ProbeError(f"Windows gave a table of {len(raw)} bytes for {count} rows")
    return range(TABLE_START, end, row_bytes)


def named_link(identity: int, name: str, counters: Counters) -> Link:
    """An interface of which only LUID, name and counters are known (psutil); its LUID tells the type."""
    if_type = identity >> 48
    guess = if_type in _NETWORK_CARDS and not any(word in name.lower() for word in ("vethernet", "vpn", "bluetooth"))
    return Link(identity, name, counters, Facts(kind_of(if_type, name, hardware=guess)))


def kind_of(if_type: int, description: str, *, hardware: bool, medium: int = 0) -> str:
    """What an interface is.

    ``hardware`` is the driver's HardwareInterface flag. Without it a Wi-Fi device is the virtual adapter of Wi-Fi
    Direct (``local``), and an Ethernet-like one a VPN's, unless its description names a virtual switch.
    """
    if if_type in _TYPES:
        return _TYPES[if_type]
    if hardware or medium == _BLUETOOTH:
        return "hardware"
    if if_type == _IEEE80211:
        return "local"
    lowered = description.lower()
    unnamed = "tunnel" if if_type in _VPN_TYPES else "virtual"
    return next((kind for word, kind in _SOFTWARE if word in lowered), unnamed)


def parse_power(raw: bytes) -> bool | None:
    """Whether the machine runs on battery; ``None`` where it has none or Windows cannot tell.

    Raises:
        ProbeError: not a power status.
    """
    if len(raw) < 2:
        raise ProbeError("Windows gave no power status")
    line, battery = raw[0], raw[1]
    if battery == 0xFF or battery & 0x80 or line > 1:  # unknown, or no system battery; line 255 is unknown too
        return None
    return line == 0


def _link(raw: bytes, start: int) -> Link | None:
    luid, alias, about, if_type, medium, flags, status, up, down, *counts = ROW.unpack_from(raw, start)
    if flags & _FILTER_FLAG:
        return None
    rx_bytes, rx_unicast, rx_other, tx_bytes, tx_unicast, tx_other = counts
    kind = kind_of(if_type, _text(about), hardware=bool(flags & _HARDWARE_FLAG), medium=medium)
    facts = Facts(kind, running=status == _STATUS_UP, bytes_per_second=_speed(up, down) if kind == "hardware" else None)
    return Link(luid, _text(alias), Counters(rx_bytes, tx_bytes, rx_unicast + rx_other, tx_unicast + tx_other), facts)


def _text(wide: bytes) -> str:
    return wide.decode("utf-16-le", "replace").split("\0", 1)[0]


def _speed(up: int, down: int) -> int | None:
    """The faster direction in bytes per second; a link that is down reports 0 or all ones."""
    return max((bits // 8 for bits in (up, down) if bits != _SPEED_UNKNOWN), default=0) or None
