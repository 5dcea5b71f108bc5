"""One row of macOS's interface table as a :class:`Link`. Pure.

Sources: ``struct ifmibdata`` of ``<net/if_mib.h>`` (180 bytes: name 0, flags 20, ``ifmd_data`` 52) around
``struct if_data64`` of ``<net/if_var.h>``, which is packed to 4 bytes; types of ``<net/if_types.h>``; flags of
``<net/if.h>``. Apple's kernel fills it in ``sysctl_ifdata`` of ``bsd/net/if_mib.c``, without the rounding to
1 KiB that ``sysctl_iflist2`` of ``bsd/net/rtsock.c`` does to programs that are not Apple's.
"""

import struct

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Facts, Link

_CTL_NET, _PF_LINK, _NETLINK_GENERIC = 4, 18, 0
_IFMIB_SYSTEM, _IFMIB_IFCOUNT = 1, 1
_IFMIB_IFDATA, _IFDATA_GENERAL = 2, 1

COUNT_NAME = (_CTL_NET, _PF_LINK, _NETLINK_GENERIC, _IFMIB_SYSTEM, _IFMIB_IFCOUNT)
"""The sysctl that says the highest interface index in use."""
COUNT = struct.Struct("<i")
# name, flags, type, baudrate, ipackets, opackets, ibytes, obytes
ROW = struct.Struct("<16s4xI28xB15xQQ8xQ16xQQ48x")

_MOST_INDEX = 0xFFFF
"""``rtm_index`` is 16 bits wide, so no interface lies beyond it."""
_UP_AND_RUNNING = 0x1 | 0x40

_STEMS = {
    "lo": "loopback",
    "awdl": "local",
    "llw": "local",
    "nan": "local",
    "anpi": "local",
    "ap": "local",
    "p2p": "local",
    "utun": "tunnel",
    "ipsec": "tunnel",
    "gif": "tunnel",
    "stf": "tunnel",
    "tun": "tunnel",
    "tap": "tunnel",
    "ppp": "ppp",
    "bridge": "bridge",
    "bond": "bond",
    "vlan": "vlan",
}
"""Kinds by the driver's name; ``ap``, ``anpi`` and ``nan`` are Apple's own radio links beside awdl and llw."""

_ETHERNET = 0x06
_TYPES = {
    0x17: "ppp",  # IFT_PPP
    0x18: "loopback",  # IFT_LOOP
    0x37: "tunnel",  # IFT_GIF
    0x39: "tunnel",  # IFT_STF
    0x87: "vlan",  # IFT_L2VLAN
    0x88: "bond",  # IFT_IEEE8023ADLAG
    0x90: "hardware",  # IFT_IEEE1394
    0xD1: "bridge",  # IFT_BRIDGE
    0xFF: "hardware",  # IFT_CELLULAR
}


def row_name(index: int) -> tuple[int, ...]:
    """The sysctl of one interface's row."""
    return (_CTL_NET, _PF_LINK, _NETLINK_GENERIC, _IFMIB_IFDATA, index, _IFDATA_GENERAL)


def parse_count(raw: bytes | None) -> int:
    """The highest interface index in use.

    Raises:
        ProbeError: not a number that a count of interfaces can be.
    """
    if raw is None or len(raw) < COUNT.size:
        raise ProbeError("macOS did not say how many interfaces there are")
    (count,) = COUNT.unpack_from(raw)
    if not 0 <= count <= _MOST_INDEX:
        raise ProbeError(f"macOS says that there are {count} interfaces")
    return int(count)


def parse_row(index: int, raw: bytes) -> Link | None:
    """One interface; ``None`` where it is being attached or detached (the kernel then gives a row of zeros).

    Raises:
        ProbeError: the row is shorter than the structure.
    """
    if len(raw) < ROW.size:
        raise ProbeError(f"interface {index}: {len(raw)} bytes instead of {ROW.size}")
    name, flags, if_type, bits_per_second, rx_packets, tx_packets, rx_bytes, tx_bytes = ROW.unpack_from(raw)
    text = name.split(b"\0", 1)[0].decode("utf-8", "replace")
    if not text:
        return None
    kind = kind_of(text, if_type)
    facts = Facts(
        kind,
        running=flags & _UP_AND_RUNNING == _UP_AND_RUNNING,
        bytes_per_second=(bits_per_second // 8 or None) if kind == "hardware" else None,
    )
    return Link(index, text, Counters(rx_bytes, tx_bytes, rx_packets, tx_packets), facts)


def named_link(identity: int, name: str, counters: Counters) -> Link:
    """An interface of which only the name and possibly truncated counters are known (psutil)."""
    return Link(identity, name, counters, Facts(kind_of(name, _ETHERNET), counter_bits=32))


def kind_of(name: str, if_type: int) -> str:
    """What an interface is, by its driver's name first: macOS gives most of its software devices Ethernet's type.

    Hardware's Ethernet and Wi-Fi are always ``en``, so any other Ethernet (feth, vmenet, vnic) is ``virtual``.
    """
    stem = name.rstrip("0123456789")
    if stem == "en" and if_type == _ETHERNET:
        return "hardware"
    return _STEMS.get(stem) or _TYPES.get(if_type, "virtual")
